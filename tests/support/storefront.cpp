#include "tests/support/storefront.hpp"

#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <charconv>
#include <fstream>
#include <netinet/in.h>
#include <poll.h>
#include <sstream>
#include <stdexcept>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace stoa::test {
namespace {

const json::value* look(const json::value& document, std::string_view pointer) {
  const auto* here = &document;
  while (!pointer.empty() && here) {
    pointer.remove_prefix(1);
    const auto name = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(name.size());
    if (const auto* list = here->if_array()) {
      std::size_t i = 0;
      const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), i);
      const bool is_there = error == std::errc{} && end == name.data() + name.size();
      here = is_there && i < list->size() ? &(*list)[i] : nullptr;
    } else {
      here = here->find(name);
    }
  }
  return here;
}

constexpr int repeats_max = 20;
constexpr std::chrono::milliseconds before_repeat{250};

/// Repeats until the answer is final: with the short timeouts of some tests a busy machine answers
/// 503, or 202 to a checkout. Throws unless it has the status.
template <class F>
http_answer expect(F&& ask, int status, std::string_view what) {
  http_answer a = ask();
  for (int n = 0; (a.status == 503 || a.status == 202) && a.status != status && n < repeats_max;
       ++n) {
    std::this_thread::sleep_for(before_repeat);
    a = ask();
  }
  if (a.status == status) return a;
  throw std::runtime_error(std::string(what) + " was answered with " + std::to_string(a.status) +
                           " " + a.body);
}

std::string account(const std::string& name) {
  return R"({"username":")" + name + R"(","email":")" + name + R"(@example.com","password":")" +
         std::string(shared_password) + R"(","first_name":"Ada","last_name":"Lovelace"})";
}

}  // namespace

const json::value& at(const json::value& document, std::string_view pointer) {
  const auto* found = look(document, pointer);
  if (found) return *found;
  throw std::runtime_error("no value at " + std::string(pointer));
}

bool has(const json::value& document, std::string_view pointer) {
  return look(document, pointer) != nullptr;
}

std::string text_at(const json::value& document, std::string_view pointer) {
  const auto* text = at(document, pointer).if_string();
  return text ? *text : throw std::runtime_error("no text at " + std::string(pointer));
}

std::int64_t number_at(const json::value& document, std::string_view pointer) {
  const auto* number = at(document, pointer).if_int64();
  return number ? *number : throw std::runtime_error("no number at " + std::string(pointer));
}

double decimal_at(const json::value& document, std::string_view pointer) {
  if (const auto* number = at(document, pointer).if_double()) return *number;
  return static_cast<double>(number_at(document, pointer));
}

std::size_t size_at(const json::value& document, std::string_view pointer) {
  const auto* list = at(document, pointer).if_array();
  return list ? list->size() : throw std::runtime_error("no list at " + std::string(pointer));
}

std::string pointers_of(const http_answer& a) {
  const auto document = a.json();
  std::string all;
  const auto* errors = document.find("errors");
  if (!errors || !errors->if_array()) return all;
  for (const auto& e : *errors->if_array()) {
    all += (all.empty() ? "" : " ") + text_at(e, "/pointer");
  }
  return all;
}

std::string same_for_all(const http_answer& a) {
  const auto begin = a.body.find(",\"request_id\":\"");
  if (begin == std::string::npos) return a.body;
  const auto end = a.body.find('"', begin + 15);
  return a.body.substr(0, begin) + a.body.substr(end + 1);
}

header_list bearer(const std::string& token) {
  return {{"Authorization", "Bearer " + token}};
}

header_list client_secret() {
  return {{"Client-Secret", unique("0123456789abcdefghij-secret")}};
}

header_list with(header_list headers, std::string name, std::string value) {
  headers.emplace_back(std::move(name), std::move(value));
  return headers;
}

std::string unique(std::string_view prefix) {
  static std::atomic<int> last{0};
  return std::string(prefix) + "-n" + std::to_string(++last);
}

