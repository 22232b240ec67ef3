// Rules common to all routes: authorization, rejections, pages, versions, traces. The routes are
// those listed by the running program in /openapi.json.

#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <set>

using namespace stoa;
using namespace stoa::test;

namespace {

const std::string unknown_id = "01a20519-ac67-76ac-b55c-bb28ae4211e7";
const std::string my_origin = "https://shop.example";

storefront& shop() {
  static storefront one({.products = 40,
                         .stock = 1000,
                         .settings = {{"STOA_LOG_LEVEL", "debug"},
                                      {"STOA_LOG_FORMAT", "json"},
                                      {"STOA_HTTP_CORS_ORIGINS", my_origin}}});
  return one;
}

struct operation {
  std::string id;
  std::string method;
  std::string path;
  bool has_body = false;
  bool documents_401 = false;
  bool documents_403 = false;
  std::string target;  ///< the path with unknown ids
};

std::string without_names(std::string path) {
  for (auto begin = path.find('{'); begin != path.npos; begin = path.find('{')) {
    path.replace(begin, path.find('}') + 1 - begin, unknown_id);
  }
  return path;
}

std::vector<operation> operations(visitor& v) {
  std::vector<operation> all;
  const auto document = v.client.get("/openapi.json").json();
  for (const auto& [path, methods] : *at(document, "/paths").if_object()) {
    for (const auto& [method, about] : *methods.if_object()) {
      std::string name = method;
      std::transform(name.begin(), name.end(), name.begin(),
                     [](char c) { return static_cast<char>(c & ~0x20); });
      all.push_back({text_at(about, "/operationId"), name, path, has(about, "/requestBody"),
                     has(about, "/responses/401"), has(about, "/responses/403"),
                     without_names(path)});
    }
  }
  return all;
}

/// The least privileged role: 0 a guest, 1 a customer, 2 staff, 3 an admin.
int level_of(const operation& o) {
  static const std::set<std::string> admins{"admin_create_user",
                                            "admin_set_user_role",
                                            "list_dead_letters",
                                            "replay_dead_letter",
                                            "replay_dead_letters",
                                            "discard_dead_letters",
                                            "admin_release_reservation",
                                            "admin_refund_payment",
                                            "cordon_node",
                                            "drain_node",
                                            "uncordon_node",
                                            "set_log_level"};
  static const std::set<std::string> users{"list_carts", "list_orders", "merge_cart",
                                           "claim_order"};
  if (o.path.starts_with("/admin/")) return admins.contains(o.id) ? 3 : 2;
  return o.path.starts_with("/store/v1/users/me") || users.contains(o.id) ? 1 : 0;
}

struct caller : visitor {
  caller() : visitor(shop().port()) {}

