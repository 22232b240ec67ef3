#pragma once
// The Pricing service's hand-written queries. Loading and saving by key is generated from the
// records' descriptions (storage/db/records.hpp).

#include "storage/pricing/pricing.hpp"

namespace stoa::pricing {

/// A promotion with its number of uses.
struct counted_promotion {
  promotion_row promotion;
  std::int64_t uses = 0;
};

/// All promotions, newest first.
std::vector<counted_promotion> read_promotions(db::connection& c);
std::optional<counted_promotion> read_promotion(db::connection& c, stoa::promotion_id id);
/// All, oldest first.
std::vector<tax_rate_row> read_tax_rates(db::connection& c);
std::optional<tax_rate_row> read_tax_rate(db::connection& c, stoa::tax_rate_id id);
std::vector<shipping_zone_row> read_shipping_zones(db::connection& c);
std::optional<shipping_zone_row> read_shipping_zone(db::connection& c, stoa::shipping_zone_id id);
/// All price lists that are not deleted, oldest first.
std::vector<price_list_row> read_price_lists(db::connection& c);
/// Empty also for a deleted one.
std::optional<price_list_row> read_price_list(db::connection& c, stoa::price_list_id id);
/// The prices of a list whose products follow `after`, in the order of the products.
std::vector<price_entry_row> read_price_entries(db::connection& c, stoa::price_list_id id,
                                                std::optional<stoa::product_id> after,
                                                std::size_t limit);
/// The prices of a product in all lists, in the order of the lists.
std::vector<price_entry_row> read_product_entries(db::connection& c, stoa::product_id id);
/// Deleted lists that still have rows.
std::vector<stoa::price_list_id> deleted_price_lists(db::connection& c, std::size_t limit);
/// Open checks, in the order of their ids.
std::vector<price_check_row> read_price_checks(db::connection& c, std::size_t limit);
stoa::revision_id read_revision(db::connection& c);
/// The codes of a promotion whose keys follow `after`, in the order of the keys.
std::vector<code_row> read_codes(db::connection& c, stoa::promotion_id id, const std::string& after,
                                 std::size_t limit);
std::optional<code_row> read_code(db::connection& c, const std::string& code_key);
/// A customer's uses of all promotions.
std::vector<customer_use_row> read_customer_uses(db::connection& c, const std::string& customer);
std::optional<credit_account_row> read_credit(db::connection& c, stoa::credit_account_id id);
std::optional<credit_account_row> read_gift_card(db::connection& c, const std::string& code_key);
/// The user's store credit, one account per currency.
std::vector<credit_account_row> read_store_credit(db::connection& c, stoa::user_id user);
/// Gift cards, newest first, starting after `before`.
std::vector<credit_account_row> read_gift_cards(db::connection& c,
                                                std::optional<stoa::credit_account_id> before,
                                                std::size_t limit);
/// Changes of a balance, newest first, starting after `before`.
std::vector<credit_entry_row> read_credit_entries(db::connection& c, stoa::credit_account_id id,
                                                  std::optional<stoa::credit_entry_id> before,
                                                  std::size_t limit);
/// Orders with reservations whose deadline is before `now`, or after `latest`, oldest first.
std::vector<stoa::order_id> overdue_redemptions(db::connection& c, timestamp now, timestamp latest,
                                                std::size_t limit);

/// Deletes all codes of a promotion; parameter: promotion_id.
extern const db::sql delete_codes_of;
/// Deletes some prices of a list; parameters: price_list_id, their number.
extern const db::sql delete_some_entries;

}  // namespace stoa::pricing
