// How the names and values of options, tags and attributes are shown in other languages. A label is
// that of a facet's value, for all products: the same words are translated once.

#include "actors/catalog/catalog_parts.hpp"
#include "actors/catalog/facet_filter.hpp"
#include "actors/catalog/product_rules.hpp"
#include "actors/catalog/specifications.hpp"
#include "actors/catalog/stored_texts.hpp"
#include "actors/kernel/entity_tag.hpp"
#include "storage/base/json_write.hpp"
#include "storage/base/text.hpp"
#include "storage/catalog/search_words.hpp"
#include "storage/catalog/type_store.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace stoa::catalog {

namespace {

using decision = catalog_service::decision;

label_entry entry_of(const std::string& key, const std::string& label) {
  auto [facet, value] = facet_and_value(key);
  label_entry entry{std::move(facet), std::nullopt, label};
  if (!value.empty()) entry.value = std::move(value);
  return entry;
}

label_list view_of(const std::string& locale, const std::map<std::string, std::string>& labels) {
  label_list view{locale, {}};
  for (const auto& [key, label] : labels) view.labels.push_back(entry_of(key, label));
  return view;
}

/// Makes the rows those of the labels. The values whose labels change, as [facet, value].
std::vector<std::vector<std::string>> apply(decision& d, const std::string& locale,
                                            const std::map<std::string, std::string>& before,
                                            const std::map<std::string, std::string>& after) {
  auto& rows = d.of<label_row>();
  std::vector<std::vector<std::string>> changed;
  const auto note = [&](const std::string& key) {
    auto [facet, value] = facet_and_value(key);
    // The names of facets are not searched.
    if (!value.empty()) changed.push_back({std::move(facet), std::move(value)});
  };
  for (const auto& [key, label] : before) {
    if (after.contains(key)) continue;
    rows.erase(locale, key);
    note(key);
  }
  for (const auto& [key, label] : after) {
    const auto known = before.find(key);
    if (known != before.end() && known->second == label) continue;
    // Values of attributes are not searched, in any language.
    const auto words = key.starts_with(attribute_facet) ? std::string() : index_words(label);
    if (known == before.end()) {
      rows.insert({locale, key, label, words});
    } else {
      auto& row = rows.edit(locale, key);
      row.label = label;
      row.words = words;
    }
    note(key);
  }
  return changed;
}

/// The keys of what the product shows.
void add_keys(const product_view& p, std::set<std::string>& keys) {
  const auto add = [&](const std::string& facet, const std::string& value) {
    keys.insert(label_key_of(facet));
    keys.insert(label_key_of(facet, text::fold(text::trim(value))));
  };
  const auto add_options = [&](const std::vector<option_value>& options) {
    for (const auto& o : options) add(std::string(option_facet) + text::fold(o.name), o.value);
  };
  add_options(p.options);
  for (const auto& v : p.variants) add_options(v.options);
  for (const auto& tag : p.tags.value_or(std::vector<std::string>{})) {
    add(std::string(tag_facet), tag);
  }
  for (const auto& s : p.specifications.value_or(std::vector<specification>{})) {
    add(std::string(attribute_facet) + s.key, shown_value(s));
  }
}

using label_map = std::map<std::string, std::string>;

const std::string* label_of(const label_map& labels, const std::string& facet,
                            const std::string& value) {
  const auto found = labels.find(label_key_of(facet, value));
  return found == labels.end() ? nullptr : &found->second;
}

void translate_options(std::vector<option_value>& options, const label_map& labels) {
  for (auto& o : options) {
    const auto facet = std::string(option_facet) + text::fold(o.name);
    if (const auto* value = label_of(labels, facet, text::fold(text::trim(o.value)))) {
      o.value = *value;
    }
    if (const auto* name = label_of(labels, facet, {})) o.name = *name;
  }
}

/// Only texts have another value in another language.
void translate_specification(specification& s, const label_map& labels) {
  const auto facet = std::string(attribute_facet) + s.key;
  const auto* value = label_of(labels, facet, text::fold(text::trim(shown_value(s))));
  if (value && s.value.text.starts_with('"')) s.value = json::raw{json::write(*value)};
  if (const auto* name = label_of(labels, facet, {})) s.name = *name;
}

}  // namespace

std::pair<std::string, std::string> facet_and_value(const std::string& key) {
  const auto at = std::min(key.find('\n'), key.size());
  return {key.substr(0, at), key.substr(std::min(at + 1, key.size()))};
}

std::map<std::string, std::string> stored_labels(decision& d, const std::string& locale) {
  std::map<std::string, std::string> labels;
  for (const auto* row : d.of<label_row>().where<&label_row::locale>(locale)) {
    labels.emplace(row->label_key, row->label);
  }
  return labels;
}

