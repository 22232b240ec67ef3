// How integrators find and read data: metadata, lookups, fields, expand and count, over HTTP.

#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::test;

namespace {

storefront& shop() {
  static storefront one({.products = 10, .stock = 1000, .settings = {}});
  return one;
}

struct integrator : visitor {
  integrator() : visitor(shop().port()) {}

  http_answer get(const std::string& target, const header_list& who = {}) {
    return client.get(target, who);
  }
  http_answer patch(const std::string& target, const std::string& body, const header_list& who) {
    return client.request("PATCH", target, body, who);
  }
};

header_list an_employee() {
  static const auto who = integrator().staff("clerk");
  return who;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(lookup, integrator)

BOOST_AUTO_TEST_CASE(metadata_follows_a_cart_into_its_order) {
  const auto ann = sign_up("ann");
  const auto made =
      client.request("POST", "/store/v1/carts", R"({"metadata":{"campaign":"spring"}})", ann);
  BOOST_REQUIRE(made.status == 201);
  BOOST_TEST(text_at(made.json(), "/metadata/campaign") == "spring");
  const auto cart = made.header("Location");
  BOOST_TEST(patch(cart, R"({"metadata":{"gift":"yes","campaign":null}})", ann).status == 200);
  BOOST_TEST(patch(cart, R"({"metadata":{"note":"4111 1111 1111 1111"}})", ann).code() ==
             "card_number_rejected");
  BOOST_TEST(pointers_of(patch(cart, R"({"metadata":{"a b":"x"}})", ann)) == "/metadata/a b");
  BOOST_TEST(patch(cart, R"({"metadata":{}})", {}).status == 404);
  BOOST_REQUIRE(add(cart, goods()[0].id, 1, ann).status == 201);
  const auto order = checkout(cart, {}, ann);
  BOOST_REQUIRE(order.status == 201);
  BOOST_TEST(text_at(order.json(), "/metadata/gift") == "yes");
  BOOST_TEST(!has(order.json(), "/metadata/campaign"));

  const auto id = text_at(order.json(), "/order_id");
  const auto number = text_at(order.json(), "/order_number");
  const auto clerk = an_employee();
  BOOST_TEST(patch("/admin/v1/orders/" + id, R"({"metadata":{"erp":"A7"}})", ann).status == 403);
  BOOST_TEST(text_at(patch("/admin/v1/orders/" + id, R"({"metadata":{"erp":"A7"}})", clerk).json(),
                     "/metadata/erp") == "A7");

  // The customer finds the order by its number; other customers do not.
  const auto mine = get("/store/v1/orders?order_number=" + number, ann);
  BOOST_TEST(text_at(mine.json(), "/data/0/metadata/erp") == "A7");
  BOOST_TEST(size_at(get("/store/v1/orders?order_number=" + number, sign_up("bob")).json(),
                     "/data") == 0U);
  BOOST_TEST(pointers_of(get("/store/v1/orders?email=ann%40example.com", ann)) == "?email");
  const auto all =
      get("/admin/v1/orders?status=Confirmed,Shipped&count=true&expand=payments,user&"
          "fields=order_number,payments.status,user.username&email=ADA%40example.com",
          clerk);
  BOOST_TEST(all.body ==
             R"({"data":[{"order_number":")" + number +
                 R"(","payments":[{"status":"Completed"}],"user":{"username":"ann"}}],)" +
                 R"("next_cursor":null,"total":1})");
  BOOST_TEST(size_at(get("/admin/v1/orders?created_to=2001-01-01T00:00:00Z", clerk).json(),
                     "/data") == 0U);
  BOOST_TEST(pointers_of(get("/admin/v1/orders?status=Confirmed,Sold", clerk)) == "?status/1");
  BOOST_TEST(pointers_of(get("/admin/v1/orders?created_from=yesterday", clerk)) == "?created_from");
  const auto one = get("/store/v1/orders/" + id + "?expand=payments&fields=payments.amount", ann);
  BOOST_TEST(size_at(one.json(), "/payments") == 1U);
  BOOST_TEST(!has(one.json(), "/order_id"));
  BOOST_TEST(pointers_of(get("/store/v1/orders/" + id + "?expand=user", ann)) == "?expand");
}

