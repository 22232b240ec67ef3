#pragma once
// What one load generator, or each of several, is to run.

#include "bench/report.hpp"
#include "bench/scenario.hpp"
#include "storage/base/json.hpp"

namespace stoa::bench {

struct load_order {
  std::string scenario;
  std::string shop = "stoa";  ///< the product that runs at the URL
  std::string shop_key;       ///< Medusa's publishable key
  std::string url = "http://127.0.0.1:8080";
  double rate = 100;             ///< open loop: operations per second
  std::int64_t connections = 0;  ///< closed loop: users
  std::int64_t connections_max = 2000;
  bool poisson = false;
  std::int64_t threads = 1;
  std::int64_t seconds = 10;
  std::int64_t warmup_s = 2;
  std::int64_t think_ms = 0;
  std::int64_t timeout_s = 30;
  std::int64_t reads = 100;
  std::int64_t cart_changes = 10;
  std::int64_t purchases = 1;
  std::int64_t accounts = 20;
  std::string path = "/";  ///< of the scenario "get"
  std::int64_t pipeline = 1;
  bool compress = false;  ///< asks for gzip bodies
  std::uint64_t seed = 1;

  bool operator==(const load_order&) const = default;
  /// For the command line too; an agent rejects an order beyond them.
  static constexpr json::rule rules[] = {
      {.field = "connections", .value_min = 0, .value_max = 20'000},
      {.field = "connections_max", .value_min = 1, .value_max = 20'000},
      {.field = "threads", .value_min = 1, .value_max = 64},
      {.field = "seconds", .value_min = 1, .value_max = 86'400},
      {.field = "warmup_s", .value_min = 0, .value_max = 3600},
      {.field = "think_ms", .value_min = 0, .value_max = 600'000},
      {.field = "timeout_s", .value_min = 1, .value_max = 3600},
      {.field = "reads", .value_min = 0, .value_max = 1'000'000},
      {.field = "cart_changes", .value_min = 0, .value_max = 1'000'000},
      {.field = "purchases", .value_min = 0, .value_max = 1'000'000},
      {.field = "accounts", .value_min = 1, .value_max = 10'000},
      {.field = "pipeline", .value_min = 1, .value_max = 1000}};
};
BOOST_DESCRIBE_STRUCT(load_order, (),
                      (scenario, shop, shop_key, url, rate, connections, connections_max, poisson,
                       threads, seconds, warmup_s, think_ms, timeout_s, reads, cart_changes,
                       purchases, accounts, path, pipeline, compress, seed))

/// The scenario that needs no shop.
inline constexpr std::string_view get_name = "get";
/// Each user runs one operation.
inline constexpr std::string_view sale_name = "flash-sale";
/// Its users, unless the order has a number.
inline constexpr std::int64_t sale_buyers = 1000;

/// The part of one of several load generators: its share of the rate and of the connections.
load_order part_of(const load_order& whole, std::size_t part, std::size_t parts);

/// A load that is ready to run.
class ordered_load {
 public:
  /// Reads the products, and registers accounts. Throws std::runtime_error when the target is not
  /// on this machine or does not respond, and std::invalid_argument for an unknown scenario.
  /// `local`: what the user of this load generator permits; its URL is not used.
  explicit ordered_load(const load_order& order, target_options local = {});
  /// At another rate than the order's if it is not 0.
  run_report run(const load_watch& watch, double rate = 0);

 private:
  load_order order_;
  target target_;
  std::unique_ptr<shop> shop_;
  operation what_;
};

}  // namespace stoa::bench
