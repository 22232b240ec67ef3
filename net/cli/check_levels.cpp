// Checks of the stock by location for `stoa check`.

#include "net/cli/check_reader.hpp"
#include "storage/base/json_read.hpp"
#include "storage/catalog/location.hpp"
#include "storage/db/columns.hpp"

namespace stoa::cli {

namespace {

const db::sql located_in{"located products in a range",
                         "SELECT product_id,located,reserved FROM inventory"
                         " WHERE product_id>$1 AND product_id<=$2"};
const db::sql levels_in{"stock levels in a range",
                        "SELECT product_id,location_id,on_hand,reserved FROM stock_levels"
                        " WHERE product_id>$1 AND product_id<=$2"};
const db::sql level_ledger_in{"ledger of locations in a range",
                              "SELECT product_id,location_id,CAST(sum(on_hand_change) AS BIGINT),"
                              "CAST(sum(reserved_change) AS BIGINT) FROM stock_ledger"
                              " WHERE location_id IS NOT NULL AND product_id>$1 AND product_id<=$2"
                              " GROUP BY product_id,location_id"};
const db::sql allocations_in{"allocations in a range",
                             "SELECT product_id,quantity,allocations FROM reservations"
                             " WHERE status='Active' AND product_id>$1 AND product_id<=$2"
                             " AND allocations<>'[]'"};
const db::sql held_allocations_in{"allocations of holds in a range",
                                  "SELECT product_id,quantity,allocations FROM stock_holds"
                                  " WHERE product_id>$1 AND product_id<=$2"
                                  " AND allocations<>'[]'"};

struct level_books {
  std::int64_t on_hand = 0;
  std::int64_t reserved = 0;
  std::int64_t ledger_on_hand = 0;
  std::int64_t ledger_reserved = 0;
  std::int64_t allocated = 0;
};

struct located_books {
  bool located = false;
  std::int64_t reserved = 0;
  std::map<uuid, level_books> levels;
};

using all_books = std::map<uuid, located_books>;

std::string units_text(std::int64_t on_hand, std::int64_t reserved) {
  return "on hand " + std::to_string(on_hand) + ", reserved " + std::to_string(reserved);
}

void judge_levels(const uuid& product, const located_books& b, finding_list& out) {
  const auto add = [&](const char* code, const std::string& detail) {
    out.add({code, "catalog", product.str(), std::nullopt, detail});
  };
  bool any = false;
  std::int64_t reserved = 0;
  for (const auto& [location, l] : b.levels) {
    any = any || l.on_hand != 0 || l.reserved != 0;
    reserved += l.reserved;
    const auto stock = "location " + location.str() + ": " + units_text(l.on_hand, l.reserved);
    if (l.on_hand != l.ledger_on_hand || l.reserved != l.ledger_reserved) {
      add("level_not_of_ledger",
          stock + "; ledger: " + units_text(l.ledger_on_hand, l.ledger_reserved));
    }
    if (l.reserved != l.allocated) {
      add("level_not_of_allocations", stock + "; allocated: " + std::to_string(l.allocated));
    }
  }
  if (any != b.located || reserved > b.reserved) {
    add("level_not_of_stock", std::string(b.located ? "located" : "not located") + ", reserved " +
                                  std::to_string(b.reserved) + "; at the locations " +
                                  std::to_string(reserved));
  }
}

/// Allocations of more than the quantity, or that cannot be read, are findings.
void add_allocations(db::row r, all_books& books, finding_list& out) {
  const auto product = std::get<uuid>(r[0]);
  const auto quantity = std::get<std::int64_t>(r[1]);
  const auto& text = std::get<std::string>(r[2]);
  const auto list = json::read_lenient<catalog::allocations>(text);
  std::int64_t sum = 0;
  for (const auto& a : list ? *list : catalog::allocations()) {
    books[product].levels[a.location_id.value].allocated += a.quantity;
    sum += a.quantity;
  }
  if (list && sum <= quantity) return;
  out.add({"level_not_of_allocations", "catalog", product.str(), std::nullopt,
           "allocations of " + std::to_string(quantity) + " units: " + text});
}

}  // namespace

void check_levels(db::connection& catalog, uuid after, uuid last, finding_list& out) {
  all_books books;
  const std::vector<db::statement> all{{&located_in, db::params(after, last)},
                                       {&levels_in, db::params(after, last)},
                                       {&level_ledger_in, db::params(after, last)},
                                       {&allocations_in, db::params(after, last)},
                                       {&held_allocations_in, db::params(after, last)}};
  catalog.query(all, [&](std::size_t index, db::row r) {
    const auto product = std::get<uuid>(r[0]);
    if (index == 0) {
      books[product].located = std::get<std::int64_t>(r[1]) != 0;
      books[product].reserved = std::get<std::int64_t>(r[2]);
    } else if (index <= 2) {
      auto& level = books[product].levels[std::get<uuid>(r[1])];
      auto& on_hand = index == 1 ? level.on_hand : level.ledger_on_hand;
      auto& reserved = index == 1 ? level.reserved : level.ledger_reserved;
      on_hand = std::get<std::int64_t>(r[2]);
      reserved = std::get<std::int64_t>(r[3]);
    } else {
      add_allocations(r, books, out);
    }
  });
  for (const auto& [id, b] : books) judge_levels(id, b, out);
}

}  // namespace stoa::cli
