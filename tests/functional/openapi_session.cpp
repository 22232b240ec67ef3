#include "tests/functional/openapi_session.hpp"

#include "tests/support/sample_images.hpp"

namespace stoa::test {

namespace {

const std::string street =
    R"({"address_line1":"1 Main St","city":"Berlin","postal_code":"10115","country":"DE"})";

}  // namespace

void session::check_tag(std::string_view method, const std::string& target, const http_answer& a,
                        const header_list& headers) {
  const auto reads = document.reads_of(method, target, a);
  if (reads.empty()) return;
  const auto tag = a.header("ETag");
  BOOST_TEST(!tag.empty(), method << " " << target << " has no ETag");
  // Undecided orders, pending refunds, imports and notifications change without requests.
  const bool is_job =
      target.starts_with("/admin/v1/imports") || target.starts_with("/admin/v1/exports");
  if (a.status == 202 || is_job) return;
  if (target.find("/refunds") != std::string::npos || target.ends_with("/resend")) return;
  header_list who;
  for (const auto& h : headers) {
    if (h.first == "Authorization") who.push_back(h);
  }
  if (const auto body = a.json(); has(body, "/access_token")) {
    who = bearer(text_at(body, "/access_token"));
  }
  std::string others;
  for (const auto& read : reads) {
    const auto now = client.get(read, who);
    if (now.status == 401) continue;
    if (now.status == 200 && now.header("ETag") == tag) return;
    others += read + ": " + std::to_string(now.status) + " " + now.header("ETag") + "; ";
  }
  BOOST_TEST(others == "", method << " " << target << " has the ETag " << tag);
}

void session::accounts() {
  const std::string account =
      R"({"username":"openapi","email":"o@example.com","password":"correct horse",)"
      R"("first_name":"O","last_name":"A","phone_number":"+49 30 123456"})";
  const auto made = call(201, "POST", "/store/v1/users", account);
  call(409, "POST", "/store/v1/users", account);
  call(400, "POST", "/store/v1/users", R"({"username":1})");
  call(422, "POST", "/store/v1/users",
       R"({"username":"x","email":"x","password":"x","first_name":"","last_name":""})");
  const std::string login = R"({"login":"openapi","password":"correct horse"})";
  const auto in = call(200, "POST", "/store/v1/auth/login", login);
  call(401, "POST", "/store/v1/auth/login", R"({"login":"openapi","password":"wrong"})");
  const auto refresh = R"({"refresh_token":")" + id(in, "refresh_token") + "\"}";
  call(200, "POST", "/store/v1/auth/refresh", refresh);
  call(401, "POST", "/store/v1/auth/refresh", R"({"refresh_token":"made up"})");
  const auto me = bearer(id(in, "access_token"));
  call(200, "GET", "/store/v1/users/me", "", me);
  call(401, "GET", "/store/v1/users/me");
  call(200, "PATCH", "/store/v1/users/me", R"({"first_name":"Olga","phone_number":null})", me);
  const auto address = call(201, "POST", "/store/v1/users/me/addresses", street, me);
  const auto place = address.header("Location");
  call(200, "GET", "/store/v1/users/me/addresses", "", me);
  call(200, "GET", place, "", me);
  call(200, "PUT", place, street, me);
  call(204, "DELETE", place, "", me);
  call(404, "DELETE", place, "", me);
  const auto user = "/admin/v1/users/" + id(made, "user_id");
  call(200, "GET", "/admin/v1/users?limit=1", "", root);
  const auto tag = call(200, "GET", user, "", root).header("ETag");
  call(304, "GET", user, "", with(root, "If-None-Match", tag));
  const auto bob = call(201, "POST", "/admin/v1/users",
                        R"({"username":"bob","email":"b@example.com","password":"correct horse",)"
                        R"("first_name":"B","last_name":"O","role":"staff"})",
                        root);
  BOOST_TEST(call(200, "GET", bob.header("Location"), "", root).header("ETag") ==
             bob.header("ETag"));
  call(401, "POST", "/admin/v1/users", account);
  call(200, "GET", "/admin/v1/users?email=O%40EXAMPLE.COM&count=true", "", root);
  call(200, "PATCH", user, R"({"metadata":{"crm":"7"}})", root);
  call(422, "PATCH", user, R"({"metadata":{"crm no":"7"}})", root);
  call(200, "PUT", user + "/role", R"({"role":"staff"})", root);
  // The change of role has revoked the token.
  const auto staff = bearer(id(call(200, "POST", "/store/v1/auth/login", login), "access_token"));
  call(403, "PUT", user + "/role", R"({"role":"staff"})", staff);
  call(404, "GET", "/admin/v1/users/" + unknown_id, "", root);
  const std::string change =
      R"({"current_password":"correct horse","new_password":"battery staple"})";
  call(204, "POST", "/store/v1/users/me/password", change, staff);
  call(422, "POST", "/store/v1/users/verify", R"({"token":"made up"})");
  call(204, "POST", "/store/v1/auth/logout", refresh);
  call(422, "DELETE", "/store/v1/users/me", R"({"current_password":"correct horse"})", staff);
  call(204, "DELETE", "/store/v1/users/me", R"({"current_password":"battery staple"})", staff);
}

