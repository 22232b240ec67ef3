// The requests to the search engine, the check of its responses, cursors, and the gate.

#include "actors/catalog/product_cursor.hpp"
#include "net/search/engine_cursor.hpp"
#include "net/search/engine_gate.hpp"
#include "net/search/engine_index.hpp"
#include "net/search/engine_query.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::search;
using catalog::product_sort;

namespace {

const std::string id_text = "019a0000-0000-7000-8000-000000000001";

engine_search search_of(const std::string& q, product_sort sort = product_sort::relevance) {
  engine_search s;
  s.words = catalog::query_words(q);
  s.sort = sort;
  s.limit = 2;
  return s;
}

json::value parsed(const std::string& text) {
  auto v = json::parse(text);
  BOOST_TEST_REQUIRE(static_cast<bool>(v), text);
  return std::move(*v);
}

const json::value& inside(const json::value& v, const std::vector<std::string>& names) {
  const json::value* at = &v;
  for (const auto& n : names) {
    at = at->find(n);
    BOOST_TEST_REQUIRE(at != nullptr, n);
  }
  return *at;
}

bool has_text(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string hits_body(const std::string& hits, const std::string& more = "") {
  return R"({"timed_out":false,"_shards":{"failed":0},"hits":{)" + more + R"("hits":[)" + hits +
         "]}}";
}

const std::string ranked_hit = R"({"_id":"x","sort":[14.5,3,1700000000000000,")" + id_text + "\"]}";

std::string bulk_body(const std::string& items) {
  return R"({"took":1,"errors":true,"items":[)" + items + "]}";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(search_engine)

BOOST_AUTO_TEST_CASE(a_search_needs_each_word_in_some_field) {
  auto s = search_of("red t-shirts");
  s.count = true;
  s.min_price = 100;
  s.max_price = 200;
  s.in_stock = true;
  s.category_ids = {*stoa::category_id::parse(id_text)};
  const auto text = query_body(s);
  const auto body = parsed(text);
  BOOST_TEST(*inside(body, {"size"}).if_int64() == 3);  // one more shows that there is a next page
  BOOST_TEST(*inside(body, {"track_total_hits"}).if_bool());
  BOOST_TEST(!*inside(body, {"_source"}).if_bool());
  const auto& conditions = inside(body, {"query", "bool"});
  BOOST_TEST(inside(conditions, {"must"}).if_array()->size() == s.words.size());
  BOOST_TEST(inside(conditions, {"filter"}).if_array()->size() == 3U);
  BOOST_TEST(has_text(text, R"({"range":{"price":{"gte":100,"lte":200}}})"), text);
  BOOST_TEST(has_text(text, R"({"term":{"in_stock":{"value":true}}})"), text);
  BOOST_TEST(has_text(text, R"({"terms":{"category_id":[")" + id_text + R"("]}})"), text);
  BOOST_TEST(!has_text(text, "fuzzy"), text);
  BOOST_TEST(!has_text(text, "search_after"), text);
}

BOOST_AUTO_TEST_CASE(each_facet_is_counted_without_its_own_filter) {
  auto s = search_of("lamp", product_sort::newest);
  s.facets = {{"vendor", {"acme"}}, {"option.size (cm)", {"m", "l"}}};
  s.in_stock = true;
  s.counted = {"vendor", "option", "availability", "price"};
  const auto text = query_body(s);
  const auto body = parsed(text);
  // The filters apply to the hits only.
  BOOST_TEST(inside(body, {"post_filter", "bool", "filter"}).if_array()->size() == 3U);
  BOOST_TEST(inside(body, {"query", "bool", "filter"}).if_array()->size() == 1U);
  const auto filters_of = [&](const char* name) {
    return json::write(inside(body, {"aggs", name, "filter"}));
  };
  BOOST_TEST(!has_text(filters_of("availability"), "in_stock"));
  BOOST_TEST(has_text(filters_of("availability"), "acme"));
  BOOST_TEST(has_text(filters_of("price"), "acme"));
  BOOST_TEST(has_text(filters_of("own0"), "in_stock"));
  BOOST_TEST(!has_text(filters_of("own0"), "acme"));
  BOOST_TEST(!has_text(filters_of("own1"), "size"));
  BOOST_TEST(inside(body, {"aggs"}).find("vendor") == nullptr);
  // What is special in a regular expression is escaped.
  BOOST_TEST(*inside(body, {"aggs", "own1", "aggs", "counted", "terms", "include"}).if_string() ==
             "size\\ \\(cm\\)\n.*");
  s.within.emplace();
  s.within->members = {*stoa::product_id::parse(id_text)};
  BOOST_TEST(has_text(query_body(s), R"({"terms":{"id":[")" + id_text + R"("]}})"));
}

BOOST_AUTO_TEST_CASE(counts_are_read_or_refused) {
  auto s = search_of("lamp", product_sort::newest);
  s.counted = {"vendor", "option", "availability", "price", "category"};
  s.facets = {{"option.size", {"m"}}};
  const auto buckets = [](const std::string& list, int error = 0, int others = 0) {
    return R"({"counted":{"doc_count_error_upper_bound":)" + std::to_string(error) +
           R"(,"sum_other_doc_count":)" + std::to_string(others) + R"(,"buckets":[)" + list + "]}}";
  };
  const auto answer = [&](const std::string& options, const std::string& more) {
    return R"({"timed_out":false,"_shards":{"failed":0},"hits":{"hits":[]},"aggregations":{)"
           R"("vendor":)" +
           buckets(R"({"key":"acme","doc_count":3})", 0, 7) + R"(,"category":)" +
           buckets(R"({"key":")" + id_text + R"(","doc_count":2})") +
           R"(,"availability":{"in_stock":{"doc_count":4},"sold_out":{"doc_count":1}},)"
           R"("price":{"least":{"value":100.0},"most":{"value":950.0}},"option":)" +
           options + R"(,"own0":)" + buckets(R"({"key":"size\nl","doc_count":5})") + more + "}}";
  };
  const std::string options =
      R"({"key":"size\nm","doc_count":4},{"key":"colour\nred","doc_count":2})";
  const auto read = read_hits(answer(buckets(options), ""), s);
  BOOST_TEST_REQUIRE(static_cast<bool>(read));
  const auto& f = read->facets.value();
  BOOST_TEST(f.in_stock == 4);
  BOOST_TEST(f.sold_out == 1);
  BOOST_TEST_REQUIRE(f.values.size() == 3U);
  // The filtered option is the one that is counted on its own.
  BOOST_TEST(f.values[0].facet == "option.colour");
  BOOST_TEST(f.values[1].facet == "vendor");
  BOOST_TEST(f.values[2].facet == "option.size");
  BOOST_TEST(f.values[2].value == "l");
  BOOST_TEST(!read->inexact);
  BOOST_TEST((read->prices == std::pair<std::int64_t, std::int64_t>{100, 950}));
  // Values that are missing, or counted approximately.
  BOOST_TEST(read_hits(answer(buckets(options, 0, 1), ""), s)->inexact);
  BOOST_TEST(read_hits(answer(buckets(options, 3, 0), ""), s)->inexact);
  for (const std::string bad :
       {R"({"key":"size","doc_count":4})", R"({"key":7,"doc_count":4})",
        R"({"key":"a\nb","doc_count":-1})", R"({"key":"a\nb"})", "1", "null"}) {
    BOOST_TEST(!read_hits(answer(buckets(bad), ""), s), bad);
  }
  BOOST_TEST(!read_hits(answer("{}", ""), s));
  BOOST_TEST(!read_hits(hits_body(""), s));
  auto bands = s;
  bands.band_width = 200;
  auto hits = *read;
  const auto band = [](const std::string& list) {
    return R"({"timed_out":false,"_shards":{"failed":0},"aggregations":{"price":{"bands":)"
           R"({"buckets":[)" +
           list + "]}}}}";
  };
  BOOST_TEST(!read_price_bands(band(R"({"key":400.0,"doc_count":3})"), bands, hits).has_value());
  BOOST_TEST_REQUIRE(hits.facets->bands.size() == 1U);
  BOOST_TEST(hits.facets->bands[0].band == 2);
  for (const std::string bad : {R"({"key":-200.0,"doc_count":3})", R"({"key":1e300,"doc_count":3})",
                                R"({"key":"0","doc_count":3})", "[]"}) {
    BOOST_TEST(read_price_bands(band(bad), bands, hits).has_value(), bad);
  }
}

BOOST_AUTO_TEST_CASE(texts_without_spaces_are_phrases_of_pairs) {
  const auto text = query_body(search_of("\u6771\u4eac\u90fd lamp"));
  BOOST_TEST(
      has_text(text, "{\"match_phrase\":{\"name\":{\"query\":\"\u6771\u4eac \u4eac\u90fd\"}}}"),
      text);
}

BOOST_AUTO_TEST_CASE(only_the_last_word_is_a_prefix) {
  const auto text = query_body(search_of("blue lamp"));
  BOOST_TEST(has_text(text, R"({"prefix":{"name":{"value":"lamp"}}})"), text);
  BOOST_TEST(!has_text(text, R"({"prefix":{"name":{"value":"blue"}}})"), text);
  BOOST_TEST(has_text(text, R"({"term":{"name":{"value":"blue"}}})"), text);
}

BOOST_AUTO_TEST_CASE(similar_words_are_those_of_letters_only) {
  auto s = search_of("keybord a1234567 abc x");
  s.similar = true;
  const auto text = query_body(s);
  BOOST_TEST(has_text(text, R"({"fuzzy":{"name":{"value":"keybord")"), text);
  for (const char* word : {"a1234567", "abc", "x"}) {
    BOOST_TEST(!has_text(text, R"({"fuzzy":{"name":{"value":")" + std::string(word)), text);
  }
}

BOOST_AUTO_TEST_CASE(a_query_cannot_leave_its_place) {
  const auto text = query_body(search_of(R"("},{"match_all":{}},{"x":"\)"));
  BOOST_TEST(!has_text(text, "match_all\":"), text);
  parsed(text);
}

BOOST_AUTO_TEST_CASE(other_orders_do_not_compute_scores) {
  for (const auto sort : {product_sort::newest, product_sort::price_up, product_sort::price_down,
                          product_sort::name}) {
    const auto body = parsed(query_body(search_of("lamp", sort)));
    BOOST_TEST(inside(body, {"query", "bool"}).find("must") == nullptr);
    BOOST_TEST(inside(body, {"query", "bool", "filter"}).if_array()->size() == 1U);
    BOOST_TEST(inside(body, {"sort"}).if_array()->size() == 2U);
  }
}

BOOST_AUTO_TEST_CASE(hits_are_read_with_their_places) {
  auto s = search_of("lamp");
  s.count = true;
  const auto total = std::string(R"("total":{"value":7,"relation":"eq"},)");
  const auto read = read_hits(hits_body(ranked_hit, total), s);
  BOOST_TEST_REQUIRE(static_cast<bool>(read));
  BOOST_TEST_REQUIRE(read->found.size() == 1U);
  BOOST_TEST(read->found[0].product_id.str() == id_text);
  BOOST_TEST(*read->found[0].score == 14.5);
  BOOST_TEST(*read->found[0].name_words == 3);
  BOOST_TEST(*read->found[0].number == 1'700'000'000'000'000);
  BOOST_TEST(!read->more);
  BOOST_TEST(*read->total == 7);
  const auto three = ranked_hit + "," + ranked_hit + "," + ranked_hit;
  const auto more = read_hits(hits_body(three, total), s);
  BOOST_TEST_REQUIRE(static_cast<bool>(more));
  BOOST_TEST(more->more);
  BOOST_TEST(more->found.size() == 2U);
  // A whole number may come without its decimals.
  const auto whole =
      read_hits(hits_body(R"({"sort":[14,3,1700000000000000,")" + id_text + "\"]}", total), s);
  BOOST_TEST_REQUIRE(static_cast<bool>(whole));
  BOOST_TEST(*whole->found[0].score == 14.0);
}

BOOST_AUTO_TEST_CASE(hostile_hits_are_no_answer) {
  const auto s = search_of("lamp");
  const auto one = [](const std::string& sort) {
    return hits_body(R"({"_id":"x","sort":)" + sort + "}");
  };
  const std::string deep(100, '[');
  for (const auto& body : std::vector<std::string>{
           "",
           "null",
           "[]",
           "{}",
           "<html>",
           "{\"hits\":{\"hits\":[]}}",
           deep,
           "\xff\xfe",
           R"({"timed_out":true,"_shards":{"failed":0},"hits":{"hits":[]}})",
           R"({"timed_out":false,"_shards":{"failed":1},"hits":{"hits":[]}})",
           R"({"timed_out":"no","_shards":{"failed":0},"hits":{"hits":[]}})",
           R"({"timed_out":false,"_shards":{"failed":0},"hits":{"hits":{}}})",
           hits_body("1"),
           hits_body("{}"),
           one("[]"),
           one("null"),
           one("[1,2]"),
           one(R"([1,2,3,"not an id"])"),
           one(R"([1,2,3,4])"),
           one(R"(["1",2,3,")" + id_text + "\"]"),
           one(R"([1,2.5,3,")" + id_text + "\"]"),
           one(R"([1,2,1e400,")" + id_text + "\"]"),
           one(R"([null,2,3,")" + id_text + "\"]"),
           hits_body(ranked_hit + "," + ranked_hit + "," + ranked_hit + "," + ranked_hit)}) {
    BOOST_TEST(!read_hits(body, s), body);
  }
  auto counted = s;
  counted.count = true;
  BOOST_TEST(!read_hits(hits_body(ranked_hit), counted));
  BOOST_TEST(!read_hits(hits_body(ranked_hit, R"("total":{"value":-1},)"), counted));
}

