// The Order service's statements, on each database.

#include "storage/order/order_store.hpp"

#include "storage/base/order_number.hpp"
#include "tests/support/counting_connection.hpp"
#include "tests/support/test_database.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::order;

namespace {

struct fixture {
  template <class R>
  void save(const R& record) {
    std::vector<db::value> values;
    db::write_record(record, values);
    c->execute(db::statement{&db::statements_of<R>().insert, std::move(values)});
  }
  static order_row order(order_status status = order_status::Pending, timestamp created = {1000},
                         std::optional<stoa::user_id> user = std::nullopt) {
    order_row o;
    o.order_id = {system_ids().next_v7()};
    o.user_id = user;
    o.status = status;
    o.order_number = order_number_of(o.order_id);
    o.currency = "EUR";
    o.subtotal = 1399;
    o.adjustment_total = -100;
    o.total_amount = 1299;
    o.price_parts = {{price_part_kind::adjustment, "SPRING", "Spring \"sale\"", {-100, "EUR"}}};
    o.shipping_address.address_line1 =
        "Gr\xC3\xBC\xC3\x9F"
        "gasse 1 \"\\'";
    o.email = o.email_folded = "a@example.org";
    o.customer_name = "Ann Lee";
    o.cart_id = {system_ids().next_v4()};
    o.cart_version = 3;
    o.created_at = o.updated_at = created;
    return o;
  }

