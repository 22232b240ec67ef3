// Answers of an external provider of taxes: which are used, and what of them.

#include "actors/checkout/external_tax.hpp"

#include "storage/base/json_write.hpp"

#include <boost/test/unit_test.hpp>

#include <functional>
#include <random>

using namespace stoa;
using namespace stoa::checkout;

namespace {

tax_question question() {
  tax_question q;
  q.purpose = "quote";
  q.currency = "EUR";
  q.lines = {{0, {system_ids().next_v7()}, "standard", 1, 1000},
             {1, {system_ids().next_v7()}, "reduced", 3, 999}};
  q.shipping = taxed_shipping{"standard", 490};
  return q;
}

tax_answer answer() {
  tax_answer a;
  a.reference = "txn_1";
  a.currency = "EUR";
  a.lines = {{1, {{"VAT 7 %", 70, 70'000}}}, {0, {{"VAT 19 %", 190, 190'000}, {"City", 10, {}}}}};
  a.shipping = {{"VAT 19 %", 93, 190'000}};
  a.total = 363;
  return a;
}

/// Why the answer is not used; empty: it is.
std::string fault(const std::function<void(tax_answer&)>& change) {
  auto a = answer();
  change(a);
  return check_answer(json::write(a), question()).failure;
}

/// A source that answers each question by a function.
class scripted_source final : public tax_source {
 public:
  std::function<tax_reply(const std::string&)> reply;
  bool is_lenient = false;
  std::vector<std::string> asked;
  kernel::task<tax_reply> ask(std::string body) override {
    asked.push_back(body);
    co_return reply(body);
  }
  std::string reference_of(stoa::cart_id) const override { return "cart"; }
  bool falls_back() const override { return is_lenient; }
};

struct cart_of_two {
  cart::cart_content cart;
  cart_context context;
  scripted_source source;
  problem failed;

  explicit cart_of_two(pricing::rule_set rules = {}) {
    context.rules = std::make_shared<const pricing::rule_book>(
        stoa::revision_id{system_ids().next_v4()}, std::move(rules));
    context.basket.currency = "EUR";
    context.tax_to = tax_address{"DE", "", "10115", "Berlin", "1 Main Street", ""};
    for (const std::int64_t price : {1000, 333}) {
      cart::cart_item_content item;
      item.product_id = {system_ids().next_v7()};
      item.cart_item_id = {system_ids().next_v7()};
      item.quantity = price == 1000 ? 1 : 3;
      item.price_when_added = {price, "EUR"};
      cart.items.push_back(item);
      catalog::price_item now;
      now.product_id = item.product_id;
      now.price = item.price_when_added;
      now.inventory_count = 100;
      now.sellable = true;
      context.prices.data.push_back(now);
    }
    auto good = answer();
    good.shipping.clear();
    good.total = 270;
    source.reply = [good](const std::string&) { return tax_reply{json::write(good), {}}; };
  }
  bool run() {
    bool is_done = false;
    kernel::run<kernel::nothing>(
        add_taxes(source, cart, context),
        [&](std::optional<kernel::nothing> done, const std::exception_ptr& error) {
          is_done = done.has_value();
          try {
            if (error) std::rethrow_exception(error);
          } catch (const kernel::problem_error& e) {
            failed = e.content;
          }
        });
    return is_done;
  }
  std::int64_t total() { return quote_of(cart, context).value().quote.total_amount.amount; }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(external_taxes)

BOOST_AUTO_TEST_CASE(an_answer_is_divided_among_lines_and_shipping) {
  const auto checked = check_answer(json::write(answer()), question());
  BOOST_REQUIRE(checked.answer);
  const auto parts = parts_of(*checked.answer, question());
  BOOST_TEST_REQUIRE(parts.size() == 3U);
  BOOST_TEST(parts[0].reason == "VAT 19 %");
  BOOST_TEST((parts[0].kind == price_part_kind::tax));
  BOOST_TEST(parts[0].amount.amount == 283);
  BOOST_TEST((*parts[0].lines == std::vector<price_share>{{0, 190}}));
  BOOST_TEST(*parts[0].shipping_amount == 93);
  BOOST_TEST(parts[1].reason == "City");
  BOOST_TEST(parts[2].amount.amount == 70);
  auto gross = question();
  gross.prices_include_tax = true;
  BOOST_TEST((parts_of(*checked.answer, gross)[0].kind == price_part_kind::included_tax));
}

BOOST_AUTO_TEST_CASE(other_answers_are_not_used) {
  BOOST_TEST(fault([](auto&) {}) == "");
  BOOST_TEST(fault([](auto& a) { a.total += 1; }) == "wrong_sum");
  BOOST_TEST(fault([](auto& a) { a.currency = "USD"; }) == "wrong_currency");
  BOOST_TEST(fault([](auto& a) { a.reference = ""; }) == "malformed");
  BOOST_TEST(fault([](auto& a) { a.reference = std::string(201, 'x'); }) == "malformed");
  BOOST_TEST(fault([](auto& a) { a.reference = "a\nb"; }) == "malformed");
  BOOST_TEST(fault([](auto& a) { a.lines.pop_back(); }) == "wrong_lines");
  BOOST_TEST(fault([](auto& a) { a.lines[0].position = 0; }) == "wrong_lines");
  BOOST_TEST(fault([](auto& a) { a.lines[0].position = 2; }) == "wrong_lines");
  BOOST_TEST(fault([](auto& a) { a.lines[0].position = -1; }) == "wrong_lines");
  BOOST_TEST(fault([](auto& a) { a.lines[0].taxes[0].amount = -70; }) == "out_of_range");
  BOOST_TEST(fault([](auto& a) { a.lines[1].taxes[0].amount = 991; }) == "out_of_range");
  BOOST_TEST(fault([](auto& a) { a.lines[1].taxes[0].amount = 1LL << 62; }) == "out_of_range");
  BOOST_TEST(fault([](auto& a) { a.shipping[0].amount = 491; }) == "out_of_range");
  BOOST_TEST(fault([](auto& a) { a.lines[0].taxes[0].name = ""; }) == "malformed");
  BOOST_TEST(fault([](auto& a) { a.lines[0].taxes[0].parts_per_million = -1; }) == "out_of_range");
  BOOST_TEST(fault([](auto& a) { a.lines[0].taxes.resize(21, {"T", 0, {}}); }) == "out_of_range");
  for (const auto* body : {"", "{}", "[]", "null", "{\"reference\":1}", "\xFF"}) {
    BOOST_TEST(check_answer(body, question()).failure == "malformed", body);
  }
  BOOST_TEST(check_answer(std::string(tax_answer_bytes_max + 1, ' '), question()).failure ==
             "too_large");
  auto unshipped = question();
  unshipped.shipping.reset();
  BOOST_TEST(check_answer(json::write(answer()), unshipped).failure == "out_of_range");
}

BOOST_AUTO_TEST_CASE(no_damaged_answer_makes_a_quote_that_does_not_add_up) {
  std::mt19937 random(7);
  const auto good = json::write(answer());
  int used = 0;
  for (int n = 0; n < 20'000; ++n) {
    auto body = good;
    for (auto changes = 1 + random() % 3; changes > 0; --changes) {
      body[random() % body.size()] = "0123456789-,[]{}\"a"[random() % 18];
    }
    const auto checked = check_answer(body, question());
    if (!checked.answer) continue;
    ++used;
    std::int64_t sum = 0;
    for (const auto& part : parts_of(*checked.answer, question())) {
      std::int64_t shares = part.shipping_amount.value_or(0);
      for (const auto& share : *part.lines) {
        BOOST_REQUIRE(share.amount > 0);
        shares += share.amount;
      }
      BOOST_REQUIRE(shares == part.amount.amount);
      sum += shares;
    }
    BOOST_REQUIRE(sum == checked.answer->total);
  }
  BOOST_TEST(used > 0);
}

BOOST_AUTO_TEST_CASE(the_provider_is_asked_for_what_discounts_have_left) {
  pricing::rule_set rules;
  rules.promotions.push_back({{system_ids().next_v7()}, {}});
  auto& t = rules.promotions.back().terms;
  t.name = "Half";
  t.discount.target = pricing::discount_target::items;
  t.discount.basis_points = 5000;
  cart_of_two c(rules);
  c.source.reply = [](const std::string&) { return tax_reply{std::nullopt, "timed_out"}; };
  c.source.is_lenient = true;
  BOOST_TEST(c.run());
  BOOST_TEST_REQUIRE(c.source.asked.size() == 1U);
  for (const auto* text :
       {R"("purpose":"quote")", R"("amount":500)", R"("quantity":3,"amount":499)",
        R"("city":"Berlin")", R"("prices_include_tax":false)"}) {
    BOOST_TEST(c.source.asked[0].find(text) != std::string::npos, text << c.source.asked[0]);
  }
}

BOOST_AUTO_TEST_CASE(a_good_answer_is_charged_and_recorded) {
  cart_of_two c;
  BOOST_TEST(c.run());
  BOOST_TEST(c.total() == 1999 + 270);
  BOOST_TEST((c.context.tax == tax_record{"http", "txn_1", {}}));
  cart_of_two exempt;
  exempt.context.basket.tax_exempt = true;
  BOOST_TEST(exempt.run());
  BOOST_TEST(exempt.total() == 1999);
  BOOST_TEST(exempt.context.tax->provider == "http");
}

BOOST_AUTO_TEST_CASE(without_an_answer_the_checkout_is_refused_or_uses_the_rates_of_the_store) {
  cart_of_two strict;
  strict.source.reply = [](const std::string&) { return tax_reply{"{}", {}}; };
  BOOST_TEST(!strict.run());
  BOOST_TEST(strict.failed.code == "tax_unavailable");
  BOOST_TEST(!strict.context.tax);

  pricing::rule_set rules;
  rules.tax_rates.push_back({{system_ids().next_v7()}, {}});
  rules.tax_rates.back().terms.area.country = "DE";
  rules.tax_rates.back().terms.parts_per_million = 100'000;
  cart_of_two lenient(rules);
  lenient.context.basket.to = pricing::destination{"DE", "", "10115"};
  lenient.source.is_lenient = true;
  lenient.source.reply = strict.source.reply;
  BOOST_TEST(lenient.run());
  BOOST_TEST(lenient.total() == 1999 + 200);
  BOOST_TEST((lenient.context.tax == tax_record{"builtin", {}, "malformed"}));
}

BOOST_AUTO_TEST_CASE(nothing_is_asked_without_an_address_or_for_a_cart_that_cannot_be_ordered) {
  cart_of_two unknown;
  unknown.context.tax_to.reset();
  BOOST_TEST(unknown.run());
  cart_of_two sold_out;
  sold_out.context.prices.data[0].inventory_count = 0;
  BOOST_TEST(sold_out.run());
  cart_of_two empty;
  empty.cart.items.clear();
  BOOST_TEST(empty.run());
  BOOST_TEST(
      unknown.source.asked.size() + sold_out.source.asked.size() + empty.source.asked.size() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
