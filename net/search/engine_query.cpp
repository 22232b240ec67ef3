#include "net/search/engine_query.hpp"

#include "net/search/engine_facets.hpp"
#include "net/search/engine_json.hpp"
#include "storage/base/json_write.hpp"

#include <algorithm>
#include <array>

namespace stoa::search {

namespace {

using catalog::product_sort;
using catalog::search_term;
using catalog::search_word;

/// The points of a word in a field, as in storage/catalog/search_match.cpp; `similar` for words
/// that are similar. Sums of them are exact in 32-bit floats.
struct field_points {
  const char* name;
  double whole;
  double beginning;
  double similar;
};
constexpr std::array<field_points, 3> fields{
    {{"name", 8, 6, 0.5}, {"keywords", 4, 3, 0.25}, {"body", 1, 1, 0.125}}};

/// A phrase whose last word is a prefix is looked up with at most this many words.
constexpr std::int64_t expansions_max = 256;
/// Similar words, of each word and field.
constexpr std::int64_t similar_max = 50;
/// As in the built-in search, shorter words are too ambiguous to correct.
constexpr std::size_t similar_letters_min = 4;
constexpr std::size_t similar_letters_max = 64;

json::value scored(json::value filter, double points) {
  return one("constant_score",
             object_of({{"filter", std::move(filter)}, {"boost", json::value(points)}}));
}

std::string phrase_of(const search_term& term) {
  std::string phrase;
  for (const auto& w : term.words) phrase += (phrase.empty() ? "" : " ") + w;
  return phrase;
}

json::value whole_words(const char* field, const search_term& term) {
  if (term.words.size() == 1) {
    return one("term", one(field, one("value", text_of(term.words.front()))));
  }
  return one("match_phrase", one(field, one("query", text_of(phrase_of(term)))));
}

json::value beginning_of_words(const char* field, const search_term& term) {
  if (term.words.size() == 1) {
    return one("prefix", one(field, one("value", text_of(term.words.front()))));
  }
  return one("match_phrase_prefix",
             one(field, object_of({{"query", text_of(phrase_of(term))},
                                   {"max_expansions", number_of(expansions_max)}})));
}

/// The word if similar ones may be meant: Latin letters only, because a word with digits is a
/// number or a model.
const std::string* correctable_word(const search_word& word) {
  const auto& words = word.any_of.front().words;
  if (words.size() != 1) return nullptr;
  const auto& w = words.front();
  const bool good = w.size() >= similar_letters_min && w.size() <= similar_letters_max &&
                    std::ranges::all_of(w, [](char c) { return c >= 'a' && c <= 'z'; });
  return good ? &w : nullptr;
}

/// Similar words have the same first letter, which is rarely mistyped.
json::value similar_words(const char* field, const std::string& word) {
  return one("fuzzy", one(field, object_of({{"value", text_of(word)},
                                            {"fuzziness", text_of("AUTO:4,7")},
                                            {"prefix_length", number_of(1)},
                                            {"max_expansions", number_of(similar_max)}})));
}

/// The best of the word's terms and fields counts.
json::value clause_of(const search_word& word, bool similar) {
  json::array options;
  for (const auto& f : fields) {
    for (const auto& term : word.any_of) {
      options.push_back(scored(whole_words(f.name, term), f.whole));
      if (term.prefix) options.push_back(scored(beginning_of_words(f.name, term), f.beginning));
    }
    if (const auto* w = similar ? correctable_word(word) : nullptr) {
      options.push_back(scored(similar_words(f.name, *w), f.similar));
    }
  }
  return one("dis_max", one("queries", json::value(std::move(options))));
}

json::array order_of(product_sort sort) {
  const auto by = [](const char* field, const char* direction) {
    return one(field, one("order", text_of(direction)));
  };
  switch (sort) {
    case product_sort::relevance:
      return {by("_score", "desc"), by("name_words", "asc"), by("created_us", "desc"),
              by("id", "desc")};
    case product_sort::price_up:
      return {by("price", "asc"), by("id", "asc")};
    case product_sort::price_down:
      return {by("price", "desc"), by("id", "desc")};
    case product_sort::name:
      return {by("sort_name", "asc"), by("id", "asc")};
    case product_sort::newest:
    case product_sort::updated:
    case product_sort::position:
      break;
  }
  return {by("created_us", "desc"), by("id", "desc")};
}

json::array values_of(const engine_position& p) {
  json::array values;
  if (p.score) values.emplace_back(*p.score);
  if (p.name_words) values.push_back(number_of(*p.name_words));
  if (p.number) values.push_back(number_of(*p.number));
  if (p.text) values.push_back(text_of(*p.text));
  values.push_back(text_of(p.product_id.str()));
  return values;
}

problem bad_hits(const std::string& why) {
  return {problem_kind::unavailable, "unavailable", "invalid response: " + why, {}};
}

std::optional<double> double_of(const json::value& v) {
  if (const auto* whole = v.if_int64()) return static_cast<double>(*whole);
  if (const auto* d = v.if_double()) return *d;
  return std::nullopt;
}

/// The values of a hit's member `sort`; nothing if they do not fit the order.
std::optional<engine_position> position_of(const json::array& values, product_sort sort) {
  const std::size_t wanted = sort == product_sort::relevance ? 4 : 2;
  if (values.size() != wanted) return std::nullopt;
  engine_position p;
  const auto* id = values.back().if_string();
  const auto parsed = id != nullptr ? stoa::product_id::parse(*id) : std::nullopt;
  if (!parsed) return std::nullopt;
  p.product_id = *parsed;
  if (sort == product_sort::name) {
    const auto* name = values[0].if_string();
    if (name == nullptr) return std::nullopt;
    p.text = *name;
    return p;
  }
  if (sort == product_sort::relevance) {
    p.score = double_of(values[0]);
    const auto* words = values[1].if_int64();
    if (!p.score || words == nullptr) return std::nullopt;
    p.name_words = *words;
  }
  const auto* number = values[wanted - 2].if_int64();
  if (number == nullptr) return std::nullopt;
  p.number = *number;
  return p;
}

/// Whether a shard has failed: the response would lack its products.
bool is_partial(const json::value& answer) {
  const auto* timed_out = answer.find("timed_out");
  const auto* late = timed_out != nullptr ? timed_out->if_bool() : nullptr;
  const auto* shards = answer.find("_shards");
  const auto* failed = shards != nullptr ? shards->find("failed") : nullptr;
  const auto* count = failed != nullptr ? failed->if_int64() : nullptr;
  return late == nullptr || *late || count == nullptr || *count != 0;
}

result<json::value> parsed_hits(std::string_view body, const engine_search& s) {
  return json::parse(body, {.bytes_max = response_bytes_max(s), .values_max = hits_values_max});
}

}  // namespace

std::size_t response_bytes_max(const engine_search& s) {
  return s.counted.empty() ? hits_bytes_max : counted_bytes_max;
}

std::string query_body(const engine_search& s) {
  json::array words;
  for (const auto& w : s.words) words.push_back(clause_of(w, s.similar));
  json::object all;
  const bool is_counted = !s.counted.empty();
  // Without relevance the score is not needed.
  const bool ranked = s.sort == product_sort::relevance;
  const auto filters = conditions_of(s);
  auto conditions = collection_conditions(s);
  if (!is_counted) {
    for (auto& f : all_except(filters, {})) conditions.push_back(std::move(f));
  }
  json::object query;
  if (ranked) {
    query.push_back({"must", json::value(std::move(words))});
  } else {
    for (auto& w : words) conditions.push_back(std::move(w));
  }
  query.push_back({"filter", json::value(std::move(conditions))});
  all.push_back({"size", number_of(s.band_width > 0 ? 0 : static_cast<std::int64_t>(s.limit) + 1)});
  all.push_back({"_source", json::value(false)});
  all.push_back({"track_total_hits", json::value(s.count)});
  all.push_back({"query", one("bool", json::value(std::move(query)))});
  if (is_counted) {
    all.push_back(
        {"post_filter", one("bool", one("filter", json::value(all_except(filters, {}))))});
    all.push_back({"aggs", aggregations_of(s, filters)});
  }
  all.push_back({"sort", json::value(order_of(s.sort))});
  if (s.after) all.push_back({"search_after", json::value(values_of(*s.after))});
  return json::write(json::value(std::move(all)));
}

result<engine_hits> read_hits(std::string_view body, const engine_search& s) {
  const auto answer = parsed_hits(body, s);
  if (!answer) return bad_hits(answer.error().detail);
  if (is_partial(*answer)) return bad_hits("a shard has failed, or the search took too long");
  const auto* outer = answer->find("hits");
  const auto* inner = outer != nullptr ? outer->find("hits") : nullptr;
  const auto* list = inner != nullptr ? inner->if_array() : nullptr;
  if (list == nullptr || list->size() > s.limit + 1) return bad_hits("no list of hits");
  engine_hits hits;
  for (const auto& hit : *list) {
    const auto* sort = hit.find("sort");
    const auto* values = sort != nullptr ? sort->if_array() : nullptr;
    auto position = values != nullptr ? position_of(*values, s.sort) : std::nullopt;
    if (!position) return bad_hits("a hit without its place in the list");
    hits.found.push_back(std::move(*position));
  }
  hits.more = hits.found.size() > s.limit;
  if (hits.more) hits.found.pop_back();
  if (!s.counted.empty() && !read_facets(*answer, s, hits)) return bad_hits("no counts of facets");
  if (!s.count) return hits;
  const auto* total = outer->find("total");
  const auto* value = total != nullptr ? total->find("value") : nullptr;
  const auto* count = value != nullptr ? value->if_int64() : nullptr;
  if (count == nullptr || *count < 0) return bad_hits("no total");
  hits.total = *count;
  return hits;
}

std::optional<problem> read_price_bands(std::string_view body, const engine_search& s,
                                        engine_hits& hits) {
  const auto answer = parsed_hits(body, s);
  if (!answer) return bad_hits(answer.error().detail);
  if (is_partial(*answer)) return bad_hits("a shard has failed, or the search took too long");
  if (!read_bands(*answer, s, hits)) return bad_hits("no price bands");
  return std::nullopt;
}

}  // namespace stoa::search