std::string exchange_raw(std::uint16_t port, std::string_view bytes,
                         std::chrono::milliseconds limit) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string received;
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(bytes.size())) {
    const auto until = std::chrono::steady_clock::now() + limit;
    for (;;) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
          until - std::chrono::steady_clock::now());
      pollfd readable{socket, POLLIN, 0};
      if (left.count() <= 0 || ::poll(&readable, 1, static_cast<int>(left.count())) <= 0) break;
      std::array<char, 4096> piece{};
      const auto count = ::recv(socket, piece.data(), piece.size(), 0);
      if (count <= 0) break;
      received.append(piece.data(), static_cast<std::size_t>(count));
    }
  }
  ::close(socket);
  return received;
}

bool eventually(const std::function<bool()>& yes, std::chrono::milliseconds limit) {
  const auto until = std::chrono::steady_clock::now() + limit;
  while (!yes()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  return true;
}

void create_root(const std::filesystem::path& program, const std::filesystem::path& data) {
  const temp_dir folder;
  const auto file = folder / "password";
  std::ofstream(file) << shared_password << "\n";
  const auto made = run_program(
      program, {"user", "create", "--data", data.string(), "--role", "admin", "--username", "root",
                "--email", "root@example.com", "--password-file", file.string()});
  if (made.exit_code != 0) throw std::runtime_error("stoa user create: " + made.output);
}

std::vector<std::string> create_promotions(std::uint16_t port, int uses, int codes) {
  visitor root(port);
  const auto who = root.log_in("root");
  const auto make = [&](const std::string& path, const std::string& body) {
    const auto a = root.client.post("/admin/v1/promotions" + path, body, who);
    if (a.status != 201) throw std::runtime_error("create a promotion: " + a.body);
    return a.json();
  };
  const std::string tenth =
      R"("discount":{"type":"percentage","target":"order","basis_points":1000})";
  make("", R"({"name":"Automatic","uses_max":)" + std::to_string(uses) + "," + tenth + "}");
  const auto id =
      text_at(make("", R"({"name":"Codes","trigger":"code",)" + tenth + "}"), "/promotion_id");
  const auto made =
      make("/" + id + "/codes", R"({"uses_max":1,"count":)" + std::to_string(codes) + "}");
  std::vector<std::string> all;
  for (int i = 0; i < codes; ++i) {
    all.push_back(text_at(made, "/data/" + std::to_string(i) + "/code"));
  }
  return all;
}

void spread_stock(std::uint16_t port, const std::vector<std::string>& products) {
  visitor root(port);
  const auto who = root.log_in("root");
  const auto post = [&](const std::string& path, const std::string& body, int status) {
    const auto a = root.client.post("/admin/v1" + path, body, who);
    if (a.status != status) throw std::runtime_error("spread the stock: " + a.body);
    return a.json();
  };
  const auto location = [&](const std::string& members) {
    return text_at(post("/locations", "{" + members + "}", 201), "/location_id");
  };
  const auto shop = location(R"("name":"Shop","address":{"country":"DE"},"pickup":true)");
  const auto warehouse = location(R"("name":"Warehouse","address":{"country":"US"})");
  const auto move = [&](const std::string& product, const std::string& to, const char* units) {
    post("/products/" + product + "/inventory/transfer",
         R"({"from_location_id":"01900000-0000-7000-8000-000000000001","to_location_id":")" + to +
             R"(","quantity":)" + units + "}",
         200);
  };
  for (const auto& product : products) {
    move(product, shop, "40");
    move(product, warehouse, "20");
  }
}

std::vector<std::string> create_gift_cards(std::uint16_t port, int count, std::int64_t amount) {
  visitor root(port);
  const auto who = root.log_in("root");
  std::vector<std::string> codes;
  for (int i = 0; i < count; ++i) {
    const auto a = root.client.post(
        "/admin/v1/gift-cards",
        R"({"amount":{"amount":)" + std::to_string(amount) + R"(,"currency":"EUR"}})",
        with(who, "Idempotency-Key", unique("card")));
    if (a.status != 201) throw std::runtime_error("issue a gift card: " + a.body);
    codes.push_back(text_at(a.json(), "/code"));
  }
  return codes;
}

storefront::storefront(storefront_options options)
    : shop_({.program = {},
             .data = dir_ / "data",
             .settings = std::move(options.settings),
             .arguments = {}}) {
  load_demo(stoa_binary(), data(), options.products, options.stock);
  create_root(stoa_binary(), data());
  shop_.start();
}

