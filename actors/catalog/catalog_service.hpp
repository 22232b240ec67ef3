#pragma once
// The Catalog service: products, categories, images and stock. Pure functions over its records.
//
//   catalog_products.cpp    products and variants
//   catalog_categories.cpp  the category tree
//   catalog_removal.cpp     deletion of products
//   catalog_stock.cpp       reservations, sales, adjustments
//   catalog_low_stock.cpp   stock.low
//   catalog_locations.cpp   locations, transfers between them
//   catalog_allocations.cpp the locations that supply an order
//   catalog_holds.cpp       units held for carts after declined payments
//   catalog_import.cpp      import of products from a file
//   import_checks.cpp       validation of imports
//   import_changes.cpp      the list of changes of a dry run
//   catalog_import_jobs.cpp imports over HTTP
//   catalog_export_jobs.cpp exports over HTTP
//   catalog_lines.cpp       import and export of JSON Lines; line_*.cpp: the types of lines
//   catalog_search.cpp      search words and sort names
//   catalog_engine.cpp      the index of a search engine
//   catalog_media.cpp       uploaded images: their files and thumbnails
//   catalog_facets.cpp      the values by which customers filter, and their counts
//   catalog_schedule.cpp    publication and archiving at a given time
//   catalog_redirects.cpp   earlier handles of products
//   catalog_handles.cpp     automatic handles; earlier ones of categories and collections
//   catalog_labels.cpp      options, tags and attributes in other languages
//   catalog_collections.cpp groups of products
//   catalog_related.cpp     products that go with a product
//   catalog_suggestions.cpp suggestions of searches, synonyms
//   catalog_types.cpp       product types with their attributes
//   catalog_translations.cpp names and descriptions in other languages
//   catalog_lists.cpp       lists of products and searches
//   catalog_found.cpp       what is shown of products that an engine has found
//   catalog_queries.cpp     other queries

#include "actors/cart/cart_events.hpp"
#include "actors/catalog/allocation.hpp"
#include "actors/catalog/catalog_events.hpp"
#include "actors/catalog/catalog_messages.hpp"
#include "actors/catalog/collection_messages.hpp"
#include "actors/catalog/engine_messages.hpp"
#include "actors/catalog/export_job_messages.hpp"
#include "actors/catalog/found_messages.hpp"
#include "actors/catalog/import_job_messages.hpp"
#include "actors/catalog/line_messages.hpp"
#include "actors/catalog/location_messages.hpp"
#include "actors/catalog/media_messages.hpp"
#include "actors/catalog/price_reference_messages.hpp"
#include "actors/catalog/product_type_messages.hpp"
#include "actors/kernel/decision.hpp"
#include "actors/kernel/gathered.hpp"
#include "storage/base/collation.hpp"
#include "storage/catalog/facets.hpp"

namespace stoa {
struct settings;
}