  std::unique_ptr<db::connection> c = test::fresh_database("order");
};

std::vector<std::string> ids(const std::vector<order_parts>& list) {
  std::vector<std::string> all;
  for (const auto& one : list) all.push_back(one.order.order_id.str());
  return all;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(order_store, fixture)

BOOST_AUTO_TEST_CASE(an_order_comes_back_with_its_parts_in_their_order) {
  auto o = order(order_status::Cancelled, {5}, stoa::user_id{system_ids().next_v7()});
  o.cancel_code = "customer";
  save(o);
  std::vector<order_item_row> items;
  for (std::int64_t n : {1, 2, 3}) {
    items.push_back({{system_ids().next_v7()},
                     o.order_id,
                     {system_ids().next_v7()},
                     "mug " + std::to_string(n),
                     n == 2 ? std::nullopt : std::optional<std::string>("M-1"),
                     {{"Size", std::to_string(n)}},
                     n,
                     100 * n,
                     100 * n * n,
                     {5}});
  }
  for (const auto* i : {&items[2], &items[0], &items[1]}) save(*i);
  // Cancelled by a node whose clock is behind: its id and time come first, its number does not.
  status_history_row cancelled{
      {system_ids().next_v7()}, o.order_id, order_status::Cancelled, {4}, "system", "too late", 2};
  status_history_row placed{
      {system_ids().next_v7()}, o.order_id, order_status::Pending, {5}, "guest", std::nullopt, 1};
  save(cancelled);
  save(placed);
  auto found = read_order(*c, o.order_id);
  BOOST_REQUIRE(found);
  BOOST_TEST(json::write(found->order) == json::write(o));
  BOOST_REQUIRE(found->items.size() == 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    BOOST_TEST(json::write(found->items[i]) == json::write(items[i]));
  }
  BOOST_REQUIRE(found->history.size() == 2u);
  BOOST_TEST(json::write(found->history[0]) == json::write(placed));
  BOOST_TEST(json::write(found->history[1]) == json::write(cancelled));
  BOOST_TEST(!read_order(*c, {system_ids().next_v7()}));
}

BOOST_AUTO_TEST_CASE(orders_are_found_by_number_mail_address_time_and_status) {
  const stoa::user_id ann{system_ids().next_v7()};
  const stoa::user_id bob{system_ids().next_v7()};
  constexpr std::int64_t hour = 3'600'000'000;
  std::vector<order_row> all;
  for (int i = 0; i < 6; ++i) {
    auto o =
        order(static_cast<order_status>(i % 3), {1000 * hour + i * hour}, i % 2 == 0 ? ann : bob);
    // The id is created before the order is placed.
    o.order_id = {make_uuid_v7(static_cast<std::uint64_t>(o.created_at.us / 1000 - 20'000), 0,
                               0x1234567890abcdefULL * static_cast<std::uint64_t>(i + 1))};
    o.order_number = order_number_of(o.order_id);
    o.email_folded = i < 4 ? "ann@example.org" : "bob@example.org";
    o.metadata = {{"erp", std::to_string(i)}};
    save(o);
    all.push_back(o);
  }
  const auto found = [&](const order_filter& filter) {
    std::string numbers;
    for (const auto& p : list_orders(*c, filter)) numbers += p.order.metadata.at("erp");
    BOOST_TEST(count_orders(*c, filter) == static_cast<std::int64_t>(numbers.size()));
    return numbers;
  };
  order_filter f;
  f.order_number = parse_order_number(to_display_number(all[2].order_number));
  BOOST_TEST(found(f) == "2");
  f.user_id = ann;
  BOOST_TEST(found(f) == "2");
  f.user_id = bob;  // Another user's order is not found by its number either.
  BOOST_TEST(found(f) == "");
  f = {};
  f.order_number = "0000000000";
  BOOST_TEST(found(f) == "");
  f = {};
  f.email_folded = "ann@example.org";
  BOOST_TEST(found(f) == "3210");
  f.statuses = {order_status::Pending, order_status::Shipped};
  BOOST_TEST(found(f) == "320");
  f.user_id = ann;
  BOOST_TEST(found(f) == "20");
  f = {};
  f.statuses = {order_status::Shipped, order_status::Pending, order_status::Shipped};
  BOOST_TEST(found(f) == "5320");
  f.created_from = all[2].created_at;
  f.created_before = all[5].created_at;
  BOOST_TEST(found(f) == "32");
  f.statuses.clear();
  BOOST_TEST(found(f) == "432");
  f.created_from = f.created_from->operator+(microseconds{1});
  f.created_before = f.created_before->operator+(microseconds{1});
  BOOST_TEST(found(f) == "543");
  f.user_id = bob;
  BOOST_TEST(found(f) == "53");
}

BOOST_AUTO_TEST_CASE(pages_of_several_statuses_are_exact_while_orders_come_in) {
  std::vector<std::string> expected;
  for (int i = 0; i < 12; ++i) {
    const auto o = order(static_cast<order_status>(i % 4));
    save(o);
    if (i % 4 != 3) expected.insert(expected.begin(), o.order_id.str());
  }
  order_filter f;
  f.statuses = {order_status::Pending, order_status::Confirmed, order_status::Shipped};
  f.limit = 4;
  std::vector<std::string> got;
  for (int page = 0; page < 3; ++page) {
    const auto rows = ids(list_orders(*c, f));
    got.insert(got.end(), rows.begin(), rows.end());
    f.before = stoa::order_id::parse(rows.back());
    save(order(order_status::Confirmed));
  }
  BOOST_TEST(got == expected, boost::test_tools::per_element());
  BOOST_TEST(list_orders(*c, f).empty());
  BOOST_TEST(count_orders(*c, f) == 12);
}

BOOST_AUTO_TEST_CASE(lists_keep_to_their_user_and_status_newest_first) {
  const stoa::user_id alice{system_ids().next_v7()};
  const stoa::user_id bob{system_ids().next_v7()};
  std::vector<order_row> all{
      order(order_status::Confirmed, {1}, alice), order(order_status::Shipped, {2}, alice),
      order(order_status::Confirmed, {3}, bob), order(order_status::Confirmed, {4})};
  for (const auto& o : all) save(o);
  auto id = [&](std::size_t i) { return all[i].order_id.str(); };
  using strings = std::vector<std::string>;
  order_filter any;
  BOOST_TEST(ids(list_orders(*c, any)) == (strings{id(3), id(2), id(1), id(0)}),
             boost::test_tools::per_element());
  any.limit = 2;
  any.before = all[3].order_id;
  BOOST_TEST(ids(list_orders(*c, any)) == (strings{id(2), id(1)}),
             boost::test_tools::per_element());
  order_filter mine;
  mine.user_id = alice;
  BOOST_TEST(ids(list_orders(*c, mine)) == (strings{id(1), id(0)}),
             boost::test_tools::per_element());
  mine.statuses = {order_status::Shipped};
  BOOST_TEST(ids(list_orders(*c, mine)) == strings{id(1)});
  mine.before = all[1].order_id;
  BOOST_TEST(list_orders(*c, mine).empty());
  order_filter confirmed;
  confirmed.statuses = {order_status::Confirmed};
  BOOST_TEST(ids(list_orders(*c, confirmed)) == (strings{id(3), id(2), id(0)}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_waits_for_too_long_is_found) {
  auto old = order(order_status::Pending, {10});
  auto older = order(order_status::Pending, {20});
  auto young = order(order_status::Pending, {30});
  auto done = order(order_status::Confirmed, {10});
  for (const auto& o : {young, older, old, done}) save(o);
  auto found = pending_since(*c, {30}, {1000}, 10);
  BOOST_REQUIRE(found.size() == 2u);
  BOOST_TEST((found[0] == old.order_id));
  BOOST_TEST((found[1] == older.order_id));
  BOOST_TEST(pending_since(*c, {30}, {1000}, 1).size() == 1u);
  BOOST_TEST(pending_since(*c, {10}, {1000}, 10).empty());
  // Placed by a clock that was ahead.
  BOOST_TEST(pending_since(*c, {10}, {29}, 10).size() == 1u);
  BOOST_TEST(pending_since(*c, {10}, {30}, 10).empty());
}

BOOST_AUTO_TEST_CASE(a_list_loads_its_parts_with_one_statement_a_table) {
  constexpr std::size_t orders = 30;
  std::vector<stoa::order_id> all;
  for (std::size_t i = 0; i < orders; ++i) {
    const auto o = order();
    save(o);
    all.push_back(o.order_id);
    for (std::int64_t n = 0; n <= static_cast<std::int64_t>(i % 3); ++n) {
      save(order_item_row{{system_ids().next_v7()},
                          o.order_id,
                          {system_ids().next_v7()},
                          std::to_string(i),
                          std::nullopt,
                          {},
                          n + 1,
                          1,
                          n + 1,
                          {5}});
    }
    save(status_history_row{
        {system_ids().next_v7()}, o.order_id, order_status::Pending, {5}, "guest", {}, 1});
  }
  const auto whole = [](const order_parts& one) {
    const auto i = std::stoul(one.items.at(0).product_name);
    return one.items.size() == i % 3 + 1 && one.history.size() == 1 &&
           one.items.back().quantity == static_cast<std::int64_t>(one.items.size());
  };
  test::counting_connection counted(*c);
  order_filter first_page;
  first_page.limit = 21;
  const auto page = list_orders(counted, first_page);
  BOOST_TEST(page.size() == 21U);
  BOOST_TEST(std::ranges::all_of(page, whole));
  BOOST_TEST(counted.reads_total() == 3U, "the orders, their items and their history");

  // By ids, some of them unknown or repeated.
  auto wanted = all;
  std::ranges::reverse(wanted);
  wanted.insert(wanted.begin() + 1, {system_ids().next_v7()});
  wanted.push_back(wanted.front());
  counted.reads.clear();
  db::gathering asked;
  const auto found = ask_orders(asked, wanted);
  asked.run(counted);
  const auto named = found();
  BOOST_TEST(counted.reads_total() == 3U);
  BOOST_TEST(named.size() == orders);
  BOOST_TEST(std::ranges::all_of(named, whole));
  BOOST_TEST((named.front().order.order_id == all.back()));
  order_filter beyond_the_end;
  beyond_the_end.before = stoa::order_id{};
  BOOST_TEST(list_orders(counted, beyond_the_end).empty());
}

BOOST_AUTO_TEST_CASE(one_state_of_a_cart_makes_one_order) {
  auto first = order(order_status::Confirmed);
  save(first);
  auto second = order(order_status::Confirmed);
  second.cart_id = first.cart_id;
  second.cart_version = first.cart_version;
  BOOST_CHECK_EXCEPTION(save(second), db::error,
                        [](const db::error& e) { return e.kind() == db::error_kind::unique; });
  // The next version of the cart is another purchase, and a cancelled order does not count.
  auto later = second;
  later.order_id = {system_ids().next_v7()};
  later.order_number = order_number_of(later.order_id);
  later.cart_version += 1;
  save(later);
  second.status = order_status::Cancelled;
  save(second);
  auto third = order(order_status::Cancelled);
  third.cart_id = first.cart_id;
  third.cart_version = first.cart_version;
  save(third);
  BOOST_TEST(list_orders(*c, {}).size() == 4u);
}

BOOST_AUTO_TEST_CASE(a_cart_has_one_pending_order_and_a_number_one_order) {
  const auto first = order();
  save(first);
  const auto is_unique = [](const db::error& e) { return e.kind() == db::error_kind::unique; };
  auto second = order();
  second.cart_id = first.cart_id;
  second.cart_version = first.cart_version + 1;
  BOOST_CHECK_EXCEPTION(save(second), db::error, is_unique);
  auto third = order();
  third.order_number = first.order_number;
  BOOST_CHECK_EXCEPTION(save(third), db::error, is_unique);
}

BOOST_AUTO_TEST_CASE(what_no_order_can_be_is_refused) {
  auto kind_of = [&](const auto& record) {
    try {
      save(record);
    } catch (const db::error& e) {
      return e.kind();
    }
    return db::error_kind::busy;
  };
  auto negative = order();
  negative.total_amount = -1;
  BOOST_TEST((kind_of(negative) == db::error_kind::constraint));
  order_item_row orphan{{system_ids().next_v7()},
                        {system_ids().next_v7()},
                        {system_ids().next_v7()},
                        "mug",
                        std::nullopt,
                        {},
                        1,
                        1,
                        1,
                        {5}};
  BOOST_TEST((kind_of(orphan) == db::error_kind::constraint));
  auto o = order();
  save(o);
  orphan.order_id = o.order_id;
  orphan.quantity = 0;
  BOOST_TEST((kind_of(orphan) == db::error_kind::constraint));
  BOOST_TEST((kind_of(o) == db::error_kind::unique));
}

BOOST_AUTO_TEST_CASE(the_oldest_pending_order_is_known_by_its_time) {
  BOOST_TEST(!oldest_pending(*c));
  save(order(order_status::Confirmed, {100}));
  BOOST_TEST(!oldest_pending(*c));
  save(order(order_status::Pending, {200}));
  save(order(order_status::Pending, {300}));
  BOOST_TEST(oldest_pending(*c).value().us == 200);
}

BOOST_AUTO_TEST_SUITE_END()
