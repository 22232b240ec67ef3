#pragma once
// The import and export of lines, by type. Shared by their files.

#include "actors/catalog/catalog_parts.hpp"
#include "actors/catalog/import_changes.hpp"
#include "actors/catalog/line_messages.hpp"
#include "actors/catalog/line_types.hpp"

namespace stoa::catalog {

/// The state of the import of one line.
struct line_run {
  const catalog_service& service;
  catalog_service::decision& d;
  const import_line& m;
  const catalog_options& options;
  bool set_stock;  ///< also of existing products and variants
  bool is_new = false;
  change_list changes{m.dry_run};
  std::vector<std::string> notes{};

  void note(std::string text) { notes.push_back(std::move(text)); }
};

/// What an export reads from.
struct line_source {
  db::connection& c;
  const export_lines& q;
  const catalog_options& options;
};

inline constexpr std::size_t line_page_bytes = std::size_t{1} << 20;  ///< ends a page

/// The problem with a prefix for the pointers of its errors; of an error without one: the prefix.
problem below(problem p, const std::string& prefix);
/// The terms with the merge patch applied.
json::raw merged_terms(const std::string& stored, const json::raw& patch);

// --- products by reference: a handle, or the id of a product without one ---

void need_reference(const std::string& reference, catalog_service::need_list& list);
const product_row* find_reference(catalog_service::decision& d, const std::string& reference);
/// The references to the products.
std::map<stoa::product_id, std::string> references_of(db::connection& c,
                                                      const std::vector<stoa::product_id>& ids);

// --- categories by the names from the root ---

void need_path(const category_names& path, catalog_service::need_list& list);
const category_row* find_path(catalog_service::decision& d, const category_names& path);
/// All paths, by id.
std::map<stoa::category_id, category_names> read_paths(db::connection& c);

// --- earlier handles of categories and collections ---

void need_earlier_handles(const patch<std::vector<std::string>>& handles, const uuid& resource,
                          catalog_service::need_list& list);
/// Makes the handles all earlier ones of the resource, whose own handle is set.
void apply_resource_handles(line_run& run, std::string_view kind, const uuid& resource,
                            const patch<std::vector<std::string>>& handles);
/// Absent if there are none.
patch<std::vector<std::string>> earlier_handles_of(db::connection& c, const uuid& resource);

// --- translations ---

/// Applies the translations to the resource, which exists and is loaded. Does not index it.
std::optional<problem> apply_translations(line_run& run, const std::optional<translation_lines>& t,
                                          translated_kind kind, const uuid& resource);
/// Those of the resources, by id.
std::map<uuid, translation_lines> translations_by_id(db::connection& c,
                                                     const std::vector<uuid>& resources);
/// validation for a malformed language tag; else makes the tags canonical.
std::optional<problem> check_locales(std::optional<translation_lines>& translations);

// --- the types; `bind` as in line_types.hpp ---

struct line_handler {
  std::string_view name;
  std::optional<problem> (*bind)(const json::value& line, import_line& to);
  void (*needs)(const catalog_service& service, const import_line& m,
                catalog_service::need_list& list, const catalog_service::records& all);
  std::optional<problem> (*apply)(line_run& run);
  line_page (*read)(line_source& from);
};
extern const line_handler type_lines;
extern const line_handler category_lines;
extern const line_handler product_lines;
extern const line_handler collection_lines;
extern const line_handler related_lines;
extern const line_handler synonym_lines;
extern const line_handler location_lines;
extern const line_handler label_lines;

}  // namespace stoa::catalog
