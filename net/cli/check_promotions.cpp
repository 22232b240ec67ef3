// Checks of the uses of promotions and of balances for `stoa check`.

#include "net/cli/check_reader.hpp"
#include "storage/db/columns.hpp"
#include "storage/pricing/promotion.hpp"

namespace stoa::cli {

namespace {

#define STOA_USES(columns) \
  "(SELECT " columns       \
  ", count(*) AS uses FROM redemptions WHERE status<>'Released' GROUP BY " columns ") n"
const db::sql uses_of_promotions{
    "uses of promotions",
    "SELECT u.promotion_id,u.uses,coalesce(n.uses,0),p.terms FROM promotion_uses u"
    " JOIN promotions p ON p.promotion_id=u.promotion_id"
    " LEFT JOIN " STOA_USES("promotion_id") " ON n.promotion_id=u.promotion_id"};
const db::sql wrong_codes{
    "codes with wrong uses",
    "SELECT c.promotion_id,c.uses,coalesce(n.uses,0),c.code FROM promotion_codes c"
    " LEFT JOIN " STOA_USES("code_key") " ON n.code_key=c.code_key"
    " WHERE c.uses<>coalesce(n.uses,0)"};
const db::sql wrong_customers{
    "customers with wrong uses",
    "SELECT c.promotion_id,c.uses,coalesce(n.uses,0),c.customer FROM promotion_customers c"
    " LEFT JOIN " STOA_USES("promotion_id,customer")
    " ON n.promotion_id=c.promotion_id AND n.customer=c.customer"
    " WHERE c.uses<>coalesce(n.uses,0)"};
#undef STOA_USES
const db::sql wrong_balances{
    "balances that are not those of their entries",
    "SELECT a.credit_account_id,a.balance,CAST(coalesce(n.amount,0) AS BIGINT),a.hint"
    " FROM credit_accounts a LEFT JOIN (SELECT credit_account_id,sum(amount) AS amount"
    " FROM credit_entries GROUP BY credit_account_id) n"
    " ON n.credit_account_id=a.credit_account_id WHERE a.balance<>coalesce(n.amount,0)"};
const db::sql wrong_credits{
    "redeemed credit that is not that of its entries",
    "SELECT r.credit_account_id,r.amount-r.returned,CAST(coalesce(n.amount,0) AS BIGINT),r.status"
    " FROM credit_redemptions r LEFT JOIN (SELECT credit_account_id,order_id,-sum(amount) AS amount"
    " FROM credit_entries WHERE order_id IS NOT NULL GROUP BY credit_account_id,order_id) n"
    " ON n.credit_account_id=r.credit_account_id AND n.order_id=r.order_id"
    " WHERE coalesce(n.amount,0)<>CASE WHEN r.status='Released' THEN 0 ELSE r.amount-r.returned END"
    " OR r.returned<0 OR r.returned>r.amount"};

}  // namespace

std::int64_t check_promotions(db::connection& pricing, finding_list& out) {
  std::int64_t count = 0;
  const std::vector<db::statement> all{{&uses_of_promotions, {}},
                                       {&wrong_codes, {}},
                                       {&wrong_customers, {}},
                                       {&wrong_balances, {}},
                                       {&wrong_credits, {}}};
  pricing.query(all, [&](std::size_t index, db::row r) {
    const auto id = std::get<uuid>(r[0]).str();
    const auto uses = std::get<std::int64_t>(r[1]);
    const auto orders = std::get<std::int64_t>(r[2]);
    const auto& text = std::get<std::string>(r[3]);
    if (index == 4) {
      out.add({"credit_not_of_orders",
               "pricing",
               id,
               {},
               "an order has " + std::to_string(uses) + " of it, entries " +
                   std::to_string(orders) + ", " + text});
      return;
    }
    if (index == 3) {
      out.add({"credit_not_of_entries",
               "pricing",
               id,
               {},
               "balance " + std::to_string(uses) + ", entries " + std::to_string(orders)});
      return;
    }
    const auto counted =
        "counts " + std::to_string(uses) + " uses, has " + std::to_string(orders) + " orders";
    const auto add = [&](const std::string& detail) {
      out.add({"promotion_uses_wrong", "pricing", id, {}, detail});
    };
    if (index == 1) return add("code " + text + ": " + counted);
    if (index == 2) return add("customer " + text + ": " + counted);
    ++count;
    const auto terms = json::read_lenient<pricing::promotion_terms>(text);
    if (uses != orders) {
      add(counted);
    } else if (terms && terms->uses_max && orders > *terms->uses_max) {
      add(counted + ", at most " + std::to_string(*terms->uses_max) + " allowed");
    }
  });
  return count;
}

}  // namespace stoa::cli