void session::categories_and_products() {
  const auto parent = call(201, "POST", "/admin/v1/categories", R"({"name":"Openness"})", root);
  const auto category = "/admin/v1/categories/" + id(parent, "category_id");
  const auto child =
      call(201, "POST", "/admin/v1/categories",
           R"({"name":"Below","parent_category_id":")" + id(parent, "category_id") + "\"}", root);
  call(409, "POST", "/admin/v1/categories", R"({"name":"Openness"})", root);
  call(422, "POST", "/admin/v1/categories", R"({"name":""})", root);
  call(200, "GET", "/admin/v1/categories", "", root);
  call(200, "GET", category, "", root);
  call(200, "PATCH", category, R"({"description":"All that is open"})", root);
  call(200, "PATCH", category, R"({"handle":"open"})", root);
  call(200, "PATCH", category, R"({"handle":null})", root);
  call(409, "PATCH", "/admin/v1/categories/" + id(child, "category_id"), R"({"handle":"openness"})",
       root);
  call(200, "GET", "/store/v1/categories?handle=open");
  call(200, "GET", "/admin/v1/categories?handle=openness", "", root);
  call(409, "DELETE", category, "", root);
  call(204, "DELETE", "/admin/v1/categories/" + id(child, "category_id"), "", root);
  call(200, "GET", "/store/v1/categories/" + id(parent, "category_id"));
  call(404, "GET", "/store/v1/categories/" + unknown_id);
  const auto tree = call(200, "GET", "/store/v1/categories");
  call(304, "GET", "/store/v1/categories", "", {{"If-None-Match", tree.header("ETag")}});

  const auto made =
      call(201, "POST", "/admin/v1/products",
           R"({"name":"Door","price":{"amount":1999,"currency":"EUR"},"sku":"DOOR-1","on_hand":5,)"
           R"("category_id":")" +
               id(parent, "category_id") + R"(","status":"Active","attributes":{"weight":"3 kg"}})",
           root);
  const auto product = "/admin/v1/products/" + id(made, "product_id");
  call(409, "POST", "/admin/v1/products",
       R"({"name":"Door","price":{"amount":1,"currency":"EUR"},"sku":"DOOR-1"})", root);
  call(200, "PATCH", product, R"({"description":"It opens.","compare_at_price":null})", root);
  call(200, "GET", product, "", root);
  call(200, "GET", "/store/v1/products/" + id(made, "product_id"));
  call(409, "DELETE", category, "", root);
  call(204, "DELETE", product, "", root);
  call(404, "GET", product, "", root);
  for (const auto* query :
       {"", "?limit=3&count=true", "?q=made&limit=5", "?sort=-price&in_stock=true"}) {
    call(200, "GET", std::string("/store/v1/products") + query);
    call(200, "GET", std::string("/admin/v1/products") + query, "", root);
  }
  for (const auto* query : {"limit=0", "min_price=-1", "sort=luck", "limit=x", "fields=none"}) {
    const auto a = call(400, "GET", std::string("/store/v1/products?") + query);
    BOOST_TEST(a.code() == "invalid_request", query);
  }
}