  http_answer call(const operation& o, const header_list& who) {
    return client.request(
        o.method, o.target, o.has_body ? "{}" : "",
        o.method == "POST" ? with(who, "Idempotency-Key", unique("matrix")) : who);
  }
};

header_list a_customer() {
  static const auto who = caller().sign_up("customer");
  return who;
}
header_list an_employee() {
  static const auto who = caller().staff("employee");
  return who;
}
header_list an_admin() {
  static const auto who = caller().log_in("root");
  return who;
}

void is_problem(const http_answer& a, int status, const std::string& code) {
  BOOST_TEST(a.status == status);
  BOOST_TEST(a.code() == code);
  BOOST_TEST(a.header("Content-Type") == "application/problem+json");
  BOOST_TEST(number_at(a.json(), "/status") == status);
}

/// The ids of all rows under `data`, following the Link header from page to page.
std::vector<std::string> follow(visitor& v, std::string target, const std::string& id,
                                const header_list& who, std::size_t limit) {
  std::vector<std::string> ids;
  target += (target.find('?') == target.npos ? "?limit=" : "&limit=") + std::to_string(limit);
  for (int pages = 0; !target.empty() && pages < 500; ++pages) {
    const auto page = v.client.get(target, who);
    BOOST_REQUIRE_MESSAGE(page.status == 200, target << ": " << page.body);
    const auto document = page.json();
    const auto& rows = *at(document, "/data").if_array();
    BOOST_TEST(rows.size() <= limit);
    for (const auto& row : rows) ids.push_back(text_at(row, "/" + id));
    const auto link = page.header("Link");
    BOOST_TEST(link.empty() == at(document, "/next_cursor").is_null());
    if (!link.empty()) {
      BOOST_TEST(rows.size() == limit);
      BOOST_TEST(link.ends_with(">; rel=\"next\""));
    }
    target = link.empty() ? "" : link.substr(1, link.find('>') - 1);
  }
  return ids;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(api, caller)

BOOST_AUTO_TEST_CASE(each_role_may_call_what_it_may) {
  const auto all = operations(*this);
  BOOST_TEST(all.size() > 60);
  const header_list roles[] = {{}, a_customer(), an_employee(), an_admin()};
  for (const auto& o : all) {
    const int level = level_of(o);
    BOOST_TEST(o.documents_403 == (level > 1), o.id << " and 403");
    for (int role = 0; role < 4; ++role) {
      if (o.id == "delete_me" && role > 0) continue;  // It would.
      const auto a = call(o, roles[role]);
      const int refused = role == 0 ? 401 : 403;
      const bool is_refused = a.status == 401 || a.status == 403;
      BOOST_TEST(is_refused == (role < level), o.id << " by role " << role << ": " << a.status);
      if (role < level) BOOST_TEST(a.status == refused, o.id << ": " << a.status);
      if (a.status == 401) BOOST_TEST(a.header("WWW-Authenticate") == "Bearer");
      if (a.status == 403) {
        BOOST_TEST(a.header("WWW-Authenticate") == R"(Bearer error="insufficient_scope")");
      }
      BOOST_TEST(a.status < 500, o.id << ": " << a.body);
      if (a.status >= 400) {
        BOOST_TEST(a.header("Content-Type") == "application/problem+json", o.id);
        BOOST_TEST(!a.code().empty(), o.id);
      }
      BOOST_TEST(!a.header("X-Request-Id").empty(), o.id);
    }
    // An invalid token is ignored where authentication is optional.
    const auto bad = call(o, bearer("no.such.token"));
    const bool heeded = level > 0 || o.path.starts_with("/store/v1/carts") ||
                        o.path == "/store/v1/checkout" || o.path.starts_with("/store/v1/orders");
    if (heeded) {
      BOOST_TEST(o.documents_401, o.id << " does not document 401");
      is_problem(bad, 401, "invalid_token");
      BOOST_TEST(bad.header("WWW-Authenticate") == R"(Bearer error="invalid_token")");
    } else {
      BOOST_TEST(bad.status == call(o, {}).status, o.id << ": " << bad.status);
      BOOST_TEST(bad.status != 401, o.id);
    }
  }
  is_problem(client.get("/store/v1/users/me", {{"Authorization", "Basic cm9vdDpyb290"}}), 401,
             "authentication_required");
}

BOOST_AUTO_TEST_CASE(what_is_not_mine_does_not_exist) {
  const auto owner = sign_up("owner");
  const auto line = goods().front().id;
  const auto cart = cart_with(line, 1, owner);
  const auto order = bought(line, owner).header("Location");
  const auto address = client
                           .post("/store/v1/users/me/addresses",
                                 R"({"address_line1":"1","city":"Bonn","postal_code":"53111",)"
                                 R"("country":"DE"})",
                                 owner)
                           .header("Location");
  const auto item = text_at(client.get(cart, owner).json(), "/items/0/cart_item_id");
  struct attempt {
    std::string method, target, body;
  };
  const std::string quantity = R"({"quantity":1})";
  const std::string add = R"({"product_id":")" + line + R"(","quantity":1})";
  const attempt attempts[] = {
      {"GET", cart, ""},
      {"DELETE", cart, ""},
      {"POST", cart + "/items", add},
      {"DELETE", cart + "/items", ""},
      {"PATCH", cart + "/items/" + item, quantity},
      {"DELETE", cart + "/items/" + item, ""},
      {"POST", cart + "/merge", ""},
      {"POST", cart + "/checkout", checkout_body()},
      {"GET", order, ""},
      {"POST", order + "/cancel", "{}"},
      {"GET", order + "/payments", ""},
      {"GET", address, ""},
      {"DELETE", address, ""},
      {"PUT", address,
       R"({"address_line1":"1","city":"Bonn","postal_code":"53111","country":"DE"})"}};
  for (const auto& a : attempts) {
    auto nothing = a.target;
    const auto place = nothing.find("/store/v1/users/me") == 0 ? 29U : nothing.find('/', 10) + 1;
    nothing.replace(place, 36, unknown_id);
    const auto who = with(a_customer(), "Idempotency-Key", unique("theirs"));
    const auto theirs = client.request(a.method, a.target, a.body, who);
    const auto none = client.request(a.method, nothing, a.body,
                                     with(a_customer(), "Idempotency-Key", unique("none")));
    BOOST_TEST(theirs.status == 404, a.method << " " << a.target << ": " << theirs.status);
    BOOST_TEST(same_for_all(theirs) == same_for_all(none));
  }
  BOOST_TEST(client.get(cart, owner).status == 200);
  BOOST_TEST(client.get(order, owner).status == 200);
  BOOST_TEST(client.get(address, owner).status == 200);
}

BOOST_AUTO_TEST_CASE(bodies_that_are_none) {
  const auto cart = new_cart();
  const auto post = [&](std::string_view body) { return client.post(cart + "/items", body); };
  const auto unknown = post(R"({"product_id":")" + unknown_id + R"(","quantity":1,"a/b":{}})");
  is_problem(unknown, 400, "invalid_request");
  BOOST_TEST(pointers_of(unknown) == "/a~1b");
  const auto types = post(R"({"product_id":5,"quantity":"1"})");
  is_problem(types, 400, "invalid_request");
  BOOST_TEST(pointers_of(types) == "/product_id /quantity");
  is_problem(post(R"({"product_id":)"), 400, "malformed_json");
  for (const auto* body : {"[]", "null"}) is_problem(post(body), 400, "invalid_request");
  is_problem(post(""), 400, "body_required");
  is_problem(post(R"({"quantity":1,"quantity":2})"), 400, "malformed_json");
  is_problem(post("{\"quantity\":1,\"product_id\":\"\xff\"}"), 400, "malformed_json");
  std::string deep(40, '[');
  is_problem(post(deep + std::string(40, ']')), 400, "malformed_json");
  // One answer for an integer that is too large, whichever type can still hold it.
  for (const std::string n : {"99999999999999999999", "9223372036854775808", "1e20", "1e999"}) {
    const auto huge = post(R"({"product_id":")" + unknown_id + R"(","quantity":)" + n + "}");
    is_problem(huge, 422, "validation_failed");
    BOOST_TEST(pointers_of(huge) == "/quantity");
  }
  const auto text = client.post(cart + "/items", "quantity=1", {{"Content-Type", "text/plain"}});
  is_problem(text, 415, "unsupported_media_type");
  const auto tagged =
      client.post(cart + "/items", "{}", {{"Content-Type", "application/json; charset=utf-8"}});
  BOOST_TEST(tagged.status == 400);
  is_problem(post(std::string(1'048'577, ' ')), 413, "body_too_large");
  is_problem(client.get("/livez", {{"X-Long", std::string(9000, 'x')}}), 431, "head_too_large");
}

BOOST_AUTO_TEST_CASE(queries_are_checked) {
  const std::string list = "/store/v1/products";
  for (const auto* query : {"limit=0", "limit=101", "limit=-1", "limit=abc", "limit=1.5", "limit=",
                            "in_stock=yes", "min_price=cheap", "category_id=shoes", "sort=luck",
                            "colour=red", "limit=1&limit=2", "cursor=", "q=%ff", "q=%zz"}) {
    const auto a = client.get(list + "?" + query);
    BOOST_TEST(a.status == 400, query << ": " << a.status << " " << a.body);
    BOOST_TEST(a.header("Content-Type") == "application/problem+json");
  }
  BOOST_TEST(pointers_of(client.get(list + "?colour=red")) == "?colour");
  BOOST_TEST(pointers_of(client.get(list + "?limit=101&sort=luck")).find("?limit") !=
             std::string::npos);
  BOOST_TEST(client.get("/livez?x=1").status == 400);
  BOOST_TEST(client.get(list + "?limit=100&q=&in_stock=true&min_price=0").status == 200);
}

BOOST_AUTO_TEST_CASE(methods_and_paths_that_are_not_there) {
  const auto wrong = client.patch("/store/v1/auth/login", "{}");
  is_problem(wrong, 405, "method_not_allowed");
  BOOST_TEST(wrong.header("Allow") == "POST, OPTIONS");
  BOOST_TEST(client.del("/store/v1/products").header("Allow") == "GET, HEAD, OPTIONS");
  const auto item = client.post("/store/v1/users/me", "{}", a_customer()).header("Allow");
  for (const auto* name : {"GET", "HEAD", "PATCH", "DELETE"}) {
    BOOST_TEST(item.find(name) != std::string::npos, item);
  }
  is_problem(client.get("/store/v1/nothing"), 404, "not_found");
  is_problem(client.get("/store"), 404, "not_found");
  is_problem(client.get("/store/v1/carts/"), 404, "not_found");
  is_problem(client.request("TRACE", "/livez"), 501, "method_not_implemented");
}

BOOST_AUTO_TEST_CASE(head_answers_like_get_without_a_body) {
  const auto get = client.get("/store/v1/categories");
  const auto raw = exchange_raw(shop().port(),
                                "HEAD /store/v1/categories HTTP/1.1\r\nHost: a\r\n"
                                "Connection: close\r\n\r\n");
  BOOST_TEST(raw.starts_with("HTTP/1.1 200 OK\r\n"));
  BOOST_TEST(raw.ends_with("\r\n\r\n"));
  BOOST_TEST(field_of(raw, "Content-Length") == std::to_string(get.body.size()));
  BOOST_TEST(field_of(raw, "ETag") == get.header("ETag"));
}

BOOST_AUTO_TEST_CASE(what_has_not_changed_is_not_sent_again) {
  const auto product = goods().front().id;
  const auto category = text_at(client.get("/store/v1/categories").json(), "/data/0/category_id");
  for (const std::string& target :
       {std::string("/store/v1/products?limit=3"), "/store/v1/products/" + product,
        std::string("/store/v1/categories"), "/store/v1/categories/" + category,
        std::string("/openapi.json"), std::string("/asyncapi.json")}) {
    const auto first = client.get(target);
    const auto tag = first.header("ETag");
    BOOST_REQUIRE_MESSAGE(!tag.empty(), target);
    for (const auto& wanted : {tag, "W/" + tag, "\"x\", " + tag, std::string("*")}) {
      const auto same = client.get(target, {{"If-None-Match", wanted}});
      BOOST_TEST(same.status == 304, target << " " << wanted);
      BOOST_TEST(same.body.empty());
      BOOST_TEST(same.header("ETag") == tag);
    }
    BOOST_TEST(client.get(target, {{"If-None-Match", "\"x\""}}).body == first.body);
  }
  // A change produces another tag.
  const auto target = "/store/v1/products/" + product;
  const auto tag = client.get(target).header("ETag");
  BOOST_TEST(
      client.post("/admin/v1/products/" + product + "/inventory", R"({"change":-1})", an_employee())
          .status == 200);
  BOOST_TEST(eventually([&] {
    return client.get(target, {{"If-None-Match", tag}}).status == 200;
  }));

  const auto cart = new_cart();
  BOOST_TEST(client.get(cart).header("ETag").starts_with("\"1."));
  BOOST_TEST(add(cart, product, 1, {{"If-Match", "\"1\""}}).header("ETag").starts_with("\"2."));
  is_problem(add(cart, product, 1, {{"If-Match", "\"1\""}}), 412, "precondition_failed");
  BOOST_TEST(add(cart, product, 1, {{"If-Match", "*"}}).status == 201);
}

BOOST_AUTO_TEST_CASE(pages_have_no_gaps_and_no_repeats) {
  const auto buyer = sign_up("pager");
  const auto line = goods().back().id;
  for (int i = 0; i < 5; ++i) bought(line, buyer);
  BOOST_TEST(eventually([&] {
    return size_at(client.get("/store/v1/users/me/notifications", buyer).json(), "/data") == 5;
  }));
  struct list {
    std::string target, id;
    header_list who;
    std::size_t page;
    std::size_t least;
  };
  const std::string products = "/store/v1/products";
  const list lists[] = {
      {products, "product_id", {}, 7, 40},
      {products + "?sort=price", "product_id", {}, 7, 40},
      {products + "?sort=-price", "product_id", {}, 7, 40},
      {products + "?sort=name", "product_id", {}, 7, 40},
      {products + "?sort=newest", "product_id", {}, 1, 40},
      {products + "?q=made", "product_id", {}, 3, 2},
      {"/admin/v1/products", "product_id", an_employee(), 9, 40},
      {"/admin/v1/products/" + line + "/inventory", "ledger_id", an_employee(), 2, 6},
      {"/store/v1/orders", "order_id", buyer, 2, 5},
      {"/store/v1/orders?status=Confirmed", "order_id", buyer, 5, 5},
      {"/store/v1/users/me/notifications", "notification_id", buyer, 2, 5},
      {"/admin/v1/orders", "order_id", an_employee(), 2, 5},
      {"/admin/v1/payments?status=Completed", "payment_id", an_employee(), 2, 5},
      {"/admin/v1/notifications", "notification_id", an_employee(), 2, 5},
      {"/admin/v1/users", "user_id", an_employee(), 1, 3},
      {"/admin/v1/events/dead-letters", "event_id", an_admin(), 1, 0}};
  for (const auto& l : lists) {
    const auto all = follow(*this, l.target, l.id, l.who, 100);
    const auto paged = follow(*this, l.target, l.id, l.who, l.page);
    BOOST_TEST(all.size() >= l.least, l.target << ": " << all.size());
    BOOST_TEST(paged == all, boost::test_tools::per_element());
    BOOST_TEST(std::set(paged.begin(), paged.end()).size() == paged.size(), l.target);
    const auto join = l.target.find('?') == std::string::npos ? "?" : "&";
    for (const auto* cursor : {"x", "AAAA", "%27%3B--", "1", ".", "01900000-0000-7000-8000-.",
                               "01900000-0000-7000-8000-000000000000",
                               "01900000-0000-7000-8000-000000000000.AAAAAAAAAAAAAAAAAAAAAA"}) {
      const auto answer = client.get(l.target + join + "cursor=" + cursor, l.who);
      is_problem(answer, 400, "invalid_cursor");
      BOOST_TEST(text_at(answer.json(), "/errors/0/pointer") == "?cursor");
    }
  }
  const auto cursor = text_at(client.get(products + "?limit=3").json(), "/next_cursor");
  for (std::size_t i = 0; i < cursor.size(); i += 7) {
    auto tampered = cursor;
    tampered[i] = tampered[i] == 'A' ? 'B' : 'A';
    BOOST_TEST(client.get(products + "?cursor=" + tampered).status == 400, tampered);
  }
  for (std::size_t i = 0; i < cursor.size(); ++i) {
    is_problem(client.get(products + "?cursor=" + cursor.substr(0, i)), 400, "invalid_cursor");
  }
  BOOST_TEST(client.get(products + "?sort=price&cursor=" + cursor).status == 400);
  BOOST_TEST(client.get(products + "?cursor=" + cursor + "&limit=2").status == 200);
}

BOOST_AUTO_TEST_CASE(a_cursor_is_valid_for_its_own_list_only) {
  const auto employee = an_employee();
  const auto cursor_of = [&](const std::string& target, const header_list& who) {
    return text_at(client.get(target, who).json(), "/next_cursor");
  };
  const auto refused = [&](const std::string& target, const header_list& who) {
    const auto answer = client.get(target, who);
    return answer.status == 400 && answer.code() == "invalid_cursor";
  };
  const auto orders = cursor_of("/admin/v1/orders?limit=1", employee);
  BOOST_TEST(client.get("/admin/v1/orders?cursor=" + orders, employee).status == 200);
  BOOST_TEST(refused("/admin/v1/orders?status=Confirmed&cursor=" + orders, employee));
  BOOST_TEST(refused("/admin/v1/payments?cursor=" + orders, employee));
  BOOST_TEST(refused("/admin/v1/users?cursor=" + orders, employee));
  BOOST_TEST(refused("/admin/v1/orders?cursor=" + orders, an_admin()), "another user's");
  const auto found = cursor_of("/store/v1/products?q=wool&limit=1", {});
  BOOST_TEST(client.get("/store/v1/products?limit=1&cursor=" + found + "&q=wool").status == 200);
  BOOST_TEST(refused("/store/v1/products?cursor=" + found, {}));
  BOOST_TEST(refused("/store/v1/products?q=tea&cursor=" + found, {}));
  BOOST_TEST(refused("/admin/v1/products?q=wool&cursor=" + found, employee));
}

BOOST_AUTO_TEST_CASE(a_repeated_post_acts_once) {
  const auto order = bought(goods().front().id).header("Location").substr(9);
  struct request {
    std::string target, body, other;
    header_list who;
    int status;
  };
  const std::string account =
      R"(","email":"twice@example.com","password":"correct horse","first_name":"T","last_name":"W"})";
  const std::string street =
      R"("city":"Bonn","postal_code":"53111","country":"DE","address_line1":")";
  const request all[] = {
      {"/store/v1/carts", "", "{}", client_secret(), 201},
      {"/admin/v1/categories", R"({"name":"Once"})", R"({"name":"Twice"})", an_employee(), 201},
      {"/admin/v1" + order + "/ship", "{}", R"({"reason":"late"})", an_employee(), 200},
      {"/store/v1/users/me/addresses", "{" + street + "1\"}", "{" + street + "2\"}", a_customer(),
       201},
      {"/store/v1/users", R"({"username":"twice)" + account, R"({"username":"thrice)" + account,
       client_secret(), 201}};
  for (const auto& r : all) {
    const auto headers = with(r.who, "Idempotency-Key", unique("twice"));
    const auto first = client.post(r.target, r.body, headers);
    BOOST_TEST(first.status == r.status, r.target << ": " << first.body);
    BOOST_TEST(first.header("Idempotent-Replayed") == "");
    const auto again = client.post(r.target, r.body, headers);
    BOOST_TEST(again.status == r.status, r.target << ": " << again.body);
    BOOST_TEST(again.body == first.body);
    BOOST_TEST(again.header("Idempotent-Replayed") == "true", r.target);
    if (r.target == "/store/v1/carts") continue;
    is_problem(client.post(r.target, r.other, headers), 422, "idempotency_key_reused");
  }
}