result<std::map<std::string, std::string>> labels_by_key(const label_terms& terms) {
  std::map<std::string, std::string> labels;
  for (std::size_t i = 0; i < terms.labels.size(); ++i) {
    const auto& one = terms.labels[i];
    const auto at = "/labels/" + std::to_string(i);
    const auto facet = text::fold(text::trim(one.facet));
    if (!is_facet_of_products(facet)) {
      return invalid_field(at + "/facet", "value",
                           "A facet is vendor, tag, option. with the name of an option, or "
                           "attribute. with the key of an attribute.");
    }
    const auto value = one.value ? text::fold(text::trim(*one.value)) : std::string();
    if (one.value && value.empty()) {
      return invalid_field(at + "/value", "format", "A value is not empty.");
    }
    auto label = stored_name(one.label);
    if (label.empty()) return invalid_field(at + "/label", "format", "A label is not empty.");
    if (!labels.emplace(label_key_of(facet, value), std::move(label)).second) {
      return invalid_field(at, "duplicate", "This has two labels; case does not count.");
    }
  }
  return labels;
}

std::optional<problem> set_labels(decision& d, const std::string& locale, const label_map& labels) {
  const auto before = stored_labels(d, locale);
  const auto locales = d.of<label_locale_row>().where<&label_locale_row::list>(std::int64_t{0});
  if (before.empty() && !labels.empty() && locales.size() >= label_locales_max) {
    return conflict("too_many_translations", "Labels are translated into at most " +
                                                 std::to_string(label_locales_max) + " languages.");
  }
  const auto changed = apply(d, locale, before, labels);
  if (!changed.empty()) d.execute(queue_labelled_products, db::params(json::write(changed)));
  return std::nullopt;
}

void catalog_service::needs(const put_labels& m, need_list& list, const records&) const {
  list.add<&label_row::locale>(m.locale);
  list.add<&label_locale_row::list>(std::int64_t{0});
}

result<label_list> catalog_service::decide(const put_labels& m, decision& d) const {
  const auto before = stored_labels(d, m.locale);
  if (auto bad =
          kernel::check_precondition(m.precondition, [&] { return view_of(m.locale, before); })) {
    return std::move(*bad);
  }
  const auto after = labels_by_key(m.terms);
  if (!after) return after.error();
  if (auto bad = set_labels(d, m.locale, *after)) return std::move(*bad);
  return view_of(m.locale, *after);
}

result<label_list> catalog_service::read(const get_labels& q, const call_context&,
                                         db::connection& c) const {
  label_list view{q.locale, {}};
  for (const auto& row : read_labels(c, q.locale)) {
    view.labels.push_back(entry_of(row.label_key, row.label));
  }
  return view;
}

result<label_locale_page> catalog_service::read(const list_label_locales&, const call_context&,
                                                db::connection& c) const {
  label_locale_page page;
  for (const auto& row : read_label_locales(c)) page.data.push_back({row.locale, row.labels});
  return page;
}

void translate_labels(db::connection& c, const std::string& locale,
                      std::vector<product_view>& products) {
  std::set<std::string> keys;
  for (const auto& p : products) add_keys(p, keys);
  const auto labels = find_labels(c, {keys.begin(), keys.end()}, locale);
  if (labels.empty()) return;
  for (auto& p : products) {
    translate_options(p.options, labels);
    for (auto& v : p.variants) {
      // The name of a variant ends with its options.
      const auto ending = variant_name("", v.options);
      translate_options(v.options, labels);
      if (v.name.ends_with(ending)) {
        v.name = v.name.substr(0, v.name.size() - ending.size()) + variant_name("", v.options);
      }
    }
    if (p.tags) {
      for (auto& tag : *p.tags) {
        const auto* label = label_of(labels, std::string(tag_facet), text::fold(text::trim(tag)));
        if (label) tag = *label;
      }
    }
    if (!p.specifications) continue;
    for (auto& s : *p.specifications) translate_specification(s, labels);
  }
}

void translate_labels(db::connection& c, const std::string& locale,
                      std::vector<facet_view>& facets) {
  std::vector<std::string> keys;
  for (const auto& f : facets) {
    if (!is_facet_of_products(f.facet)) continue;
    keys.push_back(label_key_of(f.facet));
    for (const auto& v : f.values) keys.push_back(label_key_of(f.facet, v.value));
  }
  const auto labels = find_labels(c, keys, locale);
  for (auto& f : facets) {
    if (const auto* name = label_of(labels, f.facet, {})) f.label = *name;
    for (auto& v : f.values) {
      if (const auto* label = label_of(labels, f.facet, v.value)) v.label = *label;
    }
  }
}

}  // namespace stoa::catalog
