// The double-entry ledger. A positive amount is a debit, a negative one a credit.

#include "actors/payment/payment_parts.hpp"
#include "storage/payment/payment_store.hpp"

#include <stdexcept>

namespace stoa::payment {

namespace {

const std::string sales = "sales";
const std::string refunds = "refunds";
const std::string disputed = "disputed";
const std::string chargebacks = "chargebacks";

/// What the gateway owes the store.
std::string receivable(const payment_row& p) {
  return "gateway_receivable:" + p.gateway;
}

struct posting {
  std::string account;
  std::int64_t amount = 0;
};

/// Postings of zero are omitted; an entry without postings is not written.
void post(payment_service::decision& d, const payment_row& p, ledger_kind kind,
          const std::string& operation, const std::vector<posting>& postings) {
  const auto entry = d.new_id<stoa::ledger_entry_id>();
  std::int64_t line = 0;
  std::int64_t sum = 0;
  for (const auto& [account, amount] : postings) {
    sum += amount;
    if (amount == 0) continue;
    d.of<ledger_posting_row>().insert({entry,
                                       ++line,
                                       p.payment_id,
                                       operation,
                                       kind,
                                       account,
                                       {amount, p.amount.currency},
                                       d.now});
  }
  if (sum != 0) throw std::logic_error("payment: the entry does not sum to zero");
}

/// Where a dispute's amount is.
struct dispute_balances {
  std::int64_t receivable = 0;
  std::int64_t disputed = 0;
  std::int64_t chargebacks = 0;
};

dispute_balances balances_of(const dispute_row& r) {
  if (!r.funds_withdrawn) return {};
  const auto amount = r.amount.amount;
  if (r.status == dispute_status::Lost) return {-amount, 0, amount};
  return {-amount, amount, 0};
}

posting_side side_of(std::int64_t amount) {
  return amount < 0 ? posting_side::credit : posting_side::debit;
}

money size_of(const money& m) {
  return {m.amount < 0 ? -m.amount : m.amount, m.currency};
}

}  // namespace

void post_capture(payment_service::decision& d, const payment_row& p, const std::string& operation,
                  std::int64_t amount) {
  post(d, p, ledger_kind::capture, operation, {{receivable(p), amount}, {sales, -amount}});
}

void post_refund(payment_service::decision& d, const payment_row& p, const refund_row& r) {
  post(d, p, ledger_kind::refund, key_of(r),
       {{refunds, r.payment_amount().amount}, {receivable(p), -r.payment_amount().amount}});
}

void post_refund_reversal(payment_service::decision& d, const payment_row& p, const refund_row& r) {
  post(d, p, ledger_kind::refund_reversal, "reversal:" + key_of(r),
       {{receivable(p), r.payment_amount().amount}, {refunds, -r.payment_amount().amount}});
}

void post_dispute(payment_service::decision& d, const payment_row& p, const dispute_row& before,
                  dispute_row& after) {
  const auto from = balances_of(before);
  const auto to = balances_of(after);
  if (from.receivable == to.receivable && from.disputed == to.disputed) return;
  ++after.movements;
  post(d, p, ledger_kind::dispute,
       "dispute:" + after.dispute_id.str() + "#" + std::to_string(after.movements),
       {{receivable(p), to.receivable - from.receivable},
        {disputed, to.disputed - from.disputed},
        {chargebacks, to.chargebacks - from.chargebacks}});
}

std::vector<ledger_entry_view> ledger_of(const std::vector<ledger_posting_row>& postings) {
  std::vector<ledger_entry_view> all;
  for (const auto& row : postings) {
    if (all.empty() || all.back().entry_id != row.entry_id) {
      all.push_back({row.entry_id, row.kind, row.operation, {}, row.posted_at});
    }
    all.back().postings.push_back({row.account, side_of(row.amount.amount), size_of(row.amount)});
  }
  return all;
}

result<balance_list> payment_service::read(const get_ledger_balances&,
                                           const kernel::call_context& context,
                                           db::connection& c) const {
  if (!may_see_all(context)) return not_found("ledger");
  balance_list list;
  for (const auto& b : read_balances(c)) {
    list.data.push_back({b.account, side_of(b.amount.amount), size_of(b.amount)});
  }
  return list;
}

}  // namespace stoa::payment
