// Checks of price lists and their prices for `stoa check`.

#include "net/cli/check_reader.hpp"
#include "storage/base/money.hpp"
#include "storage/db/columns.hpp"
#include "storage/pricing/price_list.hpp"

#include <optional>
#include <set>

namespace stoa::cli {

namespace {

constexpr std::int64_t prices_at_once = 2000;

const db::sql all_lists{"price lists with their numbers of prices",
                        "SELECT l.price_list_id,l.terms,l.entries,"
                        "(SELECT count(*) FROM price_entries e"
                        " WHERE e.price_list_id=l.price_list_id),l.deleted FROM price_lists l"};
const db::sql lost_prices{"prices without a list",
                          "SELECT price_list_id,count(*) FROM price_entries e WHERE NOT EXISTS"
                          "(SELECT 1 FROM price_lists l WHERE l.price_list_id=e.price_list_id)"
                          " GROUP BY price_list_id ORDER BY price_list_id LIMIT $1"};
const db::sql next_prices{
    "next prices with tiers or above the bounds",
    "SELECT price_list_id,product_id,amount,compare_at,tiers FROM price_entries"
    " WHERE (price_list_id>$1 OR price_list_id=$1 AND product_id>$2)"
    " AND (tiers<>'[]' OR amount<0 OR amount>$3 OR compare_at<0 OR compare_at>$3)"
    " ORDER BY price_list_id,product_id LIMIT $4"};

const db::sql next_deleted{"next deleted products",
                           "SELECT product_id FROM products WHERE product_id>$1"
                           " AND status='Deleted' AND updated_at<$2 ORDER BY product_id LIMIT $3"};
const db::sql prices_of_product{"number of a product's prices",
                                "SELECT count(*) FROM price_entries WHERE product_id=$1"};

bool is_listed_amount(std::int64_t amount) {
  return amount >= 0 && amount <= money_amount_max;
}

/// Why the list cannot be as it is; empty: it can.
std::string price_fault(const std::string& terms, std::int64_t entries, std::int64_t rows) {
  const auto read = json::read_lenient<pricing::price_list_terms>(terms);
  if (!read) return "its terms are not readable";
  if (!currency_exponent(read->currency)) return "its currency is " + read->currency;
  std::vector<field_error> errors;
  read->check(errors);
  if (!errors.empty()) return "it ends before it begins";
  if (entries != rows || rows > pricing::price_entries_max) {
    return "it counts " + std::to_string(entries) + " prices, has " + std::to_string(rows);
  }
  return {};
}

std::optional<std::string> key_in(const std::string& terms) {
  const auto read = json::read_lenient<pricing::price_list_terms>(terms);
  return read ? read->key : std::nullopt;
}

/// The same for the price of a product.
std::string price_fault(std::int64_t amount, std::int64_t compare_at, const std::string& tiers) {
  if (!is_listed_amount(amount) || !is_listed_amount(compare_at))
    return "an amount is out of range";
  const auto read = json::read_lenient<std::vector<pricing::price_tier>>(tiers);
  if (!read) return "its tiers are not readable";
  if (read->size() > pricing::price_tiers_max) return "it has too many tiers";
  std::int64_t last = 1;
  for (const auto& t : *read) {
    if (!is_listed_amount(t.amount)) return "the amount of a tier is out of range";
    if (t.min_quantity <= last || t.min_quantity > pricing::price_tier_quantity_max) {
      return "the quantities of its tiers do not ascend or are out of range";
    }
    last = t.min_quantity;
  }
  return {};
}

void check_prices(db::connection& pricing, finding_list& out) {
  auto list = first_uuid();
  auto product = first_uuid();
  std::int64_t rows = 0;
  do {
    rows = 0;
    pricing.query({&next_prices, db::params(list, product, money_amount_max, prices_at_once)},
                  [&](db::row r) {
                    ++rows;
                    list = std::get<uuid>(r[0]);
                    product = std::get<uuid>(r[1]);
                    const auto* compare_at = std::get_if<std::int64_t>(&r[3]);
                    auto fault =
                        price_fault(std::get<std::int64_t>(r[2]), compare_at ? *compare_at : 0,
                                    std::get<std::string>(r[4]));
                    if (fault.empty()) return;
                    out.add({"price_invalid",
                             "pricing",
                             product.str(),
                             {},
                             "price list " + list.str() + ": " + fault});
                  });
  } while (rows == prices_at_once);
}

}  // namespace

void check_deleted_prices(db::connection& catalog, db::connection& pricing, timestamp before,
                          finding_list& out) {
  std::vector<uuid> deleted{first_uuid()};
  do {
    const auto after = deleted.back();
    deleted.clear();
    catalog.query({&next_deleted, db::params(after, before, prices_at_once)},
                  [&](db::row r) { deleted.push_back(std::get<uuid>(r[0])); });
    std::vector<db::statement> ask;
    ask.reserve(deleted.size());
    for (const auto& id : deleted) ask.push_back({&prices_of_product, db::params(id)});
    if (ask.empty()) return;
    pricing.query(ask, [&](std::size_t i, db::row r) {
      const auto count = std::get<std::int64_t>(r[0]);
      if (count == 0) return;
      out.add({"price_of_deleted_product",
               "pricing",
               deleted[i].str(),
               {},
               std::to_string(count) + " prices"});
    });
  } while (deleted.size() == static_cast<std::size_t>(prices_at_once));
}

std::int64_t check_price_lists(db::connection& pricing, finding_list& out) {
  std::int64_t count = 0;
  std::set<std::string> keys;
  pricing.query({&all_lists, {}}, [&](db::row r) {
    ++count;
    const auto& terms = std::get<std::string>(r[1]);
    auto fault = price_fault(terms, std::get<std::int64_t>(r[2]), std::get<std::int64_t>(r[3]));
    const auto key = std::get<std::int64_t>(r[4]) == 0 ? key_in(terms) : std::nullopt;
    if (key && !keys.insert(*key).second) fault = "another list has its key, too";
    if (fault.empty()) return;
    out.add({"price_list_wrong", "pricing", std::get<uuid>(r[0]).str(), {}, std::move(fault)});
  });
  pricing.query({&lost_prices, db::params(prices_at_once)}, [&](db::row r) {
    out.add({"price_without_list",
             "pricing",
             std::get<uuid>(r[0]).str(),
             {},
             std::to_string(std::get<std::int64_t>(r[1])) + " prices"});
  });
  check_prices(pricing, out);
  return count;
}

}  // namespace stoa::cli
