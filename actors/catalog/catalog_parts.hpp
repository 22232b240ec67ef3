#pragma once
// Shared by the files of the Catalog service.

#include "actors/catalog/catalog_service.hpp"

namespace stoa::catalog {

using kernel::nothing;

// --- catalog_stock.cpp ---

/// Changes a stock that exists, and writes the ledger.
void change_stock(catalog_service::decision& d, stoa::product_id id, std::int64_t on_hand,
                  std::int64_t reserved, stock_cause cause,
                  std::optional<std::string> reference = std::nullopt,
                  std::optional<std::string> note = std::nullopt);

/// The same for the units on hand. They may be below zero where the product is not sold so: these
/// are owed, and it cannot be bought until more than them have arrived.
void set_on_hand(catalog_service::decision& d, stoa::product_id id, std::int64_t on_hand,
                 stock_cause cause, std::optional<std::string> note = std::nullopt);

/// Sets how the stock limits sales, as far as it is given, and available_min by that.
void set_policy(stock_row& stock, std::optional<bool> tracked, std::optional<bool> backorder);

// --- catalog_holds.cpp ---

/// The product's stock, and what the end of a removal needs (end_removal).
void need_stock(stoa::product_id id, catalog_service::need_list& list,
                const catalog_service::records& loaded);
/// What is held for the cart, and the stock that it is of.
void need_holds(stoa::cart_id cart, catalog_service::need_list& list,
                const catalog_service::records& loaded);
std::vector<hold_row> holds_of(catalog_service::decision& d, stoa::cart_id cart);
/// Less is held, or nothing: the rest is for everyone again.
void lower_hold(catalog_service::decision& d, const hold_row& hold, std::int64_t to);
/// What an order had reserved stays reserved, for its cart.
void hold(catalog_service::decision& d, const reservation_row& reserved, stoa::cart_id cart,
          timestamp until);

/// False for a draft, a deleted product, and one with variants: nothing is held of these.
bool is_sold(catalog_service::decision& d, stoa::product_id id);
/// What is held of the product for any cart, once its stock is loaded.
void need_holds_of(stoa::product_id id, catalog_service::need_list& list,
                   const catalog_service::records& loaded);
/// What is held of a product that is no longer sold is for everyone again.
void release_holds_of(catalog_service::decision& d, stoa::product_id id);
/// The same of the product and its variants.
void release_all_holds(catalog_service::decision& d, stoa::product_id id);

// --- catalog_products.cpp ---

/// The product, if it is there and not deleted.
const product_row* find_alive(catalog_service::decision& d, stoa::product_id id);
/// The view for staff, from the records.
product_view staff_view(catalog_service::decision& d, stoa::product_id id);
/// Sets the price that lists are sorted by.
void refresh_price(catalog_service::decision& d, const product_row& p);
/// A product has changed when one of its variants has.
void touch_product(catalog_service::decision& d, const product_row& p);

/// The product with all that its view shows: images, variants, stock, category.
void need_product(stoa::product_id id, catalog_service::need_list& list,
                  const catalog_service::records& all);
/// Sets the texts that the search looks through.
void set_texts(product_row& p, const std::string& name, const std::string& description,
               const std::string& keywords);
/// An object of acceptable size, as compact text; else the problem.
result<std::string> checked_attributes(const json::raw& attributes);

// --- catalog_removal.cpp ---

/// Hides a product: what is unique in it is free for another. It must hold no reservation.
void hide_product(catalog_service::decision& d, stoa::product_id id);

// --- catalog_variants.cpp ---

/// Variants that are not deleted, in the order they were made.
std::vector<const product_row*> variants_of(catalog_service::decision& d, stoa::product_id parent);
/// Those of them that are sold: without those that are being removed.
std::vector<const product_row*> sold_variants_of(catalog_service::decision& d,
                                                 stoa::product_id parent);
/// A product that gets its first variant is no longer sold itself, and has no stock.
std::optional<problem> become_parent(catalog_service::decision& d, const product_row& parent);
/// Variants follow their product: its status, and its name where theirs was made of it.
void carry_to_variants(catalog_service::decision& d, const product_row& before,
                       const product_row& after);

// A variant that an import removes while orders hold units of it is a draft that is not sellable,
// and is hidden when the last of these reservations ends.

bool is_being_removed(const product_row& p, const stock_row& s);
/// Begins the removal: what is unique in the variant is free for another.
void retire_variant(catalog_service::decision& d, stoa::product_id id);
void need_retired(stoa::product_id id, catalog_service::need_list& list,
                  const catalog_service::records& all);
/// Ends the removal of a variant of which no order holds units any more.
void end_removal(catalog_service::decision& d, stoa::product_id id);

// --- catalog_import_jobs.cpp ---

/// conflict import_finished unless the import is running and the step's run has it.
std::optional<problem> check_step(catalog_service::decision& d, const import_step& step);
/// Whether the step's product is counted, by an earlier run or this one.
bool is_counted(catalog_service::decision& d, const import_step& step);
/// Counts a product that is not counted yet.
void count_product(catalog_service::decision& d, const import_step& step, import_outcome outcome);

/// Uploads that did not end, and the import whose turn it is.
void add_due_imports(db::connection& c, timestamp now, kernel::due_work& work);

// --- catalog_search.cpp ---

/// What the words of the product, which is no variant, are made from; nothing when there is none.
std::optional<search_source> search_source_of(catalog_service::decision& d, stoa::product_id id);

// --- catalog_queries.cpp ---

image_view view_of(const image_row& i);
/// `staff` adds what only staff see. `list_price` is the least price of the variants.
variant_view variant_view_of(const product_row& p, const stock_row& s, bool staff);
product_view product_view_of(const product_row& p, const stock_row& s,
                             const std::optional<std::string>& category_name, bool staff);
/// Adds the variants: the product then shows the least price and the sum of the stock of those that
/// are sold. Staff see those that are being removed as well, behind the others.
void add_variants(product_view& to,
                  const std::vector<std::pair<const product_row*, const stock_row*>>& variants,
                  bool staff);
stock_view view_of(const stock_row& s);

}  // namespace stoa::catalog
