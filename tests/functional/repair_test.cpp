// Repairs of what `stoa check` finds: lost orders, stuck orders, dead letters.

#include "storage/base/order_number.hpp"
#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>
#include <sqlite3.h>

#include <fstream>

using namespace stoa::test;
using std::chrono::seconds;

namespace {

struct repair_shop : storefront {
  repair_shop() : storefront({.products = 3, .stock = 100}) {
    std::ofstream(files / "right") << shared_password << "\n";
  }

  /// Runs statements on a service's database while no server has it open.
  void damage(const std::string& service, const std::string& sql) {
    process().stop();
    BOOST_TEST(rows(service, sql).empty());
    process().start();
  }
  std::vector<std::string> rows(const std::string& service, const std::string& sql) const {
    sqlite3* db = nullptr;
    BOOST_TEST_REQUIRE(sqlite3_open((data() / (service + ".db")).c_str(), &db) == SQLITE_OK);
    std::vector<std::string> found;
    const auto sink = [](void* to, int columns, char** values, char**) {
      std::string row;
      for (int i = 0; i < columns; ++i) row += (i > 0 ? "|" : "") + std::string(values[i]);
      static_cast<std::vector<std::string>*>(to)->push_back(row);
      return 0;
    };
    char* error = nullptr;
    const int status = sqlite3_exec(db, sql.c_str(), sink, &found, &error);
    BOOST_TEST(status == SQLITE_OK, sql << ": " << (error ? error : ""));
    sqlite3_free(error);
    sqlite3_close(db);
    return found;
  }

  std::vector<std::string> login() {
    return {"--url", process().url(),   "--user",
            "root",  "--password-file", (files / "right").string()};
  }
  finished_program stoa_with_login(std::vector<std::string> arguments) {
    for (auto& word : login()) arguments.push_back(std::move(word));
    return run_program(stoa_binary(), arguments);
  }
  finished_program check(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"check", "--data", data().string()});
    return run_program(stoa_binary(), more);
  }
  finished_program repair(std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"check", "--data", data().string(), "--repair"});
    return stoa_with_login(more);
  }

  temp_dir files;
};

bool says(const finished_program& done, const std::string& what) {
  return done.output.find(what) != std::string::npos;
}

std::string hex_of(std::string id) {
  std::erase(id, '-');
  return "x'" + id + "'";
}

std::string order_id_of(const http_answer& bought) {
  return text_at(bought.json(), "/order_id");
}

