// The program's description of itself against what it does: a session through all operations, every
// answer of which must be one that /openapi.json describes.

#include "storage/base/json_write.hpp"
#include "tests/support/api_document.hpp"
#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <regex>

using namespace stoa;
using namespace stoa::test;

namespace {

const std::string nobodys_id = "01a20519-ac67-76ac-b55c-bb28ae4211e7";
const std::string street =
    R"({"address_line1":"1 Main St","city":"Berlin","postal_code":"10115","country":"DE"})";

struct session : visitor {
  session()
      : visitor(one().port()), document(client.get("/openapi.json").body), root(log_in("root")) {}

  static storefront& one() {
    static storefront shop({.settings = {{"STOA_PAYMENT_GATEWAY_TIMEOUT_MS", "1000"}}});
    return shop;
  }

  /// Calls, and has the answer judged. JSON that succeeds must be described as a request too.
  http_answer call(std::string_view method, const std::string& target, const std::string& body = {},
                   const header_list& headers = {}) {
    auto a = client.request(method, target, body, headers);
    const auto wrong = document.complaint(method, target, a);
    BOOST_TEST(wrong == "");
    if (a.status < 300 && body.starts_with('{')) {
      BOOST_TEST(document.request_complaint(method, target, body) == "", method << " " << target);
    }
    return a;
  }
  /// The same, with the status that must come.
  http_answer call(int status, std::string_view method, const std::string& target,
                   const std::string& body = {}, const header_list& headers = {}) {
    auto a = call(method, target, body, headers);
    BOOST_TEST(a.status == status, method << " " << target << ": " << a.status << " " << a.body);
    return a;
  }
  static std::string id(const http_answer& a, const std::string& name) {
    return text_at(a.json(), "/" + name);
  }

  api_document document;
  header_list root;

  void accounts();
  void categories_and_products();
  void images_and_stock();
  void carts();
  void orders();
  void staff_reads();
  void files();
  void operations_and_refusals();
};

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
  call(201, "POST", "/admin/v1/users",
       R"({"username":"clerk","email":"clerk@example.com","password":"a long password",)"
       R"("first_name":"A","last_name":"Clerk","role":"staff"})",
       root);
  call(200, "GET", user, "", root);
  call(200, "GET", "/admin/v1/users?email=O%40EXAMPLE.COM&count=true", "", root);
  call(200, "PATCH", user, R"({"metadata":{"crm":"7"}})", root);
  call(422, "PATCH", user, R"({"metadata":{"crm no":"7"}})", root);
  call(200, "PUT", user + "/role", R"({"role":"staff"})", root);
  // The change of role has revoked the token.
  const auto staff = bearer(id(call(200, "POST", "/store/v1/auth/login", login), "access_token"));
  call(403, "PUT", user + "/role", R"({"role":"staff"})", staff);
  call(404, "GET", "/admin/v1/users/" + nobodys_id, "", root);
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
  call(409, "DELETE", category, "", root);
  call(204, "DELETE", "/admin/v1/categories/" + id(child, "category_id"), "", root);
  call(200, "GET", "/store/v1/categories/" + id(parent, "category_id"));
  call(404, "GET", "/store/v1/categories/" + nobodys_id);
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
  call(400, "GET", "/store/v1/products?limit=0");
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
  call(200, "POST", product + "/inventory", R"({"change":3,"reason":"found"})", root);
  call(409, "POST", product + "/inventory", R"({"change":-999999})", root);
  call(200, "GET", product + "/inventory?limit=2", "", root);
}

