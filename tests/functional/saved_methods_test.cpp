// Saved payment methods and saved addresses at a checkout, over HTTP.

#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>
#include <sqlite3.h>

#include <fstream>
#include <iterator>

using namespace stoa;
using namespace stoa::test;

namespace {

storefront& shop() {
  static storefront one(
      {.products = 8,
       .stock = 1000,
       .settings = {{"STOA_LOG_FORMAT", "json"}, {"STOA_LIMITS_CHECKOUT_BURST", "100"}}});
  return one;
}

const std::string methods = "/store/v1/users/me/payment-methods";

struct customer : visitor {
  customer() : visitor(shop().port()) {}

  std::string any_product() { return goods().front().id; }
  /// Checks out one unit with these members of the body besides the email address.
  http_answer pay(const std::string& members, const header_list& who, std::string key = {}) {
    const auto cart = cart_with(any_product(), 1, who);
    if (key.empty()) key = unique("saved");
    auto headers = with(with(who, "Idempotency-Key", key), "Prefer", "wait=20");
    return client.post(cart + "/checkout", R"({"email":"ada@example.com",)" + members + "}",
                       headers);
  }
  http_answer save(const std::string& token, const header_list& who) {
    return pay(home + R"(,"payment_method":{"type":"card","token":")" + token +
                   R"("},"save_payment_method":true)",
               who);
  }
  http_answer pay_with(const std::string& id, const header_list& who) {
    return pay(
        home + R"(,"payment_method":{"type":"card","saved_payment_method_id":")" + id + "\"}", who);
  }
  json::value saved(const header_list& who) { return client.get(methods, who).json(); }

  static inline const std::string home =
      R"("shipping_address":{"address_line1":"1 Main St","city":"Berlin",)"
      R"("postal_code":"10115","country":"DE"})";
};

std::string code_of(const http_answer& a) {
  return text_at(a.json(), "/code");
}

/// The number of saved methods with this hint in the payment service's database.
int saved_with(const std::string& hint) {
  sqlite3* db = nullptr;
  sqlite3_stmt* count = nullptr;
  BOOST_REQUIRE_EQUAL(
      sqlite3_open_v2((shop().data() / "payment.db").c_str(), &db, SQLITE_OPEN_READONLY, nullptr),
      SQLITE_OK);
  BOOST_REQUIRE_EQUAL(
      sqlite3_prepare_v2(db, "SELECT count(*) FROM saved_payment_methods WHERE token_hint=?", -1,
                         &count, nullptr),
      SQLITE_OK);
  sqlite3_bind_text(count, 1, hint.c_str(), -1, SQLITE_TRANSIENT);
  const int rows = sqlite3_step(count) == SQLITE_ROW ? sqlite3_column_int(count, 0) : -1;
  sqlite3_finalize(count);
  sqlite3_close(db);
  return rows;
}