BOOST_AUTO_TEST_CASE(traces_and_request_ids_pass_through) {
  const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  const auto parent = "00-" + trace + "-00f067aa0ba902b7-01";
  const auto cart = cart_with(goods().front().id, 1);
  const auto a = checkout(
      cart, {}, {{"traceparent", parent}, {"X-Request-Id", "my-request.7"}, {"Prefer", "wait=20"}});
  BOOST_TEST(a.status == 201);
  BOOST_TEST(a.header("X-Request-Id") == "my-request.7");
  BOOST_TEST(a.header("traceparent").substr(0, 36) == parent.substr(0, 36));
  BOOST_TEST(a.header("traceparent") != parent);
  const auto refused = client.get("/nothing", {{"X-Request-Id", "lost"}});
  BOOST_TEST(text_at(refused.json(), "/request_id") == "lost");
  for (const auto* bad : {"00-0-0-01", "hello",
                          "00-00000000000000000000000000000000-"
                          "00f067aa0ba902b7-01"}) {
    const auto fresh = client.get("/livez", {{"traceparent", bad}});
    BOOST_TEST(fresh.header("traceparent").size() == 55U);
    BOOST_TEST(fresh.header("traceparent").find("00000000000000000") == std::string::npos);
  }
  for (const auto& bad : {std::string("a b"), std::string(65, 'x'), std::string("{}")}) {
    BOOST_TEST(client.get("/livez", {{"X-Request-Id", bad}}).header("X-Request-Id") != bad);
  }
  BOOST_TEST(eventually([&] {
    const auto log = shop().log();
    return log.find(trace) != std::string::npos && log.find("my-request.7") != std::string::npos;
  }));
}

