// Proves the checker of the crash test: a correct store is damaged in one place at a time, and the
// checker reports exactly that.

#include "net/mail/mbox.hpp"
#include "tests/support/server.hpp"
#include "tests/support/shoppers.hpp"
#include "tests/support/storefront.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>
#include <sqlite3.h>

#include <algorithm>
#include <fstream>

using namespace stoa::test;
using std::chrono::milliseconds;
using std::chrono::seconds;
namespace fs = std::filesystem;

namespace {

struct spoiling {
  const char* file;
  const char* sql;
  const char* finding;
};

/// A bought order, as a subquery.
#define A_BOUGHT_ORDER "(SELECT order_id FROM orders WHERE status = 'Confirmed' LIMIT 1)"

constexpr spoiling all_spoilings[] = {
    {"order.db",
     "UPDATE orders SET total_amount = total_amount + 1 WHERE order_id = " A_BOUGHT_ORDER,
     "not the sum of its parts"},
    {"order.db",
     "UPDATE orders SET subtotal = subtotal + 1, tax_total = tax_total - 1 WHERE order_id "
     "= " A_BOUGHT_ORDER,
     "not the sum of its items"},
    {"order.db", "UPDATE orders SET status = 'Pending' WHERE order_id = " A_BOUGHT_ORDER,
     "an order is still Pending"},
    {"order.db", "UPDATE orders SET status = 'Shipped' WHERE order_id = " A_BOUGHT_ORDER,
     "not the last of its history"},
    {"order.db",
     "INSERT INTO order_status_history SELECT randomblob(16), order_id, status, changed_at, "
     "actor, "
     "reason, seq + 1 FROM order_status_history LIMIT 1",
     "the same status twice"},
    {"order.db",
     "DROP INDEX orders_cart;"
     "UPDATE orders SET (cart_id, cart_version) = (SELECT cart_id, cart_version FROM orders "
     "WHERE "
     "status = 'Confirmed' LIMIT 1) WHERE status = 'Confirmed'",
     "one version of a cart was ordered twice"},
    {"order.db",
     "UPDATE orders SET email = (SELECT email FROM orders LIMIT 1) WHERE order_id IN (SELECT "
     "order_id "
     "FROM orders LIMIT 2)",
     "one checkout created two orders"},
    {"order.db", "PRAGMA foreign_keys = OFF; DELETE FROM orders WHERE order_id = " A_BOUGHT_ORDER,
     "an acknowledged order is lost"},
    {"order.db", "DELETE FROM order_status_history WHERE status = 'Confirmed'",
     "an order reported as Confirmed never was"},
    {"cart.db",
     "INSERT INTO cart_items SELECT randomblob(16), cart_id, randomblob(16), 'left', 1, 0, "
     "'EUR', "
     "0, NULL, '{}', NULL, NULL "
     "FROM carts",
     "bought items are still in the cart"},
    {"cart.db", "UPDATE carts SET for_purchase = 1",
     "the cart of a purchase in one request is left"},
    {"order.db",
     "UPDATE order_items SET properties = NULL, product_id = (SELECT product_id FROM "
     "order_items "
     "LIMIT 1)",
     "two items of a product with the same properties"},
    {"catalog.db", "PRAGMA ignore_check_constraints = ON; UPDATE products SET quantity_max = 0",
     "more units than the product's maximum"},
    {"payment.db",
     "INSERT INTO saved_payment_methods VALUES(randomblob(16), randomblob(16), 'card', "
     "'sandbox', "
     "'', '', 0, 0, 0, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, '')",
     "saved for an account that does not exist"},
    {"payment.db",
     "INSERT INTO saved_payment_methods VALUES(x'01', x'00', 'card', 'sandbox', '', '', 0, 0, "
     "0, "
     "NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, '');"
     "INSERT INTO method_operations VALUES(x'01', 'Remove', x'00', 'sandbox', NULL, '', 0, 0, "
     "0, "
     "0, '')",
     "being removed at its gateway"},
    {"payment.db",
     "INSERT INTO saved_payment_methods VALUES(x'01', x'00', 'card', 'stripe', '', '', 0, 0, "
     "0, "
     "NULL, 0, 'cus_1', NULL, NULL, NULL, NULL, NULL, '')",
     "has no customer at its gateway"},
    {"payment.db",
     "INSERT INTO saved_payment_methods VALUES(x'01', x'00', 'paypal', 'paypal', '', '', 0, 0, "
     "0, NULL, 0, 'c1', NULL, NULL, NULL, NULL, NULL, 'k1')",
     "has no customer at its gateway"},
    {"payment.db",
     "INSERT INTO saved_payment_methods VALUES(x'01', x'00', 'paypal', 'paypal', '', '', 0, 0, "
     "0, NULL, 0, 'c1', NULL, NULL, NULL, NULL, NULL, '')",
     "cannot be found by its gateway's token"},
    {"payment.db",
     "INSERT INTO saved_payment_methods VALUES(x'01', x'00', 'paypal', 'paypal', '', '', 0, 0, "
     "0, NULL, 0, 'c1', NULL, NULL, NULL, NULL, NULL, 'k1'), (x'02', x'00', 'paypal', 'paypal', "
     "'', '', 0, 0, 0, NULL, 0, 'c1', NULL, NULL, NULL, NULL, NULL, 'k1')",
     "saved a gateway's token twice"},
    {"payment.db",
     "INSERT INTO gateway_customers VALUES(randomblob(16), 'stripe', 'cus_1', 0, 0, 0, 0, 0, "
     "0)",
     "left of an account that does not exist"},
    {"payment.db",
     "INSERT INTO saved_payment_methods VALUES(x'01', x'00', 'card', 'sandbox', '', '', 1, 0, "
     "0, "
     "NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, ''), (x'02', x'00', 'card', 'sandbox', '', '', "
     "1, "
     "0, "
     "0, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, '')",
     "several default payment methods"},
    {"sandbox/ledger.db",
     "INSERT INTO charges(key, order_id, amount, currency, token, status, code, "
     "transaction_id, "
     "refunded, created_at) SELECT key || 'x', order_id, amount, currency, token, status, "
     "code, "
     "transaction_id, refunded, created_at FROM charges WHERE status = 'paid' LIMIT 1",
     "charged more than once"},
    {"sandbox/ledger.db", "UPDATE charges SET order_id = 'ab' || order_id WHERE status = 'paid'",
     "a charge for an order that does not exist"},
    {"sandbox/ledger.db", "UPDATE charges SET amount = amount + 1 WHERE status = 'paid'",
     "not charged exactly what is due"},
    {"sandbox/ledger.db", "UPDATE charges SET refunded = 0", "money is not refunded"},
    {"sandbox/ledger.db", "DELETE FROM charges", "no matching charge at the bank"},
    {"payment.db", "UPDATE payments SET status = 'Failed' WHERE status = 'Completed'",
     "has no Completed payment of what is due"},
    {"payment.db", "UPDATE payments SET status = 'Completed' WHERE status = 'Refunded'",
     "neither Failed nor Refunded"},
    {"payment.db", "UPDATE payments SET status = 'Refunded' WHERE status = 'Completed'",
     "the bank has not refunded it"},
    {"payment.db", "UPDATE payments SET effect = 'Authorize' WHERE status = 'Completed'",
     "a payment is still open"},
    {"catalog.db", "UPDATE inventory SET on_hand = on_hand + 1", "not the sum of its ledger"},
    {"catalog.db", "UPDATE stock_levels SET on_hand = on_hand + 1",
     "stock at a location is not the sum of its ledger"},
    {"catalog.db", "PRAGMA foreign_keys = OFF; DELETE FROM stock_levels",
     "stock at a location is not the sum of its ledger"},
    {"catalog.db", "UPDATE stock_levels SET reserved = reserved + 1 WHERE reserved < on_hand",
     "reserved units at a location are not those of its allocations"},
    {"catalog.db",
     "UPDATE reservations SET status = 'Active', allocations = "
     "'[{\"location_id\":\"01900000-0000-7000-8000-00000000cafe\",\"quantity\":1}]'",
     "reserved units at a location are not those of its allocations"},
    {"catalog.db",
     "UPDATE reservations SET allocations = "
     "'[{\"location_id\":\"01900000-0000-7000-8000-00000000cafe\",\"quantity\":99}]'",
     "allocations are more than the units of the order"},
    {"catalog.db", "UPDATE reservations SET allocations = '[]' WHERE status = 'Sold'",
     "units sold from a location are not those of its ledger"},
    {"catalog.db",
     "INSERT INTO stock_ledger SELECT product_id, randomblob(16), 1, 0, 'sale', reference, NULL, "
     "'x', 0, location_id FROM stock_ledger WHERE location_id IS NOT NULL AND reference IS NOT "
     "NULL LIMIT 1; INSERT INTO stock_ledger SELECT product_id, randomblob(16), -1, 0, "
     "'adjustment', NULL, NULL, 'x', 0, location_id FROM stock_ledger WHERE actor = 'x'",
     "units sold from a location are not those of its ledger"},
    {"catalog.db", "UPDATE inventory SET located = 0",
     "stock at locations is not part of the stock"},
    {"catalog.db", "UPDATE inventory SET located = 1",
     "stock at locations is not part of the stock"},
    {"catalog.db",
     "INSERT INTO resource_redirects SELECT handle, 'category', category_id, 0 FROM "
     "categories "
     "WHERE handle IS NOT NULL LIMIT 1",
     "an earlier handle is the handle of a resource of its kind"},
    {"catalog.db", "INSERT INTO resource_redirects VALUES('gone', 'collection', randomblob(16), 0)",
     "an earlier handle leads to nothing"},
    {"catalog.db",
     "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 21) "
     "INSERT INTO resource_redirects SELECT 'earlier-' || i, 'category', "
     "(SELECT category_id FROM categories LIMIT 1), 0 FROM n",
     "a resource has too many earlier handles"},
    {"catalog.db",
     "INSERT INTO exports VALUES(x'01', 'completed', 0, 1, x'02', 'csv', NULL, NULL, 0, '', "
     "'', "
     "'', "
     "2, 0, 3, 1, 0, NULL, 0, 0, 0, 9, 0); INSERT INTO export_parts VALUES(x'01', 0, 'abc')",
     "an export does not have the parts of its file"},
    {"catalog.db",
     "INSERT INTO exports VALUES(x'01', 'queued', 1, 1, x'02', 'csv', NULL, NULL, 0, '', '', '', "
     "1, 0, 3, 1, 0, NULL, 0, 0, 0, NULL, 0); INSERT INTO export_parts VALUES(x'01', 0, 'abc')",
     "an export does not have the parts of its file"},
    {"catalog.db",
     "INSERT INTO exports VALUES(x'01', 'completed', 0, 0, x'02', 'csv', NULL, NULL, 0, '', '', "
     "'', 0, 0, 0, 0, 0, NULL, 0, 0, 0, 9, 0)",
     "an export does not have the parts of its file"},
    {"catalog.db",
     "INSERT INTO exports VALUES(x'01', 'failed', 1, 0, x'02', 'csv', NULL, NULL, 0, '', '', '', "
     "0, 0, 0, 0, 0, NULL, 0, 0, 0, NULL, 0)",
     "an export is open in a state of its end"},
    {"catalog.db", "INSERT INTO export_parts VALUES(x'01', 0, 'abc')",
     "parts of an export that does not exist"},
    {"catalog.db", "UPDATE inventory SET on_hand = on_hand - 1 WHERE on_hand > 0",
     "do not equal the initial stock"},
    {"catalog.db", "UPDATE inventory SET reserved = 1 WHERE on_hand > 0",
     "stock is still reserved"},
    {"catalog.db", "UPDATE reservations SET status = 'Active'", "a reservation is still active"},
    {"catalog.db", "DELETE FROM reservations", "no Sold reservation"},
    {"catalog.db", "UPDATE reservations SET status = 'Sold' WHERE status = 'Released'",
     "Sold for an order that was not bought"},
    {"pricing.db",
     "INSERT INTO promotions VALUES(randomblob(16), 0, 'Active', '{}', 0, 0, 0); "
     "INSERT INTO promotion_uses SELECT promotion_id, 1, 1, 0 FROM promotions",
     "uses are not those of its redemptions, or too many"},
    {"pricing.db", "INSERT INTO promotion_codes VALUES('a', 'A', randomblob(16), NULL, 1, 0, 0)",
     "a code's uses are not those"},
    {"order.db", "UPDATE orders SET redemptions = '[{}]'", "does not have its redemptions"},
    {"pricing.db",
     "INSERT INTO redemptions VALUES(randomblob(16), randomblob(16), NULL, 'a', 'Redeemed', 0, 0, "
     "0)",
     "a redemption is not that of its order"},
    {"pricing.db",
     "INSERT INTO credit_accounts VALUES(randomblob(16), 'gift_card', 'k', NULL, '', NULL, 'EUR', "
     "7, 'Active', NULL, NULL, 0, 0, 0)",
     "a balance is not the sum of its entries"},
    {"order.db", "UPDATE orders SET credit_total = 1", "has not redeemed its credit"},
    {"catalog.db",
     "INSERT INTO product_images SELECT randomblob(16), product_id, '', '', 1, 0, 'ab', "
     "'{\"name\":\"ab-1.png\",\"bytes\":1,\"thumbnails\":[]}' FROM products LIMIT 1",
     "an image's file is missing"},
    {"catalog.db",
     "INSERT INTO product_images SELECT randomblob(16), product_id, '', '', 1, 0, 'ab', "
     "'{\"name\":\"ab-1.png\",\"bytes\":1,\"thumbnails\":[]}' FROM products LIMIT 1",
     "an image's file is not recorded as stored"},
    {"pricing.db",
     "INSERT INTO credit_redemptions VALUES(randomblob(16), randomblob(16), 5, 'Redeemed', 0, 0, "
     "0, 0)",
     "not what its entries have taken"},
    {"pricing.db",
     "INSERT INTO credit_redemptions VALUES(randomblob(16), randomblob(16), 0, 'Redeemed', 0, 0, "
     "0, 0)",
     "redeemed credit is not that of its order"},
    {"pricing.db",
     "INSERT INTO price_entries VALUES(randomblob(16), randomblob(16), 1, NULL, '[]', 0)",
     "a price list's number of prices is wrong"},
    {"pricing.db", "INSERT INTO price_lists VALUES(randomblob(16), 0, '{}', 3, 0, 0, 0, 0)",
     "a price list's number of prices is wrong"},
    {"catalog.db", "UPDATE products SET status = 'Deleted'", "a deleted product has a price"},
    {"pricing.db",
     R"(INSERT INTO price_lists VALUES(randomblob(16), 0, '{"key":"a"}', 0, 0, 0, 0, 0),)"
     R"((randomblob(16), 0, '{"key":"a"}', 0, 0, 0, 0, 0))",
     "two price lists have the same key"},
    {"order.db",
     R"(UPDATE orders SET price_parts = '[{"kind":"included_tax","code":"tax","reason":"VAT",)"
     R"("amount":{"amount":1,"currency":"EUR"}}]')",
     "an order has taxes of a provider without a record"},
    {"notification.db",
     "PRAGMA foreign_keys = OFF; DELETE FROM notifications WHERE template_name = 'confirmed'",
     "a notification is missing"},
    {"notification.db",
     "UPDATE notifications SET order_id = (SELECT order_id FROM notifications LIMIT 1)",
     "a notification was created more than once"},
    {"notification.db", "UPDATE notifications SET template_name = 'shipped'",
     "a notification without its event"},
    {"notification.db", "UPDATE notifications SET status = 'Pending'",
     "a notification is still Pending"},
    {"notification.db", "UPDATE notifications SET status = 'Failed'", "a notification has Failed"},
    {"order.db",
     "INSERT INTO outbox VALUES(0, 999999, randomblob(16), 'order.placed', randomblob(16), '{}', "
     "'', 0)",
     "still in the outbox"},
    {"cart.db",
     "INSERT INTO dead_letter VALUES(randomblob(16), 'order', 1, 'order.placed', randomblob(16), "
     "'{}', '', 'why', 1, 0, 0)",
     "an event is a dead letter"},
};

void run_sql(const fs::path& file, const char* sql) {
  sqlite3* db = nullptr;
  BOOST_TEST_REQUIRE(sqlite3_open(file.c_str(), &db) == SQLITE_OK);
  char* error = nullptr;
  const int status = sqlite3_exec(db, sql, nullptr, nullptr, &error);
  BOOST_TEST(status == SQLITE_OK, sql << ": " << (error ? error : ""));
  BOOST_TEST(sqlite3_total_changes(db) > 0, sql << " changes nothing");
  sqlite3_free(error);
  sqlite3_close(db);
}

bool finds(const std::vector<std::string>& violations, const std::string& what) {
  return std::any_of(violations.begin(), violations.end(),
                     [&](const auto& v) { return v.find(what) != std::string::npos; });
}

/// Sets the price of the product in a list that applies to no customer.
void set_list_price(std::uint16_t port, const std::string& product) {
  visitor root(port);
  const auto who = root.log_in("root");
  const auto list = root.client.post(
      "/admin/v1/price-lists", R"({"name":"Disabled","currency":"EUR","enabled":false})", who);
  BOOST_TEST_REQUIRE(list.status == 201, list.body);
  const auto set = root.client.post(
      list.header("Location") + "/prices",
      R"({"set":[{"product_id":")" + product + R"(","price":{"amount":1,"currency":"EUR"}}]})",
      who);
  BOOST_TEST_REQUIRE(set.status == 200, set.body);
}

/// A store at rest in which some customers have bought, been declined and cancelled.
struct sold_store {
  sold_store() {
    const auto data = folder / "data";
    load_demo(stoa_binary(), data, 10, 1000);
    create_root(stoa_binary(), data);
    server_options o;
    o.data = data;
    o.settings = short_timeouts();
    server stoa(o);
    stoa.start();
    check = {data, true, true, read_stock(data), {}};
    shopper_options who;
    who.port = stoa.port();
    who.shoppers = 8;
    who.declined_percent = who.cancel_percent = 25;
    for (const auto& [hex, units] : check.initial) who.products.push_back(uuid_text(hex));
    spread_stock(stoa.port(), who.products);
    set_list_price(stoa.port(), who.products.front());
    shoppers customers(who);
    customers.start();
    std::this_thread::sleep_for(seconds{1});
    customers.finish();
    BOOST_TEST(await_quiet(data, seconds{30}));
    stoa.stop();
    auto shopping = customers.take();
    check.reported = std::move(shopping.reported);
    BOOST_TEST(shopping.complaints.empty());
  }