BOOST_AUTO_TEST_CASE(documents_are_lines_with_versions) {
  catalog::engine_document d;
  d.product_id = *stoa::product_id::parse(id_text);
  d.name = "red\nlamp";
  std::string body;
  append_document(body, "shop", d, 5);
  append_removal(body, "shop", d.product_id, 6);
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < body.size();) {
    const auto end = body.find('\n', at);
    BOOST_TEST_REQUIRE(end != std::string::npos);
    lines.push_back(body.substr(at, end - at));
    at = end + 1;
  }
  BOOST_TEST_REQUIRE(lines.size() == 3U);
  const auto first = parsed(lines[0]);
  BOOST_TEST(*inside(first, {"index", "_id"}).if_string() == id_text);
  BOOST_TEST(*inside(first, {"index", "version"}).if_int64() == 5);
  BOOST_TEST(*inside(first, {"index", "version_type"}).if_string() == "external");
  BOOST_TEST(*inside(first, {"index", "require_alias"}).if_bool());
  BOOST_TEST(*inside(parsed(lines[2]), {"delete", "version"}).if_int64() == 6);
  // The mapping is strict, so it has exactly the members of a document.
  const auto index = parsed(index_body("shop"));
  const auto* fields = inside(index, {"mappings", "properties"}).if_object();
  d.category_id.emplace();
  std::string all;
  append_document(all, "shop", d, 5);
  const auto document = parsed(all.substr(all.find('\n') + 1));
  BOOST_TEST_REQUIRE(document.if_object()->size() == fields->size());
  for (const auto& m : *document.if_object()) {
    BOOST_TEST(inside(index, {"mappings", "properties"}).find(m.name) != nullptr, m.name);
  }
}

