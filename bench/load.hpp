#pragma once
// The runs.

#include "bench/figures.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace stoa::bench {

/// The ids of products that can be bought now (variants in place of their parents), from the pages
/// of the catalogue. Throws std::runtime_error when there are none or the server does not answer.
std::vector<std::string> buyable_products(std::uint16_t port, std::size_t max = 2000);

struct purchase_figures : figures {
  std::uint64_t confirmed = 0;  ///< all that were told so, those of the warm-up too
};

/// Buyers who buy without pause: new cart, two items, checkout, wait until it is Confirmed.
purchase_figures run_purchases(const run_options& options);

/// GET /store/v1/products/{id} without pause.
figures run_reads(const run_options& options);

/// What a check of the data found. `ok`: the numbers add up.
struct verification {
  bool ok = false;
  std::string text;
};
/// How many orders of the data folder have been Confirmed so far.
std::int64_t confirmed_orders(const std::filesystem::path& data);
/// Waits up to 10 s until no work is open, then checks orders, payments, the bank's ledger, stock
/// and notifications, and that `confirmed` more orders are Confirmed than `before`.
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
/// A fresh demo store, its own server: cold start, idle memory, purchases, reads, verification.
/// Prints the summary; the exit code.
int run_own_store(const own_store_options& options);

}  // namespace stoa::bench
