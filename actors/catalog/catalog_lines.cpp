// Import and export of JSON Lines: what all types of lines have in common.

#include "actors/catalog/attribute_merge.hpp"
#include "actors/catalog/line_parts.hpp"
#include "actors/catalog/line_types.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"
#include "storage/base/locale_format.hpp"
#include "storage/catalog/type_store.hpp"

#include <algorithm>

namespace stoa::catalog {

namespace {

using decision = catalog_service::decision;

constexpr std::size_t line_types_count = 8;

/// In the order of an export.
const std::array<const line_handler*, line_types_count>& handlers() {
  static const std::array<const line_handler*, line_types_count> all{
      &location_lines, &type_lines,       &category_lines, &label_lines,
      &product_lines,  &collection_lines, &related_lines,  &synonym_lines};
  return all;
}

const line_handler* handler_of(std::string_view type) {
  const auto found = std::ranges::find(handlers(), type, &line_handler::name);
  return found == handlers().end() ? nullptr : *found;
}

problem unknown_type() {
  std::string names;
  for (const auto* h : handlers()) names += (names.empty() ? "" : ", ") + std::string(h->name);
  return invalid_field("/type", "unknown", "This must be one of: " + names + ".");
}

template <class... R>
bool any_changes(decision& d) {
  return (d.of<R>().has_changes() || ...);
}

template <class... R>
void undo_changes(decision& d) {
  (d.of<R>().undo(), ...);
  d.statements.clear();
  d.events.clear();
  d.effects.clear();
}

/// The records that a line can change.
bool has_changed(decision& d) {
  return any_changes<category_row, product_row, stock_row, image_row, redirect_row, collection_row,
                     collection_product_row, relation_row, synonyms_row, product_type_row,
                     translation_row, location_row, label_row, resource_redirect_row>(d);
}

/// For a dry run.
void undo_line(decision& d) {
  undo_changes<category_row, product_row, stock_row, image_row, redirect_row, collection_row,
               collection_product_row, relation_row, synonyms_row, product_type_row,
               translation_row, hold_row, ledger_row, level_row, resource_redirect_row,
               location_row, label_row>(d);
}

}  // namespace

std::span<const line_type> line_types() {
  static const auto types = [] {
    std::array<line_type, line_types_count> all{};
    std::ranges::transform(handlers(), all.begin(), [](const line_handler* h) {
      return line_type{h->name, h->bind};
    });
    return all;
  }();
  return types;
}

result<import_line> read_line(std::string_view text) {
  const auto parsed = json::parse(text, line_limits);
  if (!parsed) return parsed.error();
  return read_line(*parsed);
}

result<import_line> read_line(const json::value& parsed) {
  if (!parsed.if_object()) {
    return problem{problem_kind::malformed,
                   "invalid_request",
                   "The line is invalid.",
                   {{"", "type", "This must be an object."}}};
  }
  const auto* type = parsed.find("type");
  const auto* name = type ? type->if_string() : nullptr;
  const auto* handler = name ? handler_of(*name) : nullptr;
  if (!handler) return unknown_type();
  import_line line;
  line.type = *name;
  if (auto bad = handler->bind(parsed, line)) return std::move(*bad);
  return line;
}

std::string typed_line(std::string_view type, const std::string& object) {
  std::string line = R"({"type":")" + std::string(type) + '"';
  if (object != "{}") line += ',';
  return line + object.substr(1);
}

problem below(problem p, const std::string& prefix) {
  for (auto& e : p.errors) e.pointer = prefix + e.pointer;
  if (p.errors.empty()) p.errors.push_back({prefix, p.code, p.detail});
  return p;
}

json::raw merged_terms(const std::string& stored, const json::raw& patch) {
  return {merged_attributes(stored, patch.text)};
}

void need_reference(const std::string& reference, catalog_service::need_list& list) {
  if (const auto id = stoa::product_id::parse(reference)) {
    list.add<&product_row::product_id>(*id);
  } else {
    list.add<&product_row::handle>(reference);
  }
}

