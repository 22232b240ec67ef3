// Conditional requests, caching and OPTIONS (RFC 9110, RFC 9111), against the running program.

#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <thread>
#include <utility>

using namespace stoa;
using namespace stoa::test;

namespace {

storefront& shop() {
  static storefront one({.products = 10, .stock = 1000});
  return one;
}

const header_list& root() {
  static const header_list headers = [] {
    visitor v(shop().port());
    return v.log_in("root");
  }();
  return headers;
}

const std::string address =
    R"({"address_line1":"1 Main Street","city":"London","postal_code":"N1 9GU","country":"GB"})";

struct person : visitor {
  person() : visitor(shop().port()) {}

  std::string made(std::string_view path, const std::string& body, std::string_view id,
                   const header_list& who = root()) {
    const auto a = client.post(path, body, who);
    BOOST_REQUIRE_MESSAGE(a.status == 201, a.body);
    BOOST_TEST(!a.header("ETag").empty());
    return std::string(path) + "/" + text_at(a.json(), id);
  }

  http_answer send(std::string_view method, std::string_view target, const std::string& body,
                   const header_list& who, std::string_view name, const std::string& value) {
    return client.request(method, target, body, with(who, std::string(name), value));
  }

  /// Only clients with the current ETag can change the resource, and each answer has its ETag.
  void check_conditions(const std::string& target, std::string_view method, const std::string& body,
                        const std::string& other_body, const header_list& who) {
    BOOST_TEST_CONTEXT(method << " " << target) {
      const auto seen = client.get(target, who).header("ETag");
      BOOST_REQUIRE(!seen.empty());
      BOOST_TEST(send("GET", target, "", who, "If-None-Match", "\"x\", W/" + seen).status == 304);
      BOOST_TEST(send("GET", target, "", who, "If-Match", seen).status == 200);
      BOOST_TEST(send("GET", target, "", who, "If-Match", "\"x\"").status == 412);
      for (const auto& outdated :
           {std::string("\"x\""), "W/" + seen, std::string("\"x\", \"y\"")}) {
        const auto a = send(method, target, body, who, "If-Match", outdated);
        BOOST_TEST(a.status == 412, outdated << " " << a.body);
        BOOST_TEST(a.code() == "precondition_failed");
      }
      for (const auto* malformed : {"x", "\"x", "\"a\" \"b\"", "", "*, \"a\"", "\"a\"b"}) {
        const auto a = send(method, target, body, who, "If-Match", malformed);
        BOOST_TEST(a.status == 400, malformed << " " << a.body);
        BOOST_TEST(a.code() == "invalid_precondition");
        BOOST_TEST(pointers_of(a) == "#If-Match");
      }
      BOOST_TEST(send(method, target, body, who, "If-None-Match", "*").status == 412);
      BOOST_TEST(send(method, target, body, who, "If-None-Match", seen).status == 412);
      BOOST_TEST(client.get(target, who).header("ETag") == seen);  // nothing was changed

      const auto changed = send(method, target, body, who, "If-Match", "\"x\", " + seen);
      BOOST_TEST(changed.status == 200, changed.body);
      const auto now = client.get(target, who);
      BOOST_TEST(changed.header("ETag") == now.header("ETag"));
      BOOST_TEST(changed.header("ETag") != seen);
      BOOST_TEST(changed.body == now.body);
      BOOST_TEST(send(method, target, other_body, who, "If-Match", seen).status == 412);
      BOOST_TEST(send(method, target, other_body, who, "If-Match", "*").status == 200);
    }
  }
  /// The same for DELETE.
  void check_deletion(const std::string& target, const header_list& who) {
    BOOST_TEST_CONTEXT("DELETE " << target) {
      const auto seen = client.get(target, who).header("ETag");
      BOOST_TEST(send("DELETE", target, "", who, "If-Match", "\"x\"").status == 412);
      BOOST_TEST(send("DELETE", target, "", who, "If-Match", seen).status == 204);
      // Without a resource the request fails as it does without a condition (section 13.2.1).
      BOOST_TEST(send("DELETE", target, "", who, "If-Match", seen).status == 404);
      BOOST_TEST(send("DELETE", target, "", who, "If-Match", "*").status == 404);
    }
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(conditions, person)

BOOST_AUTO_TEST_CASE(the_catalogue_is_changed_only_as_last_seen) {
  const auto shirt =
      made("/admin/v1/products", R"({"name":"Shirt","price":{"amount":1999,"currency":"EUR"}})",
           "/product_id");
  const auto image =
      made(shirt + "/images", R"({"image_url":"https://a.example/1.png"})", "/image_id");
  const auto variant = made("/admin/v1/products",
                            R"({"parent_product_id":")" + shirt.substr(shirt.rfind('/') + 1) +
                                R"(","options":[{"name":"Size","value":"M"}]})",
                            "/product_id");
  const auto clothes = made("/admin/v1/categories", R"({"name":"Clothes"})", "/category_id");
  made(
      "/admin/v1/categories",
      R"({"name":"Shirts","parent_category_id":")" + clothes.substr(clothes.rfind('/') + 1) + "\"}",
      "/category_id");
  check_conditions(shirt, "PATCH", R"({"name":"T-shirt"})", R"({"name":"Tee"})", root());
  check_conditions(image, "PATCH", R"({"alt_text":"front"})", R"({"alt_text":"back"})", root());
  check_conditions(variant, "PATCH", R"({"sku":"TEE-M"})", R"({"sku":"TEE-M2"})", root());
  check_conditions(clothes, "PATCH", R"({"name":"Garments"})", R"({"name":"Wear"})", root());

