#include "storage/cart/cart_store.hpp"

#include "tests/support/test_database.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::cart;

namespace {

struct database {
  template <class R>
  void insert(const R& record) {
    std::vector<db::value> values;
    db::write_record(record, values);
    c->execute({&db::statements_of<R>().insert, values});
  }
  stoa::cart_id cart(std::optional<stoa::user_id> owner, std::int64_t created,
                     std::int64_t expires) {
    stoa::cart_id id{system_ids().next_v4()};
    insert(cart_row{id, owner, 1, {created}, {created}, {expires}, 0});
    return id;
  }
  void item(stoa::cart_id id, stoa::product_id product, std::int64_t quantity) {
    // Lines are added to a cart that was loaded in the same transaction.
    c->begin();
    try {
      read_cart(*c, id);
      insert(
          cart_item_row{{system_ids().next_v7()}, id, product, "mug", quantity, {5, "EUR"}, {7}});
      c->commit();
    } catch (...) {
      c->rollback();
      throw;
    }
  }
  std::unique_ptr<db::connection> c = test::fresh_database("cart");
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(cart_store, database)

BOOST_AUTO_TEST_CASE(what_is_written_is_read) {
  stoa::user_id owner{system_ids().next_v7()};
  auto id = cart(owner, 1, 2);
  stoa::product_id mug{system_ids().next_v7()};
  stoa::product_id lamp{system_ids().next_v7()};
  item(id, mug, 3);
  item(id, lamp, 4);
  auto found = read_cart(*c, id);
  BOOST_REQUIRE(found.has_value());
  BOOST_TEST((found->cart.user_id == owner));
  BOOST_REQUIRE(found->items.size() == 2u);
  BOOST_TEST((found->items[0].product_id == mug));
  BOOST_TEST((found->items[1].price_when_added == money{5, "EUR"}));
  BOOST_TEST(!read_cart(*c, {system_ids().next_v4()}).has_value());
}

BOOST_AUTO_TEST_CASE(the_database_keeps_the_rules_too) {
  auto id = cart(std::nullopt, 1, 2);
  stoa::product_id mug{system_ids().next_v7()};
  item(id, mug, 10'000);
  BOOST_CHECK_THROW(item(id, mug, 1), db::error);  // One line per product.
  BOOST_CHECK_THROW(item(id, {system_ids().next_v7()}, 0), db::error);
  BOOST_CHECK_THROW(item(id, {system_ids().next_v7()}, 10'001), db::error);
  BOOST_CHECK_THROW(item({system_ids().next_v4()}, mug, 1), db::error);  // No such cart.
}

BOOST_AUTO_TEST_CASE(carts_of_a_customer_and_expired_ones) {
  stoa::user_id owner{system_ids().next_v7()};
  auto first = cart(owner, 1, 10);
  auto second = cart(owner, 2, 10);
  auto guest = cart(std::nullopt, 3, 10);
  cart(std::nullopt, 4, 11);
  auto mine = carts_of_user(*c, owner);
  BOOST_REQUIRE(mine.size() == 2u);
  BOOST_TEST((mine[0].cart.cart_id == second));
  BOOST_TEST((mine[1].cart.cart_id == first));
  BOOST_TEST(carts_of_user(*c, {system_ids().next_v7()}).empty());
  auto gone = expired_carts(*c, {10}, {0}, 10);
  BOOST_REQUIRE(gone.size() == 1u);
  BOOST_TEST((gone[0] == guest));
  // Customers' carts by last change.
  gone = expired_carts(*c, {0}, {1}, 10);
  BOOST_REQUIRE(gone.size() == 1u);
  BOOST_TEST((gone[0] == first));
  BOOST_TEST(expired_carts(*c, {10}, {2}, 10).size() == 3u);
  BOOST_TEST(expired_carts(*c, {10}, {2}, 2).size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_merged_cart_is_read_as_it_was_written) {
  const stoa::cart_id into{system_ids().next_v4()};
  cart_row row{{system_ids().next_v4()}, std::nullopt, 3, {1}, {2}, {9}, 0, timestamp{5}, into, {}};
  row.absorbed.push_back({into, 7, timestamp{4'000'000}});
  insert(row);
  const auto found = read_cart(*c, row.cart_id)->cart;
  BOOST_TEST((found.held_until == timestamp{5}));
  BOOST_TEST((found.merged_into == into));
  BOOST_REQUIRE(found.absorbed.size() == 1u);
  BOOST_TEST(found.absorbed[0].version == 7);
  BOOST_TEST((found.absorbed[0].merged_at == timestamp{4'000'000}));
}

BOOST_AUTO_TEST_SUITE_END()