const product_row* find_reference(decision& d, const std::string& reference) {
  if (const auto id = stoa::product_id::parse(reference)) return find_existing(d, *id);
  return d.of<product_row>().find_by<&product_row::handle>(std::optional(reference));
}

std::map<stoa::product_id, std::string> references_of(db::connection& c,
                                                      const std::vector<stoa::product_id>& ids) {
  std::map<stoa::product_id, std::string> found;
  for (auto& r : read_handles(c, ids)) {
    found.emplace(r.product_id, r.handle.value_or(r.product_id.str()));
  }
  return found;
}

std::optional<problem> check_locales(std::optional<translation_lines>& translations) {
  if (!translations) return std::nullopt;
  translation_lines canonical;
  for (auto& [tag, terms] : *translations) {
    const auto locale = text::canonical_language(tag);
    if (!locale || !canonical.emplace(*locale, std::move(terms)).second) {
      return invalid_field("/translations", "format",
                           "The names must be different language tags, such as \"de-AT\".");
    }
  }
  translations = std::move(canonical);
  return std::nullopt;
}

std::optional<problem> apply_translations(line_run& run, const std::optional<translation_lines>& t,
                                          translated_kind kind, const uuid& resource) {
  if (!t) return std::nullopt;
  for (const auto& [locale, terms] : *t) {
    const auto* known = run.d.of<translation_row>().find(resource, locale);
    std::optional<problem> bad;
    if (terms.value) {
      const auto before = known ? known->name : std::nullopt;
      const put_translation command{kind, resource, locale, *terms.value};
      if (const auto put = run.service.decide(command, run.d); !put) bad = put.error();
      run.changes.add({}, "translations." + locale, before.value_or(""),
                      terms.value->name.value_or(""));
    } else if (known) {
      const delete_translation command{kind, resource, locale};
      if (const auto gone = run.service.decide(command, run.d); !gone) bad = gone.error();
      run.changes.add({}, "translations." + locale, "present", "removed");
    }
    if (bad) return below(std::move(*bad), "/translations/" + locale);
  }
  return std::nullopt;
}

std::map<uuid, translation_lines> translations_by_id(db::connection& c,
                                                     const std::vector<uuid>& resources) {
  std::map<uuid, translation_lines> found;
  for (auto& t : read_translations(c, resources)) {
    found[t.resource_id][t.locale] = {translation_terms{t.name, t.description}};
  }
  return found;
}

void catalog_service::needs(const import_line& m, need_list& list, const records& all) const {
  if (m.step) list.add<&import_row::import_id>(m.step->import_id);
  if (const auto* handler = handler_of(m.type)) handler->needs(*this, m, list, all);
}

result<import_answer> catalog_service::decide(const import_line& m, decision& d) const {
  if (m.step) {
    if (auto ended = check_step(d, *m.step)) return std::move(*ended);
  }
  const auto* handler = handler_of(m.type);
  if (!handler) return unknown_type();
  const bool counted = m.step && is_counted(d, *m.step);
  line_run run{*this, d, m, options_, m.set_stock && !counted};
  auto bad = handler->apply(run);
  import_answer answer;
  if (counted) {
    // Applied by an earlier run: what was changed since then stays. Its notes are shown again.
    if (!bad) answer.notes = std::move(run.notes);
    undo_line(d);
    return answer;
  }
  if (bad) return std::move(*bad);
  answer.notes = std::move(run.notes);
  if (has_changed(d)) {
    answer.outcome = run.is_new ? import_outcome::created : import_outcome::updated;
  }
  run.changes.move_to(answer);
  if (m.step) count_product(d, *m.step, answer.outcome);
  if (m.dry_run) undo_line(d);
  return answer;
}

result<line_page> catalog_service::read(const export_lines& q, const call_context& context,
                                        db::connection& c) const {
  if (!may_see_all(context)) return not_found("export");
  const auto* handler = handler_of(q.type);
  if (!handler) return unknown_type();
  line_source from{c, q, options_};
  return handler->read(from);
}

}  // namespace stoa::catalog