namespace stoa::catalog {

struct catalog_options {
  std::string currency = "EUR";                 ///< of all prices
  microseconds reservation_ttl = seconds{900};  ///< until reservation.expired is emitted
  std::string locale = "en";                    ///< BCP 47: the order of names
  /// The longest time that an order waits for its payment; 0: no order does.
  microseconds payment_wait_max{0};
  std::int64_t low_stock_threshold = 0;         ///< of products without one; 0: none
  std::string media_url = "/media";             ///< of uploaded files, without a trailing slash
  microseconds media_unused = seconds{86'400};  ///< until a file without an image is deleted
  bool thumbnails = true;                       ///< uploaded images get thumbnails
  std::int64_t export_bytes_max = std::int64_t{256} << 20;  ///< of the file of an export
  /// The alias of the search engine's index; empty: the built-in search is used.
  std::string engine_alias{};
  /// catalog.allocation.
  std::vector<allocation_rule> allocation{allocation_rule::destination,
                                          allocation_rule::fewest_shipments,
                                          allocation_rule::priority, allocation_rule::most_stock};

  /// The longest time until the deadline of a reservation.
  microseconds deadline_max() const { return reservation_ttl + payment_wait_max; }
};

/// The texts from which a product's search words are computed.
struct search_source {
  std::string name;
  std::string keywords;  ///< including SKUs and options of variants
  std::string description;
  std::vector<product_facet> facets;
  std::vector<specification> specifications;
  bool operator==(const search_source&) const = default;
};

class catalog_service {
 public:
  static constexpr std::string_view name = "catalog";
  static constexpr bool one_partition = true;  ///< all orders change the same stock
  using records = catalog_records;
  using commands = boost::mp11::mp_list<
      create_product, change_product, delete_product, add_image, change_image, remove_image,
      create_category, change_category, delete_category, adjust_stock, expire_reservation,
      release_holds, import_product, import_sku, create_import, put_import_part, queue_import,
      cancel_import, expire_import, begin_import, report_import, index_products, index_all_products,
      apply_schedule, create_collection, replace_collection, delete_collection, set_related,
      set_synonyms, put_product_type, delete_product_type, put_translation, delete_translation,
      prepare_image_file, add_image_file, check_media_files, record_thumbnails, forget_media_file,
      set_engine, start_reindex, report_engine, create_location, change_location, delete_location,
      transfer_stock, move_allocations, assign_handles, put_labels, import_line, create_export,
      cancel_export, begin_export, put_export_part, fail_export, clear_export, count_lines>;
  using subscriptions =
      boost::mp11::mp_list<order::order_placed, order::order_confirmed, order::order_cancelled,
                           cart::lines_reduced, cart::cart_merged, order::order_payment_awaited,
                           order::order_refunded>;
  using events = boost::mp11::mp_list<stock_reserved, stock_rejected, reservation_expired,
                                      stock_low, product_deleted, stock_reallocated>;
  using queries = boost::mp11::mp_list<
      get_product, list_products, price_items, product_facts, category_tree, get_category,
      list_ledger, export_products, get_import, list_imports, get_import_part, find_imported,
      get_collection, list_collections, get_related, show_related, get_synonyms, suggest,
      get_product_type, list_product_types, list_translations, get_engine_batch, get_search_index,
      look_up_synonyms, get_location, list_locations, get_order_allocations, list_pickup,
      get_labels, list_label_locales, search_scope, show_found, export_lines, get_export,
      list_exports, get_export_part, find_references, name_products>;
  using need_list = db::need_list<records>;
  using decision = kernel::decision<records>;
  using call_context = kernel::call_context;

  /// Throws std::invalid_argument for a locale that ICU cannot read.
  explicit catalog_service(catalog_options options)
      : options_(std::move(options)), collation_(options_.locale) {}

  void needs(const create_product&, need_list&, const records&) const;
  result<product_view> decide(const create_product&, decision&) const;
  void needs(const change_product&, need_list&, const records&) const;
  result<product_view> decide(const change_product&, decision&) const;
  void needs(const delete_product&, need_list&, const records&) const;
  result<kernel::nothing> decide(const delete_product&, decision&) const;

  void needs(const add_image&, need_list&, const records&) const;
  result<image_view> decide(const add_image&, decision&) const;
  void needs(const change_image&, need_list&, const records&) const;
  result<image_view> decide(const change_image&, decision&) const;
  void needs(const remove_image&, need_list&, const records&) const;
  result<kernel::nothing> decide(const remove_image&, decision&) const;

  void needs(const prepare_image_file&, need_list&, const records&) const;
  result<media_place> decide(const prepare_image_file&, decision&) const;
  void needs(const add_image_file&, need_list&, const records&) const;
  result<image_view> decide(const add_image_file&, decision&) const;
  void needs(const check_media_files&, need_list&, const records&) const;
  result<kernel::nothing> decide(const check_media_files&, decision&) const;
  void needs(const record_thumbnails&, need_list&, const records&) const;
  result<kernel::nothing> decide(const record_thumbnails&, decision&) const;
  void needs(const forget_media_file&, need_list&, const records&) const;
  result<kernel::nothing> decide(const forget_media_file&, decision&) const;

