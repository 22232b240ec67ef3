#include "actors/pricing/discounts.hpp"

#include "actors/pricing/exact.hpp"

#include <algorithm>
#include <numeric>

namespace stoa::pricing {

namespace {

using amounts = std::vector<std::int64_t>;

bool contains(const auto& sorted, const auto& id) {
  return std::ranges::binary_search(sorted, id);
}

bool selects(const item_selector& s, const basket_line& line) {
  if (s.selects_all()) return true;
  if (contains(s.product_ids, line.product_id)) return true;
  if (line.parent_product_id && contains(s.product_ids, *line.parent_product_id)) return true;
  return !s.category_ids.empty() && std::ranges::any_of(line.categories, [&](const auto& c) {
    return contains(s.category_ids, c);
  });
}

/// The positions of the selected lines.
std::vector<std::size_t> selected(const item_selector& s, const basket& b) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < b.lines.size(); ++i) {
    if (selects(s, b.lines[i])) found.push_back(i);
  }
  return found;
}

std::optional<std::int64_t> in_currency(const std::vector<money>& list,
                                        const std::string& currency) {
  const auto found = std::ranges::find(list, currency, &money::currency);
  if (found == list.end()) return std::nullopt;
  return found->amount;
}

/// Whether the promotion has all its amounts in the currency.
bool is_in_currency(const promotion_terms& t, const std::string& currency) {
  const auto has = [&](const std::vector<money>& list) {
    return list.empty() || in_currency(list, currency);
  };
  return has(t.conditions.subtotal_min) && has(t.discount.amounts);
}

bool meets(const promotion_conditions& c, const basket& b, const amounts& totals) {
  const auto among = [](const auto& list, const auto& one) {
    return std::ranges::find(list, one) != list.end();
  };
  if (!c.countries.empty() && !(b.to && among(c.countries, b.to->country))) return false;
  if (c.first_order && !b.first_order.value_or(false)) return false;
  if (!c.customer_groups.empty() && std::ranges::none_of(b.customer_groups, [&](const auto& g) {
        return among(c.customer_groups, g);
      })) {
    return false;
  }
  std::int64_t quantity = 0;
  std::int64_t subtotal = 0;
  for (const auto i : selected(c.items, b)) {
    quantity += b.lines[i].quantity;
    subtotal += totals[i];
  }
  if (quantity < c.quantity_min.value_or(1)) return false;
  if (c.subtotal_min.empty()) return true;
  const auto least = in_currency(c.subtotal_min, b.currency);
  return least && subtotal >= *least;
}

/// What a discount may still reduce.
struct remainder {
  amounts lines;
  std::int64_t shipping = 0;
};

/// `basis_points` of the amount of `units` of the line's units.
std::int64_t part_of_units(std::int64_t amount, std::int64_t units, std::int64_t quantity,
                           std::int64_t basis_points) {
  return rounded(static_cast<wide>(amount) * units * basis_points,
                 static_cast<wide>(quantity) * basis_points_max);
}

/// Reduces the cheapest `units` of the lines.
void reduce_cheapest(const basket& b, std::vector<std::size_t> lines, std::int64_t units,
                     std::int64_t basis_points, const remainder& left, amounts& off) {
  std::ranges::stable_sort(lines, {}, [&](std::size_t i) { return b.lines[i].unit_price.amount; });
  for (const auto i : lines) {
    const auto taken = std::min(units, b.lines[i].quantity);
    if (taken == 0) return;
    units -= taken;
    off[i] = part_of_units(left.lines[i], taken, b.lines[i].quantity, basis_points);
  }
}

std::int64_t quantity_of(const basket& b, const std::vector<std::size_t>& lines) {
  std::int64_t sum = 0;
  for (const auto i : lines) sum += b.lines[i].quantity;
  return sum;
}

void buy_x_get_y(const promotion_discount& d, const basket& b, const remainder& left,
                 amounts& off) {
  const auto buy = d.buy_quantity.value_or(1);
  const auto get = d.get_quantity.value_or(1);
  auto reduced = selected(d.items, b);
  std::int64_t times = 0;
  if (d.buy_items) {
    const auto bought = selected(*d.buy_items, b);
    std::erase_if(reduced, [&](std::size_t i) { return contains(bought, i); });
    times = quantity_of(b, bought) / buy;
  } else {
    times = quantity_of(b, reduced) / (buy + get);
  }
  times = std::min(times, d.times_max.value_or(times));
  reduce_cheapest(b, std::move(reduced), times * get, d.basis_points.value_or(basis_points_max),
                  left, off);
}