void session::carts() {
  const auto product = goods().front().id;
  const auto line = R"({"product_id":")" + product + R"(","quantity":2})";
  const auto cart = call(201, "POST", "/store/v1/carts").header("Location");
  const auto added = call(201, "POST", cart + "/items", line);
  call(412, "POST", cart + "/items", line, {{"If-Match", "\"1\""}});
  call(422, "POST", cart + "/items", R"({"product_id":")" + nobodys_id + R"(","quantity":2})");
  const auto item = cart + "/items/" + text_at(added.json(), "/items/0/cart_item_id");
  call(200, "GET", cart);
  call(200, "GET", cart + "?expand=items.product");
  call(200, "PATCH", cart, R"({"metadata":{"campaign":"spring"}})");
  call(422, "PATCH", cart, R"({"metadata":{"card":"4111111111111111"}})");
  call(200, "PATCH", item, R"({"quantity":1})");
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
  const auto guest = call(201, "POST", cart_with(product, 1) + "/checkout", checkout_body(),
                          {{"Idempotency-Key", "guest"}, {"Prefer", "wait=20"}});
  const auto token = bearer(id(guest, "access_token"));
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
  call(200, "POST", managed + "/deliver", R"({"reason":"left at the door"})", root);
  call(409, "POST", managed + "/cancel", "{}", root);
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
  BOOST_TEST(size_at(mails, "/data") >= 5);
  call(404, "GET", "/admin/v1/payments/" + nobodys_id, "", root);
  call(404, "GET", "/admin/v1/notifications/" + nobodys_id, "", root);
}