BOOST_AUTO_TEST_CASE(users_are_found_by_their_mail_address) {
  const auto eve = sign_up("eve");
  const auto clerk = an_employee();
  const auto found = get("/admin/v1/users?email=EVE%40example.com", clerk).json();
  BOOST_REQUIRE(size_at(found, "/data") == 1U);
  const auto path = "/admin/v1/users/" + text_at(found, "/data/0/user_id");
  BOOST_TEST(patch(path, R"({"metadata":{"crm":"1"}})", eve).status == 403);
  BOOST_TEST(text_at(patch(path, R"({"metadata":{"crm":"1"}})", clerk).json(), "/metadata/crm") ==
             "1");
  BOOST_TEST(!has(get("/store/v1/users/me", eve).json(), "/metadata"));
  // Addresses that are equal only under full case folding belong to two accounts.
  for (const auto& [name, address] :
       {std::pair{"one", "wei\u00dfberg@example.com"}, std::pair{"two", "weissberg@example.com"}}) {
    const auto made = client.post(
        "/store/v1/users",
        R"({"username":")" + std::string(name) + R"(","email":")" + address +
            R"(","password":"correct horse battery","first_name":"A","last_name":"B"})");
    BOOST_REQUIRE_MESSAGE(made.status == 201, made.body);
  }
  for (const auto& [asked, address] :
       {std::pair{"weissberg", "weissberg@example.com"},
        std::pair{"wei%C3%9Fberg", "wei\u00dfberg@example.com"},
        std::pair{"WEI%E1%BA%9EBERG", "wei\u00dfberg@example.com"}}) {
    const auto list =
        get("/admin/v1/users?count=true&email=" + std::string(asked) + "%40example.com", clerk)
            .json();
    BOOST_TEST(size_at(list, "/data") == 1U, asked);
    BOOST_TEST(text_at(list, "/data/0/email") == address);
    BOOST_TEST(number_at(list, "/total") == 1);
  }
}

BOOST_AUTO_TEST_CASE(product_metadata_is_for_staff) {
  const auto clerk = an_employee();
  const auto body = R"({"name":"Lamp","price":{"amount":900,"currency":"EUR"},)"
                    R"("metadata":{"erp":"L1"}})";
  const auto made = client.request("POST", "/admin/v1/products", body, clerk);
  BOOST_REQUIRE_MESSAGE(made.status == 201, made.body);
  const auto id = text_at(made.json(), "/product_id");
  BOOST_TEST(text_at(made.json(), "/metadata/erp") == "L1");
  const auto path = "/admin/v1/products/" + id;
  BOOST_TEST(patch(path, R"({"metadata":{"pan":"4111111111111111"}})", clerk).code() ==
             "card_number_rejected");
  BOOST_TEST(patch(path, R"({"metadata":null})", clerk).status == 200);
  BOOST_TEST(!has(get(path, clerk).json(), "/metadata/erp"));
  BOOST_TEST(!has(get("/store/v1/products/" + id).json(), "/metadata"));
}

BOOST_AUTO_TEST_CASE(a_change_of_metadata_keeps_to_if_match) {
  const auto clerk = an_employee();
  const auto eve = sign_up("fay");
  const auto order = "/admin/v1/orders/" + text_at(bought(goods()[0].id, eve).json(), "/order_id");
  const auto user =
      "/admin/v1/users/" +
      text_at(get("/admin/v1/users?email=fay%40example.com", clerk).json(), "/data/0/user_id");
  const auto cart = cart_with(goods()[0].id, 1);
  const std::vector<std::pair<std::string, header_list>> resources{
      {order, clerk}, {user, clerk}, {cart, header_list{}}};
  for (const auto& [path, who] : resources) {
    const auto tag = get(path, who).header("ETag");
    const auto changed = patch(path, R"({"metadata":{"a":"1"}})", with(who, "If-Match", tag));
    BOOST_REQUIRE_MESSAGE(changed.status == 200, path << ": " << changed.body);
    BOOST_TEST(changed.header("ETag") != tag);
    BOOST_TEST(changed.header("ETag") == get(path, who).header("ETag"), path);
    BOOST_TEST(patch(path, R"({"metadata":{"a":"2"}})", with(who, "If-Match", tag)).status == 412);
    BOOST_TEST(text_at(get(path, who).json(), "/metadata/a") == "1");
  }
}

BOOST_AUTO_TEST_CASE(a_cart_shows_its_products_by_request) {
  const auto product = goods()[0];
  const auto cart = cart_with(product.id, 2);
  BOOST_TEST(!has(get(cart).json(), "/items/0/product"));
  const auto shown =
      get(cart + "?expand=items.product&fields=items.product.product_id,items.quantity");
  BOOST_TEST(shown.body ==
             R"({"items":[{"quantity":2,"product":{"product_id":")" + product.id + R"("}}]})");
  BOOST_TEST(size_at(get(new_cart() + "?expand=items.product").json(), "/items") == 0U);
  BOOST_TEST(pointers_of(get(cart + "?expand=product")) == "?expand");
}

