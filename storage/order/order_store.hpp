#pragma once
// The Order service's hand-written queries. Loading and saving by key is generated from the
// records' descriptions (storage/db/records.hpp).

#include "storage/db/gathering.hpp"
#include "storage/order/order.hpp"

namespace stoa::order {

/// An order with its items and history.
struct order_parts {
  order_row order;
  std::vector<order_item_row> items;
  std::vector<status_history_row> history;
};

/// Filter of the order list; newest first, starting after the order `before`.
struct order_filter {
  std::optional<stoa::user_id> user_id;
  std::vector<order_status> statuses;       ///< any of them; none: all
  std::optional<std::string> order_number;  ///< without dashes
  std::optional<std::string> email_folded;
  std::optional<timestamp> created_from;
  std::optional<timestamp> created_before;
  std::optional<stoa::order_id> before;
  std::size_t limit = 20;
};

/// Adds the queries for an order; the returned function builds the order from their results.
std::function<std::optional<order_parts>()> ask_order(db::gathering& all, stoa::order_id id);
/// The same for several orders, with one statement per table. Returns the existing orders, in the
/// order of the ids, without duplicates.
std::function<std::vector<order_parts>()> ask_orders(db::gathering& all,
                                                     const std::vector<stoa::order_id>& ids);
std::optional<order_parts> read_order(db::connection& c, stoa::order_id id);
std::vector<order_parts> list_orders(db::connection& c, const order_filter& filter);
/// The total number, ignoring `before` and `limit`.
std::int64_t count_orders(db::connection& c, const order_filter& filter);
/// Whether the user has an order that is not cancelled.
bool any_order_of(db::connection& c, stoa::user_id user);
/// The same for orders without an account, by their folded address.
bool any_order_of(db::connection& c, const std::string& email_folded);
/// Pending orders placed before `placed_before`, or apparently after `placed_after`, oldest first,
/// without those whose payment is awaited.
std::vector<stoa::order_id> pending_since(db::connection& c, timestamp placed_before,
                                          timestamp placed_after, std::size_t limit);
/// Orders whose payment was awaited until `now` or earlier.
std::vector<stoa::order_id> unpaid_since(db::connection& c, timestamp now, std::size_t limit);
/// Creation time of the oldest Pending order whose payment is not awaited.
std::optional<timestamp> oldest_pending(db::connection& c);

}  // namespace stoa::order