  void needs(const create_category&, need_list&, const records&) const;
  result<category_view> decide(const create_category&, decision&) const;
  void needs(const change_category&, need_list&, const records&) const;
  result<category_view> decide(const change_category&, decision&) const;
  void needs(const delete_category&, need_list&, const records&) const;
  result<kernel::nothing> decide(const delete_category&, decision&) const;

  void needs(const adjust_stock&, need_list&, const records&) const;
  result<stock_view> decide(const adjust_stock&, decision&) const;
  void needs(const expire_reservation&, need_list&, const records&) const;
  result<kernel::nothing> decide(const expire_reservation&, decision&) const;

  void needs(const release_holds&, need_list&, const records&) const;
  result<kernel::nothing> decide(const release_holds&, decision&) const;

  void needs(const import_product&, need_list&, const records&) const;
  result<import_answer> decide(const import_product&, decision&) const;
  void needs(const import_sku&, need_list&, const records&) const;
  result<kernel::nothing> decide(const import_sku&, decision&) const;

  void needs(const import_line&, need_list&, const records&) const;
  result<import_answer> decide(const import_line&, decision&) const;
  void needs(const count_lines&, need_list&, const records&) const;
  result<kernel::nothing> decide(const count_lines&, decision&) const;

  void needs(const create_import&, need_list&, const records&) const;
  result<import_view> decide(const create_import&, decision&) const;
  void needs(const put_import_part&, need_list&, const records&) const;
  result<kernel::nothing> decide(const put_import_part&, decision&) const;
  void needs(const queue_import&, need_list&, const records&) const;
  result<import_view> decide(const queue_import&, decision&) const;
  void needs(const cancel_import&, need_list&, const records&) const;
  result<import_view> decide(const cancel_import&, decision&) const;
  void needs(const expire_import&, need_list&, const records&) const;
  result<kernel::nothing> decide(const expire_import&, decision&) const;
  void needs(const begin_import&, need_list&, const records&) const;
  result<import_start> decide(const begin_import&, decision&) const;
  void needs(const report_import&, need_list&, const records&) const;
  result<import_verdict> decide(const report_import&, decision&) const;

  void needs(const create_export&, need_list&, const records&) const;
  result<export_view> decide(const create_export&, decision&) const;
  void needs(const cancel_export&, need_list&, const records&) const;
  result<export_view> decide(const cancel_export&, decision&) const;
  void needs(const begin_export&, need_list&, const records&) const;
  result<export_start> decide(const begin_export&, decision&) const;
  void needs(const put_export_part&, need_list&, const records&) const;
  result<export_verdict> decide(const put_export_part&, decision&) const;
  void needs(const fail_export&, need_list&, const records&) const;
  result<export_verdict> decide(const fail_export&, decision&) const;
  void needs(const clear_export&, need_list&, const records&) const;
  result<kernel::nothing> decide(const clear_export&, decision&) const;

  void needs(const index_products&, need_list&, const records&) const;
  result<kernel::nothing> decide(const index_products&, decision&) const;
  void needs(const index_all_products&, need_list&, const records&) const;
  result<kernel::nothing> decide(const index_all_products&, decision&) const;

  void needs(const assign_handles&, need_list&, const records&) const;
  result<kernel::nothing> decide(const assign_handles&, decision&) const;
  void needs(const put_labels&, need_list&, const records&) const;
  result<label_list> decide(const put_labels&, decision&) const;
  void needs(const apply_schedule&, need_list&, const records&) const;
  result<kernel::nothing> decide(const apply_schedule&, decision&) const;