BOOST_AUTO_TEST_CASE(products_show_their_categories_by_request) {
  const auto clerk = an_employee();
  const auto root = log_in("root");
  const auto made = [&](const std::string& path, const std::string& body) {
    const auto a = client.post(path, body, root);
    BOOST_REQUIRE_MESSAGE(a.status == 201, a.body);
    return a.json();
  };
  const auto above = text_at(made("/admin/v1/categories", R"({"name":"Sound"})"), "/category_id");
  const auto category =
      text_at(made("/admin/v1/categories", R"({"name":"Radios","description":"All of them",)"
                                           R"("parent_category_id":")" +
                                               above + "\"}"),
              "/category_id");
  const auto product = made(
      "/admin/v1/products",
      R"({"name":"Tube radio","status":"Active","on_hand":3,"price":{"amount":900,"currency":"EUR"},)"
      R"("category_id":")" +
          category + "\"}");
  const auto id = text_at(product, "/product_id");
  BOOST_TEST(!has(get("/store/v1/products/" + id).json(), "/category/description"));
  const std::string some =
      "?expand=category&fields=name,category.description,category.parent_category_id";
  const std::string wanted = R"({"name":"Tube radio","category":{"description":"All of them",)"
                             R"("parent_category_id":")" +
                             above + "\"}}";
  BOOST_TEST(get("/store/v1/products/" + id + some).body == wanted);
  BOOST_TEST(get("/admin/v1/products/" + id + some, clerk).body == wanted);
  const auto list = get("/store/v1/products" + some + "&ids=" + id + "," + goods()[0].id);
  BOOST_TEST(text_at(list.json(), "/data/0/category/parent_category_id") == above);
  // Without expansion a GET returns the same as a change, with the same ETag.
  const auto changed = patch("/admin/v1/products/" + id, R"({"description":"Warm"})", clerk);
  BOOST_TEST(get("/admin/v1/products/" + id, clerk).header("ETag") == changed.header("ETag"));
  // The store's answers contain no staff fields, and no fields that are not expanded.
  for (const auto* field : {"metadata", "on_hand", "variants.status", "category.description"}) {
    const auto a = get("/store/v1/products?fields=" + std::string(field));
    BOOST_TEST(a.status == 400, field);
    BOOST_TEST(pointers_of(a) == "?fields", field);
  }
  BOOST_TEST(get("/admin/v1/products?fields=metadata,variants.status", clerk).status == 200);
}

BOOST_AUTO_TEST_CASE(orders_and_payments_show_what_they_are_about) {
  const auto clerk = an_employee();
  const auto eve = sign_up("eve-expands");
  const auto product = goods()[0].id;
  const auto bought_order = bought(product, eve);
  const auto path = bought_order.header("Location");
  const auto order = text_at(bought_order.json(), "/order_id");
  const std::string some = "expand=items.product&fields=items.product.product_id,items.quantity";
  const std::string wanted =
      R"("items":[{"quantity":1,"product":{"product_id":")" + product + R"("}}])";
  BOOST_TEST(get(path + "?" + some, eve).body == "{" + wanted + "}");
  BOOST_TEST(get("/store/v1/orders?" + some, eve).body.find(wanted) != std::string::npos);
  const auto staffs = get("/admin/v1/orders/" + order + "?expand=items.product", clerk).json();
  BOOST_TEST(has(staffs, "/items/0/product/on_hand"));
  BOOST_TEST(!has(get(path + "?expand=items.product", eve).json(), "/items/0/product/on_hand"));
  for (const auto* field :
       {"payments", "payments.amount", "items.product", "access_token", "user"}) {
    BOOST_TEST(pointers_of(get(path + "?fields=" + field, eve)) == "?fields", field);
  }
  const auto changed = patch("/admin/v1/orders/" + order, R"({"metadata":{"a":"1"}})", clerk);
  BOOST_TEST(get("/admin/v1/orders/" + order, clerk).header("ETag") == changed.header("ETag"));

  const auto payments = get(
      "/admin/v1/payments?limit=100&expand=order&fields=order_id,payment_id,order.order_id", clerk);
  BOOST_REQUIRE_MESSAGE(payments.status == 200, payments.body);
  const auto rows = payments.json();
  BOOST_TEST(size_at(rows, "/data") > 0U);
  for (const auto& p : *at(rows, "/data").if_array()) {
    BOOST_TEST(text_at(p, "/order/order_id") == text_at(p, "/order_id"));
    const auto one =
        get("/admin/v1/payments/" + text_at(p, "/payment_id") + "?expand=order", clerk);
    BOOST_TEST(text_at(one.json(), "/order/order_id") == text_at(p, "/order_id"));
    BOOST_TEST(!has(one.json(), "/order/access_token"));
  }
  BOOST_TEST(pointers_of(get("/admin/v1/payments?fields=order", clerk)) == "?fields");
}

