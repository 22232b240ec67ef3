// Several instances decide concurrently on the same data. Only the database serializes them: no
// partitions, no fencing, no mailbox. PostgreSQL only: SQLite has a single writer.

#include "actors/cart/cart_service.hpp"
#include "actors/catalog/catalog_service.hpp"
#include "actors/notification/notification_service.hpp"
#include "actors/order/order_service.hpp"
#include "actors/payment/payment_service.hpp"
#include "actors/user/user_service.hpp"
#include "tests/support/order_quotes.hpp"
#include "tests/support/postgres_server.hpp"
#include "tests/support/skip.hpp"
// Excluded from the runs on each database: these tests choose theirs.
#include "tests/support/twin_services.hpp"

#include <barrier>
#include <functional>
#include <mutex>
#include <thread>

using namespace stoa;

namespace {

constexpr std::size_t instances = 4;

template <class T>
bool is_refused(const result<T>& r) {
  return !r;
}
bool is_refused(const kernel::applied& a) {
  return a.has_value();
}

/// Decides one message per transaction and retries on a serialization conflict.
template <class S>
class loose_writer {
 public:
  loose_writer(const S& service, std::unique_ptr<db::connection> connection)
      : service_(service), connection_(std::move(connection)) {}

  template <class M>
  auto run(const M& message) {
    for (int tries = 0;; ++tries) {
      try {
        return once(message, tries == 0);
      } catch (const db::error& e) {
        connection_->rollback();
        const bool overtaken = e.kind() == db::error_kind::conflict ||
                               e.kind() == db::error_kind::stale ||
                               e.kind() == db::error_kind::unique;
        if (!overtaken || tries > 500) throw;
        ++collisions;
      }
    }
  }

  std::function<void()> loaded;       ///< called at the first attempt, between loading and deciding
  std::map<std::string, int> events;  ///< committed events by type
  int collisions = 0;

