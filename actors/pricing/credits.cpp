#include "actors/pricing/credits.hpp"

#include <algorithm>
#include <set>

namespace stoa::pricing {

namespace {

bool is_usable(const credit_account_view& a, const std::string& currency, timestamp now) {
  return a.status == credit_status::Active && !(a.expires_at && *a.expires_at <= now) &&
         a.balance.currency == currency && a.balance.amount > 0;
}

problem refused(std::string code, std::size_t position, std::string detail) {
  const auto pointer = "/gift_cards/" + std::to_string(position);
  return {problem_kind::validation, std::move(code), detail, {{pointer, "value", detail}}};
}

/// Takes what is needed of the account.
void take(const credit_account_view& a, std::int64_t& needed,
          std::vector<redeemed_credit>& credits) {
  const auto amount = std::min(needed, a.balance.amount);
  if (amount <= 0) return;
  needed -= amount;
  credits.push_back({a.credit_account_id, a.kind, a.hint, {amount, a.balance.currency}});
}

}  // namespace

result<std::vector<redeemed_credit>> credits_for(const money& total,
                                                 const std::vector<std::string>& code_keys,
                                                 const find_credit::answer& found, timestamp now) {
  std::vector<redeemed_credit> credits;
  auto needed = total.amount;
  for (std::size_t i = 0; i < code_keys.size(); ++i) {
    const auto it = std::ranges::find(found.data, code_keys[i], &find_credit::found::code_key);
    if (it == found.data.end()) {
      return refused("gift_card_unknown", i, "There is no gift card with this code.");
    }
    const auto first = std::ranges::find(code_keys, code_keys[i]) - code_keys.begin();
    if (static_cast<std::size_t>(first) != i) {
      return refused("gift_card_unusable", i, "The gift card is given twice.");
    }
    if (!is_usable(it->account, total.currency, now)) {
      return refused(
          "gift_card_unusable", i,
          "The gift card is disabled, has expired, is empty, or is in another currency.");
    }
    take(it->account, needed, credits);
  }
  for (const auto& f : found.data) {
    if (!f.code_key && is_usable(f.account, total.currency, now)) take(f.account, needed, credits);
  }
  return credits;
}

bool fit_total(const std::vector<redeemed_credit>& credits, const money& total) {
  std::set<stoa::credit_account_id> accounts;
  auto left = total.amount;
  for (const auto& c : credits) {
    if (c.amount.currency != total.currency || c.amount.amount <= 0 || c.amount.amount > left) {
      return false;
    }
    left -= c.amount.amount;
    if (!accounts.insert(c.credit_account_id).second) return false;
  }
  return true;
}

std::int64_t sum_of(const std::vector<redeemed_credit>& credits) {
  std::int64_t sum = 0;
  for (const auto& c : credits) sum += c.amount.amount;
  return sum;
}

}  // namespace stoa::pricing
