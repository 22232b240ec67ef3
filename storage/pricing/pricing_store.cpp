#include "storage/pricing/pricing_store.hpp"

#include <algorithm>
#include <map>

namespace stoa::pricing {

namespace {

const db::sql all_promotions{"list promotions", "SELECT " + db::column_list<promotion_row>() +
                                                    " FROM promotions WHERE list=0"
                                                    " ORDER BY promotion_id DESC"};
const db::sql all_uses{"list uses of promotions",
                       "SELECT " + db::column_list<promotion_use_row>() + " FROM promotion_uses"};
const db::sql codes_after{"list promotion codes",
                          "SELECT " + db::column_list<code_row>() +
                              " FROM promotion_codes WHERE promotion_id=$1 AND code_key>$2"
                              " ORDER BY code_key LIMIT $3"};
const db::sql uses_of_customer{"read a customer's uses",
                               "SELECT " + db::column_list<customer_use_row>() +
                                   " FROM promotion_customers WHERE customer=$1"};
// Without an order, and with duplicates: for both, SQLite would read the whole tables.
const db::sql overdue{"overdue redemptions",
                      "SELECT order_id FROM redemptions WHERE status='Reserved'"
                      " AND (deadline<=$1 OR deadline>$2)"
                      " UNION ALL SELECT order_id FROM credit_redemptions WHERE status='Reserved'"
                      " AND (deadline<=$1 OR deadline>$2) LIMIT $3"};
const db::sql gift_cards{"list gift cards", "SELECT " + db::column_list<credit_account_row>() +
                                                " FROM credit_accounts WHERE kind='gift_card'"
                                                " AND credit_account_id<$1"
                                                " ORDER BY credit_account_id DESC LIMIT $2"};
const db::sql entries_of{"list credit entries",
                         "SELECT " + db::column_list<credit_entry_row>() +
                             " FROM credit_entries WHERE credit_account_id=$1"
                             " AND credit_entry_id<$2 ORDER BY credit_entry_id DESC LIMIT $3"};

template <class Id>
Id last_id() {
  Id last{};
  last.value.bytes.fill(0xFF);
  return last;
}

const db::sql all_tax_rates{"list tax rates", "SELECT " + db::column_list<tax_rate_row>() +
                                                  " FROM tax_rates WHERE list=0"
                                                  " ORDER BY tax_rate_id"};
const db::sql all_zones{"list shipping zones", "SELECT " + db::column_list<shipping_zone_row>() +
                                                   " FROM shipping_zones WHERE list=0"
                                                   " ORDER BY shipping_zone_id"};

const db::sql all_price_lists{"list price lists", "SELECT " + db::column_list<price_list_row>() +
                                                      " FROM price_lists WHERE list=0 AND deleted=0"
                                                      " ORDER BY price_list_id"};
const db::sql entries_of_list{"list price entries",
                              "SELECT " + db::column_list<price_entry_row>() +
                                  " FROM price_entries WHERE price_list_id=$1 AND product_id>$2"
                                  " ORDER BY product_id LIMIT $3"};
const db::sql entries_of_product{"read a product's price entries",
                                 "SELECT " + db::column_list<price_entry_row>() +
                                     " FROM price_entries WHERE product_id=$1"
                                     " ORDER BY price_list_id"};
const db::sql lists_to_clear{"deleted price lists",
                             "SELECT price_list_id FROM price_lists WHERE list=0 AND deleted=1"
                             " ORDER BY price_list_id LIMIT $1"};

const db::sql open_checks{"open price checks", "SELECT " + db::column_list<price_check_row>() +
                                                   " FROM price_checks ORDER BY price_check_id"
                                                   " LIMIT $1"};

template <class R>
std::optional<R> first(std::vector<R> found) {
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

}  // namespace

const db::sql delete_codes_of{"delete promotion codes",
                              "DELETE FROM promotion_codes WHERE promotion_id=$1"};

const db::sql delete_some_entries{
    "delete price entries",
    "DELETE FROM price_entries WHERE price_list_id=$1 AND product_id IN (SELECT product_id"
    " FROM price_entries WHERE price_list_id=$1 ORDER BY product_id LIMIT $2)"};

std::vector<counted_promotion> read_promotions(db::connection& c) {
  std::map<stoa::promotion_id, std::int64_t> uses;
  for (const auto& u : db::select<promotion_use_row>(c, all_uses, {})) {
    uses.emplace(u.promotion_id, u.uses);
  }
  std::vector<counted_promotion> list;
  for (auto& p : db::select<promotion_row>(c, all_promotions, {})) {
    const auto found = uses.find(p.promotion_id);
    list.push_back({std::move(p), found == uses.end() ? 0 : found->second});
  }
  return list;
}

std::optional<counted_promotion> read_promotion(db::connection& c, stoa::promotion_id id) {
  auto found = first(
      db::select<promotion_row>(c, db::select_by<&promotion_row::promotion_id>(), db::params(id)));
  if (!found) return std::nullopt;
  const auto uses = first(db::select<promotion_use_row>(
      c, db::select_by<&promotion_use_row::promotion_id>(), db::params(id)));
  return counted_promotion{std::move(*found), uses ? uses->uses : 0};
}

std::vector<tax_rate_row> read_tax_rates(db::connection& c) {
  return db::select<tax_rate_row>(c, all_tax_rates, {});
}

std::optional<tax_rate_row> read_tax_rate(db::connection& c, stoa::tax_rate_id id) {
  return first(
      db::select<tax_rate_row>(c, db::select_by<&tax_rate_row::tax_rate_id>(), db::params(id)));
}

std::vector<shipping_zone_row> read_shipping_zones(db::connection& c) {
  return db::select<shipping_zone_row>(c, all_zones, {});
}

std::optional<shipping_zone_row> read_shipping_zone(db::connection& c, stoa::shipping_zone_id id) {
  return first(db::select<shipping_zone_row>(
      c, db::select_by<&shipping_zone_row::shipping_zone_id>(), db::params(id)));
}

std::vector<price_list_row> read_price_lists(db::connection& c) {
  return db::select<price_list_row>(c, all_price_lists, {});
}

std::optional<price_list_row> read_price_list(db::connection& c, stoa::price_list_id id) {
  auto found = first(db::select<price_list_row>(c, db::select_by<&price_list_row::price_list_id>(),
                                                db::params(id)));
  if (found && found->deleted) found.reset();
  return found;
}

std::vector<price_entry_row> read_price_entries(db::connection& c, stoa::price_list_id id,
                                                std::optional<stoa::product_id> after,
                                                std::size_t limit) {
  return db::select<price_entry_row>(
      c, entries_of_list,
      db::params(id, after.value_or(stoa::product_id{}), static_cast<std::int64_t>(limit)));
}

std::vector<price_entry_row> read_product_entries(db::connection& c, stoa::product_id id) {
  return db::select<price_entry_row>(c, entries_of_product, db::params(id));
}

std::vector<stoa::price_list_id> deleted_price_lists(db::connection& c, std::size_t limit) {
  std::vector<stoa::price_list_id> found;
  c.query({&lists_to_clear, db::params(static_cast<std::int64_t>(limit))},
          [&](db::row r) { found.push_back({std::get<uuid>(r[0])}); });
  return found;
}

std::vector<price_check_row> read_price_checks(db::connection& c, std::size_t limit) {
  return db::select<price_check_row>(c, open_checks, db::params(static_cast<std::int64_t>(limit)));
}

stoa::revision_id read_revision(db::connection& c) {
  const auto found = first(db::select<rule_revision_row>(
      c, db::select_by<&rule_revision_row::list>(), db::params(std::int64_t{0})));
  return found ? found->revision : stoa::revision_id{};
}

std::vector<code_row> read_codes(db::connection& c, stoa::promotion_id id, const std::string& after,
                                 std::size_t limit) {
  return db::select<code_row>(c, codes_after,
                              db::params(id, after, static_cast<std::int64_t>(limit)));
}

std::optional<code_row> read_code(db::connection& c, const std::string& code_key) {
  return first(db::select<code_row>(c, db::select_by<&code_row::code_key>(), db::params(code_key)));
}

std::vector<customer_use_row> read_customer_uses(db::connection& c, const std::string& customer) {
  return db::select<customer_use_row>(c, uses_of_customer, db::params(customer));
}

std::optional<credit_account_row> read_credit(db::connection& c, stoa::credit_account_id id) {
  return first(db::select<credit_account_row>(
      c, db::select_by<&credit_account_row::credit_account_id>(), db::params(id)));
}

std::optional<credit_account_row> read_gift_card(db::connection& c, const std::string& code_key) {
  return first(db::select<credit_account_row>(c, db::select_by<&credit_account_row::code_key>(),
                                              db::params(code_key)));
}

std::vector<credit_account_row> read_store_credit(db::connection& c, stoa::user_id user) {
  return db::select<credit_account_row>(c, db::select_by<&credit_account_row::user_id>(),
                                        db::params(user));
}

std::vector<credit_account_row> read_gift_cards(db::connection& c,
                                                std::optional<stoa::credit_account_id> before,
                                                std::size_t limit) {
  return db::select<credit_account_row>(
      c, gift_cards,
      db::params(before.value_or(last_id<stoa::credit_account_id>()),
                 static_cast<std::int64_t>(limit)));
}

std::vector<credit_entry_row> read_credit_entries(db::connection& c, stoa::credit_account_id id,
                                                  std::optional<stoa::credit_entry_id> before,
                                                  std::size_t limit) {
  return db::select<credit_entry_row>(
      c, entries_of,
      db::params(id, before.value_or(last_id<stoa::credit_entry_id>()),
                 static_cast<std::int64_t>(limit)));
}

std::vector<stoa::order_id> overdue_redemptions(db::connection& c, timestamp now, timestamp latest,
                                                std::size_t limit) {
  std::vector<stoa::order_id> found;
  c.query({&overdue, db::params(now, latest, static_cast<std::int64_t>(limit))},
          [&](db::row r) { found.push_back({std::get<uuid>(r[0])}); });
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

}  // namespace stoa::pricing
