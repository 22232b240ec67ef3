#include "net/cli/check_reader.hpp"

#include "config/services.hpp"
#include "net/cli/databases.hpp"
#include "net/cli/store.hpp"
#include "storage/base/redemption.hpp"
#include "storage/db/columns.hpp"
#include "storage/db/migrate.hpp"
#include "storage/db/sqlite.hpp"
#include "storage/kernel/partition_store.hpp"

#include <algorithm>
#include <filesystem>
#include <stdexcept>

namespace stoa::cli {

namespace {

constexpr std::int64_t range_rows = 500;
constexpr std::int64_t in_flight_max = 200'000;

const db::sql orders_in{"orders in a range",
                        "SELECT order_id,status,total_amount,currency,created_at,subtotal,"
                        "adjustment_total+shipping_total+tax_total,payment_until,"
                        "coalesce(shipment_requested_at,0),redemptions,credit_total FROM orders"
                        " WHERE order_id>$1 AND order_id<=$2"};
const db::sql items_in{"items in a range",
                       "SELECT order_id,product_id,quantity,price_at_purchase,"
                       "line_total,cart_item_id FROM order_items"
                       " WHERE order_id>$1 AND order_id<=$2"};
const db::sql history_in{"history in a range",
                         "SELECT order_id,status,seq,"
                         "CASE WHEN reason IS NULL THEN 0 ELSE 1 END FROM order_status_history"
                         " WHERE order_id>$1 AND order_id<=$2"};
const db::sql cart_line{"line of a cart", "SELECT cart_id FROM cart_items WHERE cart_item_id=$1"};
const db::sql redemptions_in{"redemptions in a range",
                             "SELECT order_id,promotion_id,status FROM redemptions"
                             " WHERE order_id>$1 AND order_id<=$2"};
const db::sql credit_redemptions_in{"credit redemptions in a range",
                                    "SELECT order_id,credit_account_id,status,amount"
                                    " FROM credit_redemptions WHERE order_id>$1 AND order_id<=$2"};
const db::sql redemption_bound{"orders' bound among redemptions",
                               "SELECT order_id FROM redemptions WHERE order_id>$1"
                               " AND order_id<=$2 ORDER BY order_id LIMIT 1 OFFSET $3"};
const db::sql credit_bound{"orders' bound among redeemed credit",
                           "SELECT order_id FROM credit_redemptions WHERE order_id>$1"
                           " AND order_id<=$2 ORDER BY order_id LIMIT 1 OFFSET $3"};
const db::sql last_redeeming_order{"last order of a redemption",
                                   "SELECT max_id FROM ("
                                   "SELECT order_id AS max_id FROM redemptions"
                                   " UNION SELECT order_id FROM credit_redemptions) ids"
                                   " ORDER BY max_id DESC LIMIT 1"};
const db::sql reservations_in{"reservations in a range",
                              "SELECT order_id,product_id,quantity,status FROM reservations"
                              " WHERE order_id>$1 AND order_id<=$2"};

#define STOA_PAYMENT_COLUMNS                                                                \
  "SELECT payment_id,order_id,status,amount,failure_code,order_cancelled,effect,"           \
  "next_attempt_at,created_at,amount_currency,coalesce(refunded_amount,0),"                 \
  "(SELECT CAST(coalesce(sum(r.amount-r.credit_total),0) AS BIGINT) FROM payment_refunds r" \
  " WHERE r.payment_id=payments.payment_id AND r.status='Succeeded'),"                      \
  "(SELECT CAST(coalesce(sum(r.amount-r.credit_total),0) AS BIGINT) FROM payment_refunds r" \
  " WHERE r.payment_id=payments.payment_id AND r.status='Pending'),"                        \
  "(SELECT count(*) FROM payment_attempts a WHERE a.payment_id=payments.payment_id"         \
  " AND a.state IN ('pending','accepted')),gateway,"                                        \
  "(SELECT CAST(coalesce(sum(r.amount-r.credit_total),0) AS BIGINT) FROM payment_refunds r" \
  " WHERE r.payment_id=payments.payment_id AND r.status='Pending'"                          \
  " AND r.transaction_id IS NULL),coalesce(received_amount,amount) FROM payments"
const db::sql payments_of{"payments of a range",
                          STOA_PAYMENT_COLUMNS " WHERE order_id>$1 AND order_id<=$2"};
const db::sql payments_in{"payments in a range",
                          STOA_PAYMENT_COLUMNS " WHERE payment_id>$1 AND payment_id<=$2"};
#undef STOA_PAYMENT_COLUMNS
/// Per payment: postings of each account, with the usual sign of the account.
const db::sql postings_in{
    "postings in a range",
    "SELECT payment_id,"
    "CAST(sum(CASE WHEN account='sales' THEN -amount ELSE 0 END) AS BIGINT),"
    "CAST(sum(CASE WHEN account='refunds' THEN amount ELSE 0 END) AS BIGINT),"
    "CAST(sum(CASE WHEN account='disputed' THEN amount ELSE 0 END) AS BIGINT),"
    "CAST(sum(CASE WHEN account='chargebacks' THEN amount ELSE 0 END) AS BIGINT),"
    "CAST(sum(CASE WHEN account LIKE 'gateway_receivable:%' THEN amount ELSE 0 END) AS BIGINT),"
    "min(amount_currency),max(amount_currency) FROM ledger_postings"
    " WHERE payment_id>$1 AND payment_id<=$2 GROUP BY payment_id"};
const db::sql unbalanced_in{"unbalanced entries in a range",
                            "SELECT payment_id FROM ledger_postings"
                            " WHERE payment_id>$1 AND payment_id<=$2"
                            " GROUP BY payment_id,entry_id,amount_currency HAVING sum(amount)<>0"};
const db::sql disputes_in{
    "disputes in a range",
    "SELECT payment_id,"
    "CAST(sum(CASE WHEN status='Lost' THEN 0 ELSE amount END) AS BIGINT),"
    "CAST(sum(CASE WHEN status='Lost' THEN amount ELSE 0 END) AS BIGINT) FROM payment_disputes"
    " WHERE payment_id>$1 AND payment_id<=$2 AND funds_withdrawn=1 GROUP BY payment_id"};
const db::sql charges_in{"charges in a range",
                         "SELECT key,order_id,status,amount,refunded,currency FROM charges"
                         " WHERE key>$1 AND key<=$2"};

const db::sql order_bound{"orders' bound",
                          "SELECT order_id FROM orders WHERE order_id>$1 AND order_id<=$2"
                          " ORDER BY order_id LIMIT 1 OFFSET $3"};
const db::sql payment_of_bound{"orders' bound among payments",
                               "SELECT order_id FROM payments WHERE order_id>$1 AND order_id<=$2"
                               " ORDER BY order_id LIMIT 1 OFFSET $3"};
const db::sql reservation_bound{"orders' bound among reservations",
                                "SELECT order_id FROM reservations WHERE order_id>$1"
                                " AND order_id<=$2 ORDER BY order_id LIMIT 1 OFFSET $3"};
const db::sql payment_bound{"payments' bound",
                            "SELECT payment_id FROM payments WHERE payment_id>$1 AND"
                            " payment_id<=$2 ORDER BY payment_id LIMIT 1 OFFSET $3"};
const db::sql charge_bound{"charges' bound",
                           "SELECT key FROM charges WHERE key>$1 AND key<=$2"
                           " ORDER BY key LIMIT 1 OFFSET $3"};
const db::sql last_order{"last order",
                         "SELECT order_id FROM orders ORDER BY order_id DESC LIMIT 1"};
const db::sql last_paid_order{"last order of a payment",
                              "SELECT order_id FROM payments ORDER BY order_id DESC LIMIT 1"};
const db::sql last_reserved_order{
    "last order of a reservation",
    "SELECT order_id FROM reservations ORDER BY order_id DESC LIMIT 1"};
const db::sql last_payment{"last payment",
                           "SELECT payment_id FROM payments ORDER BY payment_id DESC LIMIT 1"};
const db::sql last_charge{"last charge", "SELECT key FROM charges ORDER BY key DESC LIMIT 1"};
const db::sql outbox_orders{"orders in the outbox", "SELECT aggregate_id FROM outbox LIMIT $1"};

std::string text_of(db::value& v) {
  auto* text = std::get_if<std::string>(&v);
  return text ? std::move(*text) : std::string();
}

std::int64_t number_of(const db::value& v) {
  const auto* number = std::get_if<std::int64_t>(&v);
  return number ? *number : 0;
}

/// Lowers `last` to the end of a range of bounded size.
void bound(db::connection& c, const db::sql& what, uuid after, uuid& last) {
  c.query({&what, db::params(after, last, range_rows)},
          [&](db::row r) { last = std::min(last, std::get<uuid>(r[0])); });
}

payment_entry payment_of(db::row r) {
  payment_entry p;
  p.payment_id = std::get<uuid>(r[0]);
  p.order_id = std::get<uuid>(r[1]);
  p.status = text_of(r[2]);
  p.amount = number_of(r[3]);
  p.failure_code = text_of(r[4]);
  p.order_cancelled = number_of(r[5]) != 0;
  p.effect = text_of(r[6]);
  p.next_attempt_at = number_of(r[7]);
  p.created_at = number_of(r[8]);
  p.currency = text_of(r[9]);
  p.refunded = number_of(r[10]);
  p.refunds = number_of(r[11]);
  p.refunds_open = number_of(r[12]);
  p.attempts_open = number_of(r[13]);
  p.gateway = text_of(r[14]);
  p.refunds_queued = number_of(r[15]);
  p.captured = number_of(r[16]);
  return p;
}

using books_map = std::map<uuid, order_books>;

void read_orders(db::connection& c, uuid after, uuid last, books_map& books) {
  const std::vector<db::statement> all{{&orders_in, db::params(after, last)},
                                       {&items_in, db::params(after, last)},
                                       {&history_in, db::params(after, last)}};
  c.query(all, [&](std::size_t index, db::row r) {
    auto& order = books[std::get<uuid>(r[0])].order;
    if (index == 0) {
      order.emplace();
      order->status = text_of(r[1]);
      order->total = number_of(r[2]);
      order->currency = text_of(r[3]);
      order->created_at = number_of(r[4]);
      order->subtotal = number_of(r[5]);
      order->parts_total = number_of(r[6]);
      order->payment_until = number_of(r[7]);
      order->shipment_requested = number_of(r[8]) != 0;
      const auto redeems = json::read_lenient<std::vector<redeemed_promotion>>(text_of(r[9]));
      if (redeems) order->redemptions = redeems->size();
      order->credit_total = number_of(r[10]);
    } else if (order && index == 1) {
      order->units[std::get<uuid>(r[1])] += number_of(r[2]);
      order->items_total += number_of(r[2]) * number_of(r[3]);
      order->lines_total += number_of(r[4]);
      if (const auto* line = std::get_if<uuid>(&r[5])) order->cart_lines.push_back(*line);
    } else if (order) {
      const auto* seq = std::get_if<std::int64_t>(&r[2]);
      order->history.push_back(
          {text_of(r[1]), seq ? std::optional(*seq) : std::nullopt, number_of(r[3]) != 0});
    }
  });
}

/// Counts the bought lines that are still in a cart.
void read_bought_lines(db::connection& cart, books_map& books) {
  std::vector<db::statement> all;
  std::vector<order_books*> of;
  for (auto& [id, b] : books) {
    if (!b.order || b.order->status == "Pending" || b.order->status == "Cancelled") continue;
    for (const auto& line : b.order->cart_lines) {
      all.push_back({&cart_line, db::params(line)});
      of.push_back(&b);
    }
  }
  cart.query(all, [&](std::size_t index, db::row) { ++of[index]->lines_left; });
}

/// Reads the downstream services first: whatever they have recorded, the order service recorded
/// before.
books_map read_range(const check_sources& from, uuid after, uuid last) {
  books_map books;
  from.of("catalog").query({&reservations_in, db::params(after, last)}, [&](db::row r) {
    books[std::get<uuid>(r[0])].reservations.push_back(
        {std::get<uuid>(r[1]), number_of(r[2]), text_of(r[3])});
  });
  const std::vector<db::statement> redeemed{{&redemptions_in, db::params(after, last)},
                                            {&credit_redemptions_in, db::params(after, last)}};
  from.of("pricing").query(redeemed, [&](std::size_t index, db::row r) {
    auto& one = books[std::get<uuid>(r[0])].redemptions.emplace_back();
    one.id = std::get<uuid>(r[1]);
    one.status = text_of(r[2]);
    if (index == 1) one.amount = number_of(r[3]);
  });
  from.of("payment").query({&payments_of, db::params(after, last)}, [&](db::row r) {
    auto p = payment_of(r);
    books[p.order_id].payment = std::move(p);
  });
  read_orders(from.of("order"), after, last, books);
  if (!from.carts_in_redis()) read_bought_lines(from.of("cart"), books);
  return books;
}

/// Upper bound of a payment's charge keys: retries append a suffix to the payment's id.
std::string key_bound(uuid payment) {
  return payment == last_uuid() ? "\x7f" : payment.str() + "~";
}

using payment_map = std::map<std::string, payment_books>;

void read_postings(db::connection& c, uuid after, uuid last, payment_map& books) {
  const std::vector<db::statement> all{{&postings_in, db::params(after, last)},
                                       {&unbalanced_in, db::params(after, last)},
                                       {&disputes_in, db::params(after, last)}};
  c.query(all, [&](std::size_t index, db::row r) {
    auto& payment = books[std::get<uuid>(r[0]).str()].payment;
    if (!payment) return;  // Created after the payments were read.
    auto& p = *payment;
    if (index == 0) {
      p.ledger.captured = number_of(r[1]);
      p.ledger.refunded = number_of(r[2]);
      p.ledger.disputed = number_of(r[3]);
      p.ledger.chargebacks = number_of(r[4]);
      p.ledger.receivable = number_of(r[5]);
      p.ledger.other_currency = text_of(r[6]) != p.currency || text_of(r[7]) != p.currency;
    } else if (index == 1) {
      ++p.ledger.unbalanced;
    } else {
      p.disputed = number_of(r[1]);
      p.chargebacks = number_of(r[2]);
    }
  });
}

payment_map read_payments(const check_sources& from, uuid after, uuid last) {
  payment_map books;
  from.of("payment").query({&payments_in, db::params(after, last)}, [&](db::row r) {
    auto p = payment_of(r);
    books[p.payment_id.str()].payment = std::move(p);
  });
  read_postings(from.of("payment"), after, last, books);
  if (from.ledger() == nullptr) {
    for (auto& [id, b] : books) b.has_charges = false;
    return books;
  }
  const auto low = after == first_uuid() ? std::string() : key_bound(after);
  from.ledger()->query({&charges_in, db::params(low, key_bound(last))}, [&](db::row r) {
    charge_entry c{text_of(r[0]),   text_of(r[1]), text_of(r[2]),
                   number_of(r[3]), text_of(r[5]), number_of(r[4])};
    auto of = books.find(c.key.substr(0, 36));
    if (of == books.end()) of = books.try_emplace(c.key).first;
    of->second.charges.push_back(std::move(c));
  });
  return books;
}

/// Limits a range to a bounded number of payments and charges.
uuid end_of_payments(const check_sources& from, uuid after, uuid last) {
  bound(from.of("payment"), payment_bound, after, last);
  if (from.ledger() == nullptr) return last;
  const auto low = after == first_uuid() ? std::string() : key_bound(after);
  from.ledger()->query({&charge_bound, db::params(low, key_bound(last), range_rows)},
                       [&](db::row r) {
                         const auto key = uuid::parse(text_of(r[0]).substr(0, 36));
                         if (key && *key > after) last = std::min(last, *key);
                       });
  return last;
}

}  // namespace

check_sources::check_sources(const settings& s) {
  for (const auto& service : config::service_names()) {
    const auto database = database_of(s, service);
    if (!database->shared() && !std::filesystem::exists(database->describe())) {
      throw std::runtime_error("the store has never been served: " + database->describe() +
                               " is missing");
    }
    auto c = database->open(db::access::read);
    const bool in_redis = service == "cart" && s.cart.store == "redis";
    if (in_redis) carts_in_redis_ = true;
    if (!in_redis) {
      db::check_migrated(*c, "kernel");
      db::check_migrated(*c, service);
    }
    if (database->shared()) shared_.insert(service);
    services_.emplace(service, std::move(c));
  }
  const auto ledger = ledger_of(s);
  if (std::filesystem::exists(ledger)) {
    ledger_ = db::open_sqlite(ledger.string(), db::sqlite_mode::read);
  }
}

std::int64_t check_sources::now(const std::string& service) const {
  return is_shared(service) ? kernel::read_clock(of(service)).us : system_time().now().us;
}

uuid first_uuid() {
  return {};
}

uuid last_uuid() {
  uuid id;
  id.bytes.fill(0xFF);
  return id;
}

uuid before(uuid id) {
  for (auto at = id.bytes.rbegin(); at != id.bytes.rend(); ++at) {
    if ((*at)-- != 0) break;
  }
  return id;
}

uuid last_order_id(const check_sources& from) {
  uuid last;
  const auto take = [&](db::row r) { last = std::max(last, std::get<uuid>(r[0])); };
  from.of("order").query({&last_order, {}}, take);
  from.of("payment").query({&last_paid_order, {}}, take);
  from.of("catalog").query({&last_reserved_order, {}}, take);
  from.of("pricing").query({&last_redeeming_order, {}}, take);
  return last;
}

uuid last_payment_id(const check_sources& from) {
  uuid last;
  from.of("payment").query({&last_payment, {}}, [&](db::row r) { last = std::get<uuid>(r[0]); });
  if (from.ledger() == nullptr) return last;
  from.ledger()->query({&last_charge, {}}, [&](db::row r) {
    last = std::max(last, uuid::parse(text_of(r[0]).substr(0, 36)).value_or(last_uuid()));
  });
  return last;
}

uuid_set orders_in_flight(const check_sources& from) {
  uuid_set ids;
  for (const auto* service : {"catalog", "payment", "pricing", "order"}) {
    from.of(service).query({&outbox_orders, db::params(in_flight_max)},
                           [&](db::row r) { ids.insert(std::get<uuid>(r[0])); });
  }
  return ids;
}

void read_order_books(const check_sources& from, uuid after, uuid last, const uuid_set& in_flight,
                      mail_index& mails, const std::function<void(const order_books&)>& sink) {
  while (after < last) {
    auto end = last;
    bound(from.of("order"), order_bound, after, end);
    bound(from.of("payment"), payment_of_bound, after, end);
    bound(from.of("catalog"), reservation_bound, after, end);
    bound(from.of("pricing"), redemption_bound, after, end);
    bound(from.of("pricing"), credit_bound, after, end);
    for (auto& [id, books] : read_range(from, after, end)) {
      books.order_id = id;
      books.in_flight = in_flight.contains(id);
      if (books.order) books.mails = mails.kinds_of(id);
      sink(books);
    }
    after = end;
  }
}

void read_payment_books(const check_sources& from, uuid after, uuid last,
                        const std::function<void(const payment_books&)>& sink) {
  while (after < last) {
    const auto end = end_of_payments(from, after, last);
    for (auto& [id, books] : read_payments(from, after, end)) {
      books.payment_id = id;
      sink(books);
    }
    after = end;
  }
}

}  // namespace stoa::cli
