#include "net/search/engine_facets.hpp"

#include "net/search/engine_json.hpp"
#include "storage/catalog/facets.hpp"

#include <algorithm>
#include <cmath>

namespace stoa::search {

namespace {

using catalog::attribute_facet;
using catalog::facet_filter;
using catalog::facet_values_max;
using catalog::option_facet;
using catalog::tag_facet;
using catalog::value_count;
using catalog::vendor_facet;

/// Different values of all options, and of all attributes. With more, some facet may lack values.
constexpr std::int64_t group_values_max = 2000;
/// As many as a store has.
constexpr std::int64_t category_values_max = 10'000;

/// The field of a facet, and what its values begin with.
struct facet_field {
  const char* field;
  std::string prefix;
};

facet_field field_of(const std::string& facet) {
  if (facet == vendor_facet) return {"vendor", ""};
  if (facet == tag_facet) return {"tags", ""};
  if (facet.starts_with(option_facet)) return {"options", facet.substr(option_facet.size()) + "\n"};
  return {"attributes", facet.substr(attribute_facet.size()) + "\n"};
}

json::value in_list(const char* field, std::vector<std::string> texts) {
  json::array list;
  for (auto& t : texts) list.emplace_back(std::move(t));
  return one("terms", one(field, json::value(std::move(list))));
}

template <class Id>
json::value in_ids(const char* field, const std::vector<Id>& ids) {
  std::vector<std::string> texts;
  texts.reserve(ids.size());
  for (auto id : ids) texts.push_back(id.str());
  return in_list(field, std::move(texts));
}

json::value in_prices(std::optional<std::int64_t> least, std::optional<std::int64_t> most) {
  json::object range;
  if (least) range.push_back({"gte", number_of(*least)});
  if (most) range.push_back({"lte", number_of(*most)});
  return one("range", one("price", json::value(std::move(range))));
}

json::value in_stock(bool wanted) {
  return one("term", one("in_stock", one("value", json::value(wanted))));
}

json::value in_facet(const facet_filter& f) {
  const auto [field, prefix] = field_of(f.facet);
  std::vector<std::string> texts;
  for (const auto& value : f.values) texts.push_back(prefix + value);
  return in_list(field, std::move(texts));
}

bool asks(const engine_search& s, std::string_view facet) {
  return std::ranges::find(s.counted, facet) != s.counted.end();
}

/// The filters of facets that are counted on their own, by their places in s.facets.
std::vector<std::size_t> own_counts(const engine_search& s) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < s.facets.size(); ++i) {
    const auto& facet = s.facets[i].facet;
    const bool is_asked = asks(s, facet) ||
                          (facet.starts_with(option_facet) && asks(s, "option")) ||
                          (facet.starts_with(attribute_facet) && asks(s, "attribute"));
    if (is_asked) places.push_back(i);
  }
  return places;
}

std::string own_name(std::size_t place) {
  return "own" + std::to_string(place);
}

bool is_filtered(const engine_search& s, std::string_view facet) {
  return std::ranges::find(s.facets, facet, &facet_filter::facet) != s.facets.end();
}

/// A regular expression of Lucene for the texts with this beginning.
std::string beginning(const std::string& text) {
  std::string expression;
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '\n' ||
                          static_cast<unsigned char>(c) >= 0x80;
    if (!is_plain) expression += '\\';
    expression += c;
  }
  return expression + ".*";
}

json::value terms(const char* field, std::int64_t size, const std::string& prefix = {}) {
  json::object how{{"field", text_of(field)},
                   {"size", number_of(size)},
                   // Exact also if the index has several shards, unless there are more values.
                   {"shard_size", number_of(std::max(size, group_values_max))},
                   {"order", json::value(json::array{one("_count", text_of("desc")),
                                                     one("_key", text_of("asc"))})}};
  if (!prefix.empty()) how.push_back({"include", text_of(beginning(prefix))});
  return one("terms", json::value(std::move(how)));
}

json::value filtered(json::array conditions, json::object counts) {
  return object_of({{"filter", one("bool", one("filter", json::value(std::move(conditions))))},
                    {"aggs", json::value(std::move(counts))}});
}

// --- responses -----------------------------------------------------------------------------------

/// The counts in an aggregation; null if they are missing.
const json::value* counts_of(const json::value& answer, const std::string& name,
                             const char* counts = "counted") {
  const auto* all = answer.find("aggregations");
  const auto* outer = all != nullptr ? all->find(name) : nullptr;
  return outer != nullptr ? outer->find(counts) : nullptr;
}

