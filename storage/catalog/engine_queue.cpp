#include "storage/catalog/engine_queue.hpp"

#include "storage/db/columns.hpp"

namespace stoa::catalog {

namespace {

using db::column_list;
using db::sql;

const sql engine_clock_of{"engine clock",
                          "SELECT " + column_list<engine_clock_row>() + " FROM engine_clock"};
const sql last_build{"engine build",
                     "SELECT " + column_list<engine_build_row>() + " FROM engine_builds"};
const sql oldest_changes{"engine queue",
                         "SELECT product_id, change FROM engine_queue ORDER BY change LIMIT $1"};
const sql changes_up_to{"count engine queue",
                        "SELECT count(*) FROM (SELECT 1 FROM engine_queue LIMIT $1) AS q"};
const sql active_products{"count active products",
                          "SELECT count(*) FROM products"
                          " WHERE parent_product_id IS NULL AND status='Active'"};
const sql listed{"listed values", "SELECT list_price, in_stock FROM products WHERE product_id=$1"};

}  // namespace

const sql forget_engine_change{"forget engine change",
                               "DELETE FROM engine_queue WHERE product_id=$1 AND change=$2"};
const sql forget_engine_changes{"forget engine changes",
                                "DELETE FROM engine_queue WHERE change<=$1"};
const sql clear_engine_queue{"clear engine queue", "DELETE FROM engine_queue"};
const sql set_engine_active{"set engine active",
                            "INSERT INTO engine_clock(slot, active, last_change) VALUES(1,$1,$2)"
                            " ON CONFLICT(slot) DO UPDATE SET active=excluded.active,"
                            " last_change=CASE WHEN engine_clock.last_change<excluded.last_change"
                            " THEN excluded.last_change ELSE engine_clock.last_change+1 END"};
const sql queue_all_for_engine{
    "queue all for engine",
    "INSERT INTO engine_queue(product_id, change)"
    " SELECT p.product_id, c.last_change FROM products p CROSS JOIN engine_clock c"
    " WHERE p.parent_product_id IS NULL"
    " ON CONFLICT(product_id) DO UPDATE SET change=excluded.change"};

engine_clock_row read_engine_clock(db::connection& c) {
  auto found = db::select<engine_clock_row>(c, engine_clock_of, {});
  return found.empty() ? engine_clock_row{} : found.front();
}

std::optional<engine_build_row> read_engine_build(db::connection& c) {
  auto found = db::select<engine_build_row>(c, last_build, {});
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::vector<queued_change> read_engine_queue(db::connection& c, std::size_t limit) {
  std::vector<queued_change> found;
  c.query({&oldest_changes, db::params(static_cast<std::int64_t>(limit))}, [&](db::row r) {
    found.push_back({{std::get<uuid>(r[0])}, std::get<std::int64_t>(r[1])});
  });
  return found;
}

std::int64_t count_engine_queue(db::connection& c, std::int64_t max) {
  std::int64_t count = 0;
  c.query({&changes_up_to, db::params(max)},
          [&](db::row r) { count = std::get<std::int64_t>(r[0]); });
  return count;
}

std::int64_t count_active_products(db::connection& c) {
  std::int64_t count = 0;
  c.query({&active_products, {}}, [&](db::row r) { count = std::get<std::int64_t>(r[0]); });
  return count;
}

std::vector<listed_values> read_listed_values(db::connection& c,
                                              const std::vector<stoa::product_id>& ids) {
  std::vector<db::statement> ask;
  ask.reserve(ids.size());
  for (auto id : ids) ask.push_back({&listed, db::params(id)});
  std::vector<listed_values> all(ids.size());
  c.query(ask, [&](std::size_t i, db::row r) {
    all[i] = {std::get<std::int64_t>(r[0]), std::get<std::int64_t>(r[1]) != 0};
  });
  return all;
}

}  // namespace stoa::catalog
