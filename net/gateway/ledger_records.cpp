#include "net/gateway/ledger_records.hpp"

#include "net/gateway/ledger.hpp"

#include <charconv>

namespace stoa::gateways {

namespace {

using payment::gateway_payment_status;
using payment::gateway_refund;
using payment::gateway_refund_status;

constexpr std::int64_t page_rows = 100;
/// Requests of one payment append a suffix to its id.
constexpr std::size_t id_length = 36;

std::int64_t number_of(const std::string& cursor) {
  std::int64_t number = 0;
  std::from_chars(cursor.data(), cursor.data() + cursor.size(), number);
  return number;
}

gateway_payment_status charge_status_of(const std::string& status) {
  if (status == "paid") return gateway_payment_status::captured;
  if (status == "authorized") return gateway_payment_status::authorized;
  return status == "pending" ? gateway_payment_status::open : gateway_payment_status::none;
}

/// Columns: key, charge_key, amount, currency, status, code, transaction_id, created_at,
/// transaction_id of the charge.
gateway_refund refund_of(const sqlite_statement& s) {
  gateway_refund r;
  r.key = s.text(0);
  r.payment_id = s.text(1).substr(0, id_length);
  r.amount = {s.number(2), s.text(3)};
  r.status = s.text(4) == "paid" ? gateway_refund_status::succeeded : gateway_refund_status::failed;
  r.code = s.text(5);
  r.transaction_id = s.text(6);
  r.created_at = timestamp::parse(s.text(7)).value_or(timestamp{});
  r.payment_transaction_id = s.text(8);
  return r;
}

constexpr const char* sql_refunds_of =
    "SELECT r.key, r.charge_key, r.amount, r.currency, r.status, r.code, r.transaction_id,"
    " r.created_at, c.transaction_id FROM refunds r JOIN charges c ON c.key = r.charge_key"
    " WHERE r.charge_key = ? AND r.transaction_id <> '' ORDER BY r.rowid";
constexpr const char* sql_refunds =
    "SELECT r.key, r.charge_key, r.amount, r.currency, r.status, r.code, r.transaction_id,"
    " r.created_at, c.transaction_id, r.rowid FROM refunds r JOIN charges c ON c.key = r.charge_key"
    " WHERE r.created_at >= ? AND r.created_at < ? AND r.rowid > ? AND r.transaction_id <> ''"
    " ORDER BY r.rowid LIMIT ?";
constexpr const char* sql_charges =
    "SELECT key, amount, currency, status, transaction_id, created_at, rowid FROM charges"
    " WHERE created_at >= ? AND created_at < ? AND rowid > ? ORDER BY rowid LIMIT ?";

}  // namespace

ledger_records::ledger_records(const std::filesystem::path& file)
    : file_(file.string(), SQLITE_OPEN_READONLY | SQLITE_OPEN_FULLMUTEX),
      refunds_of_(file_, sql_refunds_of),
      charges_(file_, sql_charges),
      refunds_(file_, sql_refunds) {}

payment::gateway_activity ledger_records::activity_of(const std::string& key) {
  payment::gateway_activity found;
  refunds_of_.bind(key);
  while (refunds_of_.step()) found.refunds.push_back(refund_of(refunds_of_));
  refunds_of_.reset();
  found.known = true;
  return found;
}

payment::list_page ledger_records::list(const payment::list_request& request) {
  payment::list_page page;
  if (request.what == payment::gateway_list::payments) {
    list_charges(request, page);
  } else {
    list_refunds(request, page);
  }
  page.known = true;
  return page;
}

void ledger_records::list_charges(const payment::list_request& request, payment::list_page& page) {
  auto& s = charges_;
  s.bind(request.from.str()).bind(request.to.str());
  s.bind(number_of(request.cursor)).bind(page_rows);
  while (s.step()) {
    page.payments.push_back({s.text(4),
                             s.text(0).substr(0, id_length),
                             {s.number(1), s.text(2)},
                             charge_status_of(s.text(3)),
                             timestamp::parse(s.text(5)).value_or(timestamp{})});
    page.next = std::to_string(s.number(6));
  }
  s.reset();
  if (page.payments.size() < static_cast<std::size_t>(page_rows)) page.next.clear();
}

void ledger_records::list_refunds(const payment::list_request& request, payment::list_page& page) {
  auto& s = refunds_;
  s.bind(request.from.str()).bind(request.to.str());
  s.bind(number_of(request.cursor)).bind(page_rows);
  while (s.step()) {
    page.refunds.push_back(refund_of(s));
    page.next = std::to_string(s.number(9));
  }
  s.reset();
  if (page.refunds.size() < static_cast<std::size_t>(page_rows)) page.next.clear();
}

}  // namespace stoa::gateways
