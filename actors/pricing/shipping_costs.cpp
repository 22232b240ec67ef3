#include "actors/pricing/shipping_costs.hpp"

#include <algorithm>

namespace stoa::pricing {

namespace {

constexpr std::int64_t grams_per_kilogram = 1000;

struct load {
  std::int64_t subtotal = 0;
  std::int64_t quantity = 0;
  std::int64_t weight = 0;  ///< grams, at most weight_max
};

load load_of(const basket& b, std::int64_t subtotal) {
  load l{subtotal, 0, 0};
  for (const auto& line : b.lines) {
    l.quantity += line.quantity;
    l.weight = std::min(weight_max, l.weight + line.weight * line.quantity);
  }
  return l;
}

bool is_within(std::int64_t value, const std::optional<std::int64_t>& min,
               const std::optional<std::int64_t>& max) {
  return (!min || value >= *min) && (!max || value < *max);
}

bool applies(const shipping_rate& r, const load& l, const std::string& currency) {
  return r.amount.currency == currency && is_within(l.subtotal, r.subtotal_min, r.subtotal_max) &&
         is_within(l.quantity, r.quantity_min, r.quantity_max) &&
         is_within(l.weight, r.weight_min, r.weight_max);
}

/// At most money_amount_max.
std::int64_t price_of(const shipping_rate& r, const load& l) {
  if (r.free_from && l.subtotal >= *r.free_from) return 0;
  const auto kilograms = (l.weight + grams_per_kilogram - 1) / grams_per_kilogram;
  const auto units = std::min<std::int64_t>(l.quantity, promotion_units_max);
  return std::min(money_amount_max, r.amount.amount + r.per_kilogram.value_or(0) * kilograms +
                                        r.per_unit.value_or(0) * units);
}

/// The zone of the destination, or null.
const usable_zone* zone_of(const destination& d, const rule_book& rules) {
  const usable_zone* best = nullptr;
  int best_fit = -1;
  for (const auto& zone : rules.zones()) {
    int fit = zone.terms.areas.empty() ? 0 : -1;
    for (const auto& a : zone.terms.areas) {
      if (const int f = fit_of(a, d); f > 0) fit = std::max(fit, f);
    }
    if (fit > best_fit) {
      best = &zone;
      best_fit = fit;
    }
  }
  return best;
}

}  // namespace

std::vector<shipping_offer> offers_of(const basket& b, std::int64_t subtotal,
                                      const rule_book& rules) {
  std::vector<shipping_offer> offers;
  const auto* zone = b.to ? zone_of(*b.to, rules) : nullptr;
  if (zone == nullptr) return offers;
  const auto l = load_of(b, subtotal);
  for (const auto& method : zone->terms.methods) {
    const auto rate = std::ranges::find_if(
        method.rates, [&](const shipping_rate& r) { return applies(r, l, b.currency); });
    if (rate != method.rates.end()) offers.push_back({&method, price_of(*rate, l)});
  }
  return offers;
}

}  // namespace stoa::pricing