BOOST_AUTO_TEST_CASE(outcomes_of_documents_are_told_apart) {
  const auto read = read_bulk(
      bulk_body(
          R"({"index":{"status":201}},{"index":{"status":409,"error":{"type":"x"}}},)"
          R"({"delete":{"status":404,"result":"not_found"}},)"
          R"({"index":{"status":404,"error":{"type":"index_not_found_exception","reason":"r"}}},)"
          R"({"index":{"status":429,"error":{"type":"full"}}},{"index":{"status":503}},)"
          R"({"index":{"status":403,"error":"blocked"}},{"index":{}},)"
          "{\"index\":{\"status\":400,\"error\":{\"type\":\"bad\",\"reason\":\"a\\u0007b\"}}}"),
      9);
  BOOST_TEST_REQUIRE(static_cast<bool>(read));
  const std::vector<bulk_outcome> expected{
      bulk_outcome::accepted, bulk_outcome::accepted, bulk_outcome::accepted,
      bulk_outcome::no_index, bulk_outcome::later,    bulk_outcome::later,
      bulk_outcome::later,    bulk_outcome::later,    bulk_outcome::rejected};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    BOOST_TEST((read->at(i).outcome == expected[i]), i);
  }
  BOOST_TEST(read->at(3).reason == "index_not_found_exception: r");
  BOOST_TEST(read->at(8).reason == "bad: a b");
}

