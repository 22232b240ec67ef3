// The rules by which locations supply an order: fixed cases, and properties of random ones, some
// compared with an exhaustive search.

#include "actors/catalog/allocation.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <random>
#include <set>

using namespace stoa;
using namespace stoa::catalog;

namespace {

using matrix = std::vector<std::vector<std::int64_t>>;

supply_place place_at(std::uint8_t number, std::string country = "", std::int64_t priority = 0) {
  supply_place p;
  p.location_id.value.bytes[15] = number;
  p.country = std::move(country);
  p.priority = priority;
  return p;
}

std::int64_t sum(const std::vector<std::int64_t>& units) {
  return std::accumulate(units.begin(), units.end(), std::int64_t{0});
}
std::int64_t free_of(const supply_line& l) {
  std::int64_t units = 0;
  for (const auto n : l.available) units += std::max<std::int64_t>(n, 0);
  return units;
}
/// The number of places that supply something.
std::size_t shipments(const matrix& m, std::size_t places) {
  std::set<std::size_t> used;
  for (const auto& line : m) {
    for (std::size_t p = 0; p < places; ++p) {
      if (line[p] > 0) used.insert(p);
    }
  }
  return used.size();
}

/// The smallest number of places that have all of the order, found by trying all sets of places.
std::size_t fewest_possible(const supply_request& r) {
  std::size_t best = r.places.size() + 1;
  for (unsigned set = 0; set < 1U << r.places.size(); ++set) {
    const bool enough = std::ranges::all_of(r.lines, [&](const supply_line& l) {
      std::int64_t units = 0;
      for (std::size_t p = 0; p < r.places.size(); ++p) {
        if ((set >> p & 1U) != 0) units += std::max<std::int64_t>(l.available[p], 0);
      }
      return units >= l.quantity;
    });
    if (enough) best = std::min(best, static_cast<std::size_t>(std::popcount(set)));
  }
  return best;
}

class maker {
 public:
  explicit maker(unsigned seed) : random_(seed) {}
  std::int64_t between(std::int64_t from, std::int64_t to) {
    return std::uniform_int_distribution<std::int64_t>(from, to)(random_);
  }
  std::string country() {
    static const std::string all[] = {"", "DE", "FR", "US"};
    return all[between(0, 3)];
  }
  /// Orders that the places can supply, and some that they cannot.
  supply_request request(std::vector<allocation_rule> rules) {
    supply_request r;
    r.rules = std::move(rules);
    r.country = country();
    r.state = between(0, 1) ? "" : "by";
    const auto places = between(1, 7);
    for (std::int64_t p = 0; p < places; ++p) {
      auto at = place_at(static_cast<std::uint8_t>(p + 1), country(), between(0, 2));
      at.state = between(0, 1) ? "BY" : "";
      if (between(0, 2) == 0) at.countries = {"DE", "FR"};
      r.places.push_back(at);
    }
    for (auto n = between(1, 4); n > 0; --n) {
      supply_line l{between(1, 8), {}};
      for (std::int64_t p = 0; p < places; ++p) {
        l.available.push_back(between(0, 2) == 0 ? 0 : between(-2, 9));
      }
      r.lines.push_back(l);
    }
    return r;
  }

