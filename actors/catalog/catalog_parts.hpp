#pragma once
// Shared by the files of the Catalog service.

#include "actors/catalog/catalog_service.hpp"
#include "storage/catalog/catalog_store.hpp"
#include "storage/catalog/facets.hpp"

namespace stoa::catalog {

using kernel::nothing;

/// A location; none: the default one, whose units have no level_row.
using place = std::optional<stoa::location_id>;

// --- catalog_stock.cpp ---

/// Changes an existing stock, and writes the ledger.
void change_stock(catalog_service::decision& d, stoa::product_id id, std::int64_t on_hand,
                  std::int64_t reserved, stock_cause cause,
                  std::optional<std::string> reference = std::nullopt,
                  std::optional<std::string> note = std::nullopt, place where = std::nullopt);

/// Sets the units on hand; the default location has the difference. A negative number is allowed
/// even if the product is not sold beyond its stock: these units are owed, and it cannot be bought
/// until more have arrived.
void set_on_hand(catalog_service::decision& d, stoa::product_id id, std::int64_t on_hand,
                 stock_cause cause, std::optional<std::string> note = std::nullopt);

/// Sets the given parts of the stock policy, and available_min accordingly.
void set_policy(stock_row& stock, std::optional<bool> tracked, std::optional<bool> backorder);

/// not_found for an unknown product; validation product_not_sellable for one without stock.
std::optional<problem> check_stocked(catalog_service::decision& d, stoa::product_id id);

// --- catalog_locations.cpp ---

/// validation for a location that does not exist or is not active.
std::optional<problem> check_location(catalog_service::decision& d, stoa::location_id id,
                                      const std::string& pointer);
/// conflict too_many_locations, location_code_taken.
result<location_view> insert_location(catalog_service::decision& d, stoa::location_id id,
                                      const new_location& terms);
/// Whether the codes of two locations are the same: case (ASCII) does not count.
bool is_same_code(std::string_view a, std::string_view b);
/// The code as it is stored.
std::optional<std::string> stored_code(const std::optional<std::string>& code);

// --- catalog_levels.cpp ---

struct unit_count {
  std::int64_t on_hand = 0;
  std::int64_t reserved = 0;
  std::int64_t available() const { return on_hand - reserved; }
};

place place_of(stoa::location_id id);
/// Needs the units by location of a product that has any elsewhere, once its stock is loaded.
void need_levels(stoa::product_id id, catalog_service::need_list& list,
                 const catalog_service::records& loaded);
/// Needs all locations.
void need_locations(catalog_service::need_list& list);
/// At all locations but the default one.
unit_count units_elsewhere(catalog_service::decision& d, stoa::product_id id);
unit_count units_at(catalog_service::decision& d, stoa::product_id id, place where);
/// Writes the ledger, and changes the units at its location; the caller changes the total.
void change_units(catalog_service::decision& d, const ledger_row& change);
/// Moves units on hand; the total stays.
void move_units(catalog_service::decision& d, stoa::product_id id, place from, place to,
                std::int64_t units, const std::optional<std::string>& note);
/// Moves all units to the default location; none may be reserved.
void move_to_default(catalog_service::decision& d, stoa::product_id id, const std::string& note);
/// Removes the units that are not reserved at all locations but the default one.
void empty_levels(catalog_service::decision& d, stoa::product_id id, stock_cause cause,
                  const std::optional<std::string>& note = std::nullopt);
/// The locations other than the default one from which the units of an order are taken, by product;
/// empty if no product has units there. The units must be available.
std::map<stoa::product_id, allocations> allocate_units(
    catalog_service::decision& d, const std::map<stoa::product_id, std::int64_t>& wanted,
    const std::optional<order::delivery_place>& to, const std::vector<allocation_rule>& rules);
std::int64_t sum_of(const allocations& list);
/// The first so many units; those of the default location are the last ones.
allocations first_units(const allocations& from, std::int64_t units);
/// What remains of the first list without the units of the second one.
allocations rest_of(allocations all, const allocations& without);
void add_to(allocations& all, const allocations& more);
/// Calls f(place, units) for each location of the units, the default one last.
template <class F>
void for_each_place(std::int64_t quantity, const allocations& at, F&& f) {
  for (const auto& a : at) {
    f(place(a.location_id), a.quantity);
    quantity -= a.quantity;
  }
  if (quantity != 0 || at.empty()) f(place(), quantity);
}
/// Where reserved units are released: where they are.
place released_at(place where);
/// Where sold units return: where they were, or the default location if that one has no stock of
/// the product any more.
place returned_to(catalog_service::decision& d, stoa::product_id id, place where);
/// The view for staff, with the units by location, whose rows must be loaded.
stock_view stock_view_of(catalog_service::decision& d, const stock_row& s);

// --- catalog_allocations.cpp ---

/// The units of a sale that refunds have returned.
std::int64_t restocked(const reservation_row& r);
/// The allocations of a reservation without the units that refunds have returned.
allocations allocations_left(const reservation_row& r);
/// Whether so many units of a product are from several locations.
bool is_split(std::int64_t quantity, const allocations& at);

// --- catalog_holds.cpp ---

/// Needs the product's stock, and the records for end_removal().
void need_stock(stoa::product_id id, catalog_service::need_list& list,
                const catalog_service::records& loaded);
/// Needs the cart's holds and their stock.
void need_holds(stoa::cart_id cart, catalog_service::need_list& list,
                const catalog_service::records& loaded);
std::vector<hold_row> holds_of(catalog_service::decision& d, stoa::cart_id cart);
/// Reduces or removes a hold, and releases the rest.
void reduce_hold(catalog_service::decision& d, const hold_row& hold, std::int64_t to);
/// Turns an order's reservation into a hold for its cart.
void hold(catalog_service::decision& d, const reservation_row& reserved, stoa::cart_id cart,
          timestamp until);

/// False for a draft, a deleted product, and one with variants: these have no holds.
bool is_sold(catalog_service::decision& d, stoa::product_id id);
/// Needs all holds of the product and its units by location, once its stock is loaded.
void need_holds_of(stoa::product_id id, catalog_service::need_list& list,
                   const catalog_service::records& loaded);
/// Releases all holds of a product that is no longer sold.
void release_holds_of(catalog_service::decision& d, stoa::product_id id);
/// Releases all holds of the product and its variants.
void release_all_holds(catalog_service::decision& d, stoa::product_id id);

// --- catalog_products.cpp ---

/// The product, if it exists and is not deleted.
const product_row* find_existing(catalog_service::decision& d, stoa::product_id id);
/// The view for staff, from the records.
product_view staff_view(catalog_service::decision& d, stoa::product_id id,
                        const std::string& media_url);
/// Updates the price that lists are sorted by.
void refresh_price(catalog_service::decision& d, const product_row& p);
/// Updates the product's updated_at when one of its variants has changed.
void touch_product(catalog_service::decision& d, const product_row& p);

/// Needs the product and everything in its view: images, variants, stock, category.
void need_product(stoa::product_id id, catalog_service::need_list& list,
                  const catalog_service::records& all);
/// Sets the texts that are searched.
void set_texts(product_row& p, const std::string& name, const std::string& description,
               const std::string& keywords);
/// The attributes if they are an object of acceptable size; else the problem.
result<std::string> checked_attributes(const json::raw& attributes);

// --- catalog_removal.cpp ---

/// Hides a product, and frees its SKU and handle. It must have no reservations.
void hide_product(catalog_service::decision& d, stoa::product_id id);

// --- catalog_variants.cpp ---

/// Variants that are not deleted, in order of creation.
std::vector<const product_row*> variants_of(catalog_service::decision& d, stoa::product_id parent);
/// Variants that are sold: without those being removed.
std::vector<const product_row*> sold_variants_of(catalog_service::decision& d,
                                                 stoa::product_id parent);
/// Makes a product with its first variant unsellable, and clears its stock.
std::optional<problem> make_parent(catalog_service::decision& d, const product_row& parent);
/// Removes a variant: at once or, if orders hold units of it, with the last of these reservations.
/// True: at once.
bool drop_variant(catalog_service::decision& d, stoa::product_id id);
/// Propagates the product's status to its variants, and its name where theirs is derived from it.
void propagate_to_variants(catalog_service::decision& d, const product_row& before,
                           const product_row& after);

// A variant that an import removes while orders hold units of it becomes an unsellable draft, and
// is hidden when the last of these reservations ends.

bool is_being_removed(const product_row& p, const stock_row& s);
/// Begins the removal, and frees the variant's SKU.
void retire_variant(catalog_service::decision& d, stoa::product_id id);
void need_retired(stoa::product_id id, catalog_service::need_list& list,
                  const catalog_service::records& all);
/// Ends the removal of a variant once no order holds units of it.
void end_removal(catalog_service::decision& d, stoa::product_id id);

// --- catalog_import_jobs.cpp ---

/// conflict import_finished unless the import is running and owned by the step's run.
std::optional<problem> check_step(catalog_service::decision& d, const import_step& step);
/// The same for the row of the step's import; null: there is none.
std::optional<problem> check_step(const import_row* r, const import_step& step);
/// Whether the step's product has been counted by this or an earlier run.
bool is_counted(catalog_service::decision& d, const import_step& step);
bool is_counted(const import_row& r, std::int64_t number);
/// Counts a product that has not been counted.
void count_product(catalog_service::decision& d, const import_step& step, import_outcome outcome);

/// Adds the expiry of incomplete uploads, and the start of the next import.
void add_due_imports(db::connection& c, timestamp now, kernel::due_work& work);

// --- catalog_export_jobs.cpp ---

/// Adds the deletion of files that are not needed, and the start of the next export.
void add_due_exports(db::connection& c, timestamp now, kernel::due_work& work);

// --- import_rows.cpp ---

/// Notes that the stock was not set to the units in the file.
void note_stock(std::vector<std::string>& notes, const std::string& name, std::int64_t wanted,
                std::int64_t set);
/// The units on hand that an import sets: not below those that orders hold, unless oversold.
std::int64_t imported_units(catalog_service::decision& d, const stock_row& stock,
                            std::int64_t wanted);

// --- catalog_images.cpp ---

/// conflict too_many_images for a product that has the maximum number of images.
std::optional<problem> check_image_count(std::size_t images);

// --- catalog_low_stock.cpp ---

/// The units for report_low_stock(); nothing for a product that is not counted or not sold.
std::optional<std::int64_t> counted_units(catalog_service::decision& d, stoa::product_id id);
/// Emits stock.low if the units were above the product's threshold, and no longer are.
/// `by_default`: catalog.low_stock_threshold.
void report_low_stock(catalog_service::decision& d, stoa::product_id id,
                      std::optional<std::int64_t> before, std::int64_t by_default);

// --- catalog_media.cpp ---

/// `media_url`: the URL of the media store, without a trailing slash.
image_view view_of(const image_row& i, const std::string& media_url);
/// Adds the checks of stored files, and the thumbnails to make.
void add_due_media(db::connection& c, timestamp now, kernel::due_work& work);

// --- catalog_engine.cpp ---

/// Adds the maintenance of the search engine's index; `used`: whether the settings name an engine.
void add_due_engine(db::connection& c, bool used, kernel::due_work& work);

// --- catalog_search.cpp ---

/// The indexed SKUs and options of a product with these variants.
std::string codes_of(const product_row& p, const std::vector<const product_row*>& variants);
/// The indexed texts of the product, which must not be a variant; empty if it does not exist.
std::optional<search_source> search_source_of(catalog_service::decision& d, stoa::product_id id);

// --- catalog_facets.cpp ---

/// The facets of a product that is not a variant, with its specifications; none of a deleted one.
std::vector<product_facet> facets_of(catalog_service::decision& d, const product_row& p,
                                     const std::vector<specification>& specifications);
/// The facets of the products that pass the filter. Each is counted without its own filter, so that
/// customers can choose several of its values.
std::vector<facet_view> facet_views(db::connection& c, const product_filter& filter,
                                    const std::vector<std::string>& asked,
                                    const std::optional<std::string>& locale);
/// The same from the counts of a search engine.
std::vector<facet_view> facet_views(db::connection& c, const found_facets& found,
                                    const std::vector<std::string>& asked,
                                    const std::optional<std::string>& locale);
/// Those of a list without products.
std::vector<facet_view> empty_facets(const std::vector<std::string>& asked);

// --- catalog_lists.cpp ---

/// Adds the parts that match to the products.
void highlight(std::vector<product_view>& products, const std::vector<search_word>& words);

// --- catalog_categories.cpp ---

/// Needs all categories, for check_category_count().
void need_categories(catalog_service::need_list& list);
/// conflict too_many_categories for a store that has the maximum number of categories.
std::optional<problem> check_category_count(catalog_service::decision& d);

// --- catalog_schedule.cpp ---

/// Adds the products whose time of publication or archiving has come.
void add_due_schedules(db::connection& c, timestamp now, kernel::due_work& work);

// --- catalog_redirects.cpp ---

/// Needs what change_handle() sees.
void need_redirects(const product_change& change, stoa::product_id id,
                    catalog_service::need_list& list, const catalog_service::records& all);
void need_redirect(const std::optional<std::string>& handle, catalog_service::need_list& list);
/// The handle no longer leads to the product that had it.
void take_handle(catalog_service::decision& d, const std::optional<std::string>& handle);
/// Lets the earlier handle lead to the product, and takes the new one.
void keep_handle(catalog_service::decision& d, const product_row& before, const product_row& after);
/// Removes all redirects to the product.
void remove_redirects(catalog_service::decision& d, stoa::product_id id);

// --- catalog_handles.cpp ---

// Kinds of resources that have handles.
inline constexpr std::string_view product_kind = "product";
inline constexpr std::string_view category_kind = "category";
inline constexpr std::string_view collection_kind = "collection";

/// Needs what free_handle() looks at.
void need_free_handle(std::string_view kind, std::string_view name,
                      catalog_service::need_list& list);
/// A handle made from the name that no other resource of the kind has or had.
std::string free_handle(catalog_service::decision& d, std::string_view kind, std::string_view name,
                        const uuid& id);
/// Needs what keep_resource_handle() sees. These functions are for categories and collections.
void need_resource_handles(const std::optional<std::string>& before,
                           const std::optional<std::string>& wanted, const uuid& id,
                           catalog_service::need_list& list);
/// The handle no longer leads to the resource that had it.
void take_resource_handle(catalog_service::decision& d, std::string_view kind,
                          const std::optional<std::string>& handle);
/// Lets the earlier handle lead to the resource, and takes the new one.
void keep_resource_handle(catalog_service::decision& d, std::string_view kind, const uuid& id,
                          const std::optional<std::string>& before,
                          const std::optional<std::string>& after);
/// No earlier handle leads to the resource; they must be loaded.
void remove_resource_handles(catalog_service::decision& d, std::string_view kind, const uuid& id);
/// conflict handle_taken; validation for a handle with the form of an id.
std::optional<problem> check_resource_handle(catalog_service::decision& d, std::string_view kind,
                                             const std::optional<std::string>& handle,
                                             const uuid& id);
/// Adds the products, categories and collections that have no handle.
void add_due_handles(db::connection& c, kernel::due_work& work);

// --- catalog_labels.cpp ---

/// The labels by the key of label_row; validation for an invalid one.
result<std::map<std::string, std::string>> labels_by_key(const label_terms& terms);
/// All labels of the language, which must be loaded, by key.
std::map<std::string, std::string> stored_labels(catalog_service::decision& d,
                                                 const std::string& locale);
/// The facet, and the value or nothing.
std::pair<std::string, std::string> facet_and_value(const std::string& key);
/// Replaces all labels of the language. conflict too_many_translations.
std::optional<problem> set_labels(catalog_service::decision& d, const std::string& locale,
                                  const std::map<std::string, std::string>& labels);

/// Translates the names and values of options, the tags and the specifications.
void translate_labels(db::connection& c, const std::string& locale,
                      std::vector<product_view>& products);
/// Translates what facets show; the values for filters stay.
void translate_labels(db::connection& c, const std::string& locale,
                      std::vector<facet_view>& facets);

// --- catalog_types.cpp ---

void need_type(const std::optional<std::string>& key, catalog_service::need_list& list);
/// The attributes of the product that its type declares; the type must be loaded.
std::vector<specification> specifications_of(catalog_service::decision& d, const product_row& p);
/// validation for an unknown type, and for attributes that do not fit it.
std::optional<problem> check_type(catalog_service::decision& d, const product_row& p);
/// validation for a malformed key.
std::optional<problem> check_type_key(const std::string& key);

// --- catalog_translations.cpp ---

/// Translates names and descriptions where there is a translation.
void translate(db::connection& c, const std::optional<std::string>& locale,
               std::vector<product_view>& products);
void translate(db::connection& c, const std::optional<std::string>& locale,
               std::vector<category_view>& categories);
void translate(db::connection& c, const std::optional<std::string>& locale,
               std::vector<collection_view>& collections);

// --- catalog_queries.cpp ---

bool may_see_all(const kernel::call_context& context);
/// The product as customers see it, or staff.
product_view view_of(const product_parts& parts, bool staff, const std::string& media_url);

/// `staff` adds the members for staff.
variant_view variant_view_of(const product_row& p, const stock_row& s, bool staff);
product_view product_view_of(const product_row& p, const stock_row& s,
                             std::optional<category_ref> category, bool staff);
/// Adds the variants: the product gets the lowest price and the total stock of those that are sold.
/// Staff also see those being removed, after the others.
void add_variants(product_view& to,
                  const std::vector<std::pair<const product_row*, const stock_row*>>& variants,
                  bool staff);
/// `levels`: the units at locations other than the default one.
stock_view view_of(const stock_row& s, const std::vector<level_row>& levels);

}  // namespace stoa::catalog