BOOST_AUTO_TEST_CASE(hostile_answers_to_documents_are_no_answers) {
  for (const auto& body :
       std::vector<std::string>{"", "{}", "[]", bulk_body(""), bulk_body("{}"), bulk_body("1"),
                                bulk_body(R"({"index":{"status":200},"delete":{"status":200}})"),
                                bulk_body(R"({"index":{"status":200}},{"index":{"status":200}})"),
                                R"({"items":{"index":{"status":200}}})"}) {
    BOOST_TEST(!read_bulk(body, 1), body);
  }
}

BOOST_AUTO_TEST_CASE(only_own_indexes_are_deleted) {
  BOOST_TEST(is_own_index("shop-20260101120000-0123af", "shop"));
  for (const char* other :
       {"shop", "shop-", "shop-building", "shop-20260101120000", "shop-20260101120000-0123ag",
        "shop-2026010112000x-0123af", "shop-de-20260101120000-0123af", "shops-20260101120000-0123a",
        "shop-20260101120000-0123af0", "", "SHOP-20260101120000-0123af"}) {
    BOOST_TEST(!is_own_index(other, "shop"), other);
  }
}

BOOST_AUTO_TEST_CASE(the_alias_is_switched_at_once) {
  const auto body = parsed(switch_body("shop", "shop-2", {"shop-1", "shop-2"}));
  const auto& actions = *inside(body, {"actions"}).if_array();
  BOOST_TEST_REQUIRE(actions.size() == 3U);
  BOOST_TEST(*inside(actions[0], {"remove", "index"}).if_string() == "shop-1");
  BOOST_TEST(*inside(actions[1], {"add", "index"}).if_string() == "shop-2");
  BOOST_TEST(*inside(actions[1], {"add", "alias"}).if_string() == "shop");
  BOOST_TEST(*inside(actions[2], {"remove", "alias"}).if_string() == "shop-building");
}

