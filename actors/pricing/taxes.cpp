#include "actors/pricing/taxes.hpp"

#include "actors/pricing/exact.hpp"

#include <algorithm>
#include <map>
#include <numeric>

namespace stoa::pricing {

namespace {

// Of price parts, for programs.
constexpr std::string_view tax_code = "tax";
constexpr std::string_view exemption_code = "tax_exemption";

using rate_list = std::vector<const usable_tax_rate*>;

bool is_valid(const tax_terms& t, timestamp now) {
  return !(t.valid_from && *t.valid_from > now) && !(t.valid_until && *t.valid_until <= now);
}

/// The rates of a class at the destination, by priority.
rate_list rates_of(const basket& b, const std::string& tax_class, const rule_book& rules) {
  std::map<std::int64_t, std::pair<int, const usable_tax_rate*>> chosen;
  for (const auto& rate : rules.tax_rates()) {
    if (rate.terms.tax_class != tax_class || !is_valid(rate.terms, b.now)) continue;
    const int fit = fit_of(rate.terms.area, *b.to);
    if (fit == 0) continue;
    auto& best = chosen[rate.terms.priority];
    if (fit > best.first) best = {fit, &rate};
  }
  rate_list list;
  for (const auto& [priority, best] : chosen) list.push_back(best.second);
  return list;
}

/// The amounts of one tax class; the last one is shipping.
struct taxed_class {
  rate_list rates;
  std::vector<std::int64_t> amounts;
};

std::map<std::string, taxed_class> classes_of(const basket& b, const taxable& t,
                                              const rule_book& rules) {
  std::map<std::string, taxed_class> classes;
  const auto add = [&](const std::string& name, std::size_t at, std::int64_t amount) {
    auto [found, is_new] = classes.try_emplace(name);
    if (is_new) {
      found->second.rates = rates_of(b, name, rules);
      found->second.amounts.assign(t.lines.size() + 1, 0);
    }
    found->second.amounts[at] += amount;
  };
  for (std::size_t i = 0; i < t.lines.size(); ++i) add(b.lines[i].tax_class, i, t.lines[i]);
  if (t.shipping > 0) add(t.shipping_class, t.lines.size(), t.shipping);
  return classes;
}

/// The tax of each amount at the rate.
std::vector<std::int64_t> tax_of(const taxed_class& c, std::int64_t rate, const rule_book& rules) {
  wide whole = rate_whole;
  if (rules.prices_include_tax()) {
    for (const auto* r : c.rates) whole += r->terms.parts_per_million;
  }
  if (rules.rounds_per_order()) {
    const auto sum = std::accumulate(c.amounts.begin(), c.amounts.end(), std::int64_t{0});
    const auto tax = rounded(static_cast<wide>(sum) * rate, whole);
    return tax == 0 ? std::vector<std::int64_t>(c.amounts.size(), 0) : divide(tax, c.amounts);
  }
  std::vector<std::int64_t> taxes;
  for (const auto amount : c.amounts) {
    taxes.push_back(rounded(static_cast<wide>(amount) * rate, whole));
  }
  return taxes;
}

/// Adds the amounts to the part; the last one is that of shipping.
void add_shares(price_part& part, const std::vector<std::int64_t>& taxes) {
  for (std::size_t i = 0; i < taxes.size(); ++i) {
    if (taxes[i] == 0) continue;
    part.amount.amount += taxes[i];
    if (i + 1 == taxes.size()) {
      part.shipping_amount = part.shipping_amount.value_or(0) + taxes[i];
      continue;
    }
    const auto line = static_cast<std::int64_t>(i);
    const auto found = std::ranges::find(*part.lines, line, &price_share::line);
    if (found == part.lines->end()) {
      part.lines->push_back({line, taxes[i]});
    } else {
      found->amount += taxes[i];
    }
  }
}

price_part& part_of(std::vector<price_part>& parts, const usable_tax_rate& rate, const basket& b,
                    price_part_kind kind) {
  const auto found = std::ranges::find_if(
      parts, [&](const price_part& p) { return p.tax_rate_id == rate.tax_rate_id; });
  if (found != parts.end()) return *found;
  auto& part = parts.emplace_back();
  part.kind = kind;
  part.code = tax_code;
  part.reason = rate.terms.name;
  part.amount.currency = b.currency;
  part.lines.emplace();
  part.tax_rate_id = rate.tax_rate_id;
  part.parts_per_million = rate.terms.parts_per_million;
  return part;
}

void sort_shares(price_part& part) {
  std::ranges::sort(*part.lines, {}, &price_share::line);
}

/// One adjustment that takes off the included taxes.
price_part exemption_of(const std::vector<price_part>& taxes, const basket& b) {
  price_part off;
  off.code = exemption_code;
  off.reason = "Tax exemption";
  off.amount.currency = b.currency;
  off.lines.emplace();
  for (const auto& part : taxes) {
    std::vector<std::int64_t> shares(b.lines.size() + 1, 0);
    for (const auto& share : *part.lines) {
      shares[static_cast<std::size_t>(share.line)] = -share.amount;
    }
    shares.back() = -part.shipping_amount.value_or(0);
    add_shares(off, shares);
  }
  sort_shares(off);
  return off;
}

}  // namespace

std::vector<price_part> taxes_of(const basket& b, const taxable& amounts, const rule_book& rules) {
  std::vector<price_part> parts;
  const bool is_included = rules.prices_include_tax();
  if (!b.to || rules.tax_rates().empty() || (b.tax_exempt && !is_included)) return parts;
  const auto kind = is_included ? price_part_kind::included_tax : price_part_kind::tax;
  for (const auto& [name, c] : classes_of(b, amounts, rules)) {
    for (const auto* rate : c.rates) {
      const auto taxes = tax_of(c, rate->terms.parts_per_million, rules);
      if (std::ranges::all_of(taxes, [](auto t) { return t == 0; })) continue;
      add_shares(part_of(parts, *rate, b, kind), taxes);
    }
  }
  for (auto& part : parts) sort_shares(part);
  return without_exempt(std::move(parts), b);
}

std::vector<price_part> without_exempt(std::vector<price_part> taxes, const basket& b) {
  const bool is_off =
      b.tax_exempt && !taxes.empty() && taxes.front().kind == price_part_kind::included_tax;
  if (!is_off) return taxes;
  return {exemption_of(taxes, b)};
}

}  // namespace stoa::pricing