void session::images_and_stock() {
  const auto product = "/admin/v1/products/" + goods().front().id;
  const auto image = call(201, "POST", product + "/images",
                          R"({"image_url":"https://example.com/a.jpg","alt_text":"A"})", root);
  const auto place = product + "/images/" + id(image, "image_id");
  call(200, "GET", place, "", root);
  call(200, "PATCH", place, R"({"alt_text":"B"})", root);
  call(204, "DELETE", place, "", root);
  call(404, "GET", place, "", root);
  const auto upload = product + "/images/upload";
  const auto png = with(root, "Content-Type", "image/png");
  const auto file = call(201, "POST", upload + "?alt_text=B&position=2", png_image(20, 10), png);
  call(200, "GET", file.header("Location"), "", root);
  call(415, "POST", upload, "<svg/>", png);
  call(415, "POST", upload, "{}", root);
  call(422, "POST", upload, png_image(20, 10) + "x", png);
  call(404, "POST", "/admin/v1/products/" + unknown_id + "/images/upload", png_image(2, 1), png);
  call(204, "DELETE", file.header("Location"), "", root);
  call(200, "POST", product + "/inventory", R"({"change":3,"reason":"found"})", root);
  call(409, "POST", product + "/inventory", R"({"change":-999999})", root);
  call(200, "GET", product + "/inventory?limit=2", "", root);
}

void session::imports_and_export() {
  const std::string imports = "/admin/v1/imports";
  const auto csv = with(root, "Content-Type", "text/csv");
  const auto products = [](int count) {
    std::string file = "Handle,Title,Variant SKU,Variant Price,Status\n";
    for (int i = 0; i < count; ++i) {
      const auto n = std::to_string(i);
      file += "walk-" + n + ",Walk " + n + ",WALK-" + n + ",9.99,draft\n";
    }
    return file + "walk-bad,Bad,WALK-BAD,much,draft\n";
  };
  const auto first = call(202, "POST", imports, products(2000), csv).header("Location");
  call(200, "POST", first + "/cancel", "", root);
  const auto second =
      call(202, "POST", imports + "?dry_run=true", products(1), csv).header("Location");
  json::value report;
  BOOST_TEST(eventually([&] {
    report = call(200, "GET", second, "", root).json();
    return text_at(report, "/state") == "completed";
  }));
  BOOST_TEST(size_at(report, "/problems") > 0U);
  call(409, "POST", second + "/cancel", "", root);
  call(422, "POST", imports, "a,b\n1,2\n", csv);
  call(415, "POST", imports, "{}", root);
  call(400, "POST", imports + "?dry_run=1", products(1), csv);
  call(200, "GET", first, "", root);
  call(404, "GET", imports + "/" + unknown_id, "", root);
  call(200, "GET", imports + "?limit=1", "", root);
  call(200, "GET", "/admin/v1/export", "", root);
  call(200, "GET", "/admin/v1/export?format=csv", "", root);
  call(200, "GET", "/admin/v1/export?format=jsonl", "", root);
  export_jobs();
  call(403, "GET", "/admin/v1/export", "", sign_up("exporting"));
  call(200, "GET", "/admin/v1/search", "", root);
  call(409, "POST", "/admin/v1/search/reindex", "{}", root);
  call(400, "POST", "/admin/v1/search/reindex", R"({"restart":1})", root);
}

void session::export_jobs() {
  const std::string exports = "/admin/v1/exports";
  const auto wanted = R"({"format":"csv","status":"Active"})";
  const auto first = call(202, "POST", exports, wanted, root).header("Location");
  BOOST_TEST(eventually(
      [&] { return text_at(call(200, "GET", first, "", root).json(), "/state") == "completed"; }));
  call(200, "GET", first + "/file", "", root);
  call(409, "POST", first + "/cancel", "", root);
  http_answer last;
  std::string newest;
  for (int i = 0; i < 40 && (i == 0 || last.status == 202); ++i) {
    last = call("POST", exports, wanted, root);
    if (last.status == 202) newest = last.header("Location");
  }
  BOOST_TEST(last.status == 409);
  call(409, "GET", newest + "/file", "", root);
  call(200, "POST", newest + "/cancel", "", root);
  call(422, "POST", exports, R"({"format":"xml"})", root);
  call(404, "GET", exports + "/" + unknown_id, "", root);
  call(404, "GET", exports + "/" + unknown_id + "/file", "", root);
  call(404, "POST", exports + "/" + unknown_id + "/cancel", "", root);
  call(200, "GET", exports + "?limit=1", "", root);
  call(403, "POST", exports, wanted, sign_up("no-exports"));
}

void session::carts() {
  const auto product = goods().front().id;
  const auto line = R"({"product_id":")" + product + R"(","quantity":2})";
  const auto cart = call(201, "POST", "/store/v1/carts").header("Location");
  const auto added = call(201, "POST", cart + "/items", line);
  call(412, "POST", cart + "/items", line, {{"If-Match", "\"1\""}});
  call(422, "POST", cart + "/items", R"({"product_id":")" + unknown_id + R"(","quantity":2})");
  const auto item = cart + "/items/" + text_at(added.json(), "/items/0/cart_item_id");
  call(200, "GET", cart);
  call(200, "PATCH", cart, R"({"metadata":{"campaign":"spring"}})");
  call(422, "PATCH", cart, R"({"metadata":{"card":"4111111111111111"}})");
  call(200, "PATCH", item, R"({"quantity":1,"note":"soon","properties":{"Engraving":"Ada"}})");
  call(422, "PATCH", item, R"({"properties":{"Engraving":""}})");
  const auto plain = call(201, "POST", cart + "/items", line);
  call(409, "PATCH", cart + "/items/" + text_at(plain.json(), "/items/1/cart_item_id"),
       R"({"properties":{"Engraving":"Ada"}})");
  call(200, "PATCH", cart, R"({"note":"ring twice"})");
  call(200, "DELETE", item);
  call(200, "DELETE", cart + "/items");
  const auto owner = sign_up("merging");
  call(200, "POST", cart + "/merge", "", owner);
  call(200, "GET", "/store/v1/carts", "", owner);
  call(401, "GET", "/store/v1/carts");
  call(404, "GET", cart);
  const auto second = call(201, "POST", "/store/v1/carts").header("Location");
  call(204, "DELETE", second);
  const auto eager = sign_up("eager");
  http_answer last;
  for (int i = 0; i < 60 && last.status != 429; ++i) {
    last = call("POST", "/store/v1/carts", "", eager);
  }
  BOOST_TEST(last.status == 429);
  const auto key = with(client_secret(), "Idempotency-Key", "one-cart");
  call(201, "POST", "/store/v1/carts", "", key);
  call(201, "POST", "/store/v1/carts", "", key);
}

void session::orders() {
  const auto all = goods();
  const auto product = all.front().id;
  const auto buyer = sign_up("buying");
  const auto buy = [&](int status, const checkout_wish& wish, const std::string& prefer,
                       int quantity = 1) {
    return call(status, "POST", cart_with(product, quantity, buyer) + "/checkout",
                checkout_body(wish),
                with(with(buyer, "Idempotency-Key", unique("buy")), "Prefer", prefer));
  };
  const auto order = buy(201, {}, "wait=20").header("Location");
  const auto managed = "/admin/v1" + order.substr(9);
  buy(202, {}, "respond-async");
  buy(402, {.token = "tok_chargeDeclined"}, "wait=20");
  buy(409, {}, "wait=20", 9999);
  buy(422, {.token = "4242424242424242"}, "wait=20");
  call(400, "POST", cart_with(product, 1) + "/checkout", checkout_body());
  call(422, "POST", new_cart() + "/checkout", checkout_body(), {{"Idempotency-Key", "empty"}});
  saved_methods(product, buyer);
  const auto guest = call(201, "POST", cart_with(product, 1) + "/checkout", checkout_body(),
                          {{"Idempotency-Key", "guest"}, {"Prefer", "wait=20"}});
  const auto token = bearer(id(guest, "access_token"));
  const auto claimed = call(201, "POST", cart_with(product, 1) + "/checkout", checkout_body(),
                            {{"Idempotency-Key", "claimed"}, {"Prefer", "wait=20"}});
  const auto claim = R"({"access_token":")" + id(claimed, "access_token") + "\"}";
  const auto claim_path = claimed.header("Location") + "/claim";
  call(401, "POST", claim_path, claim);
  call(404, "POST", claim_path, R"({"access_token":"ot_other"})", buyer);
  auto stale = buyer;
  stale.emplace_back("If-Match", "\"other\"");
  call(412, "POST", claim_path, claim, stale);
  call(200, "POST", claim_path, claim, buyer);
  call(200, "POST", claim_path, claim, buyer);
  call(409, "POST", claim_path, claim, sign_up("claiming"));
  call(200, "GET", claimed.header("Location"), "", buyer);
  call(200, "GET", guest.header("Location"), "", token);
  call(200, "POST", guest.header("Location") + "/cancel", R"({"reason":"no"})", token);
  call(409, "POST", guest.header("Location") + "/cancel", "{}", token);
  BOOST_TEST(eventually([&] {
    return call(200, "GET", guest.header("Location") + "/payments", "", token)
               .body.find("refunded_amount") != std::string::npos;
  }));
  call(200, "GET", "/store/v1/orders?limit=1", "", buyer);
  call(200, "GET", order, "", buyer);
  call(404, "GET", order);
  call(200, "GET", order + "/payments", "", buyer);
  call(409, "POST", managed + "/deliver", "{}", root);
  call(200, "POST", managed + "/ship", "{}", root);
  call(200, "GET", managed + "/allocations", "", root);
  call(200, "POST", managed + "/deliver", R"({"reason":"left at the door"})", root);
  call(409, "POST", managed + "/cancel", "{}", root);
  call(200, "POST", managed + "/redrive", R"({"reason":"to be sure"})", root);
  call(404, "POST", "/admin/v1/orders/" + unknown_id + "/redrive", "{}", root);
  const auto goods_of_it = R"({"product_ids":[")" + product + R"("]})";
  call(409, "POST", managed + "/release-reservation", goods_of_it, root);
  call(204, "POST", "/admin/v1/orders/" + unknown_id + "/release-reservation", goods_of_it, root);
  call(200, "PATCH", managed, R"({"metadata":{"erp":"A7"}})", root);
  call(200, "GET", managed, "", root);
  call(200, "GET", managed + "?expand=payments,user", "", root);
  call(200, "GET", order + "?expand=payments", "", buyer);
  call(200, "GET", "/admin/v1/orders?count=true&expand=payments,user&limit=3", "", root);
  call(400, "GET", "/admin/v1/orders?fields=none", "", root);
  const auto third = bought(product, buyer).header("Location").substr(9);
  call(200, "POST", "/admin/v1" + third + "/cancel", "{}", root);
  call(200, "GET", "/admin/v1/orders?limit=2&status=Cancelled", "", root);
  BOOST_TEST(eventually([&] {
    const auto mails = call(200, "GET", "/store/v1/users/me/notifications?limit=2", "", buyer);
    return size_at(mails.json(), "/data") == 2;
  }));
}