std::int64_t stock_of(visitor& who, const std::string& product) {
  return who.product(product).stock;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(repair)

BOOST_AUTO_TEST_CASE(the_rest_of_a_lost_order_is_released) {
  repair_shop shop;
  std::string order;
  std::string product;
  std::int64_t before = 0;
  {
    visitor ada(shop.port());
    product = ada.goods().front().id;
    before = stock_of(ada, product);
    order = order_id_of(ada.bought(product));
    BOOST_TEST(eventually([&] { return shop.check().exit_code == 0; }));
  }
  const auto id = hex_of(order);
  shop.damage("order", "DELETE FROM order_items WHERE order_id=" + id +
                           ";DELETE FROM order_status_history WHERE order_id=" + id +
                           ";DELETE FROM orders WHERE order_id=" + id);
  const auto lost = shop.check();
  BOOST_TEST(lost.exit_code == 3);
  for (const auto* code : {"charge_without_order", "sale_without_order", "mail_without_order"}) {
    BOOST_TEST(says(lost, code), lost.output);
  }
  // Neither money nor sold goods are returned unless requested.
  const auto safe = shop.repair();
  BOOST_TEST(safe.exit_code == 3);
  BOOST_TEST(!says(safe, "repair:"), safe.output);
  const auto dry = shop.repair({"--refunds", "--dry-run"});
  BOOST_TEST(says(dry, "would be done"), dry.output);
  BOOST_TEST(shop.rows("payment", "SELECT status FROM payments").front() == "Completed");
  BOOST_TEST(shop.check({"--repair"}).exit_code == 2);

  const auto done = shop.repair({"--refunds", "--ignore", "mail_without_order"});
  BOOST_TEST(done.exit_code == 0, done.output);
  BOOST_TEST(says(done, "repair: refund "), done.output);
  BOOST_TEST(says(done, "repair: restock " + order + ": done"), done.output);
  BOOST_TEST(eventually(
      [&] { return shop.rows("payment", "SELECT status FROM payments").front() == "Refunded"; }));
  visitor ada(shop.port());
  BOOST_TEST(stock_of(ada, product) == before);
  const auto again = shop.check({"--ignore", "mail_without_order"});
  BOOST_TEST(again.exit_code == 0, again.output);
  const auto actions =
      shop.rows("catalog", "SELECT action,type,reason,length(actor) FROM operator_action");
  BOOST_TEST_REQUIRE(actions.size() == 1U);
  BOOST_TEST(actions.front() == "applied|order.cancelled|stoa check --repair|36");
}

BOOST_AUTO_TEST_CASE(an_order_that_is_stored_is_not_called_off) {
  repair_shop shop;
  visitor ada(shop.port());
  const auto product = ada.goods().front().id;
  const auto order = order_id_of(ada.bought(product));
  const auto root = ada.log_in("root");
  const auto release = ada.client.post("/admin/v1/orders/" + order + "/release-reservation",
                                       R"({"product_ids":[")" + product + R"("]})", root);
  BOOST_TEST(release.status == 409);
  BOOST_TEST(text_at(release.json(), "/code") == "order_is_stored");
  const auto payments = ada.client.get("/admin/v1/payments", root);
  const auto payment = text_at(payments.json(), "/data/0/payment_id");
  const auto refund = ada.client.post("/admin/v1/payments/" + payment + "/refund", "{}", root);
  BOOST_TEST(refund.status == 409);
  BOOST_TEST(text_at(refund.json(), "/code") == "order_is_stored");
}

BOOST_AUTO_TEST_CASE(an_order_that_hangs_is_moved) {
  repair_shop shop;
  std::vector<std::string> orders;
  {
    visitor ada(shop.port());
    const auto product = ada.goods().front().id;
    for (int i = 0; i < 2; ++i) orders.push_back(order_id_of(ada.bought(product)));
    BOOST_TEST(eventually([&] { return shop.check().exit_code == 0; }));
  }
  // One whose payment's event was lost, and one that the catalogue has not received.
  shop.damage("order",
              "DELETE FROM order_status_history WHERE status='Confirmed' AND order_id=" +
                  hex_of(orders[0]) +
                  ";UPDATE orders SET status='Pending' WHERE order_id=" + hex_of(orders[0]));
  shop.damage("catalog",
              "UPDATE reservations SET status='Active' WHERE order_id=" + hex_of(orders[1]) +
                  ";UPDATE inventory SET on_hand=on_hand+1,reserved=reserved+1 WHERE "
                  "product_id=(SELECT product_id FROM reservations WHERE order_id=" +
                  hex_of(orders[1]) + ")");
  const auto found = shop.check();
  BOOST_TEST(says(found, "order_not_settled"), found.output);
  BOOST_TEST(says(found, "reservation_not_sold"), found.output);

  const auto one = shop.stoa_with_login({"order", "redrive", orders[0]});
  BOOST_TEST(one.exit_code == 0, one.output);
  BOOST_TEST(says(one, "payment_event_lost: The payment is Completed."), one.output);
  BOOST_TEST(says(one, "-> payment.completed applied at order"), one.output);
  const auto notes = shop.rows(
      "order",
      "SELECT action,reason,length(actor),payload FROM operator_action WHERE action<>'applied'");
  BOOST_TEST_REQUIRE(notes.size() == 1U);
  BOOST_TEST(notes.front() ==
             "redriven|redriven|36|{\"causes\":[{\"code\":\"payment_event_lost\",\"detail\":\"The "
             "payment is Completed.\"}],\"done\":[\"payment.completed applied at order\"]}");
  BOOST_TEST(shop.log().find("order redriven") != std::string::npos);
  visitor ada(shop.port());
  BOOST_TEST(ada.becomes("/store/v1/orders/" + orders[0], "Confirmed", ada.log_in("root")));
  const auto rest = shop.repair();
  BOOST_TEST(says(rest, "repair: redrive " + orders[1] +
                            ": the order is Confirmed; order.confirmed applied at catalog"),
             rest.output);
  BOOST_TEST(shop.rows("catalog", "SELECT DISTINCT status FROM reservations").front() == "Sold");
  // A repeat changes nothing.
  const auto again = shop.stoa_with_login({"order", "redrive", orders[1]});
  BOOST_TEST(says(again, "nothing to do: the order is not stuck"), again.output);
  BOOST_TEST(!says(again, "->"), again.output);
  BOOST_TEST(
      shop.rows("order", "SELECT count(*) FROM operator_action WHERE action='redriven'").front() ==
      "2");
  BOOST_TEST(shop.rows("catalog", "SELECT DISTINCT status FROM reservations").size() == 1U);
  const auto number =
      shop.rows("order", "SELECT order_number FROM orders WHERE order_id=" + hex_of(orders[1]))
          .front();
  const auto by_number =
      shop.stoa_with_login({"order", "redrive", stoa::to_display_number(number)});
  BOOST_TEST(by_number.exit_code == 0, by_number.output);
  BOOST_TEST(says(by_number, "order " + orders[1] + " is Confirmed"), by_number.output);
  const auto unknown = stoa::order_number_of({stoa::system_ids().next_v7()});
  BOOST_TEST(shop.stoa_with_login({"order", "redrive", unknown}).exit_code == 1);

  BOOST_TEST(shop.stoa_with_login({"order", "redrive"}).exit_code == 2);
  BOOST_TEST(shop.stoa_with_login({"order", "redrive", "nonsense"}).exit_code == 3);
  const auto none = shop.stoa_with_login({"order", "redrive", "--all-stuck"});
  BOOST_TEST(none.exit_code == 0);
  BOOST_TEST(says(none, "0 orders had been Pending"), none.output);
}

BOOST_AUTO_TEST_CASE(dead_letters_are_listed_replayed_and_given_up_in_bulk) {
  repair_shop shop;
  std::string letters;
  for (int i = 0; i < 150; ++i) {
    letters +=
        "INSERT INTO dead_letter VALUES(randomblob(16),'order',1,'order.unknown',randomblob(16),"
        "'{}','','no luck',10,0,1);";
  }
  letters +=
      "INSERT INTO dead_letter VALUES(randomblob(16),'order',1,'order.confirmed',randomblob(16),"
      "'{}','','malformed',10,0,1);";
  shop.damage("cart", letters);

  const auto all = shop.stoa_with_login({"dead-letters", "list"});
  BOOST_TEST(says(all, "151 dead letters"), all.output);
  const auto some = shop.stoa_with_login({"dead-letters", "list", "--service", "cart", "--type",
                                          "order.confirmed", "--error", "form"});
  BOOST_TEST(says(some, "\n1 dead letters"), some.output);
  const auto none = shop.stoa_with_login({"dead-letters", "list", "--service", "order"});
  BOOST_TEST(says(none, "0 dead letters"), none.output);

  // The first has no subscriber: it is done. The other one remains, with the new error.
  const auto replayed = shop.stoa_with_login({"dead-letters", "replay"});
  BOOST_TEST(replayed.exit_code == 3);
  BOOST_TEST(says(replayed, "150 dead letters applied, 1 failed"), replayed.output);
  BOOST_TEST(shop.rows("cart", "SELECT error FROM dead_letter").front() ==
             "cannot read order.confirmed");

  const auto of_all = shop.stoa_with_login({"dead-letters", "discard", "--reason", "of a test"});
  BOOST_TEST(of_all.exit_code == 2, of_all.output);
  BOOST_TEST(shop.rows("cart", "SELECT count(*) FROM dead_letter").front() == "1");
  const auto given_up = shop.stoa_with_login(
      {"dead-letters", "discard", "--service", "cart", "--reason", "of a test"});
  BOOST_TEST(given_up.exit_code == 0, given_up.output);
  BOOST_TEST(says(given_up, "1 dead letters discarded"), given_up.output);
  BOOST_TEST(shop.rows("cart", "SELECT count(*) FROM dead_letter").front() == "0");
  const auto kept = shop.rows(
      "cart", "SELECT action,type,reason,error,attempts,length(actor) FROM operator_action");
  BOOST_TEST_REQUIRE(kept.size() == 1U);
  BOOST_TEST(kept.front() ==
             "discarded|order.confirmed|of a test|cannot read order.confirmed|11|36");

  visitor ada(shop.port());
  const auto root = ada.log_in("root");
  const std::string path = "/admin/v1/events/dead-letters/";
  const auto unknown = R"({"service":"cart","event_ids":["0193a9b2-0000-7000-8000-000000000001"]})";
  const auto gone = ada.client.post(path + "replay", unknown, root);
  BOOST_TEST(gone.status == 200);
  BOOST_TEST(text_at(gone.json(), "/data/0/code") == "not_found");
  const auto nameless = R"({"event_ids":["0193a9b2-0000-7000-8000-000000000001"],"reason":"none"})";
  const auto refused = ada.client.post(path + "discard", nameless, root);
  BOOST_TEST(refused.status == 422);
  BOOST_TEST(pointers_of(refused) == "/service");
  BOOST_TEST(ada.client.post(path + "discard", "{}", root).status == 400);
  BOOST_TEST(ada.client.post(path + "discard", R"({"reason":"x"})", ada.staff("bob")).status ==
             403);
}

BOOST_AUTO_TEST_CASE(letters_that_stay_do_not_keep_others_from_being_replayed) {
  repair_shop shop;
  constexpr int staying = 520;  // More than the slices without progress.
  std::string letters;
  for (int i = 0; i < staying; ++i) {
    letters +=
        "INSERT INTO dead_letter VALUES(randomblob(16),'order',1,'order.confirmed',randomblob(16),"
        "'{}','','malformed',10,0,1);";
  }
  // The oldest is processed last.
  letters +=
      "INSERT INTO dead_letter "
      "VALUES(zeroblob(16),'order',1,'order.unknown',randomblob(16),'{}','',"
      "'no luck',10,0,1);";
  shop.damage("cart", letters);
  const auto replayed = shop.stoa_with_login({"dead-letters", "replay"});
  BOOST_TEST(replayed.exit_code == 3);
  BOOST_TEST(says(replayed, "\n1 dead letters applied, 520 failed\n"), replayed.output);
  BOOST_TEST(
      shop.rows("cart", "SELECT min(attempts),max(attempts),count(*) FROM dead_letter").front() ==
      "11|11|520");
  BOOST_TEST(shop.log().find("dead letter replayed") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
