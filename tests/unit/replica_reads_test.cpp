// Which queries a replica may answer: those whose answers are only displayed. Queries that decide
// something read the primary, for every caller.

#include "actors/cart/cart_service.hpp"
#include "actors/catalog/catalog_service.hpp"
#include "actors/kernel/dead_letter_count.hpp"
#include "actors/kernel/replica_status.hpp"
#include "actors/kernel/service_definition.hpp"
#include "actors/notification/notification_service.hpp"
#include "actors/order/order_service.hpp"
#include "actors/payment/payment_service.hpp"
#include "actors/user/user_service.hpp"

#include <boost/test/unit_test.hpp>

#include <set>
#include <thread>

using namespace stoa;
using kernel::any_message;
using kernel::replica_lag;
using kernel::replica_status;
using std::chrono::steady_clock;

namespace {

namespace mp = boost::mp11;
using names = std::set<std::string>;

kernel::call_context shown_only() {
  kernel::call_context c;
  c.may_lag = true;
  return c;
}

/// The queries of service S that a replica may answer.
template <class S>
names lagging(const kernel::service_definition& d, const kernel::call_context& context) {
  names found;
  mp::mp_for_each<mp::mp_transform<mp::mp_identity, typename S::queries>>([&](auto type) {
    using Q = typename decltype(type)::type;
    if (d.may_lag(any_message::of(Q{}), context)) found.emplace(Q::name);
  });
  return found;
}

template <class S>
void check(const S& service, const names& expected) {
  const auto d = definition_of(service);
  BOOST_TEST_CONTEXT(S::name) {
    const auto found = lagging<S>(d, shown_only());
    BOOST_TEST(found == expected, boost::test_tools::per_element());
    // An answer may lag only where its caller allows it.
    BOOST_TEST(lagging<S>(d, {}).empty());
    BOOST_TEST(!d.may_lag(any_message::of(kernel::dead_letters{}), shown_only()));
    BOOST_TEST(!d.may_lag(any_message::of(kernel::count_dead_letters{}), shown_only()));
  }
}

replica_lag::time_point at(int ms) {
  return replica_lag::time_point{} + std::chrono::hours{1} + milliseconds{ms};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(replica_reads)

BOOST_AUTO_TEST_CASE(only_what_is_shown_may_lag) {
  check(cart::cart_service({}), {});
  check(catalog::catalog_service({}), {"catalog.get_product",
                                       "catalog.list_products",
                                       "catalog.category_tree",
                                       "catalog.get_category",
                                       "catalog.list_ledger",
                                       "catalog.export_products",
                                       "catalog.get_collection",
                                       "catalog.list_collections",
                                       "catalog.get_related",
                                       "catalog.show_related",
                                       "catalog.get_synonyms",
                                       "catalog.look_up_synonyms",
                                       "catalog.suggest",
                                       "catalog.get_product_type",
                                       "catalog.list_product_types",
                                       "catalog.list_translations",
                                       "catalog.get_location",
                                       "catalog.list_locations",
                                       "catalog.get_order_allocations",
                                       "catalog.list_pickup",
                                       "catalog.get_labels",
                                       "catalog.list_label_locales",
                                       "catalog.search_scope",
                                       "catalog.show_found",
                                       "catalog.export_lines"});
  check(order::order_service({}), {});
  check(payment::payment_service({}), {"payment.ledger_balances", "payment.list"});
  check(user::user_service({}), {"user.list"});
  check(notification::notification_service({}), {"notification.list"});
}

BOOST_AUTO_TEST_CASE(staff_see_lists_of_orders_that_lag_and_customers_their_own_ones_that_do_not) {
  const order::order_service service({});
  const auto d = definition_of(service);
  order::list_orders_query mine;
  order::list_orders_query all;
  all.all = true;
  BOOST_TEST(!d.may_lag(any_message::of(mine), shown_only()));
  BOOST_TEST(d.may_lag(any_message::of(all), shown_only()));
  BOOST_TEST(!d.may_lag(any_message::of(all), {}));
}

BOOST_AUTO_TEST_CASE(a_lag_is_proved_by_a_position_that_the_replica_has_reached) {
  replica_lag lag;
  BOOST_TEST(!lag.proved());
  lag.replica_at(1'000'000);
  BOOST_TEST(!lag.proved());
  lag.primary_at(at(0), 100);
  lag.replica_at(99);
  BOOST_TEST(!lag.proved());
  BOOST_TEST(lag.lag(at(40)).count() == 40'000);
  lag.primary_at(at(50), 200);
  lag.replica_at(100);
  BOOST_TEST((lag.proved() == at(0)));
  BOOST_TEST(lag.lag(at(60)).count() == 10'000);
  // A primary without changes: the replica is current as of the query's start.
  lag.replica_at(200);
  lag.primary_at(at(5000), 200);
  lag.replica_at(200);
  BOOST_TEST((lag.proved() == at(5000)));
  BOOST_TEST(lag.lag(at(5100)).count() == 0);
}

BOOST_AUTO_TEST_CASE(another_primary_that_is_behind_proves_nothing_of_the_former_one) {
  replica_lag lag;
  lag.primary_at(at(0), 500);
  lag.replica_at(500);
  BOOST_TEST(lag.proved().has_value());
  lag.primary_at(at(100), 300);
  BOOST_TEST(!lag.proved());
  lag.replica_at(300);
  BOOST_TEST((lag.proved() == at(100)));
}

BOOST_AUTO_TEST_CASE(a_replica_far_behind_costs_bounded_memory_and_its_lag_is_right) {
  replica_lag lag;
  for (int i = 0; i < 100'000; ++i) lag.primary_at(at(i), i);
  BOOST_TEST(lag.lag(at(100'000)).count() == 100'000'000);
  lag.replica_at(99'999);
  BOOST_TEST((lag.proved() == at(99'999)));
}

BOOST_AUTO_TEST_CASE(a_replica_is_usable_until_the_bound_and_not_after_a_failure) {
  replica_status status;
  BOOST_TEST(!status.usable());
  BOOST_TEST(!status.reason().empty());
  status.allow_until(steady_clock::now() + milliseconds{60}, microseconds{7});
  BOOST_TEST(status.usable());
  BOOST_TEST(status.reason().empty());
  BOOST_TEST(status.lag().count() == 7);
  // It expires without a further report.
  std::this_thread::sleep_for(milliseconds{80});
  BOOST_TEST(!status.usable());
  status.allow_until(steady_clock::now() + seconds{60}, {});
  status.set_aside("a query on the replica failed");
  BOOST_TEST(!status.usable());
  BOOST_TEST(status.reason() == "a query on the replica failed");
  status.refuse("it is unreachable", {});
  BOOST_TEST(!status.usable());
}

BOOST_AUTO_TEST_SUITE_END()