  // All parts of the product's representation count: a variant, a category's name, the stock.
  auto seen = client.get(shirt, root()).header("ETag");
  BOOST_TEST(client.patch(variant, R"({"sku":"TEE-M3"})", root()).status == 200);
  BOOST_TEST(send("PATCH", shirt, R"({"name":"x"})", root(), "If-Match", seen).status == 412);
  seen = client.get(shirt, root()).header("ETag");
  BOOST_TEST(client.post(variant + "/inventory", R"({"change":3})", root()).status == 200);
  BOOST_TEST(send("PATCH", shirt, R"({"name":"x"})", root(), "If-Match", seen).status == 412);
  // Checked before the change itself.
  BOOST_TEST(
      send("PATCH", shirt, R"({"price":{"amount":1,"currency":"USD"}})", root(), "If-Match", seen)
          .status == 412);
  BOOST_TEST(client.patch(shirt, R"({"price":{"amount":1,"currency":"USD"}})", root()).status ==
             422);

  check_deletion(image, root());
  check_deletion(variant, root());
  check_deletion(shirt, root());
}

BOOST_AUTO_TEST_CASE(accounts_addresses_and_orders_are_changed_only_as_last_seen) {
  const auto ann = sign_up(unique("ann"));
  check_conditions("/store/v1/users/me", "PATCH", R"({"first_name":"Ann"})",
                   R"({"first_name":"Anna"})", ann);
  const auto home = made("/store/v1/users/me/addresses", address, "/profile_id", ann);
  auto moved = address;
  moved.replace(moved.find("London"), 6, "Leeds!");
  check_conditions(home, "PUT", moved, address, ann);
  check_deletion(home, ann);

  const auto user =
      "/admin/v1/users/" + text_at(client.get("/store/v1/users/me", ann).json(), "/user_id");
  const auto seen = client.get(user, root()).header("ETag");
  const std::string staff = R"({"role":"staff"})";
  BOOST_TEST(send("PUT", user + "/role", staff, root(), "If-Match", "\"x\"").status == 412);
  const auto promoted = send("PUT", user + "/role", staff, root(), "If-Match", seen);
  BOOST_TEST(promoted.status == 200);
  BOOST_TEST(promoted.header("ETag") == client.get(user, root()).header("ETag"));
  BOOST_TEST(send("PUT", user + "/role", staff, root(), "If-Match", seen).status == 412);

  const auto bob = sign_up(unique("bob"));
  const auto order =
      "/admin/v1/orders/" + text_at(bought(goods().front().id, bob).json(), "/order_id");
  const auto confirmed = client.get(order, root()).header("ETag");
  BOOST_TEST(send("POST", order + "/ship", "{}", root(), "If-Match", "\"x\"").status == 412);
  const auto shipped = send("POST", order + "/ship", "{}", root(), "If-Match", confirmed);
  BOOST_TEST(shipped.status == 200, shipped.body);
  BOOST_TEST(shipped.header("ETag") == client.get(order, root()).header("ETag"));
  BOOST_TEST(send("POST", order + "/deliver", "{}", root(), "If-Match", confirmed).status == 412);
  BOOST_TEST(send("POST", order + "/cancel", "{}", root(), "If-Match", confirmed).status == 412);
  BOOST_TEST(send("POST", order + "/cancel", "{}", root(), "If-Match", "*").status == 409);
}