BOOST_AUTO_TEST_CASE(dead_letters_imports_and_categories_count_theirs) {
  const auto root = log_in("root");
  const auto total = [&](const std::string& target) {
    const auto a = get(target, root);
    BOOST_REQUIRE_MESSAGE(a.status == 200, target << ": " << a.body);
    BOOST_TEST(!has(get(target.substr(0, target.find("count")), root).json(), "/total"), target);
    return number_at(a.json(), "/total");
  };
  BOOST_TEST(total("/admin/v1/events/dead-letters?count=true") == 0);
  BOOST_TEST(total("/admin/v1/events/dead-letters?service=order&count=true") == 0);
  const auto before = total("/admin/v1/categories?count=true");
  const auto above = client.post("/admin/v1/categories", R"({"name":"Counted"})", root).json();
  client.post("/admin/v1/categories",
              R"({"name":"Below","parent_category_id":")" + text_at(above, "/category_id") + "\"}",
              root);
  BOOST_TEST(total("/store/v1/categories?count=true") == before + 2);
  for (int i = 0; i < 3; ++i) {
    const auto a =
        client.post("/admin/v1/imports?dry_run=true", "Handle,Title,Variant Price\nx,X,1\n",
                    with(root, "Content-Type", "text/csv"));
    BOOST_REQUIRE_MESSAGE(a.status == 202, a.body);
  }
  BOOST_TEST(total("/admin/v1/imports?limit=1&count=true") == 3);
  // An unknown service is not an empty list.
  const auto unknown = get("/admin/v1/events/dead-letters?service=nope", root);
  BOOST_TEST(unknown.status == 400);
  BOOST_TEST(pointers_of(unknown) == "?service");
  const auto replay =
      client.post("/admin/v1/events/dead-letters/" + text_at(above, "/category_id") + "/replay",
                  R"({"service":"nope"})", root);
  BOOST_TEST(replay.status == 422);
  BOOST_TEST(pointers_of(replay) == "/service");
  // Each service of the store has its list.
  const auto ready = get("/readyz").json();
  for (const auto& s : *at(ready, "/services").if_array()) {
    const auto list = get("/admin/v1/events/dead-letters?service=" + text_at(s, "/service"), root);
    BOOST_TEST(list.status == 200, list.body);
  }
}

BOOST_AUTO_TEST_CASE(lists_count_their_rows_by_request) {
  const auto clerk = an_employee();
  const auto total = [&](const std::string& target) {
    return number_at(get(target, clerk).json(), "/total");
  };
  // Counted page by page, and at once, on the first page and on later ones.
  for (const std::string list :
       {"/store/v1/products?", "/admin/v1/products?", "/store/v1/products?q=a&",
        "/store/v1/products?in_stock=true&sort=name&", "/admin/v1/users?", "/admin/v1/orders?",
        "/admin/v1/payments?", "/admin/v1/notifications?"}) {
    std::int64_t rows = 0;
    std::string cursor;
    std::vector<std::int64_t> totals;
    do {
      const auto page =
          get(list + "limit=3&count=true" + (cursor.empty() ? "" : "&cursor=" + cursor), clerk);
      BOOST_REQUIRE_MESSAGE(page.status == 200, list << ": " << page.body);
      rows += static_cast<std::int64_t>(size_at(page.json(), "/data"));
      totals.push_back(number_at(page.json(), "/total"));
      BOOST_TEST(page.header("Link").find("count") == std::string::npos);
      const auto document = page.json();
      cursor = at(document, "/next_cursor").is_null() ? "" : text_at(document, "/next_cursor");
    } while (!cursor.empty() && totals.size() < 100);
    for (const auto t : totals) BOOST_TEST(t == rows, list);
  }
  BOOST_TEST(total("/store/v1/products?q=nosuchword&count=true") == 0);
  BOOST_TEST(total("/admin/v1/products/" + goods()[0].id + "/inventory?count=true&limit=1") >= 1);
  BOOST_TEST(total("/store/v1/carts?count=true") == 0);
  BOOST_TEST(total("/store/v1/users/me/addresses?count=true") == 0);
}

