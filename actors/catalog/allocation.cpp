#include "actors/catalog/allocation.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace stoa::catalog {

namespace {

constexpr std::array<std::pair<std::string_view, allocation_rule>, 4> named_rules{{
    {"destination", allocation_rule::destination},
    {"fewest_shipments", allocation_rule::fewest_shipments},
    {"priority", allocation_rule::priority},
    {"most_stock", allocation_rule::most_stock},
}};

bool is_same_text(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

/// Smaller is nearer.
std::int64_t distance(const supply_place& p, const supply_request& r) {
  if (r.country.empty()) return 0;
  const bool serves =
      p.countries.empty() || std::ranges::find(p.countries, r.country) != p.countries.end();
  if (!serves) return 3;
  if (p.country != r.country) return 2;
  return !r.state.empty() && is_same_text(p.state, r.state) ? 0 : 1;
}

/// What is left of the order while places are chosen.
class selection {
 public:
  explicit selection(const supply_request& r)
      : r_(r),
        taken_(r.lines.size(), std::vector<std::int64_t>(r.places.size(), 0)),
        used_(r.places.size(), false) {
    for (const auto& l : r.lines) left_.push_back(std::max<std::int64_t>(l.quantity, 0));
  }

  /// Takes all that the best place has; false if no place has any of what is left.
  bool take_next() {
    std::optional<std::size_t> best;
    std::vector<std::int64_t> best_key;
    for (std::size_t p = 0; p < r_.places.size(); ++p) {
      if (used_[p] || supply_of(p) == 0) continue;
      auto key = key_of(p);
      if (best && !is_before(key, p, best_key, *best)) continue;
      best = p;
      best_key = std::move(key);
    }
    if (!best) return false;
    used_[*best] = true;
    for (std::size_t l = 0; l < left_.size(); ++l) {
      const auto units = supply_of(*best, l);
      taken_[l][*best] = units;
      left_[l] -= units;
    }
    return true;
  }

  std::vector<std::vector<std::int64_t>> taken() && { return std::move(taken_); }

 private:
  std::int64_t supply_of(std::size_t place, std::size_t line) const {
    return std::clamp<std::int64_t>(r_.lines[line].available[place], 0, left_[line]);
  }
  std::int64_t supply_of(std::size_t place) const {
    std::int64_t sum = 0;
    for (std::size_t l = 0; l < left_.size(); ++l) sum += supply_of(place, l);
    return sum;
  }
  /// The stock of the lines that are not complete.
  std::int64_t stock_of(std::size_t place) const {
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    std::int64_t sum = 0;
    for (std::size_t l = 0; l < left_.size(); ++l) {
      const auto units = left_[l] > 0 ? std::max<std::int64_t>(r_.lines[l].available[place], 0) : 0;
      sum = units > most - sum ? most : sum + units;
    }
    return sum;
  }

  /// The smallest key is the best.
  std::vector<std::int64_t> key_of(std::size_t place) const {
    const auto& p = r_.places[place];
    std::vector<std::int64_t> key{r_.first == p.location_id ? 0 : 1};
    for (const auto rule : r_.rules) {
      switch (rule) {
        case allocation_rule::destination:
          key.push_back(distance(p, r_));
          break;
        case allocation_rule::fewest_shipments:
          key.push_back(-supply_of(place));
          break;
        case allocation_rule::priority:
          key.push_back(p.priority);
          break;
        case allocation_rule::most_stock:
          key.push_back(-stock_of(place));
          break;
      }
    }
    return key;
  }
  bool is_before(const std::vector<std::int64_t>& a, std::size_t place_a,
                 const std::vector<std::int64_t>& b, std::size_t place_b) const {
    if (a != b) return a < b;
    return r_.places[place_a].location_id < r_.places[place_b].location_id;
  }

  const supply_request& r_;
  std::vector<std::vector<std::int64_t>> taken_;
  std::vector<bool> used_;
  std::vector<std::int64_t> left_;
};

}  // namespace

std::optional<allocation_rule> allocation_rule_of(std::string_view name) {
  for (const auto& [text, rule] : named_rules) {
    if (text == name) return rule;
  }
  return std::nullopt;
}

std::vector<std::vector<std::int64_t>> allocate(const supply_request& r) {
  selection s(r);
  while (s.take_next()) {
  }
  return std::move(s).taken();
}

}  // namespace stoa::catalog
