// Variants removed by a file while orders hold units of them.

#include "tests/support/imported_products.hpp"

using namespace stoa;
using namespace stoa::catalog;
using stoa::test::status_of;

BOOST_FIXTURE_TEST_SUITE(removed_variants, imports)

BOOST_AUTO_TEST_CASE(a_variant_that_orders_hold_is_removed_with_the_last_of_them) {
  import(shirt());
  const auto order = order_of({{l_id, 3}});
  BOOST_REQUIRE(!apply(order::order_placed{order, {system_ids().next_v7()}}));
  auto p = shirt();
  p.variants->pop_back();
  p.title = "Blouse";
  auto answer = run(p, staff).value();
  BOOST_REQUIRE(answer.notes.size() == 1u);
  BOOST_TEST((import(p) == import_outcome::unchanged));
  // Customers cannot see or buy it; its SKU is free.
  const auto seen = read(get_product{shirt_id}).value();
  BOOST_TEST(seen.variants.size() == 1u);
  BOOST_TEST(seen.price.amount == 2000);
  BOOST_TEST(status_of(read(get_product{l_id})) == 404);
  BOOST_TEST(!read(price_items{{l_id}}, staff).value().data.at(0).sellable);
  emitted();
  BOOST_REQUIRE(!apply(order::order_placed{order_of({{l_id, 1}}), {system_ids().next_v7()}}));
  BOOST_TEST(emitted() == "stock.rejected");
  BOOST_TEST((import(cup()) == import_outcome::created));
  BOOST_REQUIRE(run(import_sku{cup().product_id, "S-L"}, staff));
  // Staff see it, after the others.
  const auto shown = detail(shirt_id);
  BOOST_REQUIRE(shown.variants.size() == 2u);
  BOOST_TEST(shown.variants[1].being_removed.value_or(false));
  BOOST_TEST(*shown.variants[1].reserved == 3);
  BOOST_TEST(!shown.variants[0].being_removed.has_value());
  BOOST_TEST(*shown.on_hand == 3);
  // A change of the product does not restore it either.
  product_change c;
  c.name = "Coat";
  BOOST_REQUIRE(change(shirt_id, c));
  BOOST_TEST(read(get_product{shirt_id}).value().variants.size() == 1u);
  // The product has no other variant: it is sold without variants again.
  BOOST_REQUIRE(run(delete_product{m_id}, staff));
  BOOST_TEST(read(price_items{{shirt_id}}, staff).value().data.at(0).sellable);
  // It is deleted with its sale.
  BOOST_REQUIRE(!apply(order::order_confirmed{order}));
  BOOST_TEST(detail(shirt_id).variants.empty());
  BOOST_TEST(status_of(read(get_product{l_id, true}, staff)) == 404);
  BOOST_TEST((import(shirt()) == import_outcome::updated));
  BOOST_TEST(detail(shirt_id).variants.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_product_is_sold_itself_beside_a_variant_that_is_being_removed) {
  import(shirt());
  const auto order = order_of({{l_id, 3}});
  BOOST_REQUIRE(!apply(order::order_placed{order, {system_ids().next_v7()}}));
  auto p = shirt();
  p.variants->clear();
  p.price = money{700, "EUR"};
  p.on_hand = 6;
  import(p);
  for (const bool staff_sees : {false, true}) {
    const auto view = read(get_product{shirt_id, staff_sees}, staff).value();
    BOOST_TEST(view.variants.size() == (staff_sees ? 1u : 0u));
    BOOST_TEST(view.price.amount == 700);
    BOOST_TEST(view.inventory_count == 6);
    BOOST_TEST(view.available);
  }
  order::order_cancelled gone;
  gone.order = order;
  BOOST_REQUIRE(!apply(gone));
  BOOST_TEST(detail(shirt_id).variants.empty());
  // The file contains it again while an order holds it: it is for sale again.
  import(shirt());
  BOOST_REQUIRE(!apply(order::order_placed{order_of({{l_id, 1}}), {system_ids().next_v7()}}));
  import(p);
  BOOST_TEST(read(get_product{shirt_id}).value().variants.empty());
  import(shirt());
  BOOST_TEST(read(get_product{shirt_id}).value().variants.size() == 2u);
  BOOST_TEST(*detail(l_id).sku == "S-L");
}

BOOST_AUTO_TEST_SUITE_END()