void session::files() {
  const auto csv = with(root, "Content-Type", "text/csv");
  std::string file = "Handle,Title,Variant Price\n";
  for (int i = 0; i < 2000; ++i) file += "f" + std::to_string(i) + ",File,1.50\n";
  file += "bad,Bad,much\n";
  const auto first = call(202, "POST", "/admin/v1/imports", file, csv).header("Location");
  const auto second =
      call(202, "POST", "/admin/v1/imports?dry_run=true", file, csv).header("Location");
  call(200, "POST", second + "/cancel", "", root);
  BOOST_TEST(eventually(
      [&] { return text_at(call(200, "GET", first, "", root).json(), "/state") == "completed"; }));
  call(409, "POST", first + "/cancel", "", root);
  call(200, "GET", "/admin/v1/imports?limit=1", "", root);
  call(200, "GET", "/admin/v1/export", "", root);
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
  call(200, "GET", "/admin/v1/nodes", "", root);
  call(200, "GET", "/admin/v1/events/dead-letters", "", root);
  call(404, "POST", "/admin/v1/events/dead-letters/" + nobodys_id + "/replay",
       R"({"service":"order"})", root);
  call(200, "GET", "/livez", "", bearer("nonsense"));
  call(200, "GET", "/.well-known/jwks.json");
  call(415, "POST", "/store/v1/users", "a=1", {{"Content-Type", "text/plain"}});
  call(413, "POST", "/store/v1/users", std::string(1'100'000, ' '));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(openapi)

BOOST_AUTO_TEST_CASE(the_judge_can_say_no) {
  session s;
  auto good = s.client.get("/livez");
  BOOST_TEST(s.document.complaint("GET", "/livez", good) == "");
  const auto judged = [&](const std::string& body) {
    auto a = good;
    a.body = body;
    return s.document.complaint("GET", "/livez", a);
  };
  BOOST_TEST(judged(R"({"status":"live"})") != "");
  BOOST_TEST(judged(R"({"status":"live","version":1})") != "");
  BOOST_TEST(judged(R"({"status":"live","version":"1","more":1})") != "");
  BOOST_TEST(judged("live") != "");
  auto odd = good;
  odd.status = 418;
  BOOST_TEST(s.document.complaint("GET", "/livez", odd) != "");
  BOOST_TEST(s.document.complaint("GET", "/nowhere", good) != "");
  auto cart = s.client.post("/store/v1/carts", "");
  BOOST_TEST(s.document.complaint("POST", "/store/v1/carts", cart) == "");
  cart.body.replace(cart.body.find("\"cart_id\":\"") + 11, 8, "notahex!");
  BOOST_TEST(s.document.complaint("POST", "/store/v1/carts", cart) != "");
}

BOOST_AUTO_TEST_CASE(every_answer_is_as_described) {
  session s;
  s.accounts();
  s.categories_and_products();
  s.images_and_stock();
  s.carts();
  s.orders();
  s.staff_reads();
  s.files();
  s.operations_and_refusals();
  for (const auto& id : s.document.operations()) {
    if (id == "replay_dead_letter") continue;  // There is no dead letter to be had from outside.
    if (id == "verify_email") continue;        // By verification_test, where mails are sent for it.
    BOOST_TEST(s.document.succeeded().contains(id), id << " was not called with success");
  }
}

BOOST_AUTO_TEST_CASE(the_document_names_what_generators_and_people_need) {
  session s;
  const auto document = s.client.get("/openapi.json").json();
  BOOST_TEST(text_at(document, "/servers/0/url") == "/");
  BOOST_TEST(!text_at(document, "/info/contact/name").empty());
  BOOST_TEST(text_at(document, "/info/license/identifier") == "Apache-2.0");
  std::set<std::string> tags;
  for (const auto& t : *at(document, "/tags").if_array()) {
    BOOST_TEST(!text_at(t, "/description").empty());
    tags.insert(text_at(t, "/name"));
  }
  for (const auto& path : *at(document, "/paths").if_object()) {
    for (const auto& [method, operation] : *path.value.if_object()) {
      BOOST_TEST(tags.contains(text_at(operation, "/tags/0")), path.name << " has a new tag");
      BOOST_TEST(!text_at(operation, "/description").empty());
    }
  }
  const auto parameter = [&](const char* path, std::string_view name) {
    for (const auto& p : *at(document, path).if_array()) {
      const auto* found = p.find("name");
      if (found && *found->if_string() == name) return p;
    }
    return json::value();
  };
  const auto* products = "/paths/~1store~1v1~1products/get/parameters";
  BOOST_TEST(json::write(at(parameter(products, "limit"), "/schema")) ==
             R"({"type":"integer","format":"int64","minimum":1,"maximum":100,"default":20})");
  BOOST_TEST(json::write(at(parameter(products, "sort"), "/schema")).find("\"-price\"") !=
             std::string::npos);
  BOOST_TEST(json::write(at(parameter(products, "min_price"), "/schema")).find("\"minimum\":0") !=
             std::string::npos);
  BOOST_TEST(!text_at(parameter(products, "q"), "/description").empty());
  const auto answer = json::write(at(document, "/paths/~1store~1v1~1carts/post/responses/201"));
  for (const auto* field : {"Location", "ETag", "Idempotent-Replayed", "X-Request-Id"}) {
    BOOST_TEST(answer.find("#/components/headers/" + std::string(field)) != std::string::npos);
  }
  // Answers are open, requests are not.
  BOOST_TEST(!at(document, "/components/schemas/order").find("additionalProperties"));
  BOOST_TEST(at(document, "/components/schemas/new_user").find("additionalProperties"));
}

BOOST_AUTO_TEST_CASE(the_examples_of_requests_are_accepted) {
  session s;
  const auto document = s.client.get("/openapi.json").json();
  const auto example = [&](std::string_view method, const std::string& path) {
    for (const auto& item : *at(document, "/paths").if_object()) {
      if (item.name != path) continue;
      return json::write(
          at(*item.value.find(method), "/requestBody/content/application~1json/example"));
    }
    return std::string();
  };
  // All of them fit their schemas.
  for (const auto& item : *at(document, "/paths").if_object()) {
    for (const auto& [method, operation] : *item.value.if_object()) {
      const auto* body = operation.find("requestBody");
      if (!body || !body->find("content")->find("application/json")) continue;
      std::string upper = method;
      for (char& c : upper) c = static_cast<char>(c & ~0x20);
      const auto target = std::regex_replace(item.name, std::regex("[{][^}]*[}]"), nobodys_id);
      BOOST_TEST(s.document.request_complaint(upper, target, example(method, item.name)) == "",
                 upper << " " << item.name);
    }
  }
  // Those that depend on nothing else are done.
  for (const auto* path :
       {"/store/v1/users", "/store/v1/auth/login", "/admin/v1/categories", "/admin/v1/products"}) {
    const auto a =
        s.client.request("POST", path, example("post", path),
                         std::string_view(path).starts_with("/admin") ? s.root : header_list{});
    BOOST_TEST(a.status / 100 == 2, path << ": " << a.status << " " << a.body);
  }
  const auto me =
      bearer(s.id(s.client.post("/store/v1/auth/login", example("post", "/store/v1/auth/login")),
                  "access_token"));
  for (const auto* path : {"/store/v1/users/me/addresses"}) {
    const auto a = s.client.request("POST", path, example("post", path), me);
    BOOST_TEST(a.status == 201, path << ": " << a.body);
  }
  const auto* checkout = "/store/v1/carts/{cart_id}/checkout";
  const auto bought = s.client.request("POST", s.cart_with(s.goods().front().id, 1) + "/checkout",
                                       example("post", checkout),
                                       {{"Idempotency-Key", "example"}, {"Prefer", "wait=20"}});
  BOOST_TEST(bought.status == 201, bought.body);
}

BOOST_AUTO_TEST_CASE(spectral_and_redocly_accept_the_document) {
  const auto folder = std::filesystem::current_path() / "judges-openapi";
  std::filesystem::create_directories(folder);
  if (!std::filesystem::exists(folder / "ready")) {
    const auto installed = run_program(
        "/usr/bin/env",
        {"npm", "install", "--prefix", folder.string(), "--ignore-scripts", "--no-audit",
         "--no-fund", "--fetch-retries=1", "@stoplight/spectral-cli@6", "@redocly/cli@2"},
        {}, std::chrono::minutes{3});
    if (installed.exit_code != 0) {
      BOOST_TEST_MESSAGE("left out: spectral and redocly cannot be installed here");
      return;
    }
    std::ofstream(folder / "ready") << "yes\n";
  }
  const temp_dir dir;
  const auto file = dir / "openapi.json";
  session s;
  std::ofstream(file) << s.client.get("/openapi.json").body;
  std::ofstream(dir / "spectral.yaml") << "extends: [[spectral:oas, recommended]]\n";
  const auto programs = folder / "node_modules" / ".bin";
  const auto spectral = run_program(programs / "spectral",
                                    {"lint", "--fail-severity=hint", "--ruleset",
                                     (dir / "spectral.yaml").string(), file.string()},
                                    {}, std::chrono::minutes{1});
  BOOST_TEST(spectral.exit_code == 0, spectral.output.substr(0, 4000));
  const auto redocly = run_program("/usr/bin/env",
                                   {"REDOCLY_TELEMETRY=off", "REDOCLY_SUPPRESS_UPDATE_NOTICE=true",
                                    (programs / "redocly").string(), "lint",
                                    "--extends=recommended", "--max-problems=20", file.string()},
                                   {}, std::chrono::minutes{1});
  BOOST_TEST(redocly.exit_code == 0, redocly.output.substr(0, 4000));
  BOOST_TEST(redocly.output.find("warning") == std::string::npos, redocly.output.substr(0, 4000));
}

BOOST_AUTO_TEST_CASE(another_judge_accepts_the_document) {
  const auto folder = std::filesystem::current_path() / "judges";
  const auto python = folder / "bin" / "python";
  const auto marker = folder / "openapi-spec-validator.ready";
  if (!std::filesystem::exists(marker)) {
    run_program("/usr/bin/python3", {"-m", "venv", folder.string()});
    const auto installed = run_program(python,
                                       {"-m", "pip", "install", "--quiet", "--retries", "1",
                                        "--timeout", "10", "openapi-spec-validator"},
                                       {}, std::chrono::minutes{3});
    if (installed.exit_code != 0) {
      BOOST_TEST_MESSAGE("left out: openapi-spec-validator cannot be installed here");
      return;
    }
    std::ofstream(marker) << "yes\n";
  }
  const temp_dir dir;
  const auto file = dir / "openapi.json";
  session s;
  std::ofstream(file) << s.client.get("/openapi.json").body;
  const auto judged = run_program(python, {"-c",
                                           "import json, sys\n"
                                           "from openapi_spec_validator import validate\n"
                                           "validate(json.load(open(sys.argv[1])))\n"
                                           "print('accepted')",
                                           file.string()});
  BOOST_TEST(judged.exit_code == 0, judged.output);
  BOOST_TEST(judged.output.find("accepted") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