  /// The violations in a copy changed by `spoil`.
  template <class F>
  std::vector<std::string> spoilt(F spoil) const {
    const temp_dir copy;
    auto look = check;
    look.data = copy / "data";
    fs::copy(check.data, look.data, fs::copy_options::recursive);
    spoil(look);
    return check_store(look).violations;
  }

  temp_dir folder;
  check_options check;
};

/// Created once for all cases.
const sold_store& the_store() {
  static const sold_store store;
  return store;
}

fs::path mails_of(const check_options& o) {
  return stoa::mail::read_mbox(o.data / "mail").at(0).file;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(checker)

BOOST_AUTO_TEST_CASE(every_rule_can_fail) {
  const auto& store = the_store();
  const auto clean = store.spoilt([](check_options&) {});
  for (const auto& v : clean) BOOST_ERROR(v);

  for (const auto& s : all_spoilings) {
    BOOST_TEST_CONTEXT(s.file << ": " << s.sql) {
      const auto found = store.spoilt([&](check_options& o) { run_sql(o.data / s.file, s.sql); });
      BOOST_TEST(finds(found, s.finding), "not found: " << s.finding);
    }
  }
}

BOOST_AUTO_TEST_CASE(mails_and_answers_are_compared) {
  const auto& store = the_store();
  BOOST_TEST(finds(store.spoilt([](check_options& o) {
    const auto file = mails_of(o);
    fs::resize_file(file, fs::file_size(file) - 10);
  }),
                   "a mail is missing"));
  BOOST_TEST(finds(store.spoilt([](check_options& o) {
    fs::copy_file(mails_of(o), o.data / "mail" / "9999-12-31.1.mbox");
  }),
                   "a mail was sent more than once"));
  const auto reported = [](check_options& o, auto which) -> reported_checkout& {
    return *std::find_if(o.reported.begin(), o.reported.end(), which);
  };
  const auto confirmed = [](const reported_checkout& t) { return t.confirmed && !t.cancel_asked; };
  const auto refused = [](const reported_checkout& t) { return t.refused; };
  const auto cancelled = [](const reported_checkout& t) {
    return t.confirmed && t.cancel_answered;
  };
  BOOST_TEST(finds(store.spoilt([&](check_options& o) { reported(o, confirmed).refused = true; }),
                   "a rejected checkout was sold"));
  BOOST_TEST(
      finds(store.spoilt([&](check_options& o) { reported(o, confirmed).cancel_answered = true; }),
            "an order reported as Cancelled is not"));
  BOOST_TEST(
      finds(store.spoilt([&](check_options& o) { reported(o, cancelled).cancel_asked = false; }),
            "a confirmed order was cancelled without a request"));
  BOOST_TEST(finds(store.spoilt([&](check_options& o) {
    reported(o, refused).order_id = reported(o, confirmed).order_id;
  }),
                   "an acknowledged order is lost"));
}

BOOST_AUTO_TEST_SUITE_END()
