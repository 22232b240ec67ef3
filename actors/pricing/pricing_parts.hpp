#pragma once
// Shared by the files of the Pricing service.

#include "actors/pricing/pricing_service.hpp"

namespace stoa::pricing {

/// Tells the nodes that the rules have changed. The decision needs the rule_revision_row.
void count_change(pricing_service::decision& d);
void need_revision(pricing_service::need_list& list);
/// Keeps the action of staff in the table operator_action; `content` is JSON.
void note(pricing_service::decision& d, std::string action, const uuid& id, std::string content);

// Of credit_accounts.cpp, for redemptions.cpp:
void need_credits(const std::vector<redeemed_credit>& credits, pricing_service::need_list& list);
/// The first credit that is not available, and why.
std::optional<std::pair<redeemed_credit, std::string>> missing_credit(
    const std::vector<redeemed_credit>& credits, pricing_service::decision& d);
void redeem_credits(stoa::order_id order, const std::vector<redeemed_credit>& credits,
                    timestamp deadline, pricing_service::decision& d);
/// Returns what refunds have left of what the order has redeemed of the account.
void return_credit(const credit_redemption_row& r, pricing_service::decision& d);

// Of price_lists.cpp, for price_lines.cpp:
/// The list, unless it is missing or deleted.
const price_list_row* usable_list(pricing_service::decision& d, stoa::price_list_id id);
price_entry_view price_view_of(const price_entry_row& e, const std::string& currency);
/// The errors of prices in other currencies than the list's, and of products that occur twice.
std::vector<field_error> price_errors(const change_prices& m, const std::string& currency);
/// Changes the entries in the records, without the list; counts what has changed.
price_entry_counts change_entries(const change_prices& m, pricing_service::decision& d);
problem too_many_prices();

// Of price_checks.cpp, for price_lists.cpp:
void need_prices_of(stoa::product_id product, pricing_service::need_list& list,
                    const pricing_service::records& loaded);
/// Deletes its prices: at most one in each list. Whether a list has lost its last one: the nodes
/// know the lists that have prices, and ask for the prices.
bool delete_prices_of(stoa::product_id product, pricing_service::decision& d);

/// Whether no order may use the promotion any more.
inline bool is_used_up(const promotion_terms& t, std::int64_t uses) {
  return t.uses_max && uses >= *t.uses_max;
}

}  // namespace stoa::pricing