BOOST_AUTO_TEST_CASE(a_tag_follows_from_what_its_reader_sees) {
  const auto ann = sign_up(unique("ann"));
  const auto me = client.get("/store/v1/users/me", ann);
  const auto user = "/admin/v1/users/" + text_at(me.json(), "/user_id");
  const auto seen_by_staff = client.get(user, root()).header("ETag");
  BOOST_TEST(client.patch(user, R"({"metadata":{"crm":"7"}})", root()).status == 200);
  BOOST_TEST(client.get(user, root()).header("ETag") != seen_by_staff);
  // Customers do not see metadata.
  BOOST_TEST(client.get("/store/v1/users/me", ann).body == me.body);
  BOOST_TEST(send("PATCH", "/store/v1/users/me", R"({"first_name":"Ann"})", ann, "If-Match",
                  me.header("ETag"))
                 .status == 200);
}

BOOST_AUTO_TEST_CASE(a_carts_tag_changes_with_all_that_it_shows) {
  const auto cap =
      made("/admin/v1/products",
           R"({"name":"Cap","price":{"amount":999,"currency":"EUR"},"on_hand":5})", "/product_id");
  const auto cart = cart_with(cap.substr(cap.rfind('/') + 1), 1);
  const auto line = cart + "/items/" + text_at(client.get(cart).json(), "/items/0/cart_item_id");
  auto tag = client.get(cart).header("ETag");
  const auto is_another = [&](std::string_view why) {
    const auto before = std::exchange(tag, client.get(cart).header("ETag"));
    BOOST_TEST(before != tag, why);
    BOOST_TEST(client.get(cart, {{"If-None-Match", before}}).status == 200);
    BOOST_TEST(client.get(cart, {{"If-None-Match", tag}}).status == 304);
    // A change in the catalogue does not change the cart's version.
    BOOST_TEST(before.substr(0, before.find('.')) == tag.substr(0, tag.find('.')));
    const auto wish = R"({"quantity":)" + std::to_string(tag.size() % 2 + 1) + "}";
    BOOST_TEST(client.patch(line, wish, {{"If-Match", before}}).status == 200);
    tag = client.get(cart).header("ETag");
  };
  BOOST_TEST(client.get(cart, {{"If-None-Match", tag}}).status == 304);
  client.patch(cap, R"({"price":{"amount":899,"currency":"EUR"}})", root());
  is_another("price");
  client.post(cap + "/inventory", R"({"on_hand":0})", root());
  is_another("stock");
  client.patch(cap, R"({"name":"Hat"})", root());
  is_another("name");
  client.patch(cap, R"({"status":"Draft"})", root());
  is_another("no longer sold");
  client.patch(cap, R"({"status":"Active"})", root());
  is_another("sold again");
  client.del(cap, root());
  is_another("deleted");

  const auto now = client.patch(line, R"({"quantity":4})").header("ETag");
  for (const auto& outdated :
       {tag, std::string("\"x\", ") + tag, "W/" + now, std::string("\"x\"")}) {
    BOOST_TEST(client.patch(line, R"({"quantity":3})", {{"If-Match", outdated}}).status == 412);
  }
  BOOST_TEST(client.del(line, {{"If-None-Match", "*"}}).status == 412);
  BOOST_TEST(client.del(line, {{"If-None-Match", now}}).status == 412);
  BOOST_TEST(client.patch(line, R"({"quantity":3})", {{"If-Match", tag + ", " + now}}).status ==
             200);
  BOOST_TEST(client.del(line, {{"If-None-Match", now}}).status == 200);
  BOOST_TEST(client.del(cart + "0", {{"If-Match", now}}).status == 404);
}

BOOST_AUTO_TEST_CASE(a_checkout_buys_the_cart_that_was_seen) {
  const auto cart = cart_with(goods().front().id, 1);
  const auto seen = client.get(cart).header("ETag");
  BOOST_TEST(add(cart, goods().front().id, 1).status == 201);
  const auto refused = checkout(cart, {}, {{"If-Match", seen}});
  BOOST_TEST(refused.status == 412);
  BOOST_TEST(refused.code() == "precondition_failed");
  BOOST_TEST(checkout(cart, {}, {{"If-Match", client.get(cart).header("ETag")}}).status == 201);
}

