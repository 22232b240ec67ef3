// Price lists and their prices in the Pricing service, and carts in several currencies.

#include "actors/cart/cart_service.hpp"
#include "actors/pricing/pricing_service.hpp"
#include "tests/support/service_fixture.hpp"

namespace {

using namespace stoa;
using namespace stoa::test;
using namespace stoa::pricing;

struct list_fixture : service_fixture<pricing_service> {
  const kernel::caller staff = as_user({system_ids().next_v7()}, kernel::role::staff);
  list_fixture() : service_fixture(pricing_service{{}}) {}

  static price_list_terms terms_of(const std::string& currency = "EUR") {
    price_list_terms t;
    t.name = "List";
    t.currency = currency;
    return t;
  }
  stoa::price_list_id create(price_list_terms t) {
    return run(create_price_list{{system_ids().next_v7()}, std::move(t)}, staff)
        .value()
        .price_list_id;
  }
  static price_entry_terms priced(stoa::product_id product, std::int64_t amount,
                                  const std::string& currency = "EUR") {
    return {product, {amount, currency}, {}, {}};
  }
  result<price_entry_counts> set(stoa::price_list_id list, std::vector<price_entry_terms> prices,
                                 std::vector<stoa::product_id> removed = {}) {
    return run(change_prices{list, std::move(prices), std::move(removed)}, staff);
  }
  static stoa::product_id new_product() { return {system_ids().next_v7()}; }
  std::int64_t rows() { return number("SELECT count(*) FROM price_entries"); }
  std::vector<price_check_row> checks() { return read(list_price_checks{}).value().data; }
  /// Whether the sweep starts the checks.
  bool are_checks_due() {
    for (const auto& e : service.due(*database, time.now(), false).effects) {
      if (e.kind() == &kernel::kind_of<run_price_checks>()) return true;
    }
    return false;
  }
  void end(const std::vector<price_check_row>& open, std::vector<stoa::product_id> gone) {
    end_price_checks m;
    for (const auto& c : open) m.checks.push_back(c.price_check_id);
    m.gone = std::move(gone);
    BOOST_TEST(run(m).has_value());
  }
  rule_set rules() { return *read(get_rules{}).value().content; }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(price_lists, list_fixture)

BOOST_AUTO_TEST_CASE(prices_are_set_changed_and_deleted) {
  const auto list = create(terms_of());
  const auto a = new_product();
  const auto b = new_product();
  BOOST_TEST(rules().price_lists.empty());  // Without prices it decides nothing.
  auto counts = set(list, {priced(a, 100), priced(b, 200)}).value();
  BOOST_TEST(counts.created == 2);
  BOOST_TEST(counts.entries == 2);
  BOOST_TEST(rules().price_lists.size() == 1U);
  const auto revision = read(get_rules{}).value().revision;
  counts = set(list, {priced(a, 100)}).value();
  BOOST_TEST(counts.updated == 0);
  BOOST_TEST((read(get_rules{}).value().revision == revision));
  counts = set(list, {priced(a, 150)}, {b, new_product()}).value();
  BOOST_TEST(counts.updated == 1);
  BOOST_TEST(counts.deleted == 1);
  BOOST_TEST(counts.entries == 1);
  BOOST_TEST((read(get_rules{}).value().revision != revision));
  const auto found = read(find_prices{{a, b}, {list}}).value();
  BOOST_TEST_REQUIRE(found.data.size() == 1U);
  BOOST_TEST(found.data[0].amount == 150);
  BOOST_TEST(read(find_prices{{a}, {}}).value().data.empty());
  BOOST_TEST(read(get_product_prices{a}).value().data.size() == 1U);
  BOOST_TEST(read(get_price_list{list}).value().entries == 1);
}

BOOST_AUTO_TEST_CASE(a_change_with_an_error_changes_nothing) {
  const auto list = create(terms_of());
  const auto a = new_product();
  auto tiered = priced(new_product(), 100);
  tiered.tiers = {{10, {90, "USD"}}};
  const auto r =
      set(list, {priced(a, 100), priced(a, 200), priced(new_product(), 1, "USD"), tiered}, {a});
  BOOST_TEST_REQUIRE(!r);
  std::string pointers;
  for (const auto& e : r.error().errors) pointers += e.pointer + " ";
  BOOST_TEST(pointers ==
             "/set/1/product_id /set/2/price/currency /set/3/tiers/0/price/currency /remove/0 ");
  BOOST_TEST(rows() == 0);
  BOOST_TEST(!set(list, {}));
  BOOST_TEST(!set(list, std::vector<price_entry_terms>(501, priced(a, 1))));
  BOOST_TEST(set({system_ids().next_v7()}, {priced(a, 1)}).error().code == "not_found");
}

BOOST_AUTO_TEST_CASE(a_deleted_product_loses_its_prices) {
  const auto one = create(terms_of());
  const auto two = create(terms_of("USD"));
  const auto gone = create(terms_of());
  const auto a = new_product();
  const auto b = new_product();
  BOOST_REQUIRE(set(one, {priced(a, 100), priced(b, 200)}));
  BOOST_REQUIRE(set(two, {priced(a, 100, "USD")}));
  BOOST_REQUIRE(set(gone, {priced(a, 1), priced(b, 1)}));
  BOOST_REQUIRE(run(delete_price_list{gone, {}}, staff));
  const auto revision = read(get_rules{}).value().revision;
  BOOST_REQUIRE(!apply(catalog::product_deleted{a}));
  BOOST_TEST(read(get_price_list{one}).value().entries == 1);
  BOOST_TEST(read(get_price_list{two}).value().entries == 0);
  BOOST_TEST(rules().price_lists.size() == 1U);  // The nodes forget the one without prices.
  BOOST_TEST((read(get_rules{}).value().revision != revision));
  BOOST_TEST(read(find_prices{{a}, {one, two, gone}}).value().data.empty());
  BOOST_TEST(rows() == 2);
  // A repeat, and a product without prices, change nothing.
  BOOST_REQUIRE(!apply(catalog::product_deleted{a}));
  BOOST_REQUIRE(!apply(catalog::product_deleted{new_product()}));
  BOOST_TEST(rows() == 2);
  // The list that is being deleted loses the rest.
  BOOST_REQUIRE(run(clear_price_list{gone}));
  BOOST_TEST(rows() == 1);
  BOOST_REQUIRE(run(clear_price_list{gone}));
  BOOST_TEST(number("SELECT count(*) FROM price_lists") == 2);
}

BOOST_AUTO_TEST_CASE(the_currency_stays_while_there_are_prices) {
  const auto list = create(terms_of());
  set(list, {priced(new_product(), 100)});
  BOOST_TEST(run(replace_price_list{list, terms_of("JPY"), {}}, staff).error().code ==
             "price_list_not_empty");
  auto later = terms_of();
  later.enabled = false;
  BOOST_REQUIRE(run(replace_price_list{list, later, {}}, staff));
  BOOST_TEST(rules().price_lists.empty());
}

BOOST_AUTO_TEST_CASE(a_price_that_is_set_while_its_product_is_deleted_is_removed) {
  const auto one = create(terms_of());
  const auto two = create(terms_of("USD"));
  const auto a = new_product();
  const auto b = new_product();
  BOOST_TEST(!are_checks_due());
  // The event of the deletion comes before the price.
  BOOST_REQUIRE(!apply(catalog::product_deleted{a}));
  BOOST_REQUIRE(set(one, {priced(a, 100), priced(b, 200)}));
  BOOST_REQUIRE(set(two, {priced(a, 100, "USD")}));
  BOOST_TEST(are_checks_due());
  auto open = checks();
  BOOST_TEST(open.size() == 3U);
  // Changes of a price, and what is not stored, are not checked.
  BOOST_REQUIRE(set(one, {priced(b, 201)}));
  BOOST_TEST(!set(one, {priced(b, 1, "JPY")}));
  BOOST_TEST(checks().size() == 3U);
  end(open, {a});
  BOOST_TEST(checks().empty());
  BOOST_TEST(!are_checks_due());
  BOOST_TEST(rows() == 1);
  BOOST_TEST(read(get_price_list{one}).value().entries == 1);
  BOOST_TEST(read(get_price_list{two}).value().entries == 0);
  BOOST_TEST(rules().price_lists.size() == 1U);  // The nodes forget the one without prices.
  // A repeat, and a list that is gone.
  end(open, {a});
  BOOST_REQUIRE(set(two, {priced(a, 100, "USD")}));
  BOOST_REQUIRE(run(delete_price_list{two, {}}, staff));
  while (sweep() > 0) {
  }
  end(checks(), {a});
  BOOST_TEST(rows() == 1);
}

BOOST_AUTO_TEST_CASE(a_product_that_is_restored_keeps_its_newer_price) {
  const auto list = create(terms_of());
  const auto a = new_product();
  BOOST_REQUIRE(set(list, {priced(a, 100)}));
  const auto open = checks();
  // Found deleted, then restored by an import, and priced again.
  BOOST_REQUIRE(set(list, {}, {a}));
  BOOST_REQUIRE(set(list, {priced(a, 200)}));
  end(open, {a});
  BOOST_TEST(rows() == 1);
  BOOST_TEST(checks().size() == 1U);
  end(checks(), {});
  BOOST_TEST(rows() == 1);
  end_price_checks many;
  many.gone.resize(price_checks_at_once_max + 1);
  BOOST_TEST(!run(many));
  std::vector<price_entry_terms> prices;
  for (std::size_t i = 0; i < price_checks_at_once_max + 5; ++i) {
    prices.push_back(priced(new_product(), 1));
  }
  BOOST_REQUIRE(set(list, prices));
  BOOST_TEST(checks().size() == price_checks_at_once_max);
}

BOOST_AUTO_TEST_CASE(a_deleted_list_is_gone_at_once_and_its_prices_are_removed_later) {
  const auto list = create(terms_of());
  const auto other = create(terms_of());
  set(other, {priced(new_product(), 5)});
  for (int batch = 0; batch < 3; ++batch) {
    std::vector<price_entry_terms> prices;
    for (int i = 0; i < 400; ++i) prices.push_back(priced(new_product(), i));
    BOOST_REQUIRE(set(list, std::move(prices)));
  }
  BOOST_TEST(rows() == 1201);
  BOOST_REQUIRE(run(delete_price_list{list, {}}, staff));
  BOOST_TEST(read(get_price_list{list}).error().code == "not_found");
  BOOST_TEST(set(list, {priced(new_product(), 1)}).error().code == "not_found");
  BOOST_TEST(read(list_price_lists{}).value().data.size() == 1U);
  BOOST_TEST(rules().price_lists.size() == 1U);
  int sweeps = 0;
  while (sweep() > 0) ++sweeps;
  BOOST_TEST(sweeps == 4);  // Three for the prices, one for the list.
  BOOST_TEST(rows() == 1);
  BOOST_TEST(number("SELECT count(*) FROM price_lists") == 1);
}

BOOST_AUTO_TEST_CASE(prices_of_a_list_are_paged_by_product) {
  const auto list = create(terms_of());
  std::vector<price_entry_terms> prices;
  for (int i = 0; i < 7; ++i) prices.push_back(priced(new_product(), i));
  BOOST_REQUIRE(set(list, prices));
  std::optional<stoa::product_id> after;
  std::vector<stoa::product_id> seen;
  for (int page = 0; page < 4; ++page) {
    auto found = read(list_price_entries{list, after, 3}).value();
    for (const auto& e : found.data) seen.push_back(e.product_id);
    if (!found.next_cursor.value) break;
    after = seen.back();
  }
  BOOST_TEST(seen.size() == 7U);
  BOOST_TEST(std::ranges::is_sorted(seen));
}

BOOST_AUTO_TEST_CASE(a_store_has_a_bounded_number_of_lists) {
  for (std::size_t i = 0; i < price_lists_max; ++i) create(terms_of());
  BOOST_TEST(run(create_price_list{{system_ids().next_v7()}, terms_of()}, staff).error().code ==
             "too_many_price_lists");
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

struct currency_fixture : service_fixture<cart::cart_service> {
  currency_fixture() : service_fixture(cart::cart_service{{}}) {}
  cart::cart_content make(std::optional<std::string> currency,
                          std::optional<stoa::user_id> owner = std::nullopt) {
    cart::create_cart c;
    c.user_id = owner;
    c.currency = std::move(currency);
    return run(c, owner ? as_user(*owner) : kernel::caller{}).value();
  }
  result<cart::cart_content> add(stoa::cart_id cart, money price) {
    return run(cart::add_item{cart, {system_ids().next_v7()}, "Cup", 1, std::move(price), {}});
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(carts_in_currencies, currency_fixture)

BOOST_AUTO_TEST_CASE(a_cart_has_one_currency) {
  const auto cart = make("JPY");
  BOOST_TEST(*cart.currency == "JPY");
  BOOST_TEST(add(cart.cart_id, {100, "EUR"}).error().code == "product_not_priced");
  BOOST_REQUIRE(add(cart.cart_id, {100, "JPY"}));
  BOOST_TEST(*read(cart::get_cart{cart.cart_id}).value().currency == "JPY");
  BOOST_TEST(!make(std::nullopt).currency);
}

BOOST_AUTO_TEST_CASE(carts_are_merged_only_within_a_currency) {
  const stoa::user_id user{system_ids().next_v7()};
  const auto euros = make(std::nullopt, user);
  const auto guest = make("JPY");
  BOOST_REQUIRE(add(guest.cart_id, {100, "JPY"}));
  auto merged = run(cart::merge_cart{guest.cart_id, user, {}}, as_user(user)).value();
  BOOST_TEST((merged.cart_id == guest.cart_id));  // The customer takes it over.
  BOOST_TEST((merged.user_id == user));
  const auto second = make("JPY");
  BOOST_REQUIRE(add(second.cart_id, {200, "JPY"}));
  merged = run(cart::merge_cart{second.cart_id, user, {}}, as_user(user)).value();
  BOOST_TEST((merged.cart_id == guest.cart_id));
  BOOST_TEST(merged.items.size() == 2U);
  BOOST_TEST(read(cart::get_cart{euros.cart_id}, as_user(user)).value().items.empty());
}

BOOST_AUTO_TEST_SUITE_END()
