#include "storage/payment/payment_store.hpp"

#include <algorithm>

namespace stoa::payment {

namespace {

const std::string payment_columns = db::column_list<payment_row>();

const db::sql by_id{"read payment",
                    "SELECT " + payment_columns + " FROM payments WHERE payment_id=$1"};
const db::sql by_order{
    "read payments of order",
    "SELECT " + payment_columns + " FROM payments WHERE order_id=$1 ORDER BY payment_id"};
const db::sql log_of{"read payment log", "SELECT " + db::column_list<payment_log_row>() +
                                             " FROM payment_logs WHERE payment_id=$1"
                                             " ORDER BY seq"};
const db::sql attempts_of{"read payment attempts",
                          "SELECT " + db::column_list<attempt_row>() +
                              " FROM payment_attempts WHERE payment_id=$1 ORDER BY number"};
const db::sql refunds_of{"read payment refunds", "SELECT " + db::column_list<refund_row>() +
                                                     " FROM payment_refunds WHERE payment_id=$1"
                                                     " ORDER BY created_at, refund_id"};
const db::sql all_payments{"list payments", "SELECT " + payment_columns +
                                                " FROM payments WHERE payment_id<$1"
                                                " ORDER BY payment_id DESC LIMIT $2"};
const db::sql payments_by_status{"list payments by status",
                                 "SELECT " + payment_columns +
                                     " FROM payments WHERE status=$3 AND payment_id<$1"
                                     " ORDER BY payment_id DESC LIMIT $2"};
const db::sql count_all{"count payments", "SELECT count(*) FROM payments"};
const db::sql count_by_status{"count payments by status",
                              "SELECT count(*) FROM payments WHERE status=$1"};
const db::sql due{"due payments",
                  "SELECT payment_id FROM payments WHERE effect<>'None'"
                  " AND (next_attempt_at<=$1 OR next_attempt_at>$2)"
                  " ORDER BY next_attempt_at, payment_id LIMIT $3"};
const db::sql open{"open payments",
                   "SELECT payment_id FROM payments WHERE effect<>'None'"
                   " ORDER BY next_attempt_at, payment_id LIMIT $1"};
const db::sql first_pending{
    "oldest pending payment",
    "SELECT created_at FROM payments WHERE status IN ('Pending','RequiresAction')"
    " AND effect<>'None' ORDER BY payment_id LIMIT 1"};

const db::sql postings_of{"read payment ledger", "SELECT " + db::column_list<ledger_posting_row>() +
                                                     " FROM ledger_postings WHERE payment_id=$1"
                                                     " ORDER BY posted_at, entry_id, line"};
const db::sql disputes_of{"read payment disputes", "SELECT " + db::column_list<dispute_row>() +
                                                       " FROM payment_disputes WHERE payment_id=$1"
                                                       " ORDER BY opened_at, dispute_id"};
const db::sql by_transaction{"payment of a transaction",
                             "SELECT " + payment_columns +
                                 " FROM payments WHERE transaction_id=$1 AND gateway=$2"
                                 " ORDER BY payment_id LIMIT 1"};
const db::sql balances{"ledger balances",
                       "SELECT account,CAST(sum(amount) AS BIGINT),amount_currency"
                       " FROM ledger_balances GROUP BY account,amount_currency"
                       " ORDER BY account,amount_currency"};
const db::sql of_period{"payments of a period",
                        "SELECT " + payment_columns +
                            " FROM payments WHERE payment_id>$1 AND payment_id<$2 AND gateway=$3"
                            " ORDER BY payment_id LIMIT $4"};
const db::sql saved_of_user{"saved payment methods",
                            "SELECT " + db::column_list<saved_method_row>() +
                                " FROM saved_payment_methods WHERE user_id=$1 AND expires_at IS"
                                " NULL ORDER BY created_at DESC, payment_method_id"};
const db::sql saved_by_id{"saved payment method",
                          "SELECT " + db::column_list<saved_method_row>() +
                              " FROM saved_payment_methods WHERE payment_method_id=$1"};
const db::sql owner_by_token{"owner of a saved payment method",
                             "SELECT user_id FROM saved_payment_methods"
                             " WHERE token_key=$1 AND token_key<>'' AND gateway=$2"
                             " ORDER BY payment_method_id LIMIT 1"};
const db::sql owner_by_customer{"user of a gateway's customer",
                                "SELECT user_id FROM gateway_customers"
                                " WHERE customer_id=$1 AND gateway=$2 ORDER BY user_id LIMIT 1"};
const db::sql operations_due{"due method operations",
                             "SELECT payment_method_id FROM method_operations"
                             " WHERE next_attempt_at<=$1 OR next_attempt_at>$2"
                             " ORDER BY next_attempt_at, payment_method_id LIMIT $3"};
const db::sql customers_due{"due gateway customers",
                            "SELECT user_id,gateway FROM gateway_customers WHERE removing=1"
                            " AND (next_attempt_at<=$1 OR next_attempt_at>$2)"
                            " ORDER BY next_attempt_at LIMIT $3"};
const db::sql captures{"captures of payments",
                       "SELECT payment_id,transaction_id FROM payment_attempts"
                       " WHERE payment_id>=$1 AND payment_id<=$2 AND operation='Capture'"
                       " AND state='succeeded' AND transaction_id IS NOT NULL"};
const db::sql disputes_by_status{"count disputes",
                                 "SELECT gateway,status,count(*) FROM payment_disputes"
                                 " GROUP BY gateway,status ORDER BY gateway,status"};
const db::sql refunds_in_period{
    "refunds of a period",
    "SELECT " + db::column_list<refund_row>("r.") +
        " FROM payment_refunds r JOIN payments p ON p.payment_id=r.payment_id"
        " WHERE r.created_at>=$1 AND r.created_at<$2 AND p.gateway=$3"
        " ORDER BY r.created_at, r.refund_id LIMIT $4"};
const db::sql reviews_due{"due reviews",
                          "SELECT payment_id FROM gateway_reviews"
                          " WHERE next_attempt_at<=$1 OR next_attempt_at>$2"
                          " ORDER BY next_attempt_at, payment_id LIMIT $3"};

std::vector<stoa::payment_id> ids(db::connection& c, const db::statement& what) {
  std::vector<stoa::payment_id> found;
  c.query(what, [&](db::row r) { found.push_back({std::get<uuid>(r[0])}); });
  return found;
}

/// The smallest id with that time, of any version.
uuid first_of_time(timestamp time) {
  auto id =
      make_uuid_v7(static_cast<std::uint64_t>(std::max<std::int64_t>(0, time.us / 1000)), 0, 0);
  id.bytes[6] = id.bytes[8] = 0;
  return id;
}

}  // namespace

const kernel::expiry expired_instruments =
    kernel::expiry_of("instruments", "instrument_id", "expires_at");

const kernel::expiry expired_saved_methods =
    kernel::expiry_of("saved_payment_methods", "payment_method_id", "expires_at");

const kernel::expiry expired_gateway_events =
    kernel::expiry_of("gateway_events", "gateway,event_id", "expires_at");

std::vector<saved_method_row> read_saved_methods(db::connection& c, stoa::user_id user) {
  return db::select<saved_method_row>(c, saved_of_user, db::params(user));
}

std::optional<saved_method_row> read_saved_method(db::connection& c, stoa::payment_method_id id) {
  auto found = db::select<saved_method_row>(c, saved_by_id, db::params(id));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::optional<stoa::user_id> read_method_owner(db::connection& c, const std::string& gateway,
                                               const std::string& token_key,
                                               const std::string& customer_id) {
  std::optional<stoa::user_id> found;
  const auto take = [&](db::row r) { found = stoa::user_id{std::get<uuid>(r[0])}; };
  c.query({&owner_by_token, db::params(token_key, gateway)}, take);
  if (!found && !customer_id.empty()) {
    c.query({&owner_by_customer, db::params(customer_id, gateway)}, take);
  }
  return found;
}

std::vector<stoa::payment_method_id> due_method_operations(db::connection& c, timestamp now,
                                                           timestamp latest, std::size_t limit) {
  std::vector<stoa::payment_method_id> found;
  c.query({&operations_due, db::params(now, latest, static_cast<std::int64_t>(limit))},
          [&](db::row r) { found.push_back({std::get<uuid>(r[0])}); });
  return found;
}

std::vector<customer_key> due_customers(db::connection& c, timestamp now, timestamp latest,
                                        std::size_t limit) {
  std::vector<customer_key> found;
  c.query({&customers_due, db::params(now, latest, static_cast<std::int64_t>(limit))},
          [&](db::row r) {
            found.push_back({{std::get<uuid>(r[0])}, std::get<std::string>(r[1])});
          });
  return found;
}

std::optional<payment_row> read_payment(db::connection& c, stoa::payment_id id) {
  auto found = db::select<payment_row>(c, by_id, db::params(id));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::vector<payment_log_row> read_payment_log(db::connection& c, stoa::payment_id id) {
  return db::select<payment_log_row>(c, log_of, db::params(id));
}

std::vector<attempt_row> read_attempts(db::connection& c, stoa::payment_id id) {
  return db::select<attempt_row>(c, attempts_of, db::params(id));
}

std::vector<refund_row> read_refunds(db::connection& c, stoa::payment_id id) {
  return db::select<refund_row>(c, refunds_of, db::params(id));
}

std::vector<payment_row> payments_of_order(db::connection& c, stoa::order_id id) {
  return db::select<payment_row>(c, by_order, db::params(id));
}

std::vector<payment_row> list_payments(db::connection& c, const payment_filter& filter) {
  stoa::payment_id last{};
  last.value.bytes.fill(0xFF);
  auto values = db::params(filter.before.value_or(last), static_cast<std::int64_t>(filter.limit));
  if (!filter.status) return db::select<payment_row>(c, all_payments, std::move(values));
  db::write_column(*filter.status, values);
  return db::select<payment_row>(c, payments_by_status, std::move(values));
}

std::int64_t count_payments(db::connection& c, std::optional<payment_status> status) {
  std::int64_t total = 0;
  const auto take = [&](db::row r) { total = std::get<std::int64_t>(r[0]); };
  if (status) {
    c.query({&count_by_status, db::params(*status)}, take);
  } else {
    c.query({&count_all, {}}, take);
  }
  return total;
}

std::vector<stoa::payment_id> due_payments(db::connection& c, timestamp now, timestamp latest,
                                           std::size_t limit) {
  return ids(c, {&due, db::params(now, latest, static_cast<std::int64_t>(limit))});
}

std::vector<stoa::payment_id> open_payments(db::connection& c, std::size_t limit) {
  return ids(c, {&open, db::params(static_cast<std::int64_t>(limit))});
}

std::vector<ledger_posting_row> read_postings(db::connection& c, stoa::payment_id id) {
  return db::select<ledger_posting_row>(c, postings_of, db::params(id));
}

std::vector<dispute_row> read_disputes(db::connection& c, stoa::payment_id id) {
  return db::select<dispute_row>(c, disputes_of, db::params(id));
}

std::optional<payment_row> payment_of_transaction(db::connection& c, const std::string& gateway,
                                                  const std::string& transaction_id) {
  auto found = db::select<payment_row>(c, by_transaction, db::params(transaction_id, gateway));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::vector<account_balance> read_balances(db::connection& c) {
  std::vector<account_balance> all;
  c.query({&balances, {}}, [&](db::row r) {
    all.push_back(
        {std::get<std::string>(r[0]), {std::get<std::int64_t>(r[1]), std::get<std::string>(r[2])}});
  });
  return all;
}

std::vector<payment_row> payments_of_period(db::connection& c, const std::string& gateway,
                                            timestamp from, timestamp to,
                                            std::optional<stoa::payment_id> after,
                                            std::size_t limit) {
  const auto first = after.value_or(stoa::payment_id{first_of_time(from)});
  return db::select<payment_row>(
      c, of_period,
      db::params(first, first_of_time(to), gateway, static_cast<std::int64_t>(limit)));
}

std::map<stoa::payment_id, std::string> captures_between(db::connection& c, stoa::payment_id first,
                                                         stoa::payment_id last) {
  std::map<stoa::payment_id, std::string> all;
  c.query({&captures, db::params(first, last)},
          [&](db::row r) { all.emplace(std::get<uuid>(r[0]), std::get<std::string>(r[1])); });
  return all;
}

std::vector<refund_row> refunds_of_period(db::connection& c, const std::string& gateway,
                                          timestamp from, timestamp to, std::size_t limit) {
  return db::select<refund_row>(c, refunds_in_period,
                                db::params(from, to, gateway, static_cast<std::int64_t>(limit)));
}

std::vector<stoa::payment_id> due_reviews(db::connection& c, timestamp now, timestamp latest,
                                          std::size_t limit) {
  return ids(c, {&reviews_due, db::params(now, latest, static_cast<std::int64_t>(limit))});
}

std::vector<dispute_count> count_disputes(db::connection& c) {
  std::vector<dispute_count> all;
  c.query({&disputes_by_status, {}}, [&](db::row r) {
    const auto status = enum_value<dispute_status>(std::get<std::string>(r[1]));
    all.push_back({std::get<std::string>(r[0]), status.value_or(dispute_status::Open),
                   std::get<std::int64_t>(r[2])});
  });
  return all;
}

std::optional<timestamp> oldest_pending(db::connection& c) {
  std::optional<timestamp> found;
  c.query({&first_pending, {}},
          [&](db::row r) { found = timestamp{std::get<std::int64_t>(r[0])}; });
  return found;
}

}  // namespace stoa::payment
