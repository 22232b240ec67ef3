// The same seeded messages to each service on SQLite and on PostgreSQL, and to the carts on Redis,
// produce the same answers and rows.

#include "actors/cart/cart_service.hpp"
#include "actors/notification/notification_service.hpp"
#include "actors/order/order_service.hpp"
#include "actors/payment/payment_service.hpp"
#include "actors/user/user_service.hpp"
#include "tests/support/order_quotes.hpp"
#include "tests/support/postgres_server.hpp"
#include "tests/support/redis_server.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/twin_services.hpp"

using namespace stoa;
using stoa::test::as_user;
using stoa::test::twin_services;

namespace {

constexpr std::uint64_t seeds[] = {1, 2};
constexpr int rounds = 60;

const std::vector<std::string> names{"ann",
                                     "Ann",
                                     "\xC3\x84nn",
                                     "\xC3\xA4nn",
                                     "bob",
                                     "B\xC3\xB6"
                                     "b",
                                     "zo\xC3\xAB",
                                     "\xCE\xA3\xCE\xBF\xCF\x86\xCE\xAF\xCE\xB1",
                                     "o'neil\\%_",
                                     "\xF0\x9F\x98\x80"};

template <class Id>
std::vector<Id> some_ids(std::size_t count) {
  std::vector<Id> list;
  for (std::size_t i = 1; i <= count; ++i) {
    Id id;
    id.value.bytes[15] = static_cast<std::uint8_t>(i);
    id.value.bytes[6] = 0x70;
    id.value.bytes[8] = 0x80;
    list.push_back(id);
  }
  return list;
}
const auto users = some_ids<stoa::user_id>(4);
const auto products = some_ids<stoa::product_id>(5);

bool missing(test::backend kind) {
  const bool redis = kind == test::backend::redis;
  if (redis ? test::redis_server::available() : test::postgres_server::available()) return false;
  test::skip(redis ? "redis-server is not installed"
                   : "the programs of PostgreSQL are not installed");
  return true;
}

/// Rounds of up to six random messages in one batch, with time passing in between.
template <class S, class Step, class Look>
void run(const S& service, Step step, Look look, test::backend other = test::backend::postgres) {
  if (missing(other)) return;
  for (auto seed : seeds) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      twin_services<S> t(service, seed, other);
      for (int round = 0; round < rounds; ++round) {
        for (auto n = t.random.between(1, 6); n > 0; --n) step(t);
        t.flush();
        t.advance(milliseconds{t.random.between(1, 400'000)});
        if (t.random.chance(30)) t.sweep();
        look(t);
      }
      t.compare_tables();
    }
  }
}

template <class Twin>
kernel::caller random_caller(Twin& t) {
  switch (t.random.below(4)) {
    case 0:
      return {};
    case 1:
      return test::as_system();
    case 2:
      return as_user(t.one_of(users), kernel::role::admin);
    default:
      return as_user(t.one_of(users));
  }
}

template <class Twin>
std::optional<std::int64_t> perhaps(Twin& t, std::int64_t least, std::int64_t most) {
  if (t.random.chance(70)) return std::nullopt;
  return t.random.between(least, most);
}

template <class Twin>
order::order_summary order_of(Twin& t, stoa::order_id id) {
  order::order_summary o;
  o.order_id = id;
  if (t.random.chance(50)) o.user_id = t.one_of(users);
  if (t.random.chance(90)) o.email = "ann@example.org";
  o.customer_name = t.one_of(names);
  o.lines.push_back({t.one_of(products), t.one_of(names), t.random.between(1, 3), {500, "EUR"}});
  o.total = {t.random.chance(10) ? 0 : 500, "EUR"};
  return o;
}

// --- carts ---------------------------------------------------------------------------------------

using carts = twin_services<cart::cart_service>;

void change_carts(carts& t) {
  const auto id = t.pick<stoa::cart_id>("SELECT cart_id FROM carts ORDER BY cart_id");
  const auto item =
      t.pick<stoa::cart_item_id>("SELECT cart_item_id FROM cart_items ORDER BY cart_item_id");
  const auto user = t.one_of(users);
  const auto who = random_caller(t);
  switch (t.random.below(10)) {
    case 0:
    case 1:
      return t.send(cart::create_cart{t.random.chance(50) ? std::optional(user) : std::nullopt});
    case 2:
    case 3:
    case 4:
      return t.send(cart::add_item{id,
                                   t.one_of(products),
                                   t.one_of(names),
                                   t.random.chance(5) ? 9'999 : t.random.between(-1, 4),
                                   {t.random.between(0, 900), "EUR"},
                                   perhaps(t, 1, 4)},
                    who);
    case 5:
      return t.send(cart::change_item{id, item, t.random.between(-1, 3), perhaps(t, 1, 4)}, who);
    case 6:
      return t.send(cart::remove_item{id, item, std::nullopt});
    case 7:
      if (t.random.chance(50)) return t.send(cart::clear_cart{id, std::nullopt}, who);
      return t.send(cart::delete_cart{id, perhaps(t, 1, 4)}, who);
    case 8:
      return t.send(cart::merge_cart{id, user, std::nullopt}, as_user(user));
    default: {
      if (t.random.chance(20)) return t.add_event(user::user_deleted{user});
      auto o = order_of(t, t.new_id<stoa::order_id>());
      o.cart_id = id;
      return t.add_event(order::order_confirmed{o});
    }
  }
}

void look_at_carts(carts& t) {
  t.ask(cart::get_cart{t.pick<stoa::cart_id>("SELECT cart_id FROM carts ORDER BY cart_id")},
        random_caller(t));
  t.ask(cart::list_carts{}, as_user(t.one_of(users)));
}

// --- users ---------------------------------------------------------------------------------------

using people = twin_services<user::user_service>;

address an_address(people& t) {
  address a;
  a.address_line1 = t.one_of(names);
  a.city = t.one_of(names);
  a.postal_code = "1";
  a.country = "DE";
  return a;
}

void change_people(people& t) {
  const auto id = t.pick<stoa::user_id>("SELECT user_id FROM users ORDER BY user_id");
  const auto family = t.pick<stoa::session_id>("SELECT family FROM sessions ORDER BY family");
  const auto profile =
      t.pick<stoa::profile_id>("SELECT profile_id FROM user_profiles ORDER BY profile_id");
  const auto self = t.random.chance(80) ? as_user(id) : random_caller(t);
  switch (t.random.below(13)) {
    case 0:
    case 1:
      return t.send(
          user::register_user{
              t.one_of(names), t.one_of(names) + "@example.org", "hash", "A", "B", std::nullopt,
              t.random.chance(80) ? user::user_role::customer : user::user_role::staff},
          random_caller(t));
    case 2:
    case 3:
      return t.send(user::start_session{id, t.random.chance(90) ? "hash" : "other", std::nullopt,
                                        t.one_of(names)});
    case 4:
      return t.send(user::rotate_session{family, t.random.between(1, 3)});
    case 5:
      return t.send(user::end_session{family});
    case 6:
      return t.send(user::change_password{id, "hash", "hash", family, t.random.chance(80)}, self);
    case 7: {
      user::update_user change;
      change.user_id = id;
      if (t.random.chance(50)) change.username = t.one_of(names);
      if (t.random.chance(50)) change.email = t.one_of(names) + "@example.org";
      if (t.random.chance(50)) change.phone_number = {true, t.one_of(names)};
      if (t.random.chance(80)) change.known_hash = "hash";
      if (t.random.chance(50)) change.verify_email = true;
      return t.send(change, self);
    }
    case 8:
      if (t.random.chance(30)) return t.send(user::delete_account{id, "hash"}, self);
      return t.send(user::set_role{id, user::user_role::staff},
                    t.random.chance(50) ? test::as_system() : random_caller(t));
    case 9:
      return t.send(user::add_address{id, an_address(t)}, self);
    case 10:
      return t.send(user::request_registration{t.one_of(names), t.one_of(names) + "@example.org",
                                               "hash", "A", "B", std::nullopt});
    case 11:
      return t.send(user::verify_address{t.pick<user::verification_id>(
          "SELECT verification_id FROM verifications ORDER BY verification_id")});
    default:
      if (t.random.chance(50)) return t.send(user::remove_address{id, profile}, self);
      return t.send(user::replace_address{id, profile, an_address(t)}, self);
  }
}

void look_at_people(people& t) {
  const auto id = t.pick<stoa::user_id>("SELECT user_id FROM users ORDER BY user_id");
  user::list_users_query list;
  list.limit = 3;
  if (t.random.chance(50)) list.role = user::user_role::staff;
  if (t.random.chance(50)) list.before = id;
  t.ask(list);
  t.ask(user::list_addresses{id});
  t.ask(user::find_credentials{t.one_of(names), std::nullopt});
  t.ask(user::find_credentials{t.one_of(names) + "@example.org", std::nullopt});
}

// --- orders --------------------------------------------------------------------------------------

using orders = twin_services<order::order_service>;

void change_orders(orders& t) {
  const auto id = t.pick<stoa::order_id>("SELECT order_id FROM orders ORDER BY order_id");
  const auto payment = t.new_id<stoa::payment_id>();
  const auto staff = as_user(t.one_of(users), kernel::role::staff);
  const auto reason = t.random.chance(50) ? std::optional(t.one_of(names)) : std::nullopt;
  switch (t.random.below(9)) {
    case 0:
    case 1:
    case 2: {
      const auto baskets = some_ids<stoa::cart_id>(12);
      order::place_order place;
      place.order_id = t.random.chance(95) ? t.new_id<stoa::order_id>() : id;
      if (t.random.chance(60)) place.user_id = t.one_of(users);
      place.customer_name = t.one_of(names);
      place.cart_id = t.one_of(baskets);
      place.cart_version = t.random.between(1, 2);
      for (auto n = t.random.between(1, 3); n > 0; --n) {
        place.lines.push_back(
            {t.one_of(products), t.one_of(names), t.random.between(1, 3), {250, "EUR"}});
      }
      if (t.random.chance(30)) place.lines.back().options = {{"Size", t.one_of(names)}};
      if (t.random.chance(30)) place.phone = t.one_of(names);
      place = test::quoted(std::move(place),
                           {{price_part_kind::shipping, "flat", "By post", {7, "EUR"}}});
      if (t.random.chance(5)) place.quote.total_amount.amount += 1;
      place.shipping_address.city = t.one_of(names);
      place.instrument_id = t.new_id<stoa::instrument_id>();
      return t.send(place);
    }
    case 3:
      return t.send(order::cancel_order{id, t.random.chance(30), reason}, random_caller(t));
    case 4:
      return t.send(order::ship_order{id, reason}, staff);
    case 5:
      return t.send(order::deliver_order{id, reason}, staff);
    case 6:
      return t.add_event(payment::payment_completed{payment, id, {750, "EUR"}});
    case 7:
      if (t.random.chance(50))
        return t.add_event(payment::payment_refunded{payment, id, {7, "EUR"}});
      return t.add_event(payment::payment_failed{payment, id, "card_declined", t.one_of(names)});
    default:
      if (t.random.chance(50)) return t.add_event(catalog::reservation_expired{id});
      return t.add_event(catalog::stock_rejected{id, t.one_of(products), t.one_of(names)});
  }
}

void look_at_orders(orders& t) {
  const auto id = t.pick<stoa::order_id>("SELECT order_id FROM orders ORDER BY order_id");
  t.ask(order::get_order{id, true}, random_caller(t));
  order::list_orders_query list;
  list.limit = 4;
  list.all = t.random.chance(50);
  if (t.random.chance(50)) list.status = order::order_status::Cancelled;
  if (t.random.chance(50)) list.before = id;
  t.ask(list, as_user(t.one_of(users), kernel::role::staff));
}

// --- payments ------------------------------------------------------------------------------------

using payments = twin_services<payment::payment_service>;

void change_payments(payments& t) {
  const auto order = t.pick<stoa::order_id>("SELECT order_id FROM payments ORDER BY order_id");
  const auto id = t.pick<stoa::payment_id>("SELECT payment_id FROM payments ORDER BY payment_id");
  const auto instrument =
      t.pick<stoa::instrument_id>("SELECT instrument_id FROM instruments ORDER BY instrument_id");
  switch (t.random.below(9)) {
    case 0:
    case 1:
      return t.add_event(catalog::stock_reserved{
          t.random.chance(80) ? t.new_id<stoa::order_id>() : order,
          std::nullopt,
          {t.random.chance(10) ? 0 : 500, "EUR"},
          t.random.chance(90) ? instrument : t.new_id<stoa::instrument_id>()});
    case 2:
      return t.send(payment::store_instrument{t.random.chance(80) ? t.new_id<stoa::instrument_id>()
                                                                  : instrument,
                                              order, "card", t.one_of(names), "hint"},
                    t.random.chance(80) ? kernel::caller{} : as_user(t.one_of(users)));
    case 3:
      return t.add_event(order::order_cancelled{order_of(t, order), "customer", "changed my mind"});
    default: {
      const std::vector<payment::open_effect> asked{
          payment::open_effect::Authorize, payment::open_effect::Authorize,
          payment::open_effect::Void, payment::open_effect::Refund};
      const std::vector<payment::gateway_answer> said{
          {payment::gateway_status::approved, "ch_1", "", ""},
          {payment::gateway_status::declined, "", "card_declined", t.one_of(names)},
          {payment::gateway_status::action_required, "ch_2", "", "", "https://bank.example"},
          {payment::gateway_status::unknown, "", "timeout", ""}};
      const auto operation = t.one_of(asked);
      const auto key = operation == payment::open_effect::Refund ? "refund:" + id.str() : id.str();
      return t.send(payment::gateway_result{id, order, operation, key, t.one_of(said)});
    }
    case 4:
      if (t.random.chance(50)) {
        return t.send(payment::request_refund{id, order, money{100, "EUR"}, t.one_of(names)},
                      stoa::test::as_system());
      }
      return t.send(payment::receive_webhook{"sandbox", t.one_of(names), "changed", id, order});
  }
}

void look_at_payments(payments& t) {
  const auto id = t.pick<stoa::payment_id>("SELECT payment_id FROM payments ORDER BY payment_id");
  t.ask(payment::get_payment{id});
  payment::list_payments_query list;
  list.limit = 4;
  if (t.random.chance(50)) list.status = payment::payment_status::Completed;
  if (t.random.chance(50)) list.before = id;
  t.ask(list);
  t.ask(payment::get_order_payments{
      t.pick<stoa::order_id>("SELECT order_id FROM payments ORDER BY order_id")});
}

// --- notifications -------------------------------------------------------------------------------

using mails = twin_services<notification::notification_service>;

void change_mails(mails& t) {
  const auto o = order_of(t, t.new_id<stoa::order_id>());
  switch (t.random.below(7)) {
    case 0:
      return t.add_event(order::order_confirmed{o});
    case 1:
      return t.add_event(order::order_cancelled{o, "customer", t.one_of(names)});
    case 2:
      return t.add_event(order::order_shipped{o});
    case 3:
      return t.add_event(order::order_refunded{o, o.total});
    default:
      return t.send(notification::delivery_result{
          t.pick<stoa::notification_id>(
              "SELECT notification_id FROM notifications ORDER BY notification_id"),
          t.random.chance(50) ? std::nullopt : std::optional(t.one_of(names))});
  }
}

void look_at_mails(mails& t) {
  const auto id = t.pick<stoa::notification_id>(
      "SELECT notification_id FROM notifications ORDER BY notification_id");
  t.ask(notification::get_notification{id});
  notification::list_notifications_query list;
  list.limit = 4;
  list.all = t.random.chance(50);
  if (t.random.chance(50)) list.status = notification::notification_status::Sent;
  if (t.random.chance(50)) list.before = id;
  t.ask(list, as_user(t.one_of(users), kernel::role::staff));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(databases_agree)

BOOST_AUTO_TEST_CASE(on_carts) {
  run(cart::cart_service(cart::cart_options{}), change_carts, look_at_carts);
}
BOOST_AUTO_TEST_CASE(on_carts_in_redis) {
  run(cart::cart_service(cart::cart_options{}), change_carts, look_at_carts, test::backend::redis);
}
BOOST_AUTO_TEST_CASE(on_users) {
  run(user::user_service(user::user_options{}), change_people, look_at_people);
}
BOOST_AUTO_TEST_CASE(on_orders) {
  run(order::order_service(order::order_options{}), change_orders, look_at_orders);
}
BOOST_AUTO_TEST_CASE(on_payments) {
  run(payment::payment_service(payment::payment_options{}), change_payments, look_at_payments);
}
BOOST_AUTO_TEST_CASE(on_notifications) {
  run(notification::notification_service(notification::notification_options{}), change_mails,
      look_at_mails);
}

BOOST_AUTO_TEST_SUITE_END()
