#pragma once
// The running program with a demo catalogue and an administrator, and the people who use it.

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
/// std::runtime_error with the document when there is none.
const json::value& at(const json::value& document, std::string_view pointer);
/// The same as text and as number; throws when it is of another kind.
std::string text_at(const json::value& document, std::string_view pointer);
std::int64_t number_at(const json::value& document, std::string_view pointer);
std::size_t size_at(const json::value& document, std::string_view pointer);
/// True when the pointer leads somewhere.
bool has(const json::value& document, std::string_view pointer);
/// The pointers of a problem's errors, in their order, with blanks between: "/email /quantity".
std::string pointers_of(const http_answer& a);
/// A problem's body without the request id, which differs between two equal answers.
std::string same_for_all(const http_answer& a);

header_list bearer(const std::string& token);
/// The headers and one more.
header_list with(header_list headers, std::string name, std::string value);
/// A guest's secret for repeats, another one with each call.
header_list client_secret();
/// A text that no other call returns, of letters alone between its numbers.
std::string unique(std::string_view prefix);

/// Sends the bytes on a connection of its own and reads until the server closes it or the limit is
/// over.
std::string exchange_raw(std::uint16_t port, std::string_view bytes,
                         std::chrono::milliseconds limit = std::chrono::seconds{10});

/// Asks until the answer is yes; false when it is not within the limit.
bool eventually(const std::function<bool()>& yes,
                std::chrono::milliseconds limit = std::chrono::seconds{60});

struct storefront_options {
  int products = 40;
  int stock = 1000;
  environment settings = {};
};

/// The program, started, in a folder of its own. The administrator is `root`.
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

inline constexpr std::string_view everybodys_password = "correct horse";

/// Something that can be put into a cart.
struct good {
  std::string id;
  std::int64_t price = 0;
  std::int64_t stock = 0;
};

struct checkout_wish {
  std::string token = "tok_visa";
  std::string email = "ada@example.com";  ///< empty: none
  std::string more = {};                  ///< further members, as `,"expected_total":{...}`
};
std::string checkout_body(const checkout_wish& wish = {});

/// Somebody with a connection to the program.
class visitor {
 public:
  explicit visitor(std::uint16_t port, std::chrono::milliseconds limit = std::chrono::seconds{30})
      : client(port, limit) {}

  http_client client;

  /// Makes the account `name` and logs in.
  header_list sign_up(const std::string& name);
  header_list log_in(const std::string& name);
  /// A new account that `root` gives the role.
  header_list staff(const std::string& name, const std::string& role = "staff");

  /// All that is sold itself, of the first page of products.
  std::vector<good> goods();
  good product(const std::string& id);
  /// A new cart's path.
  std::string new_cart(const header_list& who = {});
  http_answer add(const std::string& cart, const std::string& product, int quantity,
                  const header_list& who = {});
  /// A new cart with one line.
  std::string cart_with(const std::string& product, int quantity, const header_list& who = {});
  /// Checks out under the key, or under one that is new.
  http_answer checkout(const std::string& cart, const checkout_wish& wish = {},
                       const header_list& headers = {}, std::string key = {});
  /// Buys one of the product and returns the order, Confirmed; throws for any other answer.
  http_answer bought(const std::string& product, const header_list& who = {},
                     const checkout_wish& wish = {});
  /// Waits until the order has the status; false when it does not get there.
  bool becomes(const std::string& order, std::string_view status, const header_list& who);
};

}  // namespace stoa::test
