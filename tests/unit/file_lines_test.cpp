// Lines of price lists in a JSON Lines file: reading, writing, and their import in batches.

#include "net/shopify/line_loader.hpp"
#include "net/shopify/line_pages.hpp"
#include "storage/base/json_write.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <sstream>

using namespace stoa;
using namespace stoa::shopify;
using catalog::import_outcome;

namespace {

/// "code pointer" of the first error.
std::string refused(const std::string& text) {
  const auto line = read_file_line(text);
  if (line) return "none";
  const auto p = line.error();
  return p.errors.empty() ? p.code : p.errors[0].code + ' ' + p.errors[0].pointer;
}

std::string name_of(const std::string& text) {
  const auto line = read_file_line(text);
  return line ? object_of(*line) : "rejected";
}

const std::string euro = R"("price":{"amount":100,"currency":"EUR"})";

/// A store that knows one product and one list, and can fail.
struct fake_store final : catalog_target {
  std::optional<catalog::product_view> find(const std::string&) override { return std::nullopt; }
  void send(catalog::import_product, answered) override {}
  void send(catalog::import_sku, answered) override {}
  void send(catalog::import_line m, answered done) override {
    calls.push_back("line");
    pending.emplace_back(std::move(m), std::move(done));
  }
  void flush() override {
    for (auto& [m, done] : pending) done(answer_of(catalog::import_answer{}));
    pending.clear();
  }
  kernel::answer run(catalog::find_references q) override {
    calls.push_back("find " + std::to_string(q.references.size()));
    if (failing == "find") return failed();
    catalog::found_references found;
    for (const auto& r : q.references) {
      if (r.product == "radio") {
        found.data.push_back({product, std::nullopt});
      } else {
        found.data.push_back({std::nullopt, field_error{"/product", "unknown", "Unknown."}});
      }
    }
    for (const auto number : q.numbers) {
      if (q.step && counted.contains(number)) found.counted.push_back(number);
    }
    return answer_of(std::move(found));
  }
  kernel::answer run(catalog::count_lines m) override {
    calls.push_back("count " + std::to_string(m.lines.size()));
    if (failing == "count") return failed();
    for (const auto& line : m.lines) counted[line.number] = line.outcome;
    return answer_of(kernel::nothing{});
  }
  kernel::answer run(pricing::import_price_list m) override {
    calls.push_back("list");
    if (failing == "list") return failed();
    lists.push_back(*m.key);
    return answer_of(catalog::import_answer{import_outcome::created, {}, {}, {}, 0});
  }
  kernel::answer run(pricing::import_prices m) override {
    calls.push_back("prices " + std::to_string(m.prices.size()));
    if (failing == "prices") return failed();
    pricing::price_imports all;
    for (const auto& p : m.prices) {
      pricing::price_import one;
      if (std::ranges::find(lists, p.price_list) == lists.end()) {
        one.error = invalid_field("/price_list", "unknown", "Unknown price list.");
      } else {
        one.answer.outcome = import_outcome::updated;
      }
      all.data.push_back(std::move(one));
    }
    return answer_of(std::move(all));
  }
  template <class T>
  static kernel::answer answer_of(T value) {
    return {std::make_shared<T>(std::move(value)), std::nullopt, false};
  }
  kernel::answer failed() const { return {nullptr, why, false}; }
  std::string made() const {
    std::string all;
    for (const auto& c : calls) all += (all.empty() ? "" : ", ") + c;
    return all;
  }

  const stoa::product_id product{system_ids().next_v7()};
  std::vector<std::pair<catalog::import_line, answered>> pending;
  std::vector<std::string> calls;
  std::vector<std::string> lists;
  std::map<std::int64_t, import_outcome> counted;
  std::string failing;
  problem why = unavailable("gone");
};

struct report final : line_report {
  void refused(const loaded_line& line, const problem& why) override {
    rows.push_back(std::to_string(line.line) + ' ' +
                   (why.errors.empty() ? why.code : why.errors[0].pointer));
  }
  void note(const loaded_line&, const std::string&) override {}
  void changes(const loaded_line&, const catalog::import_answer&) override {}
  std::vector<std::string> rows;
};

struct load_fixture {
  load_counts load(const std::string& file, line_options options) {
    line_loader loader(store, std::move(options), seen);
    std::istringstream in(file);
    line_splitter from(in);
    while (loader.add_next(from)) {
    }
    loader.flush();
    return loader.counts();
  }
  static line_options step() {
    line_options o;
    o.step = catalog::import_step{{system_ids().next_v7()}, "run", 0};
    return o;
  }
  static std::string list(const std::string& key) {
    return R"({"type":"price_list","key":")" + key + R"(","name":"N","currency":"EUR"})" + "\n";
  }
  static std::string price(const std::string& key, const std::string& product = "radio") {
    return R"({"type":"price","price_list":")" + key + R"(","product":")" + product + "\"," + euro +
           "}\n";
  }
  static std::string product(const std::string& handle) {
    return R"({"type":"product","handle":")" + handle + R"(","name":"N",)" + euro + "}\n";
  }
  fake_store store;
  report seen;
};

}  // namespace