/// Whether the text is in a file of the store.
bool is_on_disk(const std::string& text) {
  for (const auto& file : std::filesystem::recursive_directory_iterator(shop().data())) {
    // The gateway's own records are those of another company.
    if (!file.is_regular_file() || file.path().string().find("sandbox") != std::string::npos) {
      continue;
    }
    std::ifstream in(file.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    if (bytes.find(text) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(saved_methods, customer)

BOOST_AUTO_TEST_CASE(a_card_is_saved_and_used_again) {
  const auto me = sign_up(unique("saver"));
  BOOST_TEST(size_at(saved(me), "/data") == 0u);
  BOOST_REQUIRE_EQUAL(save("tok_visa", me).status, 201);
  const auto list = saved(me);
  BOOST_REQUIRE_EQUAL(size_at(list, "/data"), 1u);
  BOOST_TEST(text_at(list, "/data/0/type") == "card");
  BOOST_TEST(text_at(list, "/data/0/gateway") == "sandbox");
  BOOST_TEST(json::write(list).find("tok_visa") == std::string::npos);
  BOOST_TEST(json::write(at(list, "/data/0/is_default")) == "true");
  const auto id = text_at(list, "/data/0/payment_method_id");
  const auto paid = pay_with(id, me);
  BOOST_REQUIRE_EQUAL(paid.status, 201);
  BOOST_TEST(text_at(paid.json(), "/status") == "Confirmed");
  // Not saved a second time.
  BOOST_TEST(size_at(saved(me), "/data") == 1u);
  const auto shown = client.get(methods + "/" + id, me);
  BOOST_TEST(shown.status == 200);
  BOOST_TEST(
      client.get(methods + "/" + id, with(me, "If-None-Match", shown.header("ETag"))).status ==
      304);
  BOOST_TEST(shop().log().find("\"payment method saved\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_purchase_in_one_request_saves_and_uses_one) {
  const auto me = sign_up(unique("saver"));
  const auto items = R"({"items":[{"product_id":")" + any_product() + R"("}],)";
  const auto buy = [&](const std::string& more) {
    return client.post("/store/v1/checkout", items + home + more + "}",
                       with(with(me, "Idempotency-Key", unique("now")), "Prefer", "wait=20"));
  };
  BOOST_REQUIRE_EQUAL(
      buy(R"(,"payment_method":{"type":"card","token":"tok_visa"},"save_payment_method":true)")
          .status,
      201);
  const auto id = text_at(saved(me), "/data/0/payment_method_id");
  BOOST_TEST(
      buy(R"(,"payment_method":{"type":"card","saved_payment_method_id":")" + id + "\"}").status ==
      201);
}

BOOST_AUTO_TEST_CASE(a_declined_card_is_not_saved) {
  const auto me = sign_up(unique("saver"));
  BOOST_TEST(save("tok_chargeDeclined", me).status == 402);
  BOOST_TEST(size_at(saved(me), "/data") == 0u);
}

BOOST_AUTO_TEST_CASE(one_that_the_bank_asks_about_is_saved_when_it_is_paid) {
  const auto me = sign_up(unique("saver"));
  const auto order = save("tok_requiresAction", me);
  BOOST_TEST(order.status == 202);
  BOOST_TEST(shop().log().find("\"payment method saved if it is approved\"") != std::string::npos);
  BOOST_TEST(becomes(order.header("Location"), "Confirmed", me));
  BOOST_TEST(size_at(saved(me), "/data") == 1u);
}

BOOST_AUTO_TEST_CASE(defaults_and_deletion) {
  const auto me = sign_up(unique("saver"));
  for (const auto* token : {"tok_visa", "tok_mastercard"}) {
    BOOST_REQUIRE_EQUAL(save(token, me).status, 201);
  }
  auto list = saved(me);
  BOOST_REQUIRE_EQUAL(size_at(list, "/data"), 2u);
  const auto newest = text_at(list, "/data/0/payment_method_id");
  const auto oldest = text_at(list, "/data/1/payment_method_id");
  BOOST_TEST(json::write(at(list, "/data/1/is_default")) == "true");
  const auto chosen = client.post(methods + "/" + newest + "/default", "", me);
  BOOST_TEST(chosen.status == 200);
  BOOST_TEST(chosen.header("ETag") == client.get(methods + "/" + newest, me).header("ETag"));
  list = saved(me);
  BOOST_TEST(json::write(at(list, "/data/0/is_default")) == "true");
  BOOST_TEST(json::write(at(list, "/data/1/is_default")) == "false");
  BOOST_TEST(client.del(methods + "/" + newest, with(me, "If-Match", "\"other\"")).status == 412);
  BOOST_TEST(client.del(methods + "/" + newest, me).status == 204);
  BOOST_TEST(client.del(methods + "/" + newest, me).status == 404);
  // The other one is the default now, and the deleted one pays nothing.
  BOOST_TEST(json::write(at(saved(me), "/data/0/is_default")) == "true");
  const auto gone = pay_with(newest, me);
  BOOST_TEST(gone.status == 422);
  BOOST_TEST(code_of(gone) == "payment_method_unknown");
  BOOST_TEST(pay_with(oldest, me).status == 201);
  BOOST_TEST(shop().log().find("\"payment method removed\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(nobody_else_sees_or_uses_it) {
  const auto owner = sign_up(unique("owner"));
  BOOST_REQUIRE_EQUAL(save("tok_visa", owner).status, 201);
  const auto id = text_at(saved(owner), "/data/0/payment_method_id");
  const auto path = methods + "/" + id;
  const header_list guest;
  const struct {
    header_list who;
    int expected;
  } others[] = {{sign_up(unique("other")), 404},
                {staff(unique("clerk")), 404},
                {log_in("root"), 404},
                {guest, 401}};
  for (const auto& [who, expected] : others) {
    BOOST_TEST(client.get(path, who).status == expected);
    BOOST_TEST(client.post(path + "/default", "", who).status == expected);
    BOOST_TEST(client.del(path, who).status == expected);
    const auto paid = pay_with(id, who);
    BOOST_TEST(paid.status == 422);
    BOOST_TEST(pointers_of(paid) == "/payment_method/saved_payment_method_id");
    if (expected == 404) BOOST_TEST(size_at(saved(who), "/data") == 0u);
  }
  BOOST_TEST(pay_with(id, owner).status == 201);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_saved) {
  const auto me = sign_up(unique("saver"));
  const auto guests = save("tok_visa", {});
  BOOST_TEST(guests.status == 422);
  BOOST_TEST(pointers_of(guests) == "/save_payment_method");
  const auto transfer =
      pay(home + R"(,"payment_method":{"type":"bank_transfer"},"save_payment_method":true)", me);
  BOOST_TEST(pointers_of(transfer) == "/save_payment_method");
  const auto both =
      pay(home + R"(,"payment_method":{"type":"card","token":"tok_visa",)"
                 R"("saved_payment_method_id":"0194f3a2-7c1e-7d55-a1b0-5a2f4c6d8e90"})",
          me);
  BOOST_TEST(pointers_of(both) == "/payment_method/saved_payment_method_id");
}

BOOST_AUTO_TEST_CASE(the_number_is_bounded) {
  const auto me = sign_up(unique("saver"));
  http_answer last;
  int count = 0;
  for (; count < 30; ++count) {
    last = save("tok_visa", me);
    if (last.status != 201) break;
  }
  BOOST_TEST(count == 20);
  BOOST_TEST(last.status == 409);
  BOOST_TEST(code_of(last) == "too_many_payment_methods");
}

BOOST_AUTO_TEST_CASE(only_ciphertext_is_stored) {
  const auto me = sign_up(unique("saver"));
  BOOST_REQUIRE_EQUAL(save("tok_visa_debit", me).status, 201);
  BOOST_REQUIRE_EQUAL(size_at(saved(me), "/data"), 1u);
  BOOST_TEST(!is_on_disk("tok_visa_debit"));
  BOOST_TEST(is_on_disk(text_at(saved(me), "/data/0/hint")));
}

BOOST_AUTO_TEST_CASE(the_deletion_of_the_account_deletes_them) {
  const auto name = unique("leaver");
  const auto me = sign_up(name);
  BOOST_REQUIRE_EQUAL(save("tok_mastercard", me).status, 201);
  const auto hint = text_at(saved(me), "/data/0/hint");
  BOOST_TEST(saved_with(hint) == 1);
  const auto gone =
      client.request("DELETE", "/store/v1/users/me",
                     R"({"current_password":")" + std::string(shared_password) + "\"}", me);
  BOOST_REQUIRE_EQUAL(gone.status, 204);
  BOOST_TEST(eventually([&] { return saved_with(hint) == 0; }));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(saved_addresses, customer)

BOOST_AUTO_TEST_CASE(a_checkout_names_saved_addresses) {
  const auto me = sign_up(unique("mover"));
  const auto add_address = [&](const std::string& street) {
    const auto made = client.post("/store/v1/users/me/addresses",
                                  R"({"first_name":"Ada","address_line1":")" + street +
                                      R"(","city":"Berlin","postal_code":"10115","country":"DE"})",
                                  me);
    BOOST_REQUIRE_EQUAL(made.status, 201);
    return text_at(made.json(), "/profile_id");
  };
  const std::string card = R"(,"payment_method":{"type":"card","token":"tok_visa"})";
  const auto ship_to = add_address("1 Ship St");
  const auto bill_to = add_address("2 Bill St");
  const auto key = unique("address");
  const auto cart = cart_with(any_product(), 1, me);
  const auto order = [&] {
    return client.post(cart + "/checkout",
                       R"({"shipping_address_id":")" + ship_to + R"(","billing_address_id":")" +
                           bill_to + "\"" + card + "}",
                       with(with(me, "Idempotency-Key", key), "Prefer", "wait=20"));
  };
  const auto first = order();
  BOOST_REQUIRE_EQUAL(first.status, 201);
  BOOST_TEST(text_at(first.json(), "/shipping_address/address_line1") == "1 Ship St");
  BOOST_TEST(text_at(first.json(), "/billing_address/address_line1") == "2 Bill St");
  // Without a billing address it is the shipping address.
  const auto plain = pay(R"("shipping_address_id":")" + bill_to + "\"" + card, me);
  BOOST_TEST(text_at(plain.json(), "/billing_address/address_line1") == "2 Bill St");
  // A repeat is answered although the address is gone, and the order keeps it.
  BOOST_TEST(client.del("/store/v1/users/me/addresses/" + ship_to, me).status == 204);
  const auto again = order();
  BOOST_TEST(again.status == 201);
  BOOST_TEST(text_at(again.json(), "/order_id") == text_at(first.json(), "/order_id"));
  BOOST_TEST(text_at(again.json(), "/shipping_address/address_line1") == "1 Ship St");

  const auto refused = [&](const std::string& members, const header_list& who,
                           const std::string& pointer) {
    const auto answer = pay(members + card, who);
    BOOST_TEST(answer.status == 422, answer.body);
    BOOST_TEST(pointers_of(answer) == pointer);
  };
  refused(R"("shipping_address_id":")" + ship_to + "\"", me, "/shipping_address_id");
  refused(R"("shipping_address_id":")" + bill_to + "\"", sign_up(unique("other")),
          "/shipping_address_id");
  refused(R"("shipping_address_id":")" + bill_to + "\"", staff(unique("clerk")),
          "/shipping_address_id");
  refused(R"("shipping_address_id":")" + bill_to + "\"", {}, "/shipping_address_id");
  refused(home + R"(,"shipping_address_id":")" + bill_to + "\"", me, "/shipping_address_id");
  refused(home +
              R"(,"billing_address":{"address_line1":"1 Main St","city":"Berlin",)"
              R"("postal_code":"10115","country":"DE"},"billing_address_id":")" +
              bill_to + "\"",
          me, "/billing_address_id");
  refused(R"("phone":"+49 30 123456")", me, "/shipping_address");
}