/// A purchase in one request that saves its payment method.
void session::saved_methods(const std::string& product, const header_list& buyer) {
  const auto now = [&](const std::string& items, const std::string& more) {
    auto body = checkout_body({.more = more});
    return body.insert(1, R"("items":[)" + items + "],");
  };
  const auto item = R"({"product_id":")" + product + R"(","properties":{"Engraving":"Ada"}})";
  const auto keyed = [&](const header_list& who) {
    return with(with(who, "Idempotency-Key", unique("now")), "Prefer", "wait=20");
  };
  const std::string purchases = "/store/v1/checkout";
  call(201, "POST", purchases, now(item, R"(,"save_payment_method":true)"), keyed(buyer));
  call(422, "POST", purchases, now("", ""), keyed(buyer));
  call(400, "POST", purchases, now(item, ""), keyed({}));
  auto declined = checkout_body({.token = "tok_chargeDeclined"});
  call(402, "POST", purchases, declined.insert(1, R"("items":[)" + item + "],"), keyed(buyer));
  const std::string methods = "/store/v1/users/me/payment-methods";
  const auto list = call(200, "GET", methods, "", buyer).json();
  const auto method = methods + "/" + text_at(list, "/data/0/payment_method_id");
  call(200, "GET", method, "", buyer);
  call(200, "POST", method + "/default", "", buyer);
  call(412, "DELETE", method, "", with(buyer, "If-Match", "\"other\""));
  call(204, "DELETE", method, "", buyer);
  const std::string token = R"({"token":"tok_visa"})";
  const auto added = call(201, "POST", methods, token, keyed(buyer));
  call(200, "GET", added.header("Location"), "", buyer);
  call(400, "POST", methods, token, buyer);
  call(401, "POST", methods, token, keyed({}));
  call(422, "POST", methods, R"({"token":""})", keyed(buyer));
  call(404, "GET", method, "", buyer);
  call(404, "POST", method + "/default", "", buyer);
}