BOOST_AUTO_TEST_CASE(lines_of_prices_are_bound_to_the_members_of_the_api) {
  BOOST_TEST(name_of(R"({"type":"price_list","key":"vip","name":"V"})") == "price_list vip");
  BOOST_TEST(name_of(R"({"type":"price","price_list":"vip","product":"radio",)" + euro + "}") ==
             "price vip: radio");
  BOOST_TEST(name_of(R"({"type":"price","price_list":"vip","sku":"R-1",)" + euro + "}") ==
             "price vip: R-1");
  BOOST_TEST(name_of(R"({"type":"price","price_list":"vip","product":"shirt",)"
                     R"("options":[{"name":"Size","value":"M"}],)" +
                     euro + "}") == "price vip: shirt [M]");
  BOOST_TEST(name_of(R"({"type":"product","handle":"radio"})") == "product radio");
  BOOST_TEST(refused(R"({"type":"odd"})") == "unknown /type");
  BOOST_TEST(refused("[1]") == "type ");
  BOOST_TEST(refused(R"({"type":"price_list","name":"V"})") == "required /key");
  BOOST_TEST(refused(R"({"type":"price_list","key":7})") == "type /key");
  BOOST_TEST(refused(R"({"type":"price_list","price_list_id":"x"})") == "format /price_list_id");
  BOOST_TEST(refused(R"({"type":"price","product":"radio",)" + euro + "}") ==
             "required /price_list");
  BOOST_TEST(refused(R"({"type":"price","price_list":"vip",)" + euro + "}") == "required /product");
  BOOST_TEST(refused(R"({"type":"price","price_list":"vip","product":"a","sku":"b",)" + euro +
                     "}") == "exclusive /sku");
  BOOST_TEST(refused(R"({"type":"price","price_list":"vip","product":"a","price":{"amount":-1,)"
                     R"("currency":"EUR"}})") == "range /price/amount");
  BOOST_TEST(refused(R"({"type":"price","price_list":"vip","product":"a",)" + euro +
                     R"(,"tiers":[{"min_quantity":9,"price":{"amount":1,"currency":"EUR"}},)"
                     R"({"min_quantity":9,"price":{"amount":1,"currency":"EUR"}}]})") ==
             "range /tiers/1/min_quantity");
  BOOST_TEST(refused(R"({"type":"price","price_list":"vip","product":"a","odd":1})") ==
             "unknown /odd");
}

BOOST_AUTO_TEST_CASE(price_lists_follow_the_catalogue) {
  std::vector<std::string> types;
  for (std::optional at = first_line_position(); at; at = next_line_position(*at, {})) {
    types.push_back(at->type);
  }
  BOOST_TEST(types.size() == file_line_types().size());
  BOOST_TEST(types.front() == "location");
  BOOST_TEST(types.at(types.size() - 2) == "price_list");
  BOOST_TEST(types.back() == "price");
}

BOOST_AUTO_TEST_CASE(what_an_export_writes_can_be_read) {
  const stoa::price_list_id id{system_ids().next_v7()};
  pricing::price_list_terms terms;
  terms.name = "V";
  terms.currency = "EUR";
  const auto unnamed = price_list_lines({{{id, terms}}}).lines.at(0);
  BOOST_TEST(name_of(unnamed) == "price_list " + id.str());
  terms.key = "vip";
  const auto named = price_list_lines({{{id, terms}}}).lines.at(0);
  BOOST_TEST(name_of(named) == "price_list vip");
  BOOST_TEST(named.find(id.str()) == std::string::npos);

  const stoa::product_id shirt{system_ids().next_v7()};
  const stoa::product_id deleted{system_ids().next_v7()};
  pricing::price_export prices{"vip", {}, "next"};
  prices.data.push_back({id, shirt, {100, "EUR"}, money{200, "EUR"}, {{5, {90, "EUR"}}}, {}});
  prices.data.push_back({id, deleted, {100, "EUR"}, {}, {}, {}});
  BOOST_TEST(names_query(prices).product_ids.size() == 2U);
  const auto page = price_lines(prices, {{{shirt, "shirt", {{"Size", "M"}}}}});
  BOOST_TEST((page.next == "next"));
  BOOST_TEST_REQUIRE(page.lines.size() == 1U);
  BOOST_TEST(page.lines[0] ==
             R"({"type":"price","price_list":"vip","product":"shirt",)"
             R"("options":[{"name":"Size","value":"M"}],"price":{"amount":100,"currency":"EUR"},)"
             R"("compare_at_price":{"amount":200,"currency":"EUR"},)"
             R"("tiers":[{"min_quantity":5,"price":{"amount":90,"currency":"EUR"}}]})");
  BOOST_TEST(name_of(page.lines[0]) == "price vip: shirt [M]");
}

