#pragma once
// The runs.

#include "bench/figures.hpp"
#include "bench/target.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace stoa::bench {

/// Ids of the purchasable products (variants instead of their parents), from the catalogue's pages.
/// Throws std::runtime_error when there are none or the server does not respond.
std::vector<std::string> buyable_products(const target& server, std::size_t max = 2000);

struct purchase_figures : figures {
  std::uint64_t confirmed = 0;  ///< confirmed purchases, including the warm-up
};

/// Buyers purchase continuously: new cart, two items, checkout, wait until the order is Confirmed.
purchase_figures run_purchases(const run_options& options);

/// Continuous GET /store/v1/products/{id}.
figures run_reads(const run_options& options);

/// The result of a verification. `ok`: the data is consistent.
struct verification {
  bool ok = false;
  std::string text;
};
/// Number of orders in the data directory that have been Confirmed.
std::int64_t confirmed_orders(const std::filesystem::path& data);
/// Waits up to 10 s for pending work, then checks orders, payments, the gateway's ledger, stock and
/// notifications, and that `confirmed` more orders are Confirmed than `before`.
verification verify(const std::filesystem::path& data, std::int64_t before,
                    std::uint64_t confirmed);

struct own_store_options {
  std::filesystem::path program;  ///< stoa
  run_options run;
  int products = 200;
  int stock = 1'000'000;
  std::string run_only;  ///< "purchase", "read" or "" for both
  bool json = false;
};
/// Starts a server with a new demo store: cold start, idle memory, purchases, reads, verification.
/// Prints the summary. Returns the exit code.
int run_own_store(const own_store_options& options);

}  // namespace stoa::bench
