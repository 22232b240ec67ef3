// Prices of baskets under promotions, shipping and taxes: examples, and random baskets against an
// independent exact model (pricing_model.py).

#include "actors/pricing/price_basket.hpp"

#include "storage/base/json_write.hpp"
#include "tests/support/server.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <random>

using namespace stoa;
using namespace stoa::pricing;

namespace {

/// A basket for the model. Described here, so that the model sees each member that decides.
struct model_line {
  stoa::product_id product_id;
  std::optional<stoa::product_id> parent_product_id;
  std::vector<stoa::category_id> categories;
  money unit_price;
  std::int64_t quantity = 0;
  std::string tax_class;
  std::int64_t weight = 0;
};
BOOST_DESCRIBE_STRUCT(model_line, (),
                      (product_id, parent_product_id, categories, unit_price, quantity, tax_class,
                       weight))
struct model_destination {
  std::string country;
  std::string region;
  std::string postal_code;
};
BOOST_DESCRIBE_STRUCT(model_destination, (), (country, region, postal_code))
struct model_code {
  std::string code;
  nullable<stoa::promotion_id> promotion_id;
  bool used_up = false;
};
BOOST_DESCRIBE_STRUCT(model_code, (), (code, promotion_id, used_up))
struct model_basket {
  std::string currency;
  std::vector<model_line> lines;
  std::vector<model_code> codes;
  nullable<model_destination> to;
  nullable<stoa::shipping_method_id> shipping_method_id;
  bool tax_exempt = false;
  std::vector<std::string> customer_groups;
  nullable<bool> first_order;
  std::vector<stoa::promotion_id> used_up;
  timestamp now;
};
BOOST_DESCRIBE_STRUCT(model_basket, (),
                      (currency, lines, codes, to, shipping_method_id, tax_exempt, customer_groups,
                       first_order, used_up, now))
struct model_case {
  model_basket basket;
  rule_set rules;
  pricing::quote quote;
  std::vector<unused_code> unused_codes;
};
BOOST_DESCRIBE_STRUCT(model_case, (), (basket, rules, quote, unused_codes))

model_basket model_of(const basket& b) {
  model_basket m;
  m.currency = b.currency;
  for (const auto& l : b.lines) {
    m.lines.push_back({l.product_id, l.parent_product_id, l.categories, l.unit_price, l.quantity,
                       l.tax_class, l.weight});
  }
  for (const auto& c : b.codes) m.codes.push_back({c.code, {c.promotion_id}, c.used_up});
  if (b.to) m.to.value = model_destination{b.to->country, b.to->region, b.to->postal_code};
  m.shipping_method_id.value = b.shipping_method_id;
  m.tax_exempt = b.tax_exempt;
  m.customer_groups = b.customer_groups;
  m.first_order.value = b.first_order;
  m.used_up = b.used_up;
  m.now = b.now;
  return m;
}

const timestamp noon{1'700'000'000'000'000};

money eur(std::int64_t amount) {
  return {amount, "EUR"};
}

template <class Id>
Id numbered(std::uint64_t n) {
  return {make_uuid_v7(n, 0, 0)};
}

promotion_terms terms_of(discount_type type, discount_target target) {
  promotion_terms t;
  t.name = "Sale";
  t.combines_with = {discount_target::items, discount_target::order, discount_target::shipping};
  t.discount.type = type;
  t.discount.target = target;
  return t;
}

basket basket_of(std::vector<std::pair<std::int64_t, std::int64_t>> lines) {
  basket b;
  b.currency = "EUR";
  b.now = noon;
  for (const auto& [price, quantity] : lines) {
    basket_line line;
    line.product_id = numbered<stoa::product_id>(b.lines.size() + 1);
    line.unit_price = eur(price);
    line.quantity = quantity;
    b.lines.push_back(line);
  }
  return b;
}

rule_book book_of(rule_set rules) {
  return {numbered<stoa::revision_id>(1), std::move(rules)};
}

rule_book book_of(std::vector<promotion_terms> all) {
  rule_set rules;
  for (auto& t : all) {
    rules.promotions.push_back(
        {numbered<stoa::promotion_id>(rules.promotions.size() + 1), std::move(t)});
  }
  return book_of(std::move(rules));
}

std::int64_t total_of(const basket& b, const rule_book& rules) {
  return price_basket(b, rules).value().quote.total_amount.amount;
}

/// Random baskets and rules, small enough that rules meet.
class maker {
 public:
  explicit maker(std::uint64_t seed) : random_(seed) {}

  basket make_basket() {
    basket b;
    b.currency = chance(90) ? "EUR" : "JPY";
    b.now = noon;
    for (auto n = below(5) + (chance(3) ? 40 : 0); n-- > 0;) b.lines.push_back(line(b.currency));
    if (chance(70)) b.to = destination{some(countries), some(regions), some(postal_codes)};
    if (chance(80)) b.shipping_method_id = numbered<stoa::shipping_method_id>(1 + below(4));
    b.tax_exempt = chance(10);
    if (chance(30)) b.customer_groups = {some(groups)};
    if (chance(70)) b.first_order = chance(50);
    if (chance(20)) b.used_up.push_back(numbered<stoa::promotion_id>(1 + below(5)));
    for (auto n = below(3); n-- > 0;) {
      basket_code code{"CODE" + std::to_string(n), {}, chance(10)};
      if (chance(90)) code.promotion_id = numbered<stoa::promotion_id>(1 + below(6));
      b.codes.push_back(std::move(code));
    }
    return b;
  }

  rule_set make_rules() {
    rule_set r;
    for (auto n = below(5); n-- > 0;) {
      r.promotions.push_back({numbered<stoa::promotion_id>(n + 1), promotion()});
    }
    for (auto n = below(5); n-- > 0;) {
      r.tax_rates.push_back({numbered<stoa::tax_rate_id>(n + 1), tax()});
    }
    for (auto n = below(3); n-- > 0;) {
      r.zones.push_back({numbered<stoa::shipping_zone_id>(n + 1), zone(2 * n)});
    }
    r.prices_include_tax = chance(50);
    r.rounds_per_order = chance(50);
    return r;
  }

 private:
  static inline const std::vector<std::string> countries{"DE", "US"};
  static inline const std::vector<std::string> regions{"", "CA", "NY"};
  static inline const std::vector<std::string> postal_codes{"10115", "90210", "9 0001-5", "1"};
  static inline const std::vector<std::string> groups{"vip", "staff"};
  static inline const std::vector<std::string> classes{"standard", "reduced", "exempt"};

  std::int64_t below(std::int64_t n) {
    return std::uniform_int_distribution<std::int64_t>(0, n - 1)(random_);
  }
  bool chance(std::int64_t percent) { return below(100) < percent; }
  const std::string& some(const std::vector<std::string>& all) {
    return all[static_cast<std::size_t>(below(std::ssize(all)))];
  }

  basket_line line(const std::string& currency) {
    basket_line l;
    l.product_id = numbered<stoa::product_id>(1 + below(6));
    if (chance(50)) l.parent_product_id = numbered<stoa::product_id>(10 + below(3));
    for (auto n = below(3); n-- > 0;) {
      l.categories.push_back(numbered<stoa::category_id>(1 + below(4)));
    }
    l.unit_price = {chance(5) ? 0 : below(chance(10) ? 900'000'000 : 20'000), currency};
    l.quantity = 1 + below(chance(5) ? 10'000 : 7);
    l.tax_class = some(classes);
    l.weight = below(3) * 777;
    return l;
  }

  std::vector<money> amounts() {
    std::vector<money> all;
    if (chance(90)) all.push_back({1 + below(9'000), "EUR"});
    if (chance(50) || all.empty()) all.push_back({1 + below(900), "JPY"});
    return all;
  }

  item_selector selector() {
    item_selector s;
    if (chance(40)) s.product_ids.push_back(numbered<stoa::product_id>(1 + below(12)));
    if (chance(30)) s.category_ids.push_back(numbered<stoa::category_id>(1 + below(4)));
    return s;
  }

  promotion_discount discount() {
    promotion_discount d;
    d.type = static_cast<discount_type>(below(6));
    const bool by_sum =
        d.type == discount_type::percentage || d.type == discount_type::fixed_amount;
    if (by_sum) d.target = static_cast<discount_target>(below(3));
    if (d.type == discount_type::free_shipping) d.target = discount_target::shipping;
    if (d.target == discount_target::items) d.items = selector();
    if (d.type == discount_type::percentage) d.basis_points = 1 + below(10'000);
    if (d.type == discount_type::fixed_amount || d.type == discount_type::fixed_price) {
      d.amounts = amounts();
    }
    if (d.type == discount_type::buy_x_get_y) {
      d.buy_quantity = 1 + below(3);
      if (chance(60)) d.buy_items = selector();
      if (chance(50)) d.basis_points = 1 + below(10'000);
      if (chance(30)) d.times_max = 1 + below(3);
    }
    if (d.type == discount_type::buy_x_get_y || d.type == discount_type::cheapest_free) {
      if (chance(50)) d.get_quantity = 1 + below(3);
    }
    return d;
  }

  promotion_terms promotion() {
    promotion_terms t;
    t.name = "Promotion";
    t.trigger = chance(70) ? promotion_trigger::automatic : promotion_trigger::code;
    if (chance(10)) t.starts_at = noon + seconds{chance(50) ? 1 : 0};
    if (chance(10)) t.ends_at = noon + seconds{chance(50) ? 1 : 0};
    t.priority = below(3);
    for (const auto target :
         {discount_target::items, discount_target::order, discount_target::shipping}) {
      if (chance(85)) t.combines_with.push_back(target);
    }
    auto& c = t.conditions;
    if (chance(20)) c.subtotal_min = amounts();
    if (chance(20)) c.quantity_min = 1 + below(5);
    if (chance(30)) c.items = selector();
    c.first_order = chance(10);
    if (chance(10)) c.customer_groups = {some(groups)};
    if (chance(10)) c.countries = {some(countries)};
    t.discount = discount();
    return t;
  }

  area some_area() {
    area a{some(countries), {}, {}, {}};
    if (chance(30)) a.region = chance(50) ? "ca" : "NY";
    if (chance(30)) {
      a.postal_from = "9";
      a.postal_to = chance(50) ? "901" : "99999";
    }
    return a;
  }

  tax_terms tax() {
    tax_terms t;
    t.name = "Tax";
    t.area = some_area();
    t.tax_class = some(classes);
    t.parts_per_million = chance(5) ? 0 : below(300'000);
    t.priority = below(2);
    if (chance(10)) t.valid_from = noon + seconds{chance(50) ? 1 : 0};
    if (chance(10)) t.valid_until = noon + seconds{chance(50) ? 1 : 0};
    return t;
  }

  shipping_rate rate() {
    shipping_rate r;
    r.amount = {below(900), chance(80) ? "EUR" : "JPY"};
    if (chance(20)) r.per_kilogram = below(300);
    if (chance(20)) r.per_unit = below(300);
    if (chance(20)) r.subtotal_min = below(20'000);
    if (chance(20)) r.subtotal_max = below(40'000);
    if (chance(20)) r.weight_min = below(3'000);
    if (chance(20)) r.weight_max = below(9'000);
    if (chance(20)) r.quantity_min = below(4);
    if (chance(20)) r.quantity_max = below(9);
    if (chance(20)) r.free_from = below(20'000);
    return r;
  }

  shipping_terms zone(std::int64_t first_method) {
    shipping_terms z;
    z.name = "Zone";
    for (auto n = below(3); n-- > 0;) z.areas.push_back(some_area());
    for (std::int64_t n = 1; n <= 2; ++n) {
      shipping_method m;
      m.shipping_method_id =
          numbered<stoa::shipping_method_id>(static_cast<std::uint64_t>(first_method + n));
      m.name = "Method";
      m.tax_class = some(classes);
      for (auto k = 1 + below(2); k-- > 0;) m.rates.push_back(rate());
      z.methods.push_back(std::move(m));
    }
    return z;
  }

  std::mt19937_64 random_;
};

std::size_t wanted_baskets() {
  const char* text = std::getenv("STOA_TEST_BASKETS");
  return text != nullptr ? std::strtoul(text, nullptr, 10) : 100'000;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(price_basket_tests)

BOOST_AUTO_TEST_CASE(examples_of_each_discount) {
  const auto b = basket_of({{1000, 3}, {250, 2}});  // 30.00 + 5.00
  auto percent = terms_of(discount_type::percentage, discount_target::order);
  percent.discount.basis_points = 1000;
  BOOST_TEST(total_of(b, book_of({percent})) == 3150);
  auto off = terms_of(discount_type::fixed_amount, discount_target::order);
  off.discount.amounts = {eur(1000)};
  BOOST_TEST(total_of(b, book_of({off})) == 2500);
  off.discount.amounts = {eur(99'999)};
  BOOST_TEST(total_of(b, book_of({off})) == 0);
  off.discount.amounts = {{1000, "USD"}};
  BOOST_TEST(total_of(b, book_of({off})) == 3500);
  auto each = terms_of(discount_type::fixed_amount, discount_target::items);
  each.discount.amounts = {eur(300)};  // the second line costs less
  BOOST_TEST(total_of(b, book_of({each})) == 3 * 700);
  auto price = terms_of(discount_type::fixed_price, discount_target::items);
  price.discount.amounts = {eur(800)};
  BOOST_TEST(total_of(b, book_of({price})) == 3 * 800 + 500);
  auto free = terms_of(discount_type::cheapest_free, discount_target::items);
  BOOST_TEST(total_of(b, book_of({free})) == 3250);
  auto third = terms_of(discount_type::buy_x_get_y, discount_target::items);
  third.discount.buy_quantity = 2;
  BOOST_TEST(total_of(b, book_of({third})) == 3250);  // one of five units
  third.discount.items.product_ids = {b.lines[0].product_id};
  BOOST_TEST(total_of(b, book_of({third})) == 2500);
}

BOOST_AUTO_TEST_CASE(promotions_act_on_what_is_left_in_the_order_of_their_priority) {
  const auto b = basket_of({{1000, 1}});
  auto half = terms_of(discount_type::percentage, discount_target::items);
  half.discount.basis_points = 5000;
  auto off = terms_of(discount_type::fixed_amount, discount_target::order);
  off.discount.amounts = {eur(200)};
  BOOST_TEST(total_of(b, book_of({half, off})) == 300);
  off.priority = 1;
  BOOST_TEST(total_of(b, book_of({half, off})) == 400);
  off.combines_with = {};
  BOOST_TEST(total_of(b, book_of({half, off})) == 800);
  off.combines_with = {discount_target::items};
  half.combines_with = {discount_target::items};  // does not list the order
  BOOST_TEST(total_of(b, book_of({half, off})) == 800);
}

BOOST_AUTO_TEST_CASE(taxes_are_added_or_included) {
  auto b = basket_of({{1000, 1}, {333, 3}});
  b.to = destination{"DE", "", "10115"};
  rule_set rules;
  rules.tax_rates.push_back({numbered<stoa::tax_rate_id>(1), {}});
  auto& t = rules.tax_rates.front().terms;
  t.name = "VAT";
  t.area = {"DE", {}, {}, {}};
  t.parts_per_million = 190'000;
  auto q = price_basket(b, book_of(rules)).value().quote;
  BOOST_TEST(q.tax_total.amount == 190 + 190);  // 189.81
  BOOST_TEST(q.total_amount.amount == 1999 + 380);
  rules.prices_include_tax = true;
  q = price_basket(b, book_of(rules)).value().quote;
  BOOST_TEST(q.tax_total.amount == 0);
  BOOST_TEST(q.total_amount.amount == 1999);
  BOOST_TEST(included_taxes(q.price_parts)->amount == 160 + 160);  // 159.66, 159.50
  b.tax_exempt = true;
  q = price_basket(b, book_of(rules)).value().quote;
  BOOST_TEST(q.total_amount.amount == 1999 - 320);
  b.to.reset();
  BOOST_TEST(total_of(b, book_of(rules)) == 1999);
}

BOOST_AUTO_TEST_CASE(a_code_that_is_not_applied_has_a_reason) {
  auto b = basket_of({{1000, 1}});
  auto t = terms_of(discount_type::percentage, discount_target::order);
  t.discount.basis_points = 1000;
  t.trigger = promotion_trigger::code;
  const auto book = book_of({t});
  b.codes = {{"A", numbered<stoa::promotion_id>(1), false},
             {"B", numbered<stoa::promotion_id>(1), false},
             {"C", std::nullopt, false},
             {"D", numbered<stoa::promotion_id>(9), false},
             {"E", numbered<stoa::promotion_id>(1), true}};
  const auto priced = price_basket(b, book).value();
  BOOST_TEST(priced.quote.total_amount.amount == 900);
  BOOST_TEST_REQUIRE(priced.redemptions.size() == 1U);
  BOOST_TEST(priced.redemptions[0].code.value() == "A");
  const std::vector<unused_code> expected{
      {"B", "not_combinable"}, {"C", "unknown"}, {"D", "not_active"}, {"E", "used_up"}};
  BOOST_TEST((priced.unused_codes == expected));
}

BOOST_AUTO_TEST_CASE(random_baskets_agree_with_the_model) {
  if (test::run_program("/usr/bin/env", {"python3", "-c", "import fractions"}).exit_code != 0) {
    BOOST_TEST_MESSAGE("no python3: prices are not compared with the model");
    return;
  }
  const test::temp_dir dir;
  maker make(20'261'129);
  std::ofstream cases(dir / "cases");
  const auto wanted = wanted_baskets();
  for (std::size_t i = 0; i < wanted;) {
    const auto rules = make.make_rules();
    const auto book = book_of(rules);
    for (int n = 0; n < 4 && i < wanted; ++n, ++i) {
      const auto b = make.make_basket();
      auto priced = price_basket(b, book);
      BOOST_REQUIRE_MESSAGE(priced, priced.error().detail);
      // The parts add up, by the check that the order service makes.
      BOOST_REQUIRE(!check_quote(priced->quote, lines_of(b)));
      cases << json::write(model_case{model_of(b), rules, std::move(priced->quote),
                                      std::move(priced->unused_codes)})
            << "\n";
    }
  }
  cases.close();
  const auto model = std::filesystem::path(STOA_SOURCE_DIR) / "tests/unit/pricing_model.py";
  const auto judged =
      test::run_program("/usr/bin/env", {"python3", model.string(), (dir / "cases").string()});
  BOOST_TEST(judged.exit_code == 0, judged.output.substr(0, 6000));
  BOOST_TEST_MESSAGE(judged.output);
}

BOOST_AUTO_TEST_CASE(a_hundred_lines_with_fifty_promotions_are_priced_in_time) {
  auto b = basket_of({});
  for (std::uint64_t i = 1; i <= 100; ++i) {
    basket_line line;
    line.product_id = numbered<stoa::product_id>(i);
    line.categories = {numbered<stoa::category_id>(i % 10), numbered<stoa::category_id>(99)};
    line.unit_price = eur(static_cast<std::int64_t>(100 * i));
    line.quantity = static_cast<std::int64_t>(1 + i % 3);
    b.lines.push_back(std::move(line));
  }
  std::vector<promotion_terms> all;
  for (std::uint64_t i = 0; i < 50; ++i) {
    auto t = terms_of(i % 2 == 0 ? discount_type::percentage : discount_type::buy_x_get_y,
                      discount_target::items);
    t.discount.basis_points = 100;
    if (i % 2 == 1) t.discount.buy_quantity = 2;
    t.discount.items.category_ids = {numbered<stoa::category_id>(i % 10)};
    for (std::uint64_t k = 0; k < 20; ++k) {
      t.discount.items.product_ids.push_back(numbered<stoa::product_id>(k * 7 + i));
    }
    all.push_back(std::move(t));
  }
  const auto book = book_of(std::move(all));
  auto best = std::chrono::steady_clock::duration::max();
  for (int n = 0; n < 50; ++n) {
    const auto start = std::chrono::steady_clock::now();
    const auto priced = price_basket(b, book);
    best = std::min(best, std::chrono::steady_clock::now() - start);
    BOOST_REQUIRE(priced->quote.adjustment_total.amount < 0);
  }
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(best).count();
  BOOST_TEST_MESSAGE("100 lines, 50 promotions: " << us << " us");
  BOOST_TEST(us < 3'000);  // The goal of 300 us is measured by stoa-microbench.
}

BOOST_AUTO_TEST_SUITE_END()