BOOST_FIXTURE_TEST_CASE(lines_are_imported_in_their_order_in_few_calls, load_fixture) {
  const auto counts = load(product("radio") + list("a") + price("a") + price("a") + list("b") +
                               price("b") + product("lamp"),
                           step());
  BOOST_TEST(store.made() == "line, find 3, list, prices 2, list, prices 1, count 5, line");
  BOOST_TEST(counts.created == 2U);
  BOOST_TEST(counts.updated == 3U);
  BOOST_TEST(counts.refused == 0U);
  // Without a job nothing is counted.
  store.calls.clear();
  load(price("a"), {});
  BOOST_TEST(store.made() == "find 1, prices 1");
  // A batch is bounded.
  store.calls.clear();
  std::string many;
  for (int i = 0; i < 130; ++i) many += price("a");
  BOOST_TEST(load(many, {}).updated == 130U);
  BOOST_TEST(store.made() == "find 64, prices 64, find 64, prices 64, find 2, prices 2");
}

BOOST_FIXTURE_TEST_CASE(rejected_lines_do_not_affect_the_others, load_fixture) {
  const auto counts =
      load(list("a") + price("none") + price("a", "lamp") + "x\n" + price("a"), step());
  BOOST_TEST(counts.refused == 3U);
  BOOST_TEST(counts.updated == 1U);
  std::ranges::sort(seen.rows);
  BOOST_TEST(
      (seen.rows == std::vector<std::string>{"2 /price_list", "3 /product", "4 malformed_json"}));
  // Only what was stored is counted.
  BOOST_TEST(store.counted.size() == 2U);
  BOOST_TEST(store.counted.contains(0));
  BOOST_TEST(store.counted.contains(4));
}

BOOST_FIXTURE_TEST_CASE(a_resumed_import_continues_behind_what_is_counted, load_fixture) {
  store.lists = {"a"};
  store.counted = {{0, import_outcome::created}, {1, import_outcome::created}};
  const auto counts = load(list("a") + price("a") + price("a"), step());
  BOOST_TEST(store.made() == "find 2, prices 1, count 1");
  BOOST_TEST(counts.unchanged == 2U);
  BOOST_TEST(counts.updated == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_failure_ends_the_import_and_a_repeat_completes_it, load_fixture) {
  const auto file = list("a") + price("a");
  const auto options = step();
  for (const auto* where : {"find", "list", "prices", "count"}) {
    store.failing = where;
    BOOST_CHECK_THROW(load(file, options), std::runtime_error);
  }
  // Another run has taken over.
  store.why = conflict("import_finished", "This import has ended.");
  for (const auto* where : {"find", "count"}) {
    store.failing = where;
    BOOST_CHECK_THROW(load(file, options), import_ended);
  }
  store.failing.clear();
  load(file, options);
  BOOST_TEST(store.counted.size() == 2U);
}

BOOST_FIXTURE_TEST_CASE(a_dry_run_knows_the_lists_and_products_of_earlier_lines, load_fixture) {
  line_options dry;
  dry.dry_run = true;
  const std::string of_variant = R"({"type":"price","price_list":"b","product":"lamp",)"
                                 R"("options":[{"name":"Size","value":"M"}],)" +
                                 euro + "}\n";
  const auto counts = load(product("lamp") + price("b", "lamp"), dry);
  BOOST_TEST(counts.created == 1U);
  BOOST_TEST(counts.refused == 0U);
  const auto again = load(price("b"), dry);
  BOOST_TEST(again.refused == 1U);
  BOOST_TEST(seen.rows.back() == "1 /price_list");
  const auto unknown = load(of_variant, dry);
  BOOST_TEST(unknown.refused == 1U);
}
