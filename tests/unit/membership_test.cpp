// Partition assignment: all nodes agree, shares are even, and few partitions move.

#include "actors/kernel/membership.hpp"

#include <boost/test/unit_test.hpp>

#include <map>
#include <set>

namespace {

using stoa::kernel::membership;
using names = std::vector<std::string>;

names owners(const membership& m, std::size_t partitions) {
  names found;
  for (std::size_t i = 0; i < partitions; ++i) found.push_back(m.preferred("order", i, partitions));
  return found;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(membership_suite)

BOOST_AUTO_TEST_CASE(every_node_finds_the_same_owners) {
  membership a;
  a.set_self("a", {"order"});
  a.alive("b", {"order"});
  a.alive("c", {"order"});
  membership b;
  b.set_self("b", {"order"});
  b.alive("c", {"order"});
  b.alive("a", {"order"});
  BOOST_TEST(owners(a, 16) == owners(b, 16), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(shares_are_even) {
  for (std::size_t partitions : {1U, 2U, 3U, 4U, 7U, 64U}) {
    membership m;
    m.set_self("stoa-0", {"order"});
    m.alive("stoa-1", {"order"});
    m.alive("stoa-2", {"order"});
    std::map<std::string, std::size_t> had;
    for (const auto& o : owners(m, partitions)) ++had[o];
    for (const auto& [node, n] : had) BOOST_TEST(n <= (partitions + 2) / 3);
  }
}

BOOST_AUTO_TEST_CASE(the_dead_and_those_who_leave_get_none) {
  membership m;
  m.set_self("a", {"order"});
  m.alive("b", {"order"});
  BOOST_TEST(!m.is_dead("b"));
  m.dead("b");
  BOOST_TEST(m.is_dead("b"));
  for (const auto& o : owners(m, 8)) BOOST_TEST(o == "a");
  m.alive("b", {"order"});
  BOOST_TEST(!m.is_dead("b"));
  m.leave();
  for (const auto& o : owners(m, 8)) BOOST_TEST(o == "b");
}

BOOST_AUTO_TEST_CASE(cordoned_nodes_get_none_while_there_are_others) {
  membership m;
  m.set_self("a", {"order"});
  m.alive("b", {"order"});
  m.alive("c", {"cart"});
  m.cordon(true);
  for (const auto& o : owners(m, 8)) BOOST_TEST(o == "b");
  BOOST_TEST(m.has_node_for("order"));
  m.alive("b", {"order"}, true);  // Then all are equal.
  std::set<std::string> both;
  for (const auto& o : owners(m, 8)) both.insert(o);
  BOOST_TEST(both.size() == 2U);
  m.cordon(false);
  for (const auto& o : owners(m, 8)) BOOST_TEST(o == "a");
  m.alive("b", {"order"});
  both.clear();
  for (const auto& o : owners(m, 8)) both.insert(o);
  BOOST_TEST(both.size() == 2U);
}

BOOST_AUTO_TEST_CASE(only_who_runs_the_service_counts) {
  membership m;
  m.set_self("a", {"cart"});
  m.alive("b", {"order"});
  for (const auto& o : owners(m, 8)) BOOST_TEST(o == "b");
  BOOST_TEST(m.preferred("payment", 0, 1).empty());
}

BOOST_AUTO_TEST_CASE(this_node_is_never_dead) {
  membership m;
  m.set_self("a", {"order"});
  m.dead("a");
  BOOST_TEST(m.is_alive("a"));
  BOOST_TEST(!m.is_dead("never seen"));
}

BOOST_AUTO_TEST_CASE(who_is_held_back_gets_none_while_others_can_have_them) {
  membership m;
  m.set_self("a", {"order"});
  m.alive("b", {"order", "cart"});
  m.alive("c", {"order"});
  m.hold_back("b", true);
  for (const auto& o : owners(m, 8)) BOOST_TEST(o != "b");
  BOOST_TEST(!m.is_held_back());
  BOOST_TEST(m.preferred("cart", 0, 1) == "b");  // No other node runs it.
  m.hold_back("a", true);
  BOOST_TEST(m.is_held_back());
  for (const auto& o : owners(m, 8)) BOOST_TEST(o == "c");
  m.dead("c");  // All remaining nodes are held back: then it has no effect.
  BOOST_TEST(!m.is_held_back());
  const auto left = owners(m, 8);
  for (const auto* node : {"a", "b"}) {
    BOOST_TEST(std::count(left.begin(), left.end(), node) == 4);
  }
  m.hold_back("a", false);
  for (const auto& o : owners(m, 8)) BOOST_TEST(o == "a");
}

BOOST_AUTO_TEST_CASE(no_cordon_counts_beside_a_node_that_ignores_them) {
  membership m;
  m.set_self("a", {"order"});
  m.alive("b", {"order"}, true);
  m.alive("c", {"order"});
  m.hold_back("a", true);
  membership earlier;  // In the order in which c detects them.
  earlier.set_self("c", {"order"});
  earlier.alive("a", {"order"});
  earlier.alive("b", {"order"});
  BOOST_TEST(m.ignorant().empty());
  for (const auto& o : owners(m, 8)) BOOST_TEST(o == "c");
  m.lacks_cordons("c", true);
  BOOST_TEST(m.ignorant() == "c");
  BOOST_TEST(owners(m, 8) == owners(earlier, 8), boost::test_tools::per_element());
  m.alive("c", {"cart"});  // Without partitions there it need not agree.
  for (const auto& o : owners(m, 8)) BOOST_TEST(o == "a");
  m.alive("c", {"order"});
  m.dead("c");
  BOOST_TEST(m.ignorant().empty());
  m.alive("c", {"order"});
  for (const auto& o : owners(m, 8)) BOOST_TEST(o == "c");
}

BOOST_AUTO_TEST_CASE(scores_stay_the_same_in_all_versions) {
  BOOST_TEST(stoa::kernel::rendezvous_score("stoa-1", 0) == 5332116076257618970ULL);
  BOOST_TEST(stoa::kernel::rendezvous_score("stoa-1", 1) == 16054246566906167077ULL);
}

BOOST_AUTO_TEST_SUITE_END()
