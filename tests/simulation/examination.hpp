#pragma once
// What the checker reads after a run, and its checks: of orders, mails and carts in checker.cpp, of
// money and goods in checker_payments.cpp, of promotions in checker_promotions.cpp, of locations in
// checker_levels.cpp.

#include "actors/order/order_rules.hpp"
#include "actors/payment/payment_rules.hpp"
#include "storage/payment/payment_store.hpp"
#include "storage/pricing/pricing.hpp"
#include "tests/simulation/checker.hpp"

#include <algorithm>

namespace stoa::simulation {

inline bool succeeded(const payment::refund_row& r) {
  return r.status == payment::refund_status::Succeeded;
}

/// An order with all its data from three databases and the bank.
struct order_case {
  order::order_row row;
  std::vector<order::status_history_row> history;
  std::vector<order::order_item_row> items;
  std::map<stoa::product_id, std::int64_t> lines;
  std::map<line_key, std::int64_t> wishes;  ///< the same with properties and notes
  std::int64_t line_totals = 0;
  std::vector<payment::payment_row> payments;
  std::vector<payment::refund_row> refunds;
  std::map<std::string, std::int64_t> accounts;  ///< sums of the ledger's postings
  std::vector<charge_entry> charges;             ///< captured
  std::size_t authorizations = 0;                ///< that the bank holds, not captured
  std::map<std::string, int> notifications;      ///< by template

  /// When it first had the status; none if it never had.
  std::optional<timestamp> when(order::order_status s) const {
    for (const auto& h : history) {
      if (h.status == s) return h.changed_at;
    }
    return std::nullopt;
  }
  bool was(order::order_status s) const { return when(s).has_value(); }
  bool stands() const { return row.status != order::order_status::Cancelled; }
  /// Its payment was captured, not only authorised.
  bool is_captured() const {
    return std::ranges::any_of(payments,
                               [](const auto& p) { return payment::is_captured(p.status); });
  }
  std::int64_t refunded() const {
    std::int64_t sum = 0;
    for (const auto& r : refunds) sum += succeeded(r) ? r.payment_amount().amount : 0;
    return sum;
  }
  /// What its refunds have returned to the gift card or the store credit.
  std::int64_t returned_to(stoa::credit_account_id id) const {
    std::int64_t sum = 0;
    for (const auto& r : refunds) {
      for (const auto& credit : r.credits) {
        sum += r.credits_returned && credit.credit_account_id == id ? credit.amount.amount : 0;
      }
    }
    return sum;
  }
  /// The units of its products that refunds have returned to the stock.
  std::map<stoa::product_id, std::int64_t> restocked() const {
    std::map<stoa::product_id, std::int64_t> units;
    for (const auto& r : refunds) {
      if (!succeeded(r) || !r.restock) continue;
      for (const auto& l : r.lines) units[l.product_id] += l.quantity;
    }
    return units;
  }
};

class examination {
 public:
  examination(world& w, const buyers& people) : world_(w), people_(people) { gather(); }

  std::vector<std::string> run(outcome_counts& counts) {
    for (const auto& v : people_.violations()) found_.push_back(v);
    for (const auto& [id, c] : orders_) {
      check_order(c);
      check_money(c);
      check_ledger(c);
      check_shipment(c);
      check_lines(c);
      check_returns(c);
      check_notifications(c);
      count(c, counts);
    }
    check_purchases();
    check_carts_ordered_once();
    check_promotions();
    check_credit();
    check_stock();
    check_levels(counts);
    check_mails();
    for (const auto& b : people_.all()) check_cart(*b);
    check_purchase_carts();
    check_webhooks();
    check_kernel();
    counts.mails += world_.mailbox.mails().size();
    return std::move(found_);
  }

 private:
  template <class... T>
  void wrong(const T&... part) {
    std::string text;
    ((text += part), ...);
    found_.push_back(std::move(text));
  }
  static std::string text(std::int64_t n) { return std::to_string(n); }
  static std::string text(stoa::order_id id) { return "order " + id.str().substr(24); }

  template <class R>
  std::vector<R> rows(std::string_view service, const db::sql& what,
                      std::vector<db::value> values = {}) {
    return db::select<R>(*world_.at(service).database, what, std::move(values));
  }
  std::vector<std::int64_t> numbers(std::string_view service, const db::sql& what,
                                    std::vector<db::value> values = {}) {
    std::vector<std::int64_t> list;
    world_.at(service).database->query({&what, std::move(values)}, [&](db::row r) {
      for (const auto& v : r) list.push_back(std::get<std::int64_t>(v));
    });
    return list;
  }

  void gather();
  void check_order(const order_case& c);
  void check_money(const order_case& c);
  void check_ledger(const order_case& c);
  void check_shipment(const order_case& c);
  void check_lines(const order_case& c);
  void check_returns(const order_case& c);
  void check_requested(const purchase& p, const order_case& c);
  void check_notifications(const order_case& c);
  void check_purchases();
  void check_carts_ordered_once();
  void check_promotions();
  void check_credit();
  void check_redemptions(const order_case& c,
                         const std::map<stoa::order_id, std::vector<pricing::redemption_row>>& all);
  void check_stock();
  void check_levels(outcome_counts& counts);
  void check_mails();
  void check_cart(const buyers::buyer& b);
  void check_purchase_carts();
  void check_webhooks();
  void check_kernel();
  static void count(const order_case& c, outcome_counts& counts);

  world& world_;
  const buyers& people_;
  std::map<stoa::order_id, order_case> orders_;
  std::set<stoa::order_id> captured_by_staff_;  ///< staff have requested a capture
  std::map<stoa::payment_id, stoa::order_id> order_of_;
  std::vector<notification::notification_row> notifications_;
  std::vector<std::string> found_;
};

}  // namespace stoa::simulation
