#include "actors/pricing/promotion_rules.hpp"
#include "tests/simulation/examination.hpp"

namespace stoa::simulation {

namespace {

using pricing::redemption_status;

const db::sql all_promotions{
    "check promotions", "SELECT " + db::column_list<pricing::promotion_row>() + " FROM promotions"};
const db::sql all_uses{"check uses", "SELECT " + db::column_list<pricing::promotion_use_row>() +
                                         " FROM promotion_uses"};
const db::sql all_codes{"check codes",
                        "SELECT " + db::column_list<pricing::code_row>() + " FROM promotion_codes"};
const db::sql all_customers{
    "check customers' uses",
    "SELECT " + db::column_list<pricing::customer_use_row>() + " FROM promotion_customers"};
const db::sql all_redemptions{
    "check redemptions",
    "SELECT " + db::column_list<pricing::redemption_row>() + " FROM redemptions"};

/// The promotions and codes whose discounts a standing order has.
struct standing_uses {
  std::map<stoa::promotion_id, std::int64_t> promotions;
  std::map<std::string, std::int64_t> codes;
  std::map<std::pair<stoa::promotion_id, std::string>, std::int64_t> customers;
};

const db::sql all_accounts{
    "check credit",
    "SELECT " + db::column_list<pricing::credit_account_row>() + " FROM credit_accounts"};
const db::sql all_entries{
    "check credit entries",
    "SELECT " + db::column_list<pricing::credit_entry_row>() + " FROM credit_entries"};
const db::sql all_credits{
    "check redeemed credit",
    "SELECT " + db::column_list<pricing::credit_redemption_row>() + " FROM credit_redemptions"};

}  // namespace

/// A balance is what was issued without what orders that stand have redeemed: nothing is spent
/// twice, and nothing is lost.
void examination::check_credit() {
  std::map<stoa::credit_account_id, std::int64_t> spent;
  for (const auto& [id, c] : orders_) {
    if (!c.row.credits) continue;
    std::int64_t sum = 0;
    for (const auto& credit : *c.row.credits) {
      sum += credit.amount.amount;
      if (!c.stands()) continue;
      const auto returned = c.returned_to(credit.credit_account_id);
      if (returned > credit.amount.amount) {
        wrong(text(id), ": refunds return ", text(returned), " to credit that has paid ",
              text(credit.amount.amount));
      }
      spent[credit.credit_account_id] += credit.amount.amount - returned;
    }
    if (sum != c.row.credit_total || sum > c.row.total_amount) {
      wrong(text(id), ": its credit is not the sum of its parts, or more than its total");
    }
  }
  std::map<stoa::credit_account_id, std::int64_t> entries;
  for (const auto& e : rows<pricing::credit_entry_row>("pricing", all_entries)) {
    entries[e.credit_account_id] += e.amount;
  }
  for (const auto& a : rows<pricing::credit_account_row>("pricing", all_accounts)) {
    const auto left = initial_credit - spent[a.credit_account_id];
    if (a.balance != left || a.balance < 0) {
      wrong("a ", enum_name(a.kind), " has ", text(a.balance), ", not ", text(left));
    }
    if (a.balance != entries[a.credit_account_id]) {
      wrong("the entries of a ", enum_name(a.kind), " do not sum to its balance");
    }
  }
  for (const auto& r : rows<pricing::credit_redemption_row>("pricing", all_credits)) {
    const auto found = orders_.find(r.order_id);
    if (found == orders_.end()) {
      wrong("credit is redeemed by an unknown order");
      continue;
    }
    const auto expected =
        found->second.stands() ? redemption_status::Redeemed : redemption_status::Released;
    if (r.status != expected) {
      wrong(text(r.order_id), " is ", enum_name(found->second.row.status), " and its credit ",
            enum_name(r.status));
    }
  }
}

/// The states of an order's redemptions follow from its own.
void examination::check_redemptions(
    const order_case& c,
    const std::map<stoa::order_id, std::vector<pricing::redemption_row>>& all) {
  const auto found = all.find(c.row.order_id);
  for (const auto& part : c.row.price_parts) {
    if (part.promotion_id && !c.row.redemptions) {
      wrong(text(c.row.order_id), " has a discount that it has not redeemed");
    }
  }
  if (c.row.waiting_instrument) wrong(text(c.row.order_id), " still waits for its redemptions");
  if (!c.row.redemptions) return;
  const auto there = found == all.end() ? 0 : std::ssize(found->second);
  const bool none_needed = c.row.cancel_code == "redemption_rejected";
  if (there != std::ssize(*c.row.redemptions) && !none_needed) {
    wrong(text(c.row.order_id), " has ", text(there), " redemptions");
  }
  if (found == all.end()) return;
  for (const auto& r : found->second) {
    const auto expected = c.stands() ? redemption_status::Redeemed : redemption_status::Released;
    if (r.status != expected) {
      wrong(text(c.row.order_id), " is ", enum_name(c.row.status), " and its redemption ",
            enum_name(r.status));
    }
  }
}

/// No promotion, code or customer's limit is used more often than allowed, and the counts are those
/// of the orders.
void examination::check_promotions() {
  std::map<stoa::order_id, std::vector<pricing::redemption_row>> all;
  for (auto& r : rows<pricing::redemption_row>("pricing", all_redemptions)) {
    all[r.order_id].push_back(r);
  }
  standing_uses used;
  for (const auto& [id, c] : orders_) {
    check_redemptions(c, all);
    if (!c.stands() || !c.row.redemptions) continue;
    const auto customer = pricing::customer_key_of(c.row.user_id, c.row.email_folded);
    for (const auto& r : *c.row.redemptions) {
      ++used.promotions[r.promotion_id];
      ++used.customers[{r.promotion_id, customer}];
      if (r.code) ++used.codes[pricing::code_key_of(*r.code)];
    }
  }
  std::map<stoa::promotion_id, pricing::promotion_terms> terms;
  for (auto& p : rows<pricing::promotion_row>("pricing", all_promotions)) {
    terms[p.promotion_id] = p.terms;
  }
  for (const auto& u : rows<pricing::promotion_use_row>("pricing", all_uses)) {
    const auto orders = used.promotions[u.promotion_id];
    const auto most = terms[u.promotion_id].uses_max;
    if (u.uses != orders) {
      wrong("a promotion counts ", text(u.uses), " uses and has ", text(orders), " orders");
    }
    if (most && orders > *most) wrong("a promotion is used by ", text(orders), " orders");
  }
  for (const auto& code : rows<pricing::code_row>("pricing", all_codes)) {
    const auto orders = used.codes[code.code_key];
    if (code.uses != orders) {
      wrong("the code ", code.code, " counts ", text(code.uses), " uses and has ", text(orders),
            " orders");
    }
    if (code.uses_max && orders > *code.uses_max) {
      wrong("the code ", code.code, " is used by ", text(orders), " orders");
    }
  }
  for (const auto& u : rows<pricing::customer_use_row>("pricing", all_customers)) {
    const auto orders = used.customers[{u.promotion_id, u.customer}];
    const auto most = terms[u.promotion_id].uses_per_customer_max;
    if (u.uses != orders || (most && orders > *most)) {
      wrong("a customer has used a promotion ", text(orders), " times, and counts ", text(u.uses));
    }
  }
}

}  // namespace stoa::simulation