BOOST_AUTO_TEST_CASE(an_answer_shows_what_is_asked_for) {
  const auto all = get("/store/v1/products?limit=3&fields=name,price.amount");
  BOOST_REQUIRE_MESSAGE(all.status == 200, all.body);
  BOOST_TEST(all.json().find("data")->if_array()->front().if_object()->size() == 2U);
  BOOST_TEST(!has(all.json(), "/total"));
  // The next page has the same fields, and a cursor is valid for a list with any fields.
  const auto link = all.header("Link");
  BOOST_TEST(link.find("fields=name%2Cprice.amount") != link.npos);
  const auto cursor = text_at(all.json(), "/next_cursor");
  BOOST_TEST(get("/store/v1/products?limit=3&cursor=" + cursor).status == 200);
  BOOST_TEST(pointers_of(get("/store/v1/products?fields=name,colour")) == "?fields");
  BOOST_TEST(pointers_of(get("/store/v1/products?fields=")) == "?fields");
  BOOST_TEST(pointers_of(get("/store/v1/products?expand=orders")) == "?expand");
  BOOST_TEST(pointers_of(get("/store/v1/carts?count=perhaps", sign_up("dan"))) == "?count");

  // Each selection has a different ETag.
  const auto id = goods()[0].id;
  const auto whole = get("/store/v1/products/" + id);
  const auto part = get("/store/v1/products/" + id + "?fields=name");
  BOOST_TEST(whole.header("ETag") != part.header("ETag"));
  BOOST_TEST(
      get("/store/v1/products/" + id + "?fields=name", {{"If-None-Match", part.header("ETag")}})
          .status == 304);
  BOOST_TEST(
      get("/store/v1/products/" + id + "?fields=name", {{"If-None-Match", whole.header("ETag")}})
          .status == 200);
}

BOOST_AUTO_TEST_CASE(products_are_looked_up) {
  const auto clerk = an_employee();
  const auto since =
      text_at(client
                  .request("POST", "/admin/v1/products",
                           R"({"name":"First","price":{"amount":1,"currency":"EUR"}})", clerk)
                  .json(),
              "/updated_at");
  const auto made = client.request(
      "POST", "/admin/v1/products",
      R"({"name":"Straße","handle":"strasse","sku":"ST 1,2","price":{"amount":900,"currency":"EUR"}})",
      clerk);
  BOOST_REQUIRE_MESSAGE(made.status == 201, made.body);
  const auto id = text_at(made.json(), "/product_id");
  const std::string list = "/store/v1/products?fields=name&";
  const std::string found = R"({"data":[{"name":"Straße"}],"next_cursor":null})";
  for (const auto* query : {"handle=strasse", "sku=ST%201%2C2", "q=strasse"}) {
    BOOST_TEST(get(list + query).body == found, query);
  }
  const auto two = get(list + "ids=" + id + "," + goods().back().id + "," + id);
  BOOST_TEST(size_at(two.json(), "/data") == 2U);
  BOOST_TEST(text_at(two.json(), "/data/0/name") == "Straße");
  BOOST_TEST(size_at(get(list + "ids=01900000-0000-7000-8000-000000000000").json(), "/data") == 0U);
  BOOST_TEST(pointers_of(get(list + "ids=x")) == "?ids/0");
  BOOST_TEST(pointers_of(get(list + "ids=" + id + "&q=a")) == "?q");
  BOOST_TEST(pointers_of(get(list + "handle=a&sku=b")) == "?sku");
  BOOST_TEST(pointers_of(get(list + "updated_since=" + since)) == "?updated_since");
  BOOST_TEST(pointers_of(get(list + "sort=updated")) == "?sort");

  const auto changed = get("/admin/v1/products?updated_since=" + since, clerk).json();
  BOOST_REQUIRE(size_at(changed, "/data") == 2U);
  BOOST_TEST(text_at(changed, "/data/0/name") == "First");
  BOOST_TEST(text_at(changed, "/data/1/name") == "Straße");
  BOOST_TEST(pointers_of(get("/admin/v1/products?updated_since=today", clerk)) == "?updated_since");
  BOOST_TEST(pointers_of(get("/admin/v1/products?sort=price&updated_since=" + since, clerk)) ==
             "?sort");
}

BOOST_AUTO_TEST_SUITE_END()
