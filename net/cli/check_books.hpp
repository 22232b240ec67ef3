#pragma once
// What the services have recorded of one order and of one payment, and what of it contradicts.
// Pure: the rules see no database.

#include "net/cli/check_findings.hpp"

#include <set>

namespace stoa::cli {

struct status_entry {
  std::string status;
  std::optional<std::int64_t> seq = std::nullopt;  ///< none of earlier versions, which come first
};

struct order_entry {
  std::string status;
  std::int64_t total = 0;  ///< this and what follows: minor units
  std::int64_t subtotal = 0;
  std::int64_t parts_total = 0;  ///< adjustments, shipping and taxes
  std::string currency;
  std::int64_t created_at = 0;
  std::int64_t items_total = 0;        ///< of quantities times prices
  std::int64_t lines_total = 0;        ///< of line totals
  std::map<uuid, std::int64_t> units;  ///< bought, by product
  std::vector<uuid> cart_lines;        ///< that were bought
  std::vector<status_entry> history;   ///< in any order
};

struct payment_entry {
  uuid payment_id;
  uuid order_id;
  std::string status;
  std::int64_t amount = 0;
  std::string currency;
  std::string failure_code;
  bool order_cancelled = false;
  std::string effect;              ///< what is open at the gateway, or "None"
  std::int64_t refunded = 0;       ///< the payment's own sum
  std::int64_t refunds = 0;        ///< of its refunds that succeeded
  std::int64_t refunds_open = 0;   ///< of its refunds that are Pending
  std::int64_t attempts_open = 0;  ///< attempts that are not decided: one, or none
  std::int64_t next_attempt_at = 0;
  std::int64_t created_at = 0;
};

struct reservation_entry {
  uuid product_id;
  std::int64_t quantity = 0;
  std::string status;
};

/// All that is recorded of one order id.
struct order_books {
  uuid order_id;
  std::optional<order_entry> order;
  std::optional<payment_entry> payment;
  std::vector<reservation_entry> reservations;
  std::set<std::string> mails;  ///< kinds: confirmed, cancelled, shipped, delivered, refunded
  std::int64_t lines_left = 0;  ///< bought lines that are in a cart
  bool in_flight = false;       ///< an event of it is in an outbox
};

/// A charge in the gateway's records.
struct charge_entry {
  std::string key;
  std::string order_id;
  std::string status;
  std::int64_t amount = 0;
  std::string currency;
  std::int64_t refunded = 0;
};

/// All that is recorded of one payment: the gateway knows a charge by the payment's id.
struct payment_books {
  std::string payment_id;
  std::optional<payment_entry> payment;
  std::vector<charge_entry> charges;
};

/// Times in microseconds. `now` is by the clock of the database whose times are compared with it.
struct check_times {
  std::int64_t orders_now = 0;
  std::int64_t payments_now = 0;
  std::int64_t mails_now = 0;
  std::int64_t pending_max = 0;      ///< an order is cancelled after it
  std::int64_t give_up = 0;          ///< a charge is cancelled after it
  std::int64_t attempt_max = 0;      ///< longest time between two calls to the gateway
  std::int64_t margin = 60'000'000;  ///< by which a node may be late
};

void judge(const order_books& books, const check_times& times, finding_list& out);
void judge(const payment_books& books, finding_list& out);

/// Kinds of the mails that an order's history and payment bring about.
std::set<std::string> due_mails(const order_books& books);

}  // namespace stoa::cli
