#pragma once
// The products whose documents in the index of a search engine are outdated, and the rebuild of the
// index. Triggers on `products` fill the queue in the commit that changes a product.

#include "storage/base/describe.hpp"
#include "storage/base/time.hpp"
#include "storage/base/uuid.hpp"
#include "storage/db/connection.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace stoa::catalog {

enum class build_state { running, completed, failed };
BOOST_DESCRIBE_ENUM(build_state, running, completed, failed)

/// The last rebuild; there is at most one row.
struct engine_build_row {
  static constexpr const char* table = "engine_builds";
  static constexpr std::size_t key_columns = 1;
  std::int64_t slot = 1;
  std::string index_name;
  build_state state = build_state::running;
  bool filled = false;                    ///< all products were sent; the alias is switched next
  std::optional<stoa::product_id> after;  ///< products up to this id were sent
  std::int64_t products = 0;              ///< that were sent
  std::int64_t since = 0;                 ///< the last change when it began, or an earlier one
  std::optional<std::string> error;
  timestamp started_at;
  std::optional<timestamp> finished_at;
  std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(engine_build_row, (),
                      (slot, index_name, state, filled, after, products, since, error, started_at,
                       finished_at, version))

/// Read-only: statements and triggers change it.
struct engine_clock_row {
  static constexpr const char* table = "engine_clock";
  static constexpr std::size_t key_columns = 1;
  std::int64_t slot = 1;
  bool active = false;           ///< changes are queued
  std::int64_t last_change = 0;  ///< all queued changes have this or a lower number
};
BOOST_DESCRIBE_STRUCT(engine_clock_row, (), (slot, active, last_change))

engine_clock_row read_engine_clock(db::connection& c);
std::optional<engine_build_row> read_engine_build(db::connection& c);

struct queued_change {
  stoa::product_id product_id;
  std::int64_t change = 0;
};
/// Oldest change first.
std::vector<queued_change> read_engine_queue(db::connection& c, std::size_t limit);
/// The number of queued products, counted up to `max`.
std::int64_t count_engine_queue(db::connection& c, std::int64_t max);
std::int64_t count_active_products(db::connection& c);

/// What lists sort and filter by, kept by statements and triggers.
struct listed_values {
  std::int64_t price = 0;
  bool in_stock = false;
};
/// Of existing products, by their places in `ids`.
std::vector<listed_values> read_listed_values(db::connection& c,
                                              const std::vector<stoa::product_id>& ids);

/// Parameters: product, change. Nothing happens if the product has changed again.
extern const db::sql forget_engine_change;
/// Parameter: the last change that is forgotten.
extern const db::sql forget_engine_changes;
extern const db::sql clear_engine_queue;
/// Parameters: 1 or 0; the time in microseconds.
extern const db::sql set_engine_active;
/// Queues all products, deleted ones too, with a new change; after set_engine_active with 1.
extern const db::sql queue_all_for_engine;

}  // namespace stoa::catalog