void session::staff_reads() {
  const auto payments = call(200, "GET", "/admin/v1/payments?limit=100", "", root).json();
  for (const auto& p : *at(payments, "/data").if_array()) {
    call(200, "GET", "/admin/v1/payments/" + text_at(p, "/payment_id"), "", root);
  }
  const auto mails = call(200, "GET", "/admin/v1/notifications?limit=100", "", root).json();
  for (const auto& n : *at(mails, "/data").if_array()) {
    call(200, "GET", "/admin/v1/notifications/" + text_at(n, "/notification_id"), "", root);
  }
  BOOST_TEST(size_at(payments, "/data") >= 5);
  call(409, "POST", "/admin/v1/payments/" + text_at(payments, "/data/0/payment_id") + "/refund",
       "{}", root);
  BOOST_TEST(size_at(mails, "/data") >= 5);
  call(404, "GET", "/admin/v1/payments/" + unknown_id, "", root);
  call(404, "GET", "/admin/v1/notifications/" + unknown_id, "", root);
}

void session::payments() {
  const auto paid = [&](const std::string& token) {
    const auto order = bought(goods().front().id, {}, {.token = token});
    const auto page = call(200, "GET", order.header("Location") + "/payments", "", root).json();
    return "/admin/v1/payments/" + text_at(page, "/data/0/payment_id");
  };
  const auto refunds = paid("tok_refundDeclined") + "/refunds";
  const auto keyed = [&] { return with(root, "Idempotency-Key", unique("payments")); };
  const auto refund = call(201, "POST", refunds, R"({"reason":"damaged"})", keyed());
  const auto retry = refunds + "/" + id(refund, "refund_id") + "/retry";
  BOOST_TEST(eventually([&] { return call("POST", retry, "{}", keyed()).status == 200; }));
  call(409, "POST", refunds, R"({"reason":"again"})", keyed());
  call(200, "GET", refund.header("Location"), "", root);
  call(404, "GET", refunds + "/" + unknown_id, "", root);
  call(200, "POST", paid("tok_visa") + "/capture", "", keyed());
}