std::optional<std::int64_t> whole_member(const json::value& v, const char* name) {
  const auto* member = v.find(name);
  if (member == nullptr) return std::nullopt;
  if (const auto* n = member->if_int64()) return *n;
  // The engine writes keys and extremes of numbers with decimals.
  const auto* d = member->if_double();
  if (d == nullptr || !(std::abs(*d) < 9e15)) return std::nullopt;
  return static_cast<std::int64_t>(std::llround(*d));
}

struct bucket {
  std::string key;
  std::int64_t count = 0;
};

/// The buckets of a terms aggregation; nothing if it is malformed. `may_be_cut`: the rarest values
/// may be missing.
std::optional<std::vector<bucket>> buckets_of(const json::value* counts, engine_hits& hits,
                                              bool may_be_cut) {
  const auto* list = counts != nullptr ? counts->find("buckets") : nullptr;
  const auto* all = list != nullptr ? list->if_array() : nullptr;
  if (all == nullptr) return std::nullopt;
  const auto error = whole_member(*counts, "doc_count_error_upper_bound");
  const auto others = whole_member(*counts, "sum_other_doc_count");
  if (!error || !others) return std::nullopt;
  if (*error != 0 || (*others != 0 && !may_be_cut)) hits.inexact = true;
  std::vector<bucket> buckets;
  for (const auto& one : *all) {
    const auto* key = one.find("key");
    const auto* text = key != nullptr ? key->if_string() : nullptr;
    const auto count = whole_member(one, "doc_count");
    if (text == nullptr || !count || *count < 0) return std::nullopt;
    buckets.push_back({*text, *count});
  }
  return buckets;
}

bool read_categories(const json::value& answer, engine_hits& hits) {
  const auto buckets = buckets_of(counts_of(answer, "category"), hits, false);
  if (!buckets) return false;
  for (const auto& b : *buckets) {
    const auto id = stoa::category_id::parse(b.key);
    if (!id) return false;
    hits.facets->categories.push_back({*id, b.count});
  }
  return true;
}

bool read_stock(const json::value& answer, engine_hits& hits) {
  const auto* sold = counts_of(answer, "availability", "in_stock");
  const auto* others = counts_of(answer, "availability", "sold_out");
  const auto first = sold != nullptr ? whole_member(*sold, "doc_count") : std::nullopt;
  const auto second = others != nullptr ? whole_member(*others, "doc_count") : std::nullopt;
  if (!first || !second) return false;
  hits.facets->in_stock = *first;
  hits.facets->sold_out = *second;
  return true;
}

bool read_price_range(const json::value& answer, engine_hits& hits) {
  const auto* least = counts_of(answer, "price", "least");
  const auto* most = counts_of(answer, "price", "most");
  if (least == nullptr || most == nullptr) return false;
  const auto from = whole_member(*least, "value");
  const auto to = whole_member(*most, "value");
  // Without products they are null.
  if (from && to) hits.prices = {{*from, *to}};
  return from.has_value() == to.has_value();
}

/// A facet with its most frequent values.
bool read_facet(const json::value& answer, const std::string& name, const std::string& facet,
                engine_hits& hits) {
  const auto buckets = buckets_of(counts_of(answer, name), hits, true);
  if (!buckets) return false;
  const auto prefix = field_of(facet).prefix;
  for (const auto& b : *buckets) {
    if (!b.key.starts_with(prefix)) return false;
    hits.facets->values.push_back({facet, b.key.substr(prefix.size()), b.count});
  }
  return true;
}

/// The facets of all options or of all attributes, except filtered ones.
bool read_group(const json::value& answer, const std::string& name, std::string_view group,
                const engine_search& s, engine_hits& hits) {
  const auto buckets = buckets_of(counts_of(answer, name), hits, false);
  if (!buckets) return false;
  std::vector<value_count> found;
  for (const auto& b : *buckets) {
    const auto at = b.key.find('\n');
    if (at == std::string::npos) return false;
    auto facet = std::string(group) + b.key.substr(0, at);
    if (!is_filtered(s, facet)) found.push_back({std::move(facet), b.key.substr(at + 1), b.count});
  }
  // The values of a facet are in their order.
  std::ranges::stable_sort(found, {}, &value_count::facet);
  std::size_t of_facet = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    of_facet = i > 0 && found[i - 1].facet == found[i].facet ? of_facet + 1 : 0;
    if (of_facet <= facet_values_max) hits.facets->values.push_back(found[i]);
  }
  return true;
}

}  // namespace

std::vector<named_condition> conditions_of(const engine_search& s) {
  std::vector<named_condition> all;
  if (!s.category_ids.empty()) {
    all.push_back({"category", in_ids("category_id", s.category_ids)});
  }
  if (s.min_price || s.max_price) all.push_back({"price", in_prices(s.min_price, s.max_price)});
  if (s.in_stock) all.push_back({"availability", in_stock(*s.in_stock)});
  for (const auto& f : s.facets) all.push_back({f.facet, in_facet(f)});
  return all;
}