BOOST_AUTO_TEST_CASE(quotes_and_shipping_options_name_a_saved_address) {
  const auto root = log_in("root");
  const auto zone = client.post(
      "/admin/v1/shipping-zones",
      R"({"name":"Iceland","areas":[{"country":"IS"}],"methods":[{"name":"Ship","rates":)"
      R"([{"amount":{"amount":490,"currency":"EUR"}}]}]})",
      root);
  BOOST_REQUIRE_MESSAGE(zone.status == 201, zone.body);
  const auto me = sign_up(unique("mover"));
  const auto made = client.post(
      "/store/v1/users/me/addresses",
      R"({"address_line1":"1 Main St","city":"Reykjavik","postal_code":"101","country":"IS"})", me);
  BOOST_REQUIRE_MESSAGE(made.status == 201, made.body);
  const auto mine = R"("shipping_address_id":")" + text_at(made.json(), "/profile_id") + "\"";
  const auto cart = cart_with(any_product(), 1, me);
  const auto options = client.post(cart + "/shipping-options", "{" + mine + "}", me);
  BOOST_REQUIRE_MESSAGE(options.status == 200, options.body);
  const auto method = text_at(options.json(), "/data/0/shipping_method_id");
  const auto quote =
      client.post(cart + "/quote", "{" + mine + R"(,"shipping_method_id":")" + method + "\"}", me);
  BOOST_TEST(number_at(quote.json(), "/shipping_total/amount") == 490);

  // An address of another user does not exist, for customers and for staff.
  const std::string unknown = R"("shipping_address_id":"0194f3a2-7c1e-7d55-a1b0-5a2f4c6d8e90")";
  for (const std::string path : {"/quote", "/shipping-options"}) {
    const auto refused = [&](const std::string& body, const header_list& who) {
      const auto answer =
          client.post(cart_with(any_product(), 1, who) + path, "{" + body + "}", who);
      BOOST_TEST(answer.status == 422, path << ": " << answer.body);
      BOOST_TEST(pointers_of(answer) == "/shipping_address_id", path);
    };
    refused(mine, {});
    refused(mine, sign_up(unique("other")));
    refused(mine, staff(unique("clerk")));
    refused(mine, root);
    refused(unknown, me);
    refused(home + "," + mine, me);
    // A cart of another user is not found, whatever the address.
    BOOST_TEST(client.post(cart + path, "{" + mine + "}", sign_up(unique("other"))).status == 404);
  }
  BOOST_TEST(client.post(cart + "/shipping-options", "{}", me).status == 422);
  BOOST_TEST(client.del(zone.header("Location"), root).status == 204);
}

BOOST_AUTO_TEST_SUITE_END()