std::pair<std::string, std::string> session::transfer() {
  const auto order = call(202, "POST", cart_with(goods().front().id, 1) + "/checkout",
                          checkout_body({.method = "bank_transfer"}),
                          {{"Idempotency-Key", unique("transfer")}, {"Prefer", "wait=20"}});
  std::string payment;
  BOOST_REQUIRE(eventually([&] {
    const auto page = call(200, "GET", order.header("Location") + "/payments", "", root).json();
    if (size_at(page, "/data") == 0) return false;
    payment = text_at(page, "/data/0/payment_id");
    return true;
  }));
  return {"/admin/v1/payments/" + payment, json::write(at(order.json(), "/total_amount"))};
}

void session::offline_payments() {
  const auto methods = call(200, "GET", "/store/v1/payment-methods");
  call(304, "GET", "/store/v1/payment-methods", "", {{"If-None-Match", methods.header("ETag")}});
  const auto keyed = [&] { return with(root, "Idempotency-Key", unique("offline")); };
  const auto [payment, total] = transfer();
  const auto receipt = R"({"reference":"statement 7","amount":)" + total + "}";
  call(400, "POST", payment + "/confirm", "{}", keyed());
  call(422, "POST", payment + "/confirm",
       R"({"reference":"statement 7","amount":{"amount":1,"currency":"EUR"}})", keyed());
  call(200, "POST", payment + "/confirm", receipt, keyed());
  call(409, "POST", payment + "/confirm", receipt, keyed());
  const auto refund = [&] {
    return call(201, "POST", payment + "/refunds",
                R"({"reason":"damaged","amount":{"amount":1,"currency":"EUR"}})", keyed())
        .header("Location");
  };
  const auto first = refund();
  call(200, "POST", first + "/confirm", R"({"reference":"payout 3"})", keyed());
  call(409, "POST", first + "/confirm", R"({"reference":"payout 3"})", keyed());
  call(200, "POST", refund() + "/reject", R"({"reason":"account closed"})", keyed());
  const std::string reason = R"({"reason":"bank account closed"})";
  call(200, "POST", transfer().first + "/reject", reason, keyed());
  call(404, "POST", "/admin/v1/payments/" + unknown_id + "/reject", reason, keyed());
}