BOOST_AUTO_TEST_CASE(of_many_that_change_what_they_have_seen_one_succeeds) {
  const auto made_of =
      made("/admin/v1/products", R"({"name":"Mug","price":{"amount":500,"currency":"EUR"}})",
           "/product_id");
  for (int round = 0; round < 5; ++round) {
    const auto seen = client.get(made_of, root()).header("ETag");
    std::vector<std::thread> all;
    std::atomic<int> succeeded = 0;
    std::atomic<int> outdated = 0;
    for (int i = 0; i < 8; ++i) {
      all.emplace_back([&, i] {
        visitor other(shop().port());
        const auto name = "{\"name\":\"Mug " + std::to_string(round * 8 + i) + "\"}";
        const auto a = other.client.patch(made_of, name, with(root(), "If-Match", seen));
        (a.status == 200 ? succeeded : outdated) += a.status == 200 || a.status == 412 ? 1 : 100;
      });
    }
    for (auto& t : all) t.join();
    BOOST_TEST(succeeded == 1);
    BOOST_TEST(outdated == 7);
  }
}

BOOST_AUTO_TEST_CASE(resources_without_a_tag_refuse_if_match) {
  const auto mine = sign_up(unique("cy"));
  BOOST_TEST(send("POST", "/store/v1/carts", "{}", mine, "If-Match", "\"x\"").status == 412);
  BOOST_TEST(send("POST", "/store/v1/carts", "{}", mine, "If-Match", "*").status == 201);
}

BOOST_AUTO_TEST_CASE(private_answers_are_not_kept) {
  const auto mine = sign_up(unique("di"));
  const auto cart = new_cart();
  const auto product = "/store/v1/products/" + goods().front().id;
  const auto order = bought(goods().front().id);
  BOOST_TEST(order.header("Cache-Control") == "private, no-store");
  for (const auto& target :
       {std::string("/store/v1/users/me"), std::string("/store/v1/orders"),
        std::string("/store/v1/users/me/addresses"), std::string("/store/v1/carts"), cart,
        std::string("/nothing"), std::string("/store/v1/products/x"), std::string("/livez")}) {
    BOOST_TEST(client.get(target, mine).header("Cache-Control") == "private, no-store", target);
  }
  for (const auto& target : {product, std::string("/store/v1/products"),
                             std::string("/store/v1/categories"), std::string("/openapi.json")}) {
    const auto a = client.get(target);
    BOOST_TEST(a.header("Cache-Control") == "no-cache", target);
    BOOST_TEST(client.get(target, {{"If-None-Match", a.header("ETag")}}).header("Cache-Control") ==
               "no-cache");
  }
}

BOOST_AUTO_TEST_CASE(options_names_the_methods) {
  const auto cart = client.request("OPTIONS", new_cart());
  BOOST_TEST(cart.status == 204);
  BOOST_TEST(cart.header("Allow") == "GET, HEAD, PATCH, DELETE, OPTIONS");
  BOOST_TEST(client.request("OPTIONS", "/admin/v1/products").header("Allow") ==
             "GET, HEAD, POST, OPTIONS");
  BOOST_TEST(client.request("OPTIONS", "/nothing").status == 404);
  const auto all =
      exchange_raw(shop().port(), "OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  BOOST_TEST(all.starts_with("HTTP/1.1 204"));
  BOOST_TEST(all.find("Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(preferences_are_read_as_rfc_7240_has_them) {
  const auto applied = [&](const header_list& fields, int status) {
    auto headers = fields;
    const auto a = checkout(cart_with(goods().front().id, 1), {}, headers);
    BOOST_TEST(a.status == status, a.body);
    return a.header("Preference-Applied");
  };
  BOOST_TEST(applied({{"Prefer", "Wait = \"9\"; foo=\",\""}}, 201) == "wait=9");
  BOOST_TEST(applied({{"Prefer", "handling=lenient"}, {"Prefer", "wait=8"}}, 201) == "wait=8");
  BOOST_TEST(applied({{"Prefer", "RESPOND-ASYNC"}}, 202) == "respond-async");
  BOOST_TEST(applied({{"Prefer", "wait=7, wait=0"}, {"Prefer", "wait=1"}}, 201) == "wait=7");
  BOOST_TEST(applied({{"Prefer", "respond-async, wait=6"}}, 201) == "respond-async, wait=6");
  BOOST_TEST(applied({{"Prefer", "wait=-1, wait=x"}}, 201) == "");
}

BOOST_AUTO_TEST_SUITE_END()