BOOST_AUTO_TEST_CASE(names_and_mapping_versions_are_read) {
  const auto names = read_index_names(R"({"a":{"aliases":{}},"b":{}})");
  BOOST_TEST_REQUIRE(static_cast<bool>(names));
  BOOST_TEST(*names == (std::vector<std::string>{"a", "b"}), boost::test_tools::per_element());
  BOOST_TEST(!read_index_names("[]"));
  const auto version =
      read_mapping_version(R"({"a":{"mappings":{"_meta":{"stoa":{"version":3}}}}})");
  BOOST_TEST(*version == 3);
  BOOST_TEST(*read_mapping_version(R"({"a":{"mappings":{}}})") == 0);
  BOOST_TEST(*read_mapping_version(R"({"a":{"mappings":{"_meta":{"stoa":1}}}})") == 0);
  BOOST_TEST(!read_mapping_version("{}"));
}

BOOST_AUTO_TEST_CASE(errors_are_shown_short_and_printable) {
  BOOST_TEST(reason_of(R"({"error":{"type":"t","reason":"r"},"status":400})") == "t: r");
  BOOST_TEST(reason_of(R"({"error":"plain"})") == "plain");
  BOOST_TEST(reason_of("<html>") == "");
  BOOST_TEST(reason_of(R"({"error":"a\nb"})") == "a b");
  BOOST_TEST(reason_of(R"({"error":")" + std::string(5000, 'x') + "\"}").size() == 300U);
}