BOOST_AUTO_TEST_CASE(other_origins_by_setting) {
  const auto mine = client.get("/livez", {{"Origin", my_origin}});
  BOOST_TEST(mine.header("Access-Control-Allow-Origin") == my_origin);
  BOOST_TEST(mine.header("Access-Control-Expose-Headers").find("ETag") != std::string::npos);
  BOOST_TEST(mine.header("Vary").find("Origin") != std::string::npos);
  const auto other = client.get("/livez", {{"Origin", "https://evil.example"}});
  BOOST_TEST(other.status == 200);
  BOOST_TEST(other.header("Access-Control-Allow-Origin") == "");
  const auto asked = client.request("OPTIONS", "/store/v1/carts", {},
                                    {{"Origin", my_origin},
                                     {"Access-Control-Request-Method", "POST"},
                                     {"Access-Control-Request-Headers", "idempotency-key"}});
  BOOST_TEST(asked.status == 204);
  BOOST_TEST(asked.header("Access-Control-Allow-Origin") == my_origin);
  BOOST_TEST(asked.header("Access-Control-Allow-Methods").find("POST") != std::string::npos);
  BOOST_TEST(asked.header("Access-Control-Allow-Headers").find("Idempotency-Key") !=
             std::string::npos);
  const auto refused = client.get("/nothing", {{"Origin", my_origin}});
  BOOST_TEST(refused.header("Access-Control-Allow-Origin") == my_origin);
}

BOOST_AUTO_TEST_SUITE_END()
