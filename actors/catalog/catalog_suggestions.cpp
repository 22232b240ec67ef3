// Suggestions while a customer types, and the synonyms of searches.

#include "actors/catalog/catalog_parts.hpp"
#include "actors/catalog/synonyms.hpp"
#include "actors/kernel/entity_tag.hpp"
#include "storage/base/text.hpp"
#include "storage/catalog/catalog_store.hpp"
#include "storage/catalog/collection_store.hpp"

#include <algorithm>
#include <map>

namespace stoa::catalog {

namespace {

using decision = catalog_service::decision;

constexpr std::size_t synonym_bytes_max = 100;
constexpr std::size_t suggestion_bytes_max = 200;
/// The products whose names complete a word.
constexpr std::size_t completed_from = 20;

synonym_list view_of(const synonyms_row* row) {
  return {row ? row->synonym_groups : std::vector<std::vector<std::string>>{}};
}

std::optional<problem> check_synonyms(const synonym_list& list) {
  for (std::size_t i = 0; i < list.groups.size(); ++i) {
    const auto& group = list.groups[i];
    const auto at = "/groups/" + std::to_string(i);
    if (group.size() < 2 || group.size() > synonyms_max) {
      return invalid_field(at, "range",
                           "A group has 2 to " + std::to_string(synonyms_max) + " phrases.");
    }
    for (std::size_t j = 0; j < group.size(); ++j) {
      const auto here = at + "/" + std::to_string(j);
      if (group[j].size() > synonym_bytes_max) {
        return invalid_field(
            here, "too_long",
            "A phrase has at most " + std::to_string(synonym_bytes_max) + " bytes.");
      }
      const auto phrase = phrase_of(group[j]);
      if (phrase.empty()) {
        return invalid_field(here, "format", "A phrase has letters or digits.");
      }
      const auto words = 1 + std::ranges::count(phrase, ' ');
      if (words > static_cast<std::ptrdiff_t>(synonym_words_max)) {
        return invalid_field(here, "too_many",
                             "A phrase has at most " + std::to_string(synonym_words_max) +
                                 " words; a hyphen separates words.");
      }
    }
  }
  return std::nullopt;
}

/// The words of the name that begin with the last word of the text, in lower case, without those
/// that the text has.
std::vector<std::string> completions_in(const std::string& name, const std::string& typed,
                                        const std::string& asked_words) {
  const auto beginning = index_words(typed);
  const auto folded = text::fold(typed);
  std::vector<std::string> found;
  std::string_view rest = name;
  while (!rest.empty()) {
    const auto end = std::min(rest.find_first_of(" \t,;:.!?()[]\"/"), rest.size());
    const auto word = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const auto indexed = index_words(word);
    const bool is_asked = (" " + asked_words + " ").find(" " + indexed + " ") != std::string::npos;
    const bool begins = indexed.starts_with(beginning) || text::fold(word).starts_with(folded);
    if (begins && !is_asked) found.push_back(text::fold(word));
  }
  return found;
}

/// Completions of the last word, most frequent first.
std::vector<std::string> completed(const std::string& asked,
                                   const std::vector<product_view>& products, std::size_t limit) {
  const auto indexed = index_words(asked);
  const auto last = asked.find_last_of(" \t");
  const auto before = last == std::string::npos ? "" : asked.substr(0, last + 1);
  const auto typed = last == std::string::npos ? asked : asked.substr(last + 1);
  std::map<std::string, std::int64_t> counts;
  for (const auto& p : products) {
    for (auto& word : completions_in(p.name, typed, indexed)) ++counts[std::move(word)];
  }
  std::vector<std::pair<std::string, std::int64_t>> order(counts.begin(), counts.end());
  std::ranges::stable_sort(order, std::greater{}, [](const auto& o) { return o.second; });
  std::vector<std::string> queries;
  for (const auto& [word, count] : order) {
    if (queries.size() == limit) break;
    queries.push_back(text::fold(before) + word);
  }
  return queries;
}

bool has_words(const std::string& name, const std::vector<search_word>& words) {
  const auto indexed = " " + index_words(name);
  return std::ranges::all_of(words, [&](const auto& w) {
    return std::ranges::any_of(w.any_of, [&](const auto& term) {
      std::string wanted;
      for (const auto& one : term.words) wanted += " " + one;
      return (term.prefix ? indexed : indexed + " ").find(term.prefix ? wanted : wanted + " ") !=
             std::string::npos;
    });
  });
}

}  // namespace

void catalog_service::needs(const set_synonyms&, need_list& list, const records&) const {
  list.add<&synonyms_row::list>(std::int64_t{0});
}

result<synonym_list> catalog_service::decide(const set_synonyms& m, decision& d) const {
  const auto* found = d.of<synonyms_row>().find(std::int64_t{0});
  if (auto bad = kernel::check_precondition(m.precondition, [&] { return view_of(found); })) {
    return std::move(*bad);
  }
  if (auto bad = check_synonyms(m.synonyms)) return std::move(*bad);
  if (!found) d.of<synonyms_row>().insert({0, {}, {}, d.now, 0});
  auto& row = d.of<synonyms_row>().edit(std::int64_t{0});
  row.synonym_groups = m.synonyms.groups;
  row.expansions = expansions_of(m.synonyms.groups);
  row.updated_at = d.now;
  return m.synonyms;
}

result<synonym_list> catalog_service::read(const get_synonyms&, const call_context&,
                                           db::connection& c) const {
  const auto row = read_synonyms(c);
  return view_of(row ? &*row : nullptr);
}

result<synonym_phrases> catalog_service::read(const look_up_synonyms& q, const call_context&,
                                              db::connection& c) const {
  return synonym_phrases{find_synonyms(c, q.phrases)};
}

result<suggestion_list> catalog_service::read(const suggest& q, const call_context&,
                                              db::connection& c) const {
  if (q.q.size() > suggestion_bytes_max || !text::is_utf8(q.q)) {
    return problem{
        problem_kind::malformed,
        "invalid_request",
        "The query string is invalid.",
        {{"?q", "too_long",
          "This must be UTF-8 of at most " + std::to_string(suggestion_bytes_max) + " bytes."}}};
  }
  const auto limit = static_cast<std::size_t>(std::clamp<std::int64_t>(q.limit, 1, 10));
  const auto asked = text::trim(q.q);
  suggestion_list list;
  product_filter filter;
  const auto typed = query_words(asked);
  filter.words = typed;
  if (filter.words.empty()) return list;
  add_synonyms(filter.words, find_synonyms(c, phrases_in(filter.words)));
  filter.sort = product_sort::relevance;
  filter.status = product_status::Active;
  filter.limit = completed_from;
  std::vector<stoa::product_id> ids;
  for (const auto& p : find_products(c, filter)) ids.push_back(p.product_id);
  std::vector<product_view> products;
  for (const auto& p : read_products(c, ids)) {
    products.push_back(view_of(p, false, options_.media_url));
  }
  translate(c, q.locale, products);
  list.queries = completed(asked, products, limit);
  for (const auto& p : products) {
    if (list.products.size() == limit) break;
    list.products.push_back(
        {p.product_id, p.handle, p.name,
         p.images.empty() ? std::nullopt : std::optional(p.images[0].image_url)});
  }
  std::vector<category_view> categories;
  for (const auto& row : read_categories(c)) {
    categories.push_back({row.category_id, row.name, {}, {}, {}, row.handle});
  }
  translate(c, q.locale, categories);
  for (const auto& one : categories) {
    if (list.categories.size() == limit) break;
    if (has_words(one.name, typed))
      list.categories.push_back({one.category_id, one.name, one.handle});
  }
  return list;
}

}  // namespace stoa::catalog