BOOST_AUTO_TEST_CASE(each_search_reads_only_its_own_cursors) {
  const auto id = *stoa::product_id::parse(id_text);
  engine_position ranked;
  ranked.score = 3.125;
  ranked.name_words = 2;
  ranked.number = 5;
  ranked.product_id = id;
  const auto text = make_engine_cursor(product_sort::relevance, {ranked, true});
  const auto read = read_engine_cursor(product_sort::relevance, text);
  BOOST_TEST_REQUIRE(read.has_value());
  BOOST_TEST((read->position == ranked));
  BOOST_TEST(read->similar);
  BOOST_TEST(!read_engine_cursor(product_sort::newest, text));
  BOOST_TEST(!catalog::read_cursor(product_sort::relevance, text));
  BOOST_TEST(!builtin_cursor(product_sort::relevance, {ranked, false}));
  BOOST_TEST(!read_engine_cursor(product_sort::relevance, "not base64!"));

  catalog::product_cursor own;
  own.position = {std::int64_t{7}, id, 1, {}};
  for (const auto sort : {product_sort::relevance, product_sort::newest}) {
    BOOST_TEST(!read_engine_cursor(sort, catalog::make_cursor(sort, own)));
  }
}

BOOST_AUTO_TEST_CASE(the_builtin_search_continues_orders_that_it_has_too) {
  const auto id = *stoa::product_id::parse(id_text);
  engine_position priced;
  priced.number = 995;
  priced.product_id = id;
  const auto price = builtin_cursor(product_sort::price_down, {priced, false});
  BOOST_TEST_REQUIRE(price.has_value());
  const auto at = catalog::read_cursor(product_sort::price_down, *price);
  BOOST_TEST_REQUIRE(at.has_value());
  BOOST_TEST(std::get<std::int64_t>(at->position.key) == 995);
  BOOST_TEST((at->position.product_id == id));
  BOOST_TEST(!builtin_cursor(product_sort::price_down, {priced, true}));
  engine_position named;
  named.text = "a name";
  named.product_id = id;
  const auto name = builtin_cursor(product_sort::name, {named, false});
  BOOST_TEST_REQUIRE(name.has_value());
  BOOST_TEST(std::get<std::string>(catalog::read_cursor(product_sort::name, *name)->position.key) ==
             "a name");
}

BOOST_AUTO_TEST_CASE(the_gate_closes_after_failures_and_probes) {
  using change = engine_gate::change;
  engine_gate gate;
  auto now = engine_gate::clock::time_point{} + std::chrono::hours{1};
  for (int i = 1; i < engine_gate::failures_max; ++i) {
    BOOST_TEST(gate.enter(now));
    BOOST_TEST((gate.failed(now, false) == change::none));
  }
  BOOST_TEST(gate.enter(now));
  BOOST_TEST((gate.failed(now, false) == change::lost));
  BOOST_TEST(!gate.is_open());
  BOOST_TEST(!gate.enter(now));
  // A request that was in progress when it closed changes nothing.
  BOOST_TEST((gate.failed(now, false) == change::none));
  now += engine_gate::pause_min;
  BOOST_TEST(gate.enter(now));   // one probe
  BOOST_TEST(!gate.enter(now));  // and no second one
  BOOST_TEST((gate.failed(now, false) == change::none));
  now += engine_gate::pause_min;
  BOOST_TEST(!gate.enter(now));  // the pause has doubled
  now += engine_gate::pause_min;
  BOOST_TEST(gate.enter(now));
  BOOST_TEST((gate.succeeded() == change::back));
  BOOST_TEST(gate.is_open());
  BOOST_TEST((gate.succeeded() == change::none));
  BOOST_TEST((gate.failed(now, true) == change::lost));  // a lasting failure closes it at once
}

BOOST_AUTO_TEST_CASE(pauses_are_bounded) {
  engine_gate gate;
  auto now = engine_gate::clock::time_point{} + std::chrono::hours{1};
  BOOST_TEST(gate.enter(now));
  gate.failed(now, true);
  for (int i = 0; i < 100; ++i) {
    now += engine_gate::pause_max;
    BOOST_TEST_REQUIRE(gate.enter(now));
    gate.failed(now, false);
  }
}

BOOST_AUTO_TEST_SUITE_END()