void session::reconciliation() {
  const std::string path = "/admin/v1/payments/reconciliation";
  call(200, "GET", path + "?from=2026-03-01T00:00:00Z&to=2026-03-15T00:00:00Z", "", root);
  call(400, "GET", path + "?from=2026-03-01T00:00:00Z&to=2026-06-01T00:00:00Z", "", root);
  call(503, "GET", path + "?from=2026-03-01T00:00:00Z&to=2026-03-15T00:00:00Z&gateway=none", "",
       root);
  call(200, "GET", "/admin/v1/ledger/balances", "", root);
}

void session::operations_and_refusals() {
  call(200, "GET", "/");
  call(200, "GET", "/livez");
  call(200, "GET", "/readyz");
  call(200, "GET", "/metrics");
  const auto described = call(200, "GET", "/openapi.json");
  call(304, "GET", "/openapi.json", "", {{"If-None-Match", described.header("ETag")}});
  const auto events = call(200, "GET", "/asyncapi.json");
  call(304, "GET", "/asyncapi.json", "", {{"If-None-Match", events.header("ETag")}});
  call(400, "GET", "/readyz?require=nothing");
  const auto nodes = call(200, "GET", "/admin/v1/nodes", "", root).json();
  const auto here = "/admin/v1/nodes/" + text_at(nodes, "/data/0/node");
  for (const std::string action : {"/cordon", "/drain", "/uncordon"}) {
    call(204, "POST", here + action, "", root);
    call(404, "POST", "/admin/v1/nodes/nowhere" + action, "", root);
  }
  call(204, "PUT", here + "/log-level", R"({"level":"info"})", root);
  call(404, "PUT", "/admin/v1/nodes/nowhere/log-level", R"({"level":"info"})", root);
  call(200, "GET", "/admin/v1/events/dead-letters", "", root);
  call(404, "POST", "/admin/v1/events/dead-letters/" + unknown_id + "/replay",
       R"({"service":"order"})", root);
  call(200, "POST", "/admin/v1/events/dead-letters/replay",
       R"({"service":"order","event_ids":[")" + unknown_id + R"("]})", root);
  call(200, "POST", "/admin/v1/events/dead-letters/discard",
       R"({"service":"order","type":"order.none","reason":"none"})", root);
  call(200, "GET", "/livez", "", bearer("nonsense"));
  call(200, "GET", "/.well-known/jwks.json");
  call(415, "POST", "/store/v1/users", "a=1", {{"Content-Type", "text/plain"}});
  call(413, "POST", "/store/v1/users", std::string(1'100'000, ' '));
}

}  // namespace stoa::test