  std::mt19937 random_;
};

constexpr auto destination = allocation_rule::destination;
constexpr auto fewest = allocation_rule::fewest_shipments;
constexpr auto priority = allocation_rule::priority;
constexpr auto most_stock = allocation_rule::most_stock;

/// As documented: a smaller class is better.
int class_of(const supply_place& p, const supply_request& r) {
  if (r.country.empty()) return 0;
  const bool serves = p.countries.empty() || std::ranges::count(p.countries, r.country) > 0;
  if (!serves) return 3;
  if (p.country != r.country) return 2;
  return r.state == "by" && p.state == "BY" ? 0 : 1;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(allocation)

BOOST_AUTO_TEST_CASE(the_rules_have_names) {
  BOOST_TEST((allocation_rule_of("destination") == destination));
  BOOST_TEST((allocation_rule_of("fewest_shipments") == fewest));
  BOOST_TEST((allocation_rule_of("priority") == priority));
  BOOST_TEST((allocation_rule_of("most_stock") == most_stock));
  BOOST_TEST(!allocation_rule_of("nearest").has_value());
}

BOOST_AUTO_TEST_CASE(each_rule_decides_and_the_first_one_most) {
  supply_request r;
  r.places = {place_at(1, "DE", 2), place_at(2, "FR", 1), place_at(3, "DE", 3)};
  r.lines = {{2, {1, 2, 9}}};
  r.country = "DE";
  const auto taken = [&](std::vector<allocation_rule> rules) {
    r.rules = std::move(rules);
    return allocate(r).front();
  };
  using units = std::vector<std::int64_t>;
  BOOST_TEST(taken({}) == (units{1, 1, 0}));  // in the order of the ids
  BOOST_TEST(taken({priority}) == (units{0, 2, 0}));
  BOOST_TEST(taken({most_stock}) == (units{0, 0, 2}));
  BOOST_TEST(taken({destination, priority}) == (units{1, 0, 1}));
  BOOST_TEST(taken({destination, fewest, priority}) == (units{0, 0, 2}));
  BOOST_TEST(taken({fewest, priority}) == (units{0, 2, 0}));
  // Those that serve the country come before those that do not, wherever they are.
  r.places[2].countries = {"FR", "AT"};
  BOOST_TEST(taken({destination, priority}) == (units{1, 1, 0}));
  r.places[0].countries = {"DE"};
  r.country = "AT";
  BOOST_TEST(taken({destination, priority}) == (units{0, 2, 0}));
  r.places[1].countries = {"DE"};
  BOOST_TEST(taken({destination, priority}) == (units{0, 0, 2}));
  // The place of a pick-up comes before all rules.
  r.first = r.places[0].location_id;
  BOOST_TEST(taken({destination, priority}) == (units{1, 0, 1}));
}

BOOST_AUTO_TEST_CASE(one_place_supplies_all_lines_if_one_has_all) {
  supply_request r;
  r.places = {place_at(1, "", 0), place_at(2, "", 0), place_at(3, "", 9)};
  r.lines = {{3, {3, 1, 3}}, {2, {0, 2, 2}}};
  r.rules = {priority, fewest};
  BOOST_TEST(shipments(allocate(r), 3) == 2u);
  r.rules = {fewest, priority};
  const matrix all_from_the_third{{0, 0, 3}, {0, 0, 2}};
  BOOST_TEST((allocate(r) == all_from_the_third));
}

BOOST_AUTO_TEST_CASE(nothing_is_taken_where_units_are_owed) {
  supply_request r;
  r.places = {place_at(1), place_at(2)};
  r.lines = {{4, {-3, 2}}, {0, {5, 5}}, {-1, {5, 5}}};
  r.rules = {fewest};
  const matrix two_are_missing{{0, 2}, {0, 0}, {0, 0}};
  BOOST_TEST((allocate(r) == two_are_missing));
}

BOOST_AUTO_TEST_CASE(random_orders_get_what_there_is_and_no_more) {
  maker make(1);
  std::vector<allocation_rule> rules{destination, fewest, priority, most_stock};
  std::size_t incomplete = 0;
  for (int n = 0; n < 20'000; ++n) {
    std::ranges::shuffle(rules, make.random_);
    const auto many = make.between(0, 4);
    auto r = make.request({rules.begin(), rules.begin() + many});
    if (make.between(0, 3) == 0) r.first = r.places.front().location_id;
    const auto m = allocate(r);
    BOOST_REQUIRE(m.size() == r.lines.size());
    for (std::size_t l = 0; l < m.size(); ++l) {
      const auto wanted = std::min(r.lines[l].quantity, free_of(r.lines[l]));
      BOOST_REQUIRE(sum(m[l]) == wanted);
      incomplete += wanted < r.lines[l].quantity ? 1 : 0;
      for (std::size_t p = 0; p < r.places.size(); ++p) {
        BOOST_REQUIRE(m[l][p] >= 0);
        BOOST_REQUIRE(m[l][p] <= std::max<std::int64_t>(r.lines[l].available[p], 0));
        // No other place supplies what the first one still has.
        if (r.first && m[l][p] > 0 && p > 0) {
          BOOST_REQUIRE(m[l][0] == std::max<std::int64_t>(r.lines[l].available[0], 0));
        }
      }
    }
    // The order in which places are listed does not matter.
    auto mirrored = r;
    std::ranges::reverse(mirrored.places);
    for (auto& l : mirrored.lines) std::ranges::reverse(l.available);
    auto again = allocate(mirrored);
    for (auto& line : again) std::ranges::reverse(line);
    BOOST_REQUIRE((again == m));
  }
  BOOST_TEST(incomplete > 100u);
}

BOOST_AUTO_TEST_CASE(few_places_supply_random_orders) {
  maker make(2);
  std::size_t split = 0;
  for (int n = 0; n < 20'000; ++n) {
    const auto r = make.request({fewest, priority});
    const auto possible = fewest_possible(r);
    if (possible > r.places.size()) continue;  // not enough anywhere
    const auto m = allocate(r);
    const auto used = shipments(m, r.places.size());
    if (possible == 1) BOOST_REQUIRE(used == 1u);
    // The bound of the greedy choice: 1 + ln(units) times the best.
    std::int64_t units = 0;
    for (const auto& l : r.lines) units += l.quantity;
    const auto bound = static_cast<double>(possible) * (1 + std::log(static_cast<double>(units)));
    BOOST_REQUIRE(static_cast<double>(used) <= bound);
    split += possible > 1 ? 1 : 0;
  }
  BOOST_TEST(split > 1000u);
}

BOOST_AUTO_TEST_CASE(a_better_place_is_used_up_first) {
  maker make(3);
  const auto check = [&](std::vector<allocation_rule> rules, const auto& better) {
    for (int n = 0; n < 10'000; ++n) {
      const auto r = make.request(rules);
      const auto m = allocate(r);
      for (std::size_t l = 0; l < m.size(); ++l) {
        for (std::size_t p = 0; p < r.places.size(); ++p) {
          for (std::size_t q = 0; q < r.places.size(); ++q) {
            if (m[l][q] == 0 || !better(r, p, q)) continue;
            BOOST_REQUIRE(m[l][p] == std::max<std::int64_t>(r.lines[l].available[p], 0));
          }
        }
      }
    }
  };
  check({destination, fewest}, [](const supply_request& r, std::size_t p, std::size_t q) {
    return class_of(r.places[p], r) < class_of(r.places[q], r);
  });
  check({priority}, [](const supply_request& r, std::size_t p, std::size_t q) {
    const auto key = [&](std::size_t i) {
      return std::pair(r.places[i].priority, r.places[i].location_id);
    };
    return key(p) < key(q);
  });
}

BOOST_AUTO_TEST_SUITE_END()