  void needs(const create_collection&, need_list&, const records&) const;
  result<collection_view> decide(const create_collection&, decision&) const;
  void needs(const replace_collection&, need_list&, const records&) const;
  result<collection_view> decide(const replace_collection&, decision&) const;
  void needs(const delete_collection&, need_list&, const records&) const;
  result<kernel::nothing> decide(const delete_collection&, decision&) const;
  void needs(const set_related&, need_list&, const records&) const;
  result<related_refs> decide(const set_related&, decision&) const;
  void needs(const set_synonyms&, need_list&, const records&) const;
  result<synonym_list> decide(const set_synonyms&, decision&) const;
  void needs(const put_product_type&, need_list&, const records&) const;
  result<product_type_view> decide(const put_product_type&, decision&) const;
  void needs(const delete_product_type&, need_list&, const records&) const;
  result<kernel::nothing> decide(const delete_product_type&, decision&) const;
  void needs(const put_translation&, need_list&, const records&) const;
  result<translation_view> decide(const put_translation&, decision&) const;
  void needs(const delete_translation&, need_list&, const records&) const;
  result<kernel::nothing> decide(const delete_translation&, decision&) const;
  void needs(const create_location&, need_list&, const records&) const;
  result<location_view> decide(const create_location&, decision&) const;
  void needs(const change_location&, need_list&, const records&) const;
  result<location_view> decide(const change_location&, decision&) const;
  void needs(const delete_location&, need_list&, const records&) const;
  result<kernel::nothing> decide(const delete_location&, decision&) const;
  void needs(const transfer_stock&, need_list&, const records&) const;
  result<stock_view> decide(const transfer_stock&, decision&) const;
  void needs(const move_allocations&, need_list&, const records&) const;
  result<order_allocation_list> decide(const move_allocations&, decision&) const;

  void needs(const set_engine&, need_list&, const records&) const;
  result<kernel::nothing> decide(const set_engine&, decision&) const;
  void needs(const start_reindex&, need_list&, const records&) const;
  result<search_build_view> decide(const start_reindex&, decision&) const;
  void needs(const report_engine&, need_list&, const records&) const;
  result<kernel::nothing> decide(const report_engine&, decision&) const;

  void needs(const order::order_placed&, need_list&, const records&) const;
  kernel::applied decide(const order::order_placed&, decision&) const;
  void needs(const order::order_confirmed&, need_list&, const records&) const;
  kernel::applied decide(const order::order_confirmed&, decision&) const;
  void needs(const order::order_cancelled&, need_list&, const records&) const;
  kernel::applied decide(const order::order_cancelled&, decision&) const;
  void needs(const order::order_payment_awaited&, need_list&, const records&) const;
  kernel::applied decide(const order::order_payment_awaited&, decision&) const;
  void needs(const order::order_refunded&, need_list&, const records&) const;
  kernel::applied decide(const order::order_refunded&, decision&) const;

  void needs(const cart::lines_reduced&, need_list&, const records&) const;
  kernel::applied decide(const cart::lines_reduced&, decision&) const;
  void needs(const cart::cart_merged&, need_list&, const records&) const;
  kernel::applied decide(const cart::cart_merged&, decision&) const;

  result<product_view> read(const get_product&, const call_context&, db::connection&) const;
  result<product_page> read(const list_products&, const call_context&, db::connection&) const;
  kernel::gathered<product_fact_list> gather(const product_facts&, const kernel::call_context&,
                                             db::gathering&) const;
  kernel::gathered<price_list> gather(const price_items&, const call_context&,
                                      db::gathering&) const;
  result<category_list> read(const category_tree&, const call_context&, db::connection&) const;
  result<category_view> read(const get_category&, const call_context&, db::connection&) const;
  result<ledger_page> read(const list_ledger&, const call_context&, db::connection&) const;
  result<export_page> read(const export_products&, const call_context&, db::connection&) const;

