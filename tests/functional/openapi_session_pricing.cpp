// Promotions, taxes and shipping in the session through all operations.

#include "tests/functional/openapi_session.hpp"

namespace stoa::test {

void session::promotions() {
  const std::string path = "/admin/v1/promotions";
  const std::string discount = R"("discount":{"type":"percentage","basis_points":500})";
  const auto made = call(201, "POST", path,
                         R"({"name":"Sale","trigger":"code","uses_max":9,"conditions":{)"
                         R"("countries":["DE"],"subtotal_min":[{"amount":1,"currency":"EUR"}]},)" +
                             discount + "}",
                         root);
  const auto place = made.header("Location");
  call(422, "POST", path, R"({"name":"Sale","discount":{"type":"percentage"}})", root);
  call(422, "POST", path, R"({"name":"","discount":{"type":"cheapest_free"}})", root);
  call(401, "POST", path, R"({"name":"Sale",)" + discount + "}");
  call(200, "GET", path + "?limit=1&status=Active&trigger=code&count=true", "", root);
  const auto tag = call(200, "GET", place, "", root).header("ETag");
  call(304, "GET", place, "", with(root, "If-None-Match", tag));
  call(412, "PATCH", place, R"({"name":"Other"})", with(root, "If-Match", "\"other\""));
  call(200, "PATCH", place, R"({"description":"Spring","uses_max":null})", root);
  call(422, "PATCH", place, R"({"discount":{"type":"fixed_price"}})", root);
  call(404, "PATCH", path + "/" + unknown_id, R"({"name":"Other"})", root);
  const auto codes = place + "/codes";
  call(201, "POST", codes, R"({"code":"Spring 5"})", root);
  call(409, "POST", codes, R"({"code":"SPRING 5"})", root);
  call(201, "POST", codes, R"({"count":3,"prefix":"S-","uses_max":1})", root);
  call(200, "GET", codes + "?limit=2", "", root);
  const auto cart = cart_with(goods().front().id, 2);
  call(200, "POST", cart + "/codes", R"({"code":"spring 5"})");
  call(422, "POST", cart + "/codes", R"({"code":"no such code"})");
  call(200, "POST", cart + "/quote",
       R"({"shipping_address":{"address_line1":"1 Main St","city":"Berlin",)"
       R"("postal_code":"10115","country":"DE"},"email":"q@example.com"})");
  call(404, "POST", "/store/v1/carts/" + unknown_id + "/quote", "{}");
  const auto refused = call("POST", cart + "/checkout", checkout_body(),
                            {{"Idempotency-Key", unique("code")}, {"Prefer", "wait=20"}});
  BOOST_TEST(refused.code() == "code_not_applied");  // It is shipped to another country.
  call(200, "DELETE", cart + "/codes/spring%205");
  call(404, "DELETE", cart + "/codes/spring%205");
  call(204, "DELETE", codes + "/SPRING%205", "", root);
  call(404, "DELETE", codes + "/SPRING%205", "", root);
  call(204, "DELETE", place, "", root);
  call(404, "DELETE", place, "", root);
}

void session::gift_cards() {
  const std::string path = "/admin/v1/gift-cards";
  const std::string amount = R"({"amount":{"amount":2500,"currency":"EUR"}})";
  const auto keyed = [&] { return with(root, "Idempotency-Key", unique("gift")); };
  const auto made = call(201, "POST", path, amount, keyed());
  call(400, "POST", path, amount, root);
  call(422, "POST", path, R"({"amount":{"amount":0,"currency":"EUR"}})", keyed());
  call(201, "POST", path,
       R"({"amount":{"amount":1,"currency":"EUR"},"code":"A gift for Ada 7","note":"Ada",)"
       R"("expires_at":"2099-01-01T00:00:00Z"})",
       keyed());
  call(409, "POST", path, R"({"amount":{"amount":1,"currency":"EUR"},"code":"a-gift-for-ada-7"})",
       keyed());
  call(200, "GET", path + "?limit=1", "", root);
  const auto place = made.header("Location");
  const auto tag = call(200, "GET", place, "", root).header("ETag");
  call(304, "GET", place, "", with(root, "If-None-Match", tag));
  call(200, "POST", place + "/adjust", R"({"change":-100,"note":"counted twice"})", keyed());
  call(409, "POST", place + "/adjust", R"({"change":-9999,"note":"too much"})", keyed());
  call(200, "GET", place + "/entries?limit=1", "", root);
  const auto code = R"({"code":")" + id(made, "code") + R"("})";
  call(200, "POST", "/store/v1/gift-cards/balance", code);
  call(404, "POST", "/store/v1/gift-cards/balance", R"({"code":"no such card"})");
  call(200, "POST", cart_with(goods().front().id, 1) + "/quote",
       R"({"gift_cards":[")" + id(made, "code") + R"("]})");
  call(422, "POST", cart_with(goods().front().id, 1) + "/quote",
       R"({"gift_cards":["no such card"]})");
  const auto order =
      call(201, "POST", cart_with(goods().front().id, 1) + "/checkout",
           checkout_body({.more = R"(,"gift_cards":[")" + id(made, "code") + R"("])"}),
           {{"Idempotency-Key", unique("gift")}, {"Prefer", "wait=20"}});
  call(200, "GET", order.header("Location"), "", root);
  call(200, "PATCH", place, R"({"status":"Disabled","note":"lost"})", root);
  call(412, "PATCH", place, R"({"status":"Active"})", with(root, "If-Match", "\"other\""));
  call(404, "PATCH", "/admin/v1/credit-accounts/" + unknown_id, R"({"note":"x"})", root);
  const auto owner = sign_up("credited");
  const auto user = text_at(call(200, "GET", "/store/v1/users/me", "", owner).json(), "/user_id");
  const auto credit = "/admin/v1/users/" + user + "/store-credit";
  call(201, "POST", credit, amount, keyed());
  call(404, "POST", "/admin/v1/users/" + unknown_id + "/store-credit", amount, keyed());
  call(200, "GET", credit, "", root);
  call(200, "GET", "/store/v1/users/me/store-credit", "", owner);
  call(401, "GET", "/store/v1/users/me/store-credit");
}

void session::taxes_and_shipping() {
  const std::string rates = "/admin/v1/tax-rates";
  const std::string tax =
      R"({"name":"VAT 19 %","area":{"country":"DE"},"parts_per_million":190000})";
  const auto rate = call(201, "POST", rates, tax, root).header("Location");
  call(422, "POST", rates, R"({"name":"VAT","area":{"country":"XX"},"parts_per_million":1})", root);
  call(422, "POST", rates,
       R"({"name":"VAT","area":{"country":"DE","postal_from":"1"},"parts_per_million":1})", root);
  call(200, "GET", rates + "?country=DE&limit=1", "", root);
  const auto tag = call(200, "GET", rate, "", root).header("ETag");
  call(304, "GET", rate, "", with(root, "If-None-Match", tag));
  call(200, "PUT", rate,
       R"({"name":"VAT 7 %","area":{"country":"DE"},"parts_per_million":70000,"priority":1})",
       root);
  const std::string zones = "/admin/v1/shipping-zones";
  const auto zone =
      call(201, "POST", zones,
           R"({"name":"Germany","areas":[{"country":"DE"}],"methods":[{"name":"Post",)"
           R"("description":"By letter","days_min":1,"days_max":3,)"
           R"("rates":[{"amount":{"amount":390,"currency":"EUR"},"free_from":9000}]}]})",
           root)
          .header("Location");
  call(422, "POST", zones, R"({"name":"None","areas":[],"methods":[{"name":"Post","rates":[]}]})",
       root);
  call(200, "GET", zones, "", root);
  const auto shown = call(200, "GET", zone, "", root);
  call(304, "GET", zone, "", with(root, "If-None-Match", shown.header("ETag")));
  const std::string berlin = R"("shipping_address":{"address_line1":"1 Main St","city":"Berlin",)"
                             R"("postal_code":"10115","country":"DE"})";
  const auto cart = cart_with(goods().front().id, 1);
  const auto options = call(200, "POST", cart + "/shipping-options", "{" + berlin + "}");
  const auto method = text_at(options.json(), "/data/0/shipping_method_id");
  const auto chosen = "," + std::string(R"("shipping_method_id":")") + method + R"(")";
  call(200, "POST", cart + "/quote", "{" + berlin + chosen + "}");
  const auto other = R"("shipping_method_id":")" + unknown_id + "\"";
  BOOST_TEST(call(422, "POST", cart + "/quote", "{" + berlin + "," + other + "}").code() ==
             "shipping_method_unavailable");
  call(422, "POST", cart + "/quote", "{" + other + "}");
  const auto buy = [&](const std::string& more) {
    return call("POST", cart + "/checkout",
                R"({"email":"s@example.com",)" + berlin +
                    R"(,"payment_method":{"type":"card","token":"tok_visa"})" + more + "}",
                {{"Idempotency-Key", unique("shipped")}, {"Prefer", "wait=20"}});
  };
  BOOST_TEST(buy("").code() == "shipping_method_required");
  BOOST_TEST(buy(R"(,"shipping_method_id":")" + unknown_id + R"(")").code() ==
             "shipping_method_unavailable");
  const auto order = buy(chosen);
  BOOST_TEST(order.status == 201, order.body);
  call(200, "GET", order.header("Location"), "", root);
  const auto elsewhere = call("POST", cart_with(goods().front().id, 1) + "/checkout",
                              checkout_body(), {{"Idempotency-Key", unique("elsewhere")}});
  BOOST_TEST(elsewhere.code() == "address_not_served");
  call(200, "PUT", zone, R"({"name":"World","areas":[],"methods":[]})", root);
  call(204, "DELETE", zone, "", root);
  call(404, "DELETE", zone, "", root);
  call(204, "DELETE", rate, "", root);
  call(404, "DELETE", rate, "", root);
}

void session::price_lists() {
  const std::string path = "/admin/v1/price-lists";
  const std::string sale =
      R"({"name":"Sale","currency":"EUR","kind":"sale","valid_until":"2099-01-01T00:00:00Z"})";
  const auto made = call(201, "POST", path, sale, root);
  const auto place = made.header("Location");
  call(422, "POST", path, R"({"name":"","currency":"EUR"})", root);
  call(422, "POST", path, R"({"name":"Sale","currency":"XXX"})", root);
  call(401, "POST", path, sale);
  call(200, "GET", path + "?limit=1&currency=EUR&kind=sale&count=true", "", root);
  const auto tag = call(200, "GET", place, "", root).header("ETag");
  call(304, "GET", place, "", with(root, "If-None-Match", tag));
  const auto product = goods().front();
  const auto prices = place + "/prices";
  const auto priced = [&](const std::string& id, const std::string& currency) {
    return R"({"set":[{"product_id":")" + id + R"(","price":{"amount":1,"currency":")" + currency +
           R"("},"tiers":[{"min_quantity":9,"price":{"amount":0,"currency":")" + currency +
           R"("}}]}]})";
  };
  call(200, "POST", prices, priced(product.id, "EUR"), root);
  call(422, "POST", prices, priced(product.id, "JPY"), root);
  call(422, "POST", prices, priced(unknown_id, "EUR"), root);
  call(404, "POST", path + "/" + unknown_id + "/prices", priced(product.id, "EUR"), root);
  call(200, "GET", prices + "?limit=1", "", root);
  call(404, "GET", path + "/" + unknown_id + "/prices", "", root);
  call(200, "GET", "/admin/v1/products/" + product.id + "/prices", "", root);
  call(200, "GET", "/store/v1/products/" + product.id + "?currency=EUR");
  call(400, "GET", "/store/v1/products/" + product.id + "?currency=KWD");
  call(200, "GET", "/store/v1/products?limit=2&currency=EUR");
  call(409, "PUT", place, R"({"name":"Sale","currency":"JPY"})", root);
  call(412, "PUT", place, sale, with(root, "If-Match", "\"other\""));
  call(200, "PUT", place, R"({"name":"Other","currency":"EUR","customer_groups":["vip"]})", root);
  call(404, "PUT", path + "/" + unknown_id, sale, root);
  call(422, "POST", "/store/v1/carts", R"({"currency":"KWD"})");
  call(200, "POST", prices, R"({"remove":[")" + product.id + "\"]}", root);
  call(204, "DELETE", place, "", root);
  call(404, "DELETE", place, "", root);
}

}  // namespace stoa::test
