// Which store a shared database belongs to: databases of two stores are not mixed, and a database
// replaced by an empty one is detected.

#include "actors/kernel/store_check.hpp"

#include "storage/kernel/member_store.hpp"
#include "storage/kernel/setting_store.hpp"
#include "tests/support/postgres_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <functional>
#include <utility>

using namespace stoa;
using kernel::member_map;

namespace {

const std::string ours(32, 'a');
const std::string theirs(32, 'b');

/// A store with all services' databases on one server.
class shared_store {
 public:
  explicit shared_store(std::string name) : name_(std::move(name)) {}

  std::unique_ptr<db::database> database(const std::string& service) const {
    db::postgres_options o;
    o.url =
        "postgresql://stoa@127.0.0.1:" + std::to_string(test::postgres_fixture::server().port()) +
        "/" + name_ + "_" + service;
    return db::postgres_database(o);
  }
  /// A node's check of the service's database at its start. `meanwhile` is called before it reads
  /// another service's database.
  void start(
      const std::string& service, const std::string& store_id,
      const std::function<void()>& meanwhile = [] {}) const {
    const auto its = database(service);
    its->migrate(std::array<std::string_view, 1>{"kernel"});
    const auto c = its->open(db::access::write);
    kernel::check_membership({store_id,
                              {"cart", "order", "user"},
                              [&](const std::string& other) {
                                meanwhile();
                                return database(other);
                              }},
                             service, *its, *c);
  }
  /// The error of that start, empty on success.
  std::string refusal(const std::string& service, const std::string& store_id) const {
    try {
      start(service, store_id);
      return {};
    } catch (const db::error& e) {
      BOOST_TEST((e.kind() == db::error_kind::programming));
      return e.what();
    }
  }
  member_map members(const std::string& service) const {
    return kernel::read_members(*database(service)->open(db::access::write));
  }
  void lose(const std::string& service) const {
    test::postgres_fixture::server().drop_database(name_ + "_" + service);
  }

 private:
  std::string name_;
};

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(store_check, test::postgres_fixture)

BOOST_AUTO_TEST_CASE(services_learn_of_each_other_in_any_order) {
  if (!ready()) return;
  const shared_store store("learn");
  for (const auto* service : {"order", "cart", "user"}) store.start(service, ours);
  const member_map all{{"cart", ours}, {"order", ours}, {"user", ours}};
  for (const auto& [service, id] : all) BOOST_TEST((store.members(service) == all), service);
  for (const auto& [service, id] : all) store.start(service, ours);  // repeatable
}

BOOST_AUTO_TEST_CASE(nodes_that_start_at_once_do_not_refuse_each_other) {
  if (!ready()) return;
  const shared_store store("at_once");
  store.start("user", ours);
  bool first = true;
  store.start("order", ours, [&] {
    if (std::exchange(first, false)) store.start("order", ours);  // on another node
  });
  BOOST_TEST(!first);
  BOOST_TEST((store.members("order") == member_map{{"order", ours}, {"user", ours}}));
}

BOOST_AUTO_TEST_CASE(a_database_replaced_by_an_empty_one_is_refused) {
  if (!ready()) return;
  const shared_store store("replaced");
  for (const auto* service : {"order", "cart"}) store.start(service, ours);
  store.lose("order");
  const auto why = store.refusal("order", ours);
  BOOST_TEST(holds(why, "the database of the service order"), why);
  BOOST_TEST(holds(why, "is empty, but the database of the service cart has a record of it"), why);
  BOOST_TEST(holds(why, "stoa store adopt --accept-loss"), why);
  BOOST_TEST(store.members("order").empty());
  BOOST_TEST(store.refusal("order", ours) == why);  // and again
}

BOOST_AUTO_TEST_CASE(databases_of_two_stores_are_not_mixed) {
  if (!ready()) return;
  const shared_store store("mixed");
  store.start("order", ours);
  BOOST_TEST(holds(store.refusal("order", theirs), "belongs to another store"));
  // A new database does not join it under another secret either.
  BOOST_TEST(holds(store.refusal("cart", theirs), "the database of the service order belongs to"));
  BOOST_TEST(store.members("cart").empty());
  BOOST_TEST(store.refusal("cart", ours) == "");
}

BOOST_AUTO_TEST_CASE(a_node_with_other_settings_is_refused_by_the_database) {
  if (!ready()) return;
  const shared_store store("settings");
  store.start("order", ours);
  const auto its = store.database("order");
  const auto c = its->open(db::access::write);
  const auto refusal = [&](const std::map<std::string, std::string>& own) {
    try {
      kernel::check_settings(own, *its, *c);
      return std::string();
    } catch (const db::error& e) {
      BOOST_TEST((e.kind() == db::error_kind::programming));
      return std::string(e.what());
    }
  };
  BOOST_TEST(refusal({{"cart.store", "database"}, {"store.currency", "EUR"}}) == "");
  BOOST_TEST(refusal({{"cart.store", "database"}, {"store.currency", "EUR"}}) == "");
  const auto why = refusal({{"cart.store", "redis"}, {"store.currency", "USD"}});
  BOOST_TEST(holds(why, "cart.store is redis here, and database on the store's nodes"), why);
  BOOST_TEST(holds(why, "store.currency is USD here, and EUR on the store's nodes"), why);
  BOOST_TEST(holds(why, "stoa store accept-settings"), why);
  // A rejected node leaves no values for others to compare with.
  BOOST_TEST(refusal({{"cart.store", "redis"}, {"nats.stream", "theirs"}}) != "");
  BOOST_TEST(refusal({{"cart.store", "database"}, {"nats.stream", "ours"}}) == "");
  // A setting unknown to the previous version is added and compared from then on.
  BOOST_TEST(refusal({{"events.bus", "nats"}}) == "");
  BOOST_TEST(holds(refusal({{"events.bus", "nodes"}}), "events.bus is nodes here"));
  kernel::replace_settings(*c, {{"cart.store", "redis"}});
  BOOST_TEST((kernel::read_settings(*c) == kernel::setting_map{{"cart.store", "redis"}}));
  BOOST_TEST(refusal({{"cart.store", "redis"}, {"events.bus", "nodes"}}) == "");
}

BOOST_AUTO_TEST_CASE(without_an_id_nothing_is_checked) {
  if (!ready()) return;
  const shared_store store("free");
  store.start("order", "");
  BOOST_TEST(store.members("order").empty());
}

BOOST_AUTO_TEST_SUITE_END()