  result<export_view> read(const get_export&, const call_context&, db::connection&) const;
  result<export_list> read(const list_exports&, const call_context&, db::connection&) const;
  result<export_part> read(const get_export_part&, const call_context&, db::connection&) const;
  result<import_view> read(const get_import&, const call_context&, db::connection&) const;
  result<import_page> read(const list_imports&, const call_context&, db::connection&) const;
  result<import_part> read(const get_import_part&, const call_context&, db::connection&) const;
  result<collection_view> read(const get_collection&, const call_context&, db::connection&) const;
  result<collection_page> read(const list_collections&, const call_context&, db::connection&) const;
  result<related_refs> read(const get_related&, const call_context&, db::connection&) const;
  result<related_list> read(const show_related&, const call_context&, db::connection&) const;
  result<synonym_list> read(const get_synonyms&, const call_context&, db::connection&) const;
  result<synonym_phrases> read(const look_up_synonyms&, const call_context&, db::connection&) const;
  result<suggestion_list> read(const suggest&, const call_context&, db::connection&) const;
  result<product_type_view> read(const get_product_type&, const call_context&,
                                 db::connection&) const;
  result<product_type_page> read(const list_product_types&, const call_context&,
                                 db::connection&) const;
  result<translation_page> read(const list_translations&, const call_context&,
                                db::connection&) const;
  result<location_view> read(const get_location&, const call_context&, db::connection&) const;
  result<location_page> read(const list_locations&, const call_context&, db::connection&) const;
  result<order_allocation_list> read(const get_order_allocations&, const call_context&,
                                     db::connection&) const;
  result<pickup_list> read(const list_pickup&, const call_context&, db::connection&) const;
  result<label_list> read(const get_labels&, const call_context&, db::connection&) const;
  result<label_locale_page> read(const list_label_locales&, const call_context&,
                                 db::connection&) const;
  result<found_scope> read(const search_scope&, const call_context&, db::connection&) const;
  result<product_page> read(const show_found&, const call_context&, db::connection&) const;
  result<found_product> read(const find_imported&, const call_context&, db::connection&) const;

  result<line_page> read(const export_lines&, const call_context&, db::connection&) const;
  result<found_references> read(const find_references&, const call_context&, db::connection&) const;
  result<named_products> read(const name_products&, const call_context&, db::connection&) const;

  result<engine_batch> read(const get_engine_batch&, const call_context&, db::connection&) const;
  result<search_index_view> read(const get_search_index&, const call_context&,
                                 db::connection&) const;

  kernel::due_work due(db::connection&, timestamp now, bool starting) const;

  /// Identifies the rules for search words and sort names: versions and locale. When it changes,
  /// all products are reindexed.
  std::string search_maker() const;

  // For commands that change several products, which index each product once.

  /// Adds the product. The caller updates its list price and index.
  result<stoa::product_id> insert_product(const new_product& given, stoa::product_id id,
                                          decision& d) const;
  /// Changes a product that exists; true if that changes anything. The caller updates its list
  /// price, the index, and updated_at of the product of a variant.
  result<bool> apply_change(stoa::product_id id, const product_change& given, decision& d) const;
  /// Calls index_product() if its source texts differ from `before`.
  void index_changes(decision& d, stoa::product_id id,
                     const std::optional<search_source>& before) const;

 private:
  std::optional<problem> check_new(const new_product&, decision&) const;
  /// Computes the search words and the sort name of a product, which must not be a variant.
  void index_product(decision& d, stoa::product_id id) const;
  void add_indexing(db::connection& c, kernel::due_work& work) const;
  /// Sorts siblings in the order of the locale.
  void sort_by_name(std::vector<category_view>& siblings) const;
  /// The category's view, as in queries.
  category_view shown(decision& d, const category_row& c) const;

  catalog_options options_;
  text::collation collation_;
};

/// The options from the settings.
catalog_options options_of(const settings& all);
/// The service's definition; in a separate file because the generic code is slow to compile.
kernel::service_definition definition_of(const catalog_service& service);

}  // namespace stoa::catalog
