#pragma once
// The running program with a demo catalogue and an administrator, and its users.

#include "tests/support/http_client.hpp"
#include "tests/support/server.hpp"
#include "tests/support/temp_dir.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::test {

/// The value at a JSON pointer (RFC 6901, without escapes), such as "/items/0/quantity"; throws
/// std::runtime_error with the document when it is absent.
const json::value& at(const json::value& document, std::string_view pointer);
/// The same as text and as number; throws when it has another type.
std::string text_at(const json::value& document, std::string_view pointer);
std::int64_t number_at(const json::value& document, std::string_view pointer);
/// A number that may have decimals: 18.6, but also 18.
double decimal_at(const json::value& document, std::string_view pointer);
std::size_t size_at(const json::value& document, std::string_view pointer);
/// True when the pointer resolves.
bool has(const json::value& document, std::string_view pointer);
/// The pointers of a problem's errors, in order, separated by spaces: "/email /quantity".
std::string pointers_of(const http_answer& a);
/// A problem's body without the request id, which differs between identical problems.
std::string same_for_all(const http_answer& a);

header_list bearer(const std::string& token);
/// The headers and one more.
header_list with(header_list headers, std::string name, std::string value);
/// A guest's secret for repeats, different in each call.
header_list client_secret();
/// A unique text, with only letters between its numbers.
std::string unique(std::string_view prefix);

/// Sends the bytes on a separate connection and reads until the server closes it or the limit
/// passes.
std::string exchange_raw(std::uint16_t port, std::string_view bytes,
                         std::chrono::milliseconds limit = std::chrono::seconds{10});

/// Polls until `yes` returns true; false on timeout.
bool eventually(const std::function<bool()>& yes,
                std::chrono::milliseconds limit = std::chrono::seconds{60});

struct storefront_options {
  int products = 40;
  int stock = 1000;
  environment settings = {};
};

/// Creates the administrator `root` of a store in files.
void create_root(const std::filesystem::path& program, const std::filesystem::path& data);

/// The program, started, in a temporary folder. The administrator is `root`.
class storefront {
 public:
  explicit storefront(storefront_options options = {});
  server& process() { return shop_; }
  std::uint16_t port() const { return shop_.port(); }
  const std::filesystem::path& data() const { return shop_.data(); }
  /// Everything the program has logged.
  std::string log() const;

 private:
  temp_dir dir_;
  server shop_;
};

inline constexpr std::string_view shared_password = "correct horse";

/// An item that can be put into a cart.
struct good {
  std::string id;
  std::int64_t price = 0;
  std::int64_t stock = 0;
};

struct checkout_wish {
  std::string token = "tok_visa";
  std::string email = "ada@example.com";  ///< empty: none
  std::string more = {};                  ///< further members, as `,"expected_total":{...}`
  std::string method = "card";            ///< another one has no token
};
std::string checkout_body(const checkout_wish& wish = {});

/// Creates promotions whose uses end: an automatic one for `uses` orders, and codes for one order
/// each. Returns the codes. The program runs on the port and has the administrator `root`.
std::vector<std::string> create_promotions(std::uint16_t port, int uses, int codes);

/// Creates two locations, one of them near the customers of `shoppers`, and moves units of each
/// product to both: 40 and 20.
void spread_stock(std::uint16_t port, const std::vector<std::string>& products);

/// Issues gift cards of this amount in EUR; returns their codes.
std::vector<std::string> create_gift_cards(std::uint16_t port, int count, std::int64_t amount);

/// A user with a connection to the program.
class visitor {
 public:
  explicit visitor(std::uint16_t port, std::chrono::milliseconds limit = std::chrono::seconds{30})
      : client(port, limit) {}

  http_client client;

  /// Creates the account `name` and logs in.
  header_list sign_up(const std::string& name);
  header_list log_in(const std::string& name);
  /// A new account to which `root` gives the role.
  header_list staff(const std::string& name, const std::string& role = "staff");

  /// The products on sale without variants, on the first page.
  std::vector<good> goods();
  good product(const std::string& id);
  /// A new cart's path.
  std::string new_cart(const header_list& who = {});
  http_answer add(const std::string& cart, const std::string& product, int quantity,
                  const header_list& who = {});
  /// A new cart with one line.
  std::string cart_with(const std::string& product, int quantity, const header_list& who = {});
  /// Checks out under the key, or under a new one.
  http_answer checkout(const std::string& cart, const checkout_wish& wish = {},
                       const header_list& headers = {}, std::string key = {});
  /// Buys one of the product and returns the order, Confirmed; throws for any other answer.
  http_answer bought(const std::string& product, const header_list& who = {},
                     const checkout_wish& wish = {});
  /// Waits until the order has the status; false on timeout.
  bool becomes(const std::string& order, std::string_view status, const header_list& who);
};

}  // namespace stoa::test
