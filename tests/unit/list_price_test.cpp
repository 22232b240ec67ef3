// Which price of a product applies: its own, or that of a price list.

#include "actors/pricing/list_price.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::pricing;

namespace {

const timestamp noon{1'700'000'000'000'000};

struct fixture {
  rule_set rules;
  std::vector<listed_price> prices;
  const stoa::product_id product{system_ids().next_v7()};
  price_buyer buyer{"EUR", {}, noon};
  own_price own{{1000, "EUR"}, {}};

  price_list_terms& add(price_list_kind kind, std::int64_t amount,
                        const std::string& currency = "EUR") {
    const stoa::price_list_id id{system_ids().next_v7()};
    prices.push_back({id, product, amount, {}, {}});
    rules.price_lists.push_back({id, {}});
    auto& t = rules.price_lists.back().terms;
    t.name = "List";
    t.kind = kind;
    t.currency = currency;
    return t;
  }
  std::optional<shown_price> price(std::int64_t quantity = 1) {
    book = rule_book({system_ids().next_v7()}, rules);
    std::vector<const listed_price*> entries;
    for (const auto& p : prices) entries.push_back(&p);
    return price_for(own, lists_for(book, buyer), entries, buyer.currency, quantity);
  }
  std::int64_t amount(std::int64_t quantity = 1) { return price(quantity).value().price.amount; }
  rule_book book;
};

constexpr auto regular = price_list_kind::regular;
constexpr auto sale = price_list_kind::sale;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(list_prices, fixture)

BOOST_AUTO_TEST_CASE(without_lists_a_product_has_its_own_price) {
  own.compare_at_price = money{900, "EUR"};  // Shown as it is, although it is lower.
  BOOST_TEST(amount() == 1000);
  BOOST_TEST(price()->compare_at_price->amount == 900);
  BOOST_TEST(price()->list == nullptr);
  buyer.currency = "JPY";
  BOOST_TEST(!price());
}

BOOST_AUTO_TEST_CASE(a_sale_applies_only_below_the_regular_price) {
  add(sale, 1000);
  BOOST_TEST(amount() == 1000);
  BOOST_TEST(price()->list == nullptr);
  add(sale, 800);
  BOOST_TEST(amount() == 800);
  BOOST_TEST(price()->compare_at_price->amount == 1000);
  prices.back().compare_at = 1200;
  BOOST_TEST(price()->compare_at_price->amount == 1200);
  prices.back().compare_at = 800;  // Not above the price.
  BOOST_TEST(!price()->compare_at_price);
  add(regular, 700);
  BOOST_TEST(amount() == 700);
}

BOOST_AUTO_TEST_CASE(a_regular_list_replaces_the_price_also_by_a_higher_one) {
  add(regular, 1500);
  BOOST_TEST(amount() == 1500);
  BOOST_TEST(!price()->compare_at_price);
  add(sale, 1100);
  BOOST_TEST(amount() == 1100);
  BOOST_TEST(price()->compare_at_price->amount == 1500);
}

BOOST_AUTO_TEST_CASE(priority_counts_before_the_lowest_price_which_counts_before_age) {
  add(regular, 900);
  add(regular, 850);
  BOOST_TEST(amount() == 850);
  const auto first = rules.price_lists.front().price_list_id;
  prices[1].amount = 900;
  BOOST_TEST((price()->list->price_list_id == first));
  rules.price_lists[1].terms.priority = -1;
  prices[1].amount = 100;
  BOOST_TEST(amount() == 900);
  rules.price_lists[1].terms.priority = 1;
  prices[1].amount = 950;
  BOOST_TEST(amount() == 950);
  // A list that has no price of the product does not count.
  prices[1].price_list_id = {system_ids().next_v7()};
  BOOST_TEST(amount() == 900);
}

BOOST_AUTO_TEST_CASE(a_list_is_for_its_time_and_its_groups) {
  auto& t = add(sale, 500);
  t.valid_from = noon + seconds{1};
  BOOST_TEST(amount() == 1000);
  rules.price_lists[0].terms.valid_from = noon;
  BOOST_TEST(amount() == 500);
  rules.price_lists[0].terms.valid_until = noon + microseconds{1};
  BOOST_TEST(amount() == 500);
  rules.price_lists[0].terms.valid_until = noon;
  BOOST_TEST(amount() == 1000);
  rules.price_lists[0].terms = {};
  rules.price_lists[0].terms.currency = "EUR";
  rules.price_lists[0].terms.customer_groups = {"vip", "staff"};
  BOOST_TEST(amount() == 1000);
  buyer.groups = {"other", "staff"};
  BOOST_TEST(amount() == 500);
}

BOOST_AUTO_TEST_CASE(a_list_in_another_currency_makes_a_product_sellable_in_it) {
  add(regular, 150'000, "JPY");
  BOOST_TEST(amount() == 1000);
  buyer.currency = "JPY";
  BOOST_TEST(amount() == 150'000);
  add(sale, 120'000, "JPY");
  BOOST_TEST(amount() == 120'000);
  BOOST_TEST((price()->compare_at_price == money{150'000, "JPY"}));
  rules.price_lists[0].terms.currency = "USD";
  BOOST_TEST(amount() == 120'000);  // A sale without a regular price.
  BOOST_TEST(!price()->compare_at_price);
}

BOOST_AUTO_TEST_CASE(tiers_count_from_their_quantity_on) {
  add(regular, 900);
  prices[0].tiers = {{10, 800}, {100, 850}};
  for (const auto& [quantity, expected] :
       {std::pair{1, 900}, {9, 900}, {10, 800}, {99, 800}, {100, 850}, {9999, 850}}) {
    BOOST_TEST(amount(quantity) == expected, quantity);
  }
  add(sale, 810);
  BOOST_TEST(amount(9) == 810);
  BOOST_TEST(amount(10) == 800);
}

BOOST_AUTO_TEST_CASE(the_state_of_prices_changes_when_a_list_begins_or_ends) {
  BOOST_TEST(rule_book({system_ids().next_v7()}, rules).price_state(noon) == 0U);
  auto& t = add(sale, 500);
  t.valid_from = noon;
  t.valid_until = noon + seconds{5};
  const stoa::revision_id revision{system_ids().next_v4()};
  const rule_book one(revision, rules);
  const auto before = one.price_state(noon - microseconds{1});
  BOOST_TEST(before != 0U);
  BOOST_TEST(one.price_state(timestamp{0}) == before);
  BOOST_TEST(one.price_state(noon) != before);
  BOOST_TEST(one.price_state(noon) == one.price_state(noon + seconds{4}));
  BOOST_TEST(one.price_state(noon) != one.price_state(noon + seconds{5}));
  BOOST_TEST(one.price_state(noon + seconds{5}) != before);
  BOOST_TEST(rule_book({system_ids().next_v4()}, rules).price_state(noon) != one.price_state(noon));
}

BOOST_AUTO_TEST_SUITE_END()