std::string storefront::log() const {
  std::stringstream text;
  text << std::ifstream(data().string() + ".log", std::ios::binary).rdbuf();
  return text.str();
}

std::string checkout_body(const checkout_wish& wish) {
  const std::string email = wish.email.empty() ? "" : R"("email":")" + wish.email + R"(",)";
  return "{" + email +
         R"("shipping_address":{"first_name":"Ada","last_name":"Lovelace",)"
         R"("address_line1":"1 Main Street","city":"London","postal_code":"N1 9GU",)"
         R"("country":"GB"},"payment_method":{"type":")" +
         wish.method + "\"" + (wish.method == "card" ? R"(,"token":")" + wish.token + "\"" : "") +
         "}" + wish.more + "}";
}

header_list visitor::sign_up(const std::string& name) {
  expect([&] { return client.post("/store/v1/users", account(name)); }, 201, "a new account");
  return log_in(name);
}

header_list visitor::log_in(const std::string& name) {
  const auto in = expect(
      [&] {
        return client.post("/store/v1/auth/login", R"({"login":")" + name + R"(","password":")" +
                                                       std::string(shared_password) + "\"}");
      },
      200, "a login");
  return bearer(text_at(in.json(), "/access_token"));
}

header_list visitor::staff(const std::string& name, const std::string& role) {
  const auto made =
      expect([&] { return client.post("/store/v1/users", account(name)); }, 201, "a new account");
  const auto path = "/admin/v1/users/" + text_at(made.json(), "/user_id") + "/role";
  expect([&] { return client.put(path, R"({"role":")" + role + "\"}", log_in("root")); }, 200,
         "a new role");
  return log_in(name);
}

std::vector<good> visitor::goods() {
  std::vector<good> found;
  const auto page =
      expect([&] { return client.get("/store/v1/products?limit=100"); }, 200, "the catalogue")
          .json();
  for (const auto& p : *at(page, "/data").if_array()) {
    if (has(p, "/sku") && size_at(p, "/variants") == 0) {
      found.push_back({text_at(p, "/product_id"), number_at(p, "/price/amount"),
                       number_at(p, "/inventory_count")});
    }
    for (const auto& v : *at(p, "/variants").if_array()) {
      found.push_back({text_at(v, "/product_id"), number_at(v, "/price/amount"),
                       number_at(v, "/inventory_count")});
    }
  }
  return found;
}

good visitor::product(const std::string& id) {
  const auto p =
      expect([&] { return client.get("/store/v1/products/" + id); }, 200, "a product").json();
  return {id, number_at(p, "/price/amount"), number_at(p, "/inventory_count")};
}

std::string visitor::new_cart(const header_list& who) {
  return expect([&] { return client.post("/store/v1/carts", "", who); }, 201, "a new cart")
      .header("Location");
}

http_answer visitor::add(const std::string& cart, const std::string& product, int quantity,
                         const header_list& who) {
  return client.post(
      cart + "/items",
      R"({"product_id":")" + product + R"(","quantity":)" + std::to_string(quantity) + "}", who);
}

std::string visitor::cart_with(const std::string& product, int quantity, const header_list& who) {
  auto cart = new_cart(who);
  expect([&] { return add(cart, product, quantity, who); }, 201, "a line for a cart");
  return cart;
}

http_answer visitor::checkout(const std::string& cart, const checkout_wish& wish,
                              const header_list& headers, std::string key) {
  if (key.empty()) key = unique("checkout");
  return client.post(cart + "/checkout", checkout_body(wish),
                     with(headers, "Idempotency-Key", std::move(key)));
}

http_answer visitor::bought(const std::string& product, const header_list& who,
                            const checkout_wish& wish) {
  const auto cart = cart_with(product, 1, who);
  const auto key = unique("checkout");
  return expect([&] { return checkout(cart, wish, with(who, "Prefer", "wait=20"), key); }, 201,
                "a checkout");
}

bool visitor::becomes(const std::string& order, std::string_view status, const header_list& who) {
  return eventually([&] {
    const auto a = client.get(order, who);
    return a.status == 200 && text_member(a.body, "status") == status;
  });
}

}  // namespace stoa::test