json::array collection_conditions(const engine_search& s) {
  json::array all;
  if (!s.within) return all;
  const auto& w = *s.within;
  if (w.category_ids) all.push_back(in_ids("category_id", *w.category_ids));
  if (w.min_price || w.max_price) all.push_back(in_prices(w.min_price, w.max_price));
  if (w.in_stock) all.push_back(in_stock(*w.in_stock));
  for (const auto& f : s.within_facets) all.push_back(in_facet(f));
  if (w.members) all.push_back(in_ids("id", *w.members));
  return all;
}

json::array all_except(const std::vector<named_condition>& conditions, std::string_view facet) {
  json::array others;
  for (const auto& c : conditions) {
    if (facet.empty() || c.facet != facet) others.push_back(c.condition);
  }
  return others;
}

json::value aggregations_of(const engine_search& s,
                            const std::vector<named_condition>& conditions) {
  json::object all;
  const auto add = [&](std::string name, std::string_view facet, json::object counts) {
    all.push_back({std::move(name), filtered(all_except(conditions, facet), std::move(counts))});
  };
  if (s.band_width > 0) {
    add("price", "price",
        {{"bands", one("histogram", object_of({{"field", text_of("price")},
                                               {"interval", number_of(s.band_width)},
                                               {"min_doc_count", number_of(1)}}))}});
    return json::value(std::move(all));
  }
  const auto value_max = static_cast<std::int64_t>(facet_values_max) + 1;
  if (asks(s, "category")) {
    add("category", "category", {{"counted", terms("category_id", category_values_max)}});
  }
  if (asks(s, "price")) {
    add("price", "price",
        {{"least", one("min", one("field", text_of("price")))},
         {"most", one("max", one("field", text_of("price")))}});
  }
  if (asks(s, "availability")) {
    add("availability", "availability",
        {{"in_stock", one("filter", in_stock(true))},
         {"sold_out", one("filter", in_stock(false))}});
  }
  if (asks(s, "vendor") && !is_filtered(s, "vendor")) {
    add("vendor", {}, {{"counted", terms("vendor", value_max)}});
  }
  if (asks(s, "tag") && !is_filtered(s, "tag")) {
    add("tag", {}, {{"counted", terms("tags", value_max)}});
  }
  if (asks(s, "option")) add("option", {}, {{"counted", terms("options", group_values_max)}});
  if (asks(s, "attribute")) {
    add("attribute", {}, {{"counted", terms("attributes", group_values_max)}});
  }
  for (const auto place : own_counts(s)) {
    const auto& facet = s.facets[place].facet;
    const auto [field, prefix] = field_of(facet);
    add(own_name(place), facet, {{"counted", terms(field, value_max, prefix)}});
  }
  return json::value(std::move(all));
}

bool read_facets(const json::value& answer, const engine_search& s, engine_hits& hits) {
  hits.facets.emplace();
  if (asks(s, "category") && !read_categories(answer, hits)) return false;
  if (asks(s, "price") && !read_price_range(answer, hits)) return false;
  if (asks(s, "availability") && !read_stock(answer, hits)) return false;
  // By name: attributes, options, tag, vendor; then those with a filter.
  if (asks(s, "attribute") && !read_group(answer, "attribute", attribute_facet, s, hits)) {
    return false;
  }
  if (asks(s, "option") && !read_group(answer, "option", option_facet, s, hits)) return false;
  for (const char* facet : {"tag", "vendor"}) {
    if (!asks(s, facet) || is_filtered(s, facet)) continue;
    if (!read_facet(answer, facet, facet, hits)) return false;
  }
  for (const auto place : own_counts(s)) {
    if (!read_facet(answer, own_name(place), s.facets[place].facet, hits)) return false;
  }
  return true;
}

bool read_bands(const json::value& answer, const engine_search& s, engine_hits& hits) {
  const auto* bands = counts_of(answer, "price", "bands");
  const auto* list = bands != nullptr ? bands->find("buckets") : nullptr;
  const auto* all = list != nullptr ? list->if_array() : nullptr;
  if (all == nullptr || !hits.facets) return false;
  hits.facets->band_width = s.band_width;
  for (const auto& b : *all) {
    const auto from = whole_member(b, "key");
    const auto count = whole_member(b, "doc_count");
    if (!from || !count || *from < 0 || *count < 0) return false;
    hits.facets->bands.push_back({*from / s.band_width, *count});
  }
  return true;
}

}  // namespace stoa::search