void reduce_items(const promotion_discount& d, const basket& b, const remainder& left,
                  amounts& off) {
  if (d.type == discount_type::buy_x_get_y) return buy_x_get_y(d, b, left, off);
  if (d.type == discount_type::cheapest_free) {
    return reduce_cheapest(b, selected(d.items, b), d.get_quantity.value_or(1), basis_points_max,
                           left, off);
  }
  const auto amount = in_currency(d.amounts, b.currency);
  for (const auto i : selected(d.items, b)) {
    const auto whole = left.lines[i];
    if (d.type == discount_type::percentage) {
      off[i] = part_of_units(whole, 1, 1, d.basis_points.value_or(0));
    } else if (amount) {
      const auto units = *amount * b.lines[i].quantity;
      off[i] = d.type == discount_type::fixed_amount ? std::min(whole, units)
                                                     : std::max<std::int64_t>(0, whole - units);
    }
  }
}

/// The discount of a percentage or a fixed amount on one sum.
std::int64_t off_sum(const promotion_discount& d, const basket& b, std::int64_t sum) {
  if (d.type == discount_type::free_shipping) return sum;
  if (d.type == discount_type::percentage) {
    return part_of_units(sum, 1, 1, d.basis_points.value_or(0));
  }
  return std::min(sum, in_currency(d.amounts, b.currency).value_or(0));
}

applied_promotion apply(const usable_promotion& p, const basket& b, const remainder& left) {
  applied_promotion a;
  a.promotion = &p;
  a.lines.assign(b.lines.size(), 0);
  const auto& d = p.terms.discount;
  if (d.target == discount_target::items) {
    reduce_items(d, b, left, a.lines);
  } else if (d.target == discount_target::order) {
    const auto sum = std::accumulate(left.lines.begin(), left.lines.end(), std::int64_t{0});
    if (sum > 0) a.lines = divide(off_sum(d, b, sum), left.lines);
  } else {
    a.shipping = off_sum(d, b, left.shipping);
  }
  return a;
}

bool are_combined(const promotion_terms& a, const promotion_terms& b) {
  const auto lists = [](const promotion_terms& t, discount_target other) {
    return std::ranges::find(t.combines_with, other) != t.combines_with.end();
  };
  return lists(a, b.discount.target) && lists(b, a.discount.target);
}

/// The code of the basket that leads to the promotion.
const basket_code* code_of(const usable_promotion& p, const basket& b) {
  const auto found = std::ranges::find_if(b.codes, [&](const basket_code& c) {
    return c.promotion_id == p.promotion_id && !c.used_up;
  });
  return found == b.codes.end() ? nullptr : &*found;
}

/// Why the promotion is not applied; empty: it is added to the applied ones.
std::string_view consider(const usable_promotion& p, const basket& b, const amounts& totals,
                          remainder& left, std::vector<applied_promotion>& applied) {
  const auto& t = p.terms;
  if (t.starts_at && *t.starts_at > b.now) return "not_started";
  if (t.ends_at && *t.ends_at <= b.now) return "ended";
  if (std::ranges::find(b.used_up, p.promotion_id) != b.used_up.end()) return "used_up";
  if (!is_in_currency(t, b.currency)) return "not_in_currency";
  if (!meets(t.conditions, b, totals)) return "conditions_not_met";
  for (const auto& a : applied) {
    if (!are_combined(t, a.promotion->terms)) return "not_combinable";
  }
  auto a = apply(p, b, left);
  if (a.amount() == 0) return "nothing_to_reduce";
  if (const auto* code = code_of(p, b)) a.code = code->code;
  for (std::size_t i = 0; i < a.lines.size(); ++i) left.lines[i] -= a.lines[i];
  left.shipping -= a.shipping;
  applied.push_back(std::move(a));
  return {};
}

/// Why a code has not led to a promotion; `considered`: the results of the promotions.
std::string reason_of(
    const basket_code& c, const discounts& d,
    const std::vector<std::pair<stoa::promotion_id, std::string_view>>& considered) {
  if (!c.promotion_id) return "unknown";
  if (c.used_up) return "used_up";
  const auto found =
      std::ranges::find(considered, *c.promotion_id, [](const auto& one) { return one.first; });
  if (found == considered.end()) return "not_active";
  if (!found->second.empty()) return std::string(found->second);
  const bool is_other =
      std::ranges::none_of(d.applied, [&](const applied_promotion& a) { return a.code == c.code; });
  return is_other ? "not_combinable" : std::string();  // Another code has led to the promotion.
}

}  // namespace

std::int64_t applied_promotion::amount() const {
  return std::accumulate(lines.begin(), lines.end(), shipping);
}

discounts discounts_of(const basket& b, const std::vector<std::int64_t>& line_totals,
                       std::int64_t shipping, const rule_book& rules) {
  discounts d;
  remainder left{line_totals, shipping};
  std::vector<std::pair<stoa::promotion_id, std::string_view>> considered;
  for (const auto& p : rules.promotions()) {
    if (p.terms.trigger == promotion_trigger::code && code_of(p, b) == nullptr) continue;
    considered.emplace_back(p.promotion_id, consider(p, b, line_totals, left, d.applied));
  }
  for (const auto& c : b.codes) {
    auto reason = reason_of(c, d, considered);
    if (!reason.empty()) d.unused.push_back({c.code, std::move(reason)});
  }
  return d;
}

}  // namespace stoa::pricing
