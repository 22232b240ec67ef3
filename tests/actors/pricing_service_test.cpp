// Promotions, their codes, and their use by orders.

#include "actors/pricing/pricing_service.hpp"

#include "tests/support/service_fixture.hpp"

namespace {

using namespace stoa;
using namespace stoa::test;
using namespace stoa::pricing;

struct pricing_fixture : service_fixture<pricing_service> {
  const kernel::caller staff = as_user({system_ids().next_v7()}, kernel::role::staff);
  stoa::order_id last;

  pricing_fixture() : service_fixture(pricing_service{{}}) {}

  static promotion_terms terms_of(promotion_trigger trigger) {
    promotion_terms t;
    t.name = "Sale";
    t.trigger = trigger;
    t.discount.type = discount_type::percentage;
    t.discount.target = discount_target::order;
    t.discount.basis_points = 1000;
    return t;
  }
  stoa::promotion_id create(promotion_terms t) {
    return run(create_promotion{{system_ids().next_v7()}, std::move(t)}, staff)
        .value()
        .promotion_id;
  }
  stoa::promotion_id with_code(const std::string& code, std::optional<std::int64_t> uses_max,
                               std::optional<std::int64_t> per_customer = std::nullopt) {
    auto t = terms_of(promotion_trigger::code);
    t.uses_per_customer_max = per_customer;
    const auto id = create(std::move(t));
    BOOST_REQUIRE(run(add_codes{id, {code}, uses_max}, staff));
    return id;
  }
  /// The type of the event with which the service answers; "" without one.
  std::string request(std::vector<redeemed_promotion> what,
                      const std::string& customer = "email:a") {
    last = {system_ids().next_v7()};
    return answered(order::redemption_requested{last, customer, std::move(what), {}});
  }
  template <class E>
  std::string answered(const E& e) {
    events.clear();
    BOOST_REQUIRE(!apply(e));
    return events.empty() ? "" : events.back()->type;
  }
  void release(stoa::order_id id, std::vector<redeemed_promotion> what) {
    BOOST_REQUIRE(!apply(order::redemption_released{id, "email:a", std::move(what), {}}));
  }
  std::int64_t uses(stoa::promotion_id id) { return read(get_promotion{id}).value().uses; }
  std::string problem_of(promotion_terms t) {
    auto r = run(create_promotion{{system_ids().next_v7()}, std::move(t)}, staff);
    return r ? "" : r.error().errors.front().pointer;
  }
};

const std::string reserved = "pricing.redemption_reserved";
const std::string rejected = "pricing.redemption_rejected";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(pricing_services, pricing_fixture)

BOOST_AUTO_TEST_CASE(the_last_use_goes_to_one_order) {
  auto t = terms_of(promotion_trigger::automatic);
  t.uses_max = 2;
  const auto id = create(t);
  BOOST_TEST(request({{id, {}}}) == reserved);
  const auto first = last;
  BOOST_TEST(request({{id, {}}}) == reserved);
  BOOST_TEST(request({{id, {}}}) == rejected);
  BOOST_TEST(uses(id) == 2);
  release(first, {{id, {}}});
  BOOST_TEST(uses(id) == 1);
  release(first, {{id, {}}});
  BOOST_TEST(uses(id) == 1);
  BOOST_TEST(request({{id, {}}}) == reserved);
  BOOST_TEST(request({{id, {}}}) == rejected);
}

BOOST_AUTO_TEST_CASE(codes_are_single_use_and_independent_of_case) {
  const auto id = with_code("Vip-1", 1);
  const auto found = read(look_up{{"vIP-1", "other"}, {}}).value();
  BOOST_TEST(found.codes[0].code == "Vip-1");
  BOOST_TEST((found.codes[0].promotion_id == id));
  BOOST_TEST(!found.codes[1].promotion_id);
  BOOST_TEST(request({{id, "VIP-1"}}) == reserved);
  BOOST_TEST(read(look_up{{"vip-1"}, {}}).value().codes[0].used_up);
  BOOST_TEST(request({{id, "VIP-1"}}) == rejected);
  BOOST_TEST(request({{id, {}}}) == rejected);
  BOOST_TEST(code_of(run(add_codes{id, {"VIP-1"}, {}}, staff)) == "code_exists");
  BOOST_TEST(code_of(run(add_codes{id, {"A", "a"}, {}}, staff)) == "code_exists");
  BOOST_TEST(!read(look_up{{"A"}, {}}).value().codes[0].promotion_id);
}

BOOST_AUTO_TEST_CASE(a_customer_uses_a_promotion_as_often_as_allowed) {
  const auto id = with_code("WELCOME", {}, 1);
  BOOST_TEST(request({{id, "welcome"}}, "email:a") == reserved);
  BOOST_TEST(request({{id, "welcome"}}, "email:a") == rejected);
  BOOST_TEST(request({{id, "welcome"}}, "email:b") == reserved);
  BOOST_TEST((read(look_up{{}, "email:a"}).value().used_up == std::vector{id}));
  BOOST_TEST(read(look_up{{}, "email:c"}).value().used_up.empty());
}

BOOST_AUTO_TEST_CASE(an_order_reserves_all_of_its_promotions_or_none) {
  const auto good = with_code("GOOD", 5);
  const auto once = with_code("ONCE", 1);
  BOOST_TEST(request({{once, "ONCE"}}) == reserved);
  BOOST_TEST(request({{good, "GOOD"}, {once, "ONCE"}}) == rejected);
  BOOST_TEST(uses(good) == 0);
}

BOOST_AUTO_TEST_CASE(a_request_that_comes_after_its_release_reserves_nothing) {
  const auto id = with_code("LATE", 1);
  const stoa::order_id order{system_ids().next_v7()};
  release(order, {{id, "LATE"}});
  BOOST_TEST(answered(order::redemption_requested{order, "email:a", {{id, "LATE"}}, {}}).empty());
  BOOST_TEST(uses(id) == 0);
}

BOOST_AUTO_TEST_CASE(a_redeemed_use_is_released_by_a_later_cancellation) {
  const auto id = with_code("SUMMER", 1);
  BOOST_TEST(request({{id, "SUMMER"}}) == reserved);
  const auto order = last;
  BOOST_REQUIRE(!apply(order::redemption_confirmed{order}));
  BOOST_TEST(number("SELECT count(*) FROM redemptions WHERE status='Redeemed'") == 1);
  release(order, {{id, "SUMMER"}});
  BOOST_TEST(uses(id) == 0);
  // A confirmation that arrives after that changes nothing.
  BOOST_REQUIRE(!apply(order::redemption_confirmed{order}));
  BOOST_TEST(number("SELECT count(*) FROM redemptions WHERE status='Released'") == 1);
}

BOOST_AUTO_TEST_CASE(the_rules_contain_what_can_be_used_and_change_their_revision) {
  const auto before = read(get_rules{}).value();
  auto t = terms_of(promotion_trigger::automatic);
  t.uses_max = 1;
  const auto id = create(t);
  const auto with = read(get_rules{before.revision}).value();
  BOOST_TEST((with.revision != before.revision));
  BOOST_TEST_REQUIRE(with.content->promotions.size() == 1U);
  BOOST_TEST(!read(get_rules{with.revision}).value().content);
  BOOST_TEST(request({{id, {}}}) == reserved);
  const auto order = last;
  const auto used_up = read(get_rules{with.revision}).value();
  BOOST_TEST(used_up.content->promotions.empty());
  release(order, {{id, {}}});
  BOOST_TEST(read(get_rules{used_up.revision}).value().content->promotions.size() == 1U);
  change_promotion off;
  off.promotion_id = id;
  off.change.status = promotion_status::Disabled;
  BOOST_REQUIRE(run(off, staff));
  BOOST_TEST(read(get_rules{}).value().content->promotions.empty());
  BOOST_TEST(request({{id, {}}}) == rejected);
}

BOOST_AUTO_TEST_CASE(a_promotion_that_has_ended_is_rejected) {
  auto t = terms_of(promotion_trigger::automatic);
  t.uses_max = 9;
  t.ends_at = time.now() + seconds{10};
  const auto id = create(t);
  BOOST_TEST(request({{id, {}}}) == reserved);
  time.advance(seconds{10});
  BOOST_TEST(request({{id, {}}}) == rejected);
}

BOOST_AUTO_TEST_CASE(only_an_unused_promotion_can_be_deleted) {
  const auto used = with_code("USED", {});
  BOOST_TEST(request({{used, "USED"}}) == reserved);
  release(last, {{used, "USED"}});
  BOOST_TEST(code_of(run(delete_promotion{used}, staff)) == "promotion_used");
  const auto unused = with_code("UNUSED", {});
  BOOST_TEST(run(delete_promotion{unused}, staff).has_value());
  BOOST_TEST(status_of(read(get_promotion{unused})) == 404);
  BOOST_TEST(!read(look_up{{"UNUSED"}, {}}).value().codes[0].promotion_id);
  BOOST_TEST(run(delete_code{used, "used"}, staff).has_value());
  BOOST_TEST(status_of(run(delete_code{used, "used"}, staff)) == 404);
}

BOOST_AUTO_TEST_CASE(reservations_of_lost_orders_are_reported) {
  const auto id = with_code("LOST", 1);
  BOOST_TEST(request({{id, "LOST"}}) == reserved);
  events.clear();
  BOOST_TEST(sweep() == 0U);
  time.advance(seconds{901});
  BOOST_TEST(sweep() == 1U);
  BOOST_TEST_REQUIRE(events.size() == 1U);
  BOOST_TEST(events[0]->type == "pricing.redemption_expired");
  BOOST_TEST(sweep() == 0U);
  time.advance(seconds{901});
  BOOST_TEST(sweep() == 1U);
}

BOOST_AUTO_TEST_CASE(terms_that_contradict_each_other_are_rejected) {
  auto t = terms_of(promotion_trigger::automatic);
  t.discount.basis_points.reset();
  BOOST_TEST(problem_of(t) == "/discount/basis_points");
  t = terms_of(promotion_trigger::automatic);
  t.discount.type = discount_type::free_shipping;
  t.discount.basis_points.reset();
  BOOST_TEST(problem_of(t) == "/discount/target");
  t = terms_of(promotion_trigger::automatic);
  t.discount.type = discount_type::fixed_amount;
  t.discount.basis_points.reset();
  BOOST_TEST(problem_of(t) == "/discount/amounts");
  t.discount.amounts = {{100, "EUR"}, {1, "EUR"}};
  BOOST_TEST(problem_of(t) == "/discount/amounts/1/currency");
  t.discount.amounts = {{100, "XXX"}};
  BOOST_TEST(problem_of(t) == "/discount/amounts/0/currency");
  t.discount.amounts = {{0, "EUR"}};
  BOOST_TEST(problem_of(t) == "/discount/amounts/0/amount");
  t = terms_of(promotion_trigger::automatic);
  t.starts_at = t.ends_at = time.now();
  BOOST_TEST(problem_of(t) == "/ends_at");
  BOOST_TEST(code_of(run(add_codes{create(terms_of(promotion_trigger::automatic)), {"A"}, {}},
                         staff)) == "promotion_without_codes");
}

BOOST_AUTO_TEST_CASE(a_gift_card_is_not_spent_twice) {
  const stoa::credit_account_id card{system_ids().next_v7()};
  const auto issue = [&](stoa::credit_account_id id) {
    return run(issue_gift_card{id, "key", "sealed", "0T5V", {1000, "EUR"}, {}, "gift"}, staff);
  };
  BOOST_REQUIRE(issue(card));
  BOOST_TEST(code_of(issue({system_ids().next_v7()})) == "code_exists");
  const auto pay = [&](std::int64_t amount) {
    last = {system_ids().next_v7()};
    return answered(order::redemption_requested{
        last, "email:a", {}, {{card, credit_kind::gift_card, "0T5V", {amount, "EUR"}}}});
  };
  const auto balance = [&] { return read(get_credit{card}).value().balance.amount; };
  BOOST_TEST(pay(700) == reserved);
  const auto first = last;
  BOOST_TEST(balance() == 300);
  BOOST_TEST(pay(301) == rejected);
  BOOST_TEST(pay(300) == reserved);
  BOOST_TEST(pay(1) == rejected);
  // A cancelled order returns it, once.
  for (int i = 0; i < 2; ++i) {
    BOOST_REQUIRE(!apply(order::redemption_released{first, "email:a", {}, {}}));
    BOOST_TEST(balance() == 700);
  }
  const auto entries = read(list_credit_entries{card, {}, 10}).value();
  BOOST_TEST_REQUIRE(entries.data.size() == 4U);
  BOOST_TEST((entries.data[0].cause == credit_cause::returned));
  BOOST_TEST((entries.data[0].order_id == first));
  std::int64_t sum = 0;
  for (const auto& e : entries.data) sum += e.amount.amount;
  BOOST_TEST(sum == balance());
}

BOOST_AUTO_TEST_CASE(refunds_return_credit_and_a_cancellation_the_rest) {
  const stoa::credit_account_id card{system_ids().next_v7()};
  BOOST_REQUIRE(
      run(issue_gift_card{card, "key", "sealed", "0T5V", {1000, "EUR"}, {}, "gift"}, staff));
  const auto credits = [&](std::int64_t amount) {
    return std::vector<redeemed_credit>{{card, credit_kind::gift_card, "0T5V", {amount, "EUR"}}};
  };
  const stoa::order_id order{system_ids().next_v7()};
  BOOST_TEST(answered(order::redemption_requested{order, "email:a", {}, credits(700)}) == reserved);
  const auto refunded = [&](stoa::order_id of, std::optional<std::int64_t> amount) {
    payment::payment_refunded e{{}, of, {900, "EUR"}};
    if (amount) e.credits = credits(*amount);
    BOOST_REQUIRE(!apply(e));
    return read(get_credit{card}).value().balance.amount;
  };
  BOOST_TEST(refunded(order, std::nullopt) == 300);
  BOOST_TEST(refunded(order, 200) == 500);
  BOOST_TEST(refunded({system_ids().next_v7()}, 200) == 500);  // An order without that credit.
  BOOST_TEST(refunded(order, 600) == 1000);                    // Never more than it has paid.
  BOOST_TEST(refunded(order, 1) == 1000);
  const stoa::order_id other{system_ids().next_v7()};
  BOOST_TEST(answered(order::redemption_requested{other, "email:a", {}, credits(400)}) == reserved);
  BOOST_TEST(refunded(other, 150) == 750);
  BOOST_REQUIRE(!apply(order::redemption_released{other, "email:a", {}, {}}));
  BOOST_TEST(read(get_credit{card}).value().balance.amount == 1000);
  BOOST_TEST(refunded(other, 150) == 1000);  // The cancellation has returned all.
  BOOST_TEST(number("SELECT sum(amount) FROM credit_entries") == 1000);
}

BOOST_AUTO_TEST_CASE(credit_that_was_disabled_or_has_expired_is_not_redeemed) {
  const stoa::user_id ann{system_ids().next_v7()};
  const auto account = run(grant_store_credit{ann, {500, "EUR"}, "sorry"}, staff).value();
  BOOST_TEST((run(grant_store_credit{ann, {100, "EUR"}, {}}, staff)->credit_account_id ==
              account.credit_account_id));
  BOOST_TEST((run(grant_store_credit{ann, {100, "JPY"}, {}}, staff)->credit_account_id !=
              account.credit_account_id));
  BOOST_TEST(read(find_credit{{}, ann}).value().data.size() == 2U);
  const auto pay = [&](const std::string& currency) {
    return answered(order::redemption_requested{
        {system_ids().next_v7()},
        "user:a",
        {},
        {{account.credit_account_id, credit_kind::store_credit, "", {10, currency}}}});
  };
  BOOST_TEST(pay("JPY") == rejected);
  BOOST_TEST(pay("EUR") == reserved);
  change_credit change{account.credit_account_id, {}};
  change.change.status = credit_status::Disabled;
  BOOST_REQUIRE(run(change, staff));
  BOOST_TEST(pay("EUR") == rejected);
  change.change.status = credit_status::Active;
  change.change.expires_at = {true, time.now() + seconds{5}};
  BOOST_REQUIRE(run(change, staff));
  BOOST_TEST(pay("EUR") == reserved);
  time.advance(seconds{5});
  BOOST_TEST(pay("EUR") == rejected);
  const auto adjust = [&](std::int64_t by) {
    return run(adjust_credit{account.credit_account_id, by, "count"}, staff);
  };
  BOOST_TEST(code_of(adjust(-581)) == "insufficient_credit");
  BOOST_TEST(code_of(adjust(money_amount_max)) == "credit_limit");
  BOOST_TEST(adjust(-580).value().balance.amount == 0);
}

BOOST_AUTO_TEST_CASE(an_order_that_cannot_use_its_credit_uses_no_promotion) {
  const auto id = with_code("BOTH", 1);
  BOOST_TEST(answered(order::redemption_requested{
                 {system_ids().next_v7()},
                 "email:a",
                 {{id, "BOTH"}},
                 {{{system_ids().next_v7()}, credit_kind::gift_card, "", {10, "EUR"}}}}) ==
             rejected);
  BOOST_TEST(uses(id) == 0);
}

BOOST_AUTO_TEST_CASE(lists_are_paged) {
  std::vector<stoa::promotion_id> ids;
  for (int i = 0; i < 5; ++i) {
    time.advance(seconds{1});
    ids.push_back(create(terms_of(promotion_trigger::automatic)));
  }
  list_promotions q;
  q.limit = 2;
  q.count = true;
  auto page = read(q).value();
  BOOST_TEST(page.total.value() == 5);
  std::size_t seen = 0;
  while (true) {
    seen += page.data.size();
    BOOST_TEST(page.data.size() <= 2U);
    if (!page.next_cursor.value) break;
    q.before = stoa::promotion_id::parse(*page.next_cursor.value);
    page = read(q).value();
  }
  BOOST_TEST(seen == 5U);
  const auto coded = with_code("C1", {});
  BOOST_REQUIRE(run(add_codes{coded, {"C2", "C3"}, 1}, staff));
  auto codes = read(list_codes{coded, {}, 2}).value();
  BOOST_TEST(codes.data.size() == 2U);
  codes = read(list_codes{coded, codes.next_cursor.value, 2}).value();
  BOOST_TEST_REQUIRE(codes.data.size() == 1U);
  BOOST_TEST(codes.data[0].code == "C3");
}

BOOST_AUTO_TEST_CASE(tax_rates_and_shipping_zones_are_part_of_the_rules) {
  tax_terms t;
  t.name = " VAT\t";
  t.area.country = "DE";
  t.parts_per_million = 190'000;
  const auto rate = run(create_tax_rate{{system_ids().next_v7()}, t}, staff).value();
  BOOST_TEST(rate.name == "VAT");
  shipping_terms z;
  z.name = "World";
  z.methods.resize(1);
  z.methods[0].name = " Standard ";
  z.methods[0].rates.resize(1);
  z.methods[0].rates[0].amount = {500, "EUR"};
  const auto zone = run(create_shipping_zone{{system_ids().next_v7()}, z}, staff).value();
  const auto id = zone.methods.at(0).shipping_method_id;
  BOOST_REQUIRE(id);
  auto rules = read(get_rules{}).value();
  BOOST_TEST(rules.content->tax_rates.size() == 1U);
  BOOST_TEST(rules.content->zones.size() == 1U);
  // A method that is kept keeps its id; an unknown id is rejected.
  z.methods[0].shipping_method_id = id;
  z.methods.push_back(z.methods[0]);
  BOOST_TEST(code_of(run(replace_shipping_zone{zone.shipping_zone_id, z}, staff)) ==
             "validation_failed");
  z.methods[1].shipping_method_id.reset();
  const auto replaced = run(replace_shipping_zone{zone.shipping_zone_id, z}, staff).value();
  BOOST_TEST((replaced.methods.at(0).shipping_method_id == id));
  BOOST_TEST((replaced.methods.at(1).shipping_method_id != id));
  z.methods[0].shipping_method_id = {system_ids().next_v7()};
  BOOST_TEST(code_of(run(replace_shipping_zone{zone.shipping_zone_id, z}, staff)) ==
             "validation_failed");
  t.parts_per_million = 70'000;
  BOOST_TEST(run(replace_tax_rate{rate.tax_rate_id, t}, staff).value().parts_per_million == 70'000);
  BOOST_REQUIRE(run(delete_tax_rate{rate.tax_rate_id}, staff));
  BOOST_REQUIRE(run(delete_shipping_zone{zone.shipping_zone_id}, staff));
  BOOST_TEST(status_of(run(delete_tax_rate{rate.tax_rate_id}, staff)) == 404);
  rules = read(get_rules{rules.revision}).value();
  BOOST_TEST(rules.content->tax_rates.empty());
  BOOST_TEST(rules.content->zones.empty());
}

BOOST_AUTO_TEST_SUITE_END()
