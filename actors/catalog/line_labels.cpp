// Lines of labels: how the names and values of facets are shown in a language.

#include "actors/catalog/line_parts.hpp"
#include "actors/catalog/stored_texts.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"
#include "storage/base/locale_format.hpp"
#include "storage/base/text.hpp"
#include "storage/catalog/type_store.hpp"

namespace stoa::catalog {

namespace {

using label_texts = std::map<std::string, std::string>;

std::optional<problem> bind_labels(const json::value& line, import_line& to) {
  auto bound = json::read_value<labels_line>(line);
  if (!bound) return bound.error();
  const auto locale = text::canonical_language(bound->locale);
  if (!locale) {
    return invalid_field("/locale", "format", "This must be a language tag, such as \"de-AT\".");
  }
  bound->locale = *locale;
  to.labels = std::move(*bound);
  return std::nullopt;
}

void need_labels_line(const catalog_service& service, const import_line& m,
                      catalog_service::need_list& list, const catalog_service::records& all) {
  service.needs(put_labels{m.labels->locale, {}}, list, all);
}

/// The labels of the line by key; those that it removes are empty.
result<label_texts> labels_in_line(const labels_line& line) {
  label_terms terms;
  std::vector<std::string> removed;
  for (const auto& one : line.labels) {
    // The name of a removed label stands for its text, which has rules.
    terms.labels.push_back({one.facet, one.value, one.label.value.value_or(one.facet)});
  }
  auto labels = labels_by_key(terms);
  if (!labels) return labels;
  for (const auto& one : line.labels) {
    if (one.label.value) continue;
    const auto value = one.value ? text::fold(text::trim(*one.value)) : std::string();
    labels->at(label_key_of(text::fold(text::trim(one.facet)), value)).clear();
  }
  return labels;
}

std::optional<problem> apply_labels(line_run& run) {
  const auto& line = *run.m.labels;
  const auto given = labels_in_line(line);
  if (!given) return given.error();
  const auto before = stored_labels(run.d, line.locale);
  run.is_new = before.empty();
  auto after = before;
  for (const auto& [key, label] : *given) {
    const auto known = before.find(key);
    run.changes.add({}, line.locale + '.' + text::trim(key),
                    known == before.end() ? "" : known->second, label);
    if (label.empty()) {
      after.erase(key);
    } else {
      after[key] = label;
    }
  }
  if (after.size() > labels_max) {
    return invalid_field("/labels", "too_many",
                         "A language has at most " + std::to_string(labels_max) + " labels.");
  }
  return set_labels(run.d, line.locale, after);
}

label_line label_of_key(const std::string& key, const std::string& label) {
  auto [facet, value] = facet_and_value(key);
  label_line one{std::move(facet), std::nullopt, {label}};
  if (!value.empty()) one.value = std::move(value);
  return one;
}

/// A language whose labels are many has several lines: a page continues after a key.
line_page read_label_lines(line_source& from) {
  line_page page;
  std::pair<std::string, std::string> at;
  if (from.q.after) at = facet_and_value(*from.q.after);
  for (const auto& l : read_label_locales(from.c)) {
    if (l.locale < at.first) continue;
    labels_line line;
    line.locale = l.locale;
    std::size_t bytes = 0;
    label_texts labels;
    for (auto& row : read_labels(from.c, l.locale)) labels.emplace(row.label_key, row.label);
    const bool continues = l.locale == at.first;
    for (auto one = continues ? labels.upper_bound(at.second) : labels.begin();
         one != labels.end() && bytes < line_page_bytes; ++one) {
      line.labels.push_back(label_of_key(one->first, one->second));
      bytes += one->first.size() + one->second.size();
      page.next = l.locale + '\n' + one->first;
    }
    if (line.labels.empty()) continue;
    page.lines.push_back(typed_line("labels", json::write(line)));
    return page;
  }
  page.next.reset();
  return page;
}

}  // namespace

const line_handler label_lines{"labels", bind_labels, need_labels_line, apply_labels,
                               read_label_lines};

}  // namespace stoa::catalog