 private:
  template <class M>
  auto once(const M& message, bool first) {
    typename S::records all;
    db::need_list<typename S::records> needs(all);
    connection_->begin();
    for (int round = 0; round < 4; ++round) {
      service_.needs(message, needs, all);
      needs.load(*connection_);
    }
    if (first && loaded) loaded();
    kernel::call_context context;
    context.who = test::as_system();
    typename S::decision d(all, {1'700'000'000'000'000}, system_ids(), context);
    all.mark();
    auto answer = service_.decide(message, d);
    if (is_refused(answer)) all.undo();
    std::vector<db::statement> out;
    all.collect(out);
    if (is_refused(answer) || out.empty()) {
      connection_->rollback();
    } else {
      std::move(d.statements.begin(), d.statements.end(), std::back_inserter(out));
      connection_->execute_and_commit(out, [] {});
    }
    if (is_refused(answer)) return answer;
    for (const auto& e : d.events) ++events[e.type];
    return answer;
  }

  const S& service_;
  std::unique_ptr<db::connection> connection_;
};

/// A service's database and several writers on it.
template <class S>
struct crowd {
  explicit crowd(S s) : service(std::move(s)) {
    database = test::fresh_database(S::name, test::backend::postgres);
    for (std::size_t i = 0; i < instances; ++i) {
      writers.push_back(
          std::make_unique<loose_writer<S>>(service, test::second_connection(*database)));
    }
  }
  /// Calls act(writer, number of the writer, n) for n = 0 to rounds - 1 in all writers at once. In
  /// each round all of them load before the first one saves, so that they conflict.
  template <class F>
  void at_once(int rounds, F act) {
    std::barrier loaded(static_cast<std::ptrdiff_t>(instances));
    std::mutex guard;
    std::string failure;
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < instances; ++i) {
      threads.emplace_back([&, i] {
        writers[i]->loaded = [&] { loaded.arrive_and_wait(); };
        try {
          for (int n = 0; n < rounds; ++n) act(*writers[i], i, n);
        } catch (const std::exception& e) {
          const std::lock_guard lock(guard);
          failure = e.what();
        }
        loaded.arrive_and_drop();  // The others no longer wait for it.
        writers[i]->loaded = nullptr;
      });
    }
    for (auto& t : threads) t.join();
    BOOST_TEST(failure == "");
    int collisions = 0;
    for (const auto& w : writers) collisions += w->collisions;
    BOOST_TEST(collisions > 0);
  }
  int events(const std::string& type) const {
    int sum = 0;
    for (const auto& w : writers) {
      if (auto it = w->events.find(type); it != w->events.end()) sum += it->second;
    }
    return sum;
  }
  std::int64_t number(const std::string& query) {
    asked.push_back(std::make_unique<db::sql>(db::sql{"test", query}));
    std::int64_t n = -1;
    database->query({asked.back().get(), {}}, [&](db::row r) { n = std::get<std::int64_t>(r[0]); });
    return n;
  }

  S service;
  std::unique_ptr<db::connection> database;
  std::vector<std::unique_ptr<loose_writer<S>>> writers;
  std::vector<std::unique_ptr<db::sql>> asked;
};

bool no_postgres() {
  if (test::postgres_server::available()) return false;
  test::skip("the programs of PostgreSQL are not installed");
  return true;
}

template <class Id>
Id numbered(int n) {
  Id id;
  id.value.bytes[14] = 1;
  id.value.bytes[15] = static_cast<std::uint8_t>(n);
  return id;
}

order::place_order place_of(stoa::order_id id, stoa::cart_id cart) {
  order::place_order m;
  m.order_id = id;
  m.cart_id = cart;
  m.cart_version = 1;
  m.lines.push_back({numbered<stoa::product_id>(1), "mug", 1, {100, "EUR"}});
  return test::quoted(std::move(m));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(at_once)

BOOST_AUTO_TEST_CASE(one_state_of_a_cart_makes_one_order) {
  if (no_postgres()) return;
  crowd<order::order_service> all(order::order_service(order::order_options{}));
  constexpr int carts = 25;
  all.at_once(carts, [](auto& w, std::size_t, int n) {
    w.run(place_of({system_ids().next_v7()}, numbered<stoa::cart_id>(n)));
  });
  BOOST_TEST(all.events("order.placed") == carts);
  BOOST_TEST(all.number("SELECT count(*) FROM orders") == carts);
  BOOST_TEST(all.number("SELECT count(*) FROM order_items") == carts);
}

BOOST_AUTO_TEST_CASE(a_cart_has_one_pending_order_in_whatever_state) {
  if (no_postgres()) return;
  crowd<order::order_service> all(order::order_service(order::order_options{}));
  constexpr int carts = 25;
  all.at_once(carts, [](auto& w, std::size_t i, int n) {
    auto m = place_of({system_ids().next_v7()}, numbered<stoa::cart_id>(n));
    m.cart_version += static_cast<std::int64_t>(i);
    w.run(m);
  });
  BOOST_TEST(all.events("order.placed") == carts);
  BOOST_TEST(all.number("SELECT count(*) FROM orders") == carts);
}

BOOST_AUTO_TEST_CASE(an_order_is_paid_or_too_late_and_not_both) {
  if (no_postgres()) return;
  crowd<order::order_service> all(order::order_service(order::order_options{}));
  constexpr int orders = 25;
  for (int n = 0; n < orders; ++n) {
    all.writers[0]->run(place_of(numbered<stoa::order_id>(n), numbered<stoa::cart_id>(n)));
  }
  all.at_once(orders, [](auto& w, std::size_t i, int n) {
    const auto id = numbered<stoa::order_id>(n);
    if (i % 2 == 0) {
      w.run(payment::payment_completed{{}, id, {100, "EUR"}});
    } else {
      w.run(order::expire_order{id});
    }
  });
  BOOST_TEST(all.events("order.confirmed") + all.events("order.cancelled") == orders);
  BOOST_TEST(all.number("SELECT count(*) FROM order_status_history") == 2 * orders);
}

BOOST_AUTO_TEST_CASE(no_unit_is_sold_twice) {
  if (no_postgres()) return;
  crowd<catalog::catalog_service> all(catalog::catalog_service(catalog::catalog_options{}));
  catalog::import_product p;
  p.product_id = numbered<stoa::product_id>(1);
  p.title = "mug";
  p.price = money{100, "EUR"};
  p.on_hand = 30;
  BOOST_REQUIRE(all.writers[0]->run(p));
  all.at_once(15, [&](auto& w, std::size_t, int) {
    order::order_placed e;
    e.order.order_id = {system_ids().next_v7()};
    e.order.lines.push_back({p.product_id, "mug", 1, {100, "EUR"}});
    w.run(e);
  });
  BOOST_TEST(all.events("stock.reserved") == 30);
  BOOST_TEST(all.events("stock.rejected") == 30);
  BOOST_TEST(all.number("SELECT reserved FROM inventory") == 30);
  BOOST_TEST(all.number("SELECT count(*) FROM reservations") == 30);
  BOOST_TEST(all.number("SELECT sum(reserved_change) FROM stock_ledger") == 30);
}

BOOST_AUTO_TEST_CASE(every_change_of_a_cart_counts) {
  if (no_postgres()) return;
  crowd<cart::cart_service> all(cart::cart_service(cart::cart_options{}));
  const auto id = all.writers[0]->run(cart::create_cart{})->cart_id;
  all.at_once(10, [&](auto& w, std::size_t, int) {
    auto done =
        w.run(cart::add_item{id, numbered<stoa::product_id>(1), "mug", 1, {100, "EUR"}, {}});
    if (!done) throw std::runtime_error(done.error().code);
  });
  const auto changes = static_cast<std::int64_t>(10 * instances);
  BOOST_TEST(all.number("SELECT quantity FROM cart_items") == changes);
  BOOST_TEST(all.number("SELECT revision FROM carts") == 1 + changes);
}

BOOST_AUTO_TEST_CASE(a_guests_cart_is_merged_once) {
  if (no_postgres()) return;
  crowd<cart::cart_service> all(cart::cart_service(cart::cart_options{}));
  const auto user = numbered<stoa::user_id>(1);
  const auto mine = all.writers[0]->run(cart::create_cart{user})->cart_id;
  std::vector<stoa::cart_id> guests;
  for (int n = 0; n < 10; ++n) {
    const auto guest = all.writers[0]->run(cart::create_cart{})->cart_id;
    all.writers[0]->run(
        cart::add_item{guest, numbered<stoa::product_id>(1), "mug", 1, {100, "EUR"}, {}});
    guests.push_back(guest);
  }
  all.at_once(10, [&](auto& w, std::size_t, int n) {
    w.run(cart::merge_cart{guests[static_cast<std::size_t>(n)], user, {}});
  });
  // Each guest's cart remains as an empty row that names the cart it was merged into.
  BOOST_TEST(all.number("SELECT count(*) FROM carts WHERE merged_into IS NULL") == 1);
  BOOST_TEST(all.number("SELECT quantity FROM cart_items") == 10);
  BOOST_TEST(all.writers[0]->run(cart::clear_cart{mine, {}}).has_value());
}

BOOST_AUTO_TEST_CASE(an_order_has_one_payment_and_one_outcome) {
  if (no_postgres()) return;
  crowd<payment::payment_service> all(payment::payment_service(payment::payment_options{}));
  constexpr int orders = 15;
  all.at_once(orders, [](auto& w, std::size_t, int n) {
    const auto order = numbered<stoa::order_id>(n);
    const auto instrument = numbered<stoa::instrument_id>(n);
    w.run(payment::store_instrument{instrument, order, "card", "sealed", "hint"});
    w.run(catalog::stock_reserved{order, std::nullopt, {100, "EUR"}, instrument});
  });
  BOOST_TEST(all.number("SELECT count(*) FROM payments WHERE sealed_token='sealed'") == orders);
  BOOST_TEST(all.number("SELECT count(*) FROM payments") == orders);
  std::vector<stoa::payment_id> payments;
  static const db::sql every{"test", "SELECT payment_id FROM payments ORDER BY payment_id"};
  all.database->query({&every, {}}, [&](db::row r) { payments.push_back({std::get<uuid>(r[0])}); });
  all.at_once(orders, [&](auto& w, std::size_t i, int n) {
    const auto id = payments[static_cast<std::size_t>(n)];
    const auto said =
        i % 2 == 0 ? payment::gateway_status::approved : payment::gateway_status::declined;
    w.run(payment::gateway_result{
        id, {}, payment::open_effect::Authorize, id.str(), {said, "ch_1", "", ""}});
  });
  BOOST_TEST(all.events("payment.completed") + all.events("payment.failed") == orders);
}

BOOST_AUTO_TEST_CASE(a_name_has_one_user) {
  if (no_postgres()) return;
  crowd<user::user_service> all(user::user_service(user::user_options{}));
  constexpr int names = 15;
  all.at_once(names, [](auto& w, std::size_t i, int n) {
    const std::string name = "ann" + std::to_string(n);
    // The same name under different addresses, and the same address under different names.
    user::register_user m{i % 2 == 0 ? name : name + "." + std::to_string(i),
                          (i % 2 == 0 ? name + "-" + std::to_string(i) : name) + "@example.org",
                          "hash",
                          "Ann",
                          "Lee",
                          {},
                          {}};
    w.run(m);
  });
  BOOST_TEST(all.number("SELECT count(*) FROM users") == 2 * names);
}

BOOST_AUTO_TEST_CASE(no_user_exceeds_the_limits) {
  if (no_postgres()) return;
  crowd<user::user_service> all(user::user_service(user::user_options{}));
  user::register_user ann{"ann", "ann@example.org", "hash", "Ann", "Lee", {}, {}};
  const auto id = all.writers[0]->run(ann)->user_id;
  address home;
  home.address_line1 = home.city = home.postal_code = "1";
  home.country = "DE";
  constexpr int rounds = 15;  // 60 of each kind
  all.at_once(rounds, [&](auto& w, std::size_t, int) {
    if (!w.run(user::start_session{id, "hash", {}, {}})) throw std::runtime_error("no session");
    w.run(user::add_address{id, home});
  });
  BOOST_TEST(all.number("SELECT count(*) FROM sessions") ==
             static_cast<std::int64_t>(user::sessions_max));
  BOOST_TEST(all.number("SELECT count(*) FROM user_profiles") ==
             static_cast<std::int64_t>(user::addresses_max));
}

BOOST_AUTO_TEST_CASE(no_session_outlives_a_change_of_the_password) {
  if (no_postgres()) return;
  crowd<user::user_service> all(user::user_service(user::user_options{}));
  user::register_user ann{"ann", "ann@example.org", "hash 0", "Ann", "Lee", {}, {}};
  const auto id = all.writers[0]->run(ann)->user_id;
  constexpr int rounds = 15;
  all.at_once(rounds, [&](auto& w, std::size_t i, int n) {
    const auto now = "hash " + std::to_string(n);
    if (i == 0) {
      w.run(user::change_password{id, now, "hash " + std::to_string(n + 1), {}, true});
    } else {
      w.run(user::start_session{id, now, {}, {}});
    }
  });
  BOOST_TEST(all.number("SELECT count(*) FROM sessions WHERE revoked_at IS NULL") == 0);
}

BOOST_AUTO_TEST_CASE(a_refresh_token_is_used_once) {
  if (no_postgres()) return;
  crowd<user::user_service> all(user::user_service(user::user_options{}));
  user::register_user ann{"ann", "ann@example.org", "hash", "Ann", "Lee", {}, {}};
  const auto id = all.writers[0]->run(ann)->user_id;
  const auto family = all.writers[0]->run(user::start_session{id, "hash", {}, {}})->family;
  constexpr int rounds = 10;
  all.at_once(rounds, [&](auto& w, std::size_t, int n) {
    auto r = w.run(user::rotate_session{family, n + 1});
    // Within the retry window the same answer is returned.
    if (!r || r->outcome != user::rotation_outcome::rotated) throw std::runtime_error("refused");
  });
  BOOST_TEST(all.number("SELECT generation FROM sessions") == 1 + rounds);
}

BOOST_AUTO_TEST_CASE(a_mail_is_sent_once) {
  if (no_postgres()) return;
  using notification::notification_service;
  crowd<notification_service> all(notification_service(notification::notification_options{}));
  constexpr int mails = 10;
  for (int n = 0; n < mails; ++n) {
    order::order_confirmed e;
    e.order.order_id = numbered<stoa::order_id>(n);
    e.order.email = "ann@example.org";
    e.order.total = {100, "EUR"};
    BOOST_REQUIRE(!all.writers[0]->run(e));
  }
  std::vector<stoa::notification_id> ids;
  static const db::sql every{"test", "SELECT notification_id FROM notifications ORDER BY 1"};
  all.database->query({&every, {}}, [&](db::row r) { ids.push_back({std::get<uuid>(r[0])}); });
  all.at_once(mails, [&](auto& w, std::size_t i, int n) {
    const auto id = ids[static_cast<std::size_t>(n)];
    w.run(notification::delivery_result{
        id, i == 0 ? std::optional<std::string>("no answer") : std::nullopt});
  });
  BOOST_TEST(all.number("SELECT count(*) FROM notifications WHERE status='Sent'") == mails);
  BOOST_TEST(all.number("SELECT count(*) FROM notification_logs WHERE status='Sent'") == mails);
}

BOOST_AUTO_TEST_SUITE_END()
