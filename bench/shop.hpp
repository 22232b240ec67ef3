#pragma once
// A shop as the target of a scenario. The steps of each product are in one file: stoa_shop.cpp,
// vendure_shop.cpp, medusa_shop.cpp.

#include "bench/load_engine.hpp"

#include <array>
#include <string>
#include <vector>

namespace stoa::bench {

/// Picks items by their popularity: the n-th is chosen with a probability proportional to 1/n
/// (Zipf's law with the exponent 1), or all with the same probability.
class zipf {
 public:
  zipf(std::size_t items, bool uniform);
  std::size_t pick(std::mt19937_64& random) const;

 private:
  std::vector<double> sums_;
};

struct shop_options {
  target server;
  std::size_t products_max = 2000;
  std::string key{};     ///< Medusa's publishable key
  int accounts = 0;      ///< to register for logins
  bool uniform = false;  ///< all products are equally popular, not by Zipf's law
  /// A response that the product is sold out is expected: it sets user::sold_out.
  bool sells_out = false;
};

/// Each step sends requests, checks their status and the members that a client needs, and returns
/// false when an operation cannot go on. Used by several threads at once after prepare().
class shop {
 public:
  virtual ~shop() = default;
  /// Reads the products, and registers accounts. Throws std::runtime_error when the shop does not
  /// respond, or has nothing to sell.
  virtual void prepare(const shop_options& options) = 0;

  virtual lazy list(user& u) = 0;
  virtual lazy search(user& u) = 0;
  virtual lazy detail(user& u) = 0;
  /// Sets the user's cart.
  virtual lazy new_cart(user& u) = 0;
  virtual lazy add_item(user& u) = 0;
  /// Changes the quantity of an item, or removes it.
  virtual lazy change_cart(user& u) = 0;
  /// From the cart to the confirmed order. Adds the fact "orders confirmed".
  virtual lazy checkout(user& u) = 0;
  virtual lazy login(user& u) = 0;
};

inline constexpr std::string_view confirmed_orders_fact = "orders confirmed";

std::unique_ptr<shop> make_stoa_shop();
std::unique_ptr<shop> make_vendure_shop();
std::unique_ptr<shop> make_medusa_shop();

inline constexpr std::array shop_names{"stoa", "vendure", "medusa"};
/// Throws std::invalid_argument for an unknown name.
std::unique_ptr<shop> make_shop(std::string_view name);

}  // namespace stoa::bench
