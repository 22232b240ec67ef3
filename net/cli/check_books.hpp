#pragma once
// The records of all services about one order or one payment, and the rules for their consistency.
// Pure: no I/O.

#include "net/cli/check_findings.hpp"

#include <set>

namespace stoa::cli {

struct status_entry {
  std::string status;
  std::optional<std::int64_t> seq = std::nullopt;  ///< empty in old rows, which sort first
  bool has_reason = false;
};

struct order_entry {
  std::string status;
  std::int64_t total = 0;  ///< this and the amounts below: minor units
  std::int64_t subtotal = 0;
  std::int64_t parts_total = 0;  ///< sum of adjustments, shipping and taxes
  std::string currency;
  std::int64_t created_at = 0;
  std::int64_t payment_until = 0;      ///< its payment is awaited until then; 0: it is not
  bool shipment_requested = false;     ///< waits for the capture of its payment
  std::size_t redemptions = 0;         ///< promotions that it redeems
  std::int64_t credit_total = 0;       ///< paid with gift cards and store credit
  std::int64_t items_total = 0;        ///< sum of quantity times price
  std::int64_t lines_total = 0;        ///< sum of line totals
  std::map<uuid, std::int64_t> units;  ///< bought quantity, by product
  std::vector<uuid> cart_lines;        ///< cart items that were bought
  std::vector<status_entry> history;   ///< in any order
};

/// The sums of a payment's postings in the ledger, with the sign of the account's usual side.
struct ledger_entry_sums {
  std::int64_t captured = 0;
  std::int64_t refunded = 0;
  std::int64_t disputed = 0;
  std::int64_t chargebacks = 0;
  std::int64_t receivable = 0;
  bool other_currency = false;
  std::int64_t unbalanced = 0;  ///< entries that do not sum to zero
};

struct payment_entry {
  uuid payment_id;
  uuid order_id;
  std::string status;
  std::int64_t amount = 0;
  std::int64_t captured = 0;  ///< the amount, or what was received of it
  std::string currency;
  std::string failure_code;
  bool order_cancelled = false;
  std::string effect;               ///< open operation at the gateway, or "None"
  std::int64_t refunded = 0;        ///< refunded amount stored with the payment
  std::int64_t refunds = 0;         ///< sum of refunds that succeeded
  std::int64_t refunds_open = 0;    ///< sum of refunds that are Pending
  std::int64_t refunds_queued = 0;  ///< of these, not made at the gateway
  std::int64_t disputed = 0;     ///< sum of disputes whose amount was withdrawn, except lost ones
  std::int64_t chargebacks = 0;  ///< sum of lost disputes whose amount was withdrawn
  ledger_entry_sums ledger;
  std::int64_t attempts_open = 0;  ///< undecided attempts: 0 or 1
  std::int64_t next_attempt_at = 0;
  std::int64_t created_at = 0;
  std::string gateway = "sandbox";

  /// Staff decide it and its refunds.
  bool is_offline() const { return gateway == "offline"; }
};

struct reservation_entry {
  uuid product_id;
  std::int64_t quantity = 0;
  std::string status;
};

/// Of a promotion, or of credit.
struct redemption_entry {
  uuid id;  ///< of the promotion or the credit account
  std::string status;
  std::optional<std::int64_t> amount = std::nullopt;  ///< of credit
};

/// All records about one order id.
struct order_books {
  uuid order_id;
  std::optional<order_entry> order;
  std::optional<payment_entry> payment;
  std::vector<reservation_entry> reservations;
  std::vector<redemption_entry> redemptions;
  std::set<std::string> mails;  ///< kinds: confirmed, cancelled, shipped, delivered, refunded
  std::int64_t lines_left = 0;  ///< bought lines that are still in a cart
  bool in_flight = false;       ///< an outbox holds one of its events
};

/// A charge in the gateway's ledger.
struct charge_entry {
  std::string key;
  std::string order_id;
  std::string status;
  std::int64_t amount = 0;
  std::string currency;
  std::int64_t refunded = 0;
};

/// All records about one payment; the gateway stores the payment's id with a charge.
struct payment_books {
  std::string payment_id;
  bool has_charges = true;  ///< the gateway's records could be read
  std::optional<payment_entry> payment;
  std::vector<charge_entry> charges;
};

/// Times in microseconds. Each `now` comes from the clock of the database that it is compared with.
struct check_times {
  std::int64_t orders_now = 0;
  std::int64_t payments_now = 0;
  std::int64_t mails_now = 0;
  std::int64_t pending_max = 0;      ///< an older Pending order is cancelled
  std::int64_t give_up = 0;          ///< an older undecided charge is cancelled
  std::int64_t attempt_max = 0;      ///< longest time between two calls to the gateway
  std::int64_t margin = 60'000'000;  ///< tolerated delay of a node
};

void judge(const order_books& books, const check_times& times, finding_list& out);
void judge(const payment_books& books, finding_list& out);

/// Kinds of notifications that an order's history and payment require.
std::set<std::string> due_mails(const order_books& books);

}  // namespace stoa::cli
