// Quotes: the parts add up to the total for any lines and adjustments.

#include "actors/pricing/quote.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>
#include <random>

using namespace stoa;
using namespace stoa::pricing;

namespace {

money eur(std::int64_t amount) {
  return {amount, "EUR"};
}

price_part part(price_part_kind kind, std::int64_t amount) {
  return {kind, "rule", "A rule", eur(amount)};
}

std::string code_of(const result<quote>& q) {
  return q ? "" : q.error().code;
}

/// Sums without overflow: the independent calculation.
__extension__ using wide = __int128;

struct random_cart {
  std::vector<priced_line> lines;
  quote_context context{"EUR", {}};
};

class maker {
 public:
  explicit maker(std::uint64_t seed) : random_(seed) {}

  random_cart cart() {
    random_cart c;
    // Ordinary values, and values near each limit.
    const auto most = below(2) == 0 ? std::int64_t{100'000} : money_amount_max;
    for (auto n = below(30); n > 0; --n) c.lines.push_back({eur(below(most)), 1 + below(10'000)});
    for (auto n = below(6); n > 0; --n) {
      const auto kind = static_cast<price_part_kind>(below(3));
      const auto sign = kind == price_part_kind::adjustment ? -1 : 1;
      c.context.parts.push_back(part(kind, sign * below(most)));
    }
    return c;
  }
  std::int64_t below(std::int64_t n) {
    return std::uniform_int_distribution<std::int64_t>(0, n - 1)(random_);
  }

 private:
  std::mt19937_64 random_;
};

struct reckoning {
  wide subtotal = 0;
  std::array<wide, 3> parts{};
  wide total() const { return subtotal + parts[0] + parts[1] + parts[2]; }
};

reckoning reckon(const random_cart& c) {
  reckoning r;
  for (const auto& l : c.lines) r.subtotal += wide{l.unit_price.amount} * l.quantity;
  for (const auto& p : c.context.parts)
    r.parts[static_cast<std::size_t>(p.kind)] += p.amount.amount;
  return r;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(quotes)

BOOST_AUTO_TEST_CASE(a_quote_has_each_part_with_its_reason) {
  const auto q =
      quote_of({{eur(1299), 2}, {eur(500), 1}},
               {"EUR",
                {part(price_part_kind::adjustment, -310), part(price_part_kind::shipping, 490),
                 part(price_part_kind::tax, 55), part(price_part_kind::tax, 45)}})
          .value();
  BOOST_TEST(q.line_totals.at(0).amount == 2598);
  BOOST_TEST(q.line_totals.at(1).amount == 500);
  BOOST_TEST(q.subtotal.amount == 3098);
  BOOST_TEST(q.adjustment_total.amount == -310);
  BOOST_TEST(q.shipping_total.amount == 490);
  BOOST_TEST(q.tax_total.amount == 100);
  BOOST_TEST(q.total_amount.amount == 3378);
  BOOST_TEST(q.price_parts.size() == 4U);
  const auto none = quote_of({}, {"EUR", {}}).value();
  BOOST_TEST((none.total_amount == eur(0)));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_priced_is_refused) {
  BOOST_TEST(code_of(quote_of({{{5, "USD"}, 1}}, {"EUR", {}})) == "invalid_quote");
  BOOST_TEST(code_of(quote_of({{eur(5), 0}}, {"EUR", {}})) == "invalid_quote");
  BOOST_TEST(code_of(quote_of({{eur(-5), 1}}, {"EUR", {}})) == "invalid_quote");
  BOOST_TEST(code_of(quote_of({{eur(5), 1}}, {"EUR", {part(price_part_kind::adjustment, -6)}})) ==
             "invalid_quote");
  auto foreign = part(price_part_kind::tax, 1);
  foreign.amount.currency = "USD";
  BOOST_TEST(code_of(quote_of({{eur(5), 1}}, {"EUR", {foreign}})) == "invalid_quote");
  BOOST_TEST(code_of(quote_of({{eur(money_amount_max), 1}, {eur(1), 1}}, {"EUR", {}})) ==
             "total_too_large");
  BOOST_TEST(code_of(quote_of({{eur(std::numeric_limits<std::int64_t>::max()), 2}}, {"EUR", {}})) ==
             "total_too_large");
  const auto second = quote_of({{eur(5), 1}, {{5, "USD"}, 1}}, {"EUR", {}});
  BOOST_TEST(second.error().errors.at(0).pointer == "/lines/1");
  const auto least = part(price_part_kind::adjustment, std::numeric_limits<std::int64_t>::min());
  BOOST_TEST(code_of(quote_of({{eur(1), 1}}, {"EUR", {least}})) == "total_too_large");
}

BOOST_AUTO_TEST_CASE(parts_of_random_carts_are_their_total) {
  int quoted = 0;
  int refused = 0;
  for (std::uint64_t seed = 1; seed <= 20'000; ++seed) {
    const auto c = maker(seed).cart();
    const auto right = reckon(c);
    const auto q = quote_of(c.lines, c.context);
    if (!q) {
      ++refused;
      const bool large = q.error().code == "total_too_large";
      // A rejection has a reason: some sum exceeds the limits.
      const bool reason =
          large ? std::max({right.subtotal, right.parts[1], right.parts[2], -right.parts[0]}) +
                          right.parts[1] + right.parts[2] >
                      wide{money_amount_max}
                : right.total() < 0;
      BOOST_REQUIRE_MESSAGE(reason, "seed " << seed << ": " << q.error().code);
      continue;
    }
    ++quoted;
    wide lines = 0;
    for (const auto& l : q->line_totals) lines += l.amount;
    const bool right_sums = q->subtotal.amount == right.subtotal && lines == right.subtotal &&
                            q->adjustment_total.amount == right.parts[0] &&
                            q->shipping_total.amount == right.parts[1] &&
                            q->tax_total.amount == right.parts[2] &&
                            q->total_amount.amount == right.total();
    const bool bounded = q->total_amount.amount >= 0 && q->total_amount.amount <= money_amount_max;
    BOOST_REQUIRE_MESSAGE(right_sums && bounded, "seed " << seed);
    BOOST_REQUIRE_MESSAGE(!check_quote(*q, c.lines), "seed " << seed);
  }
  BOOST_TEST(quoted > 5'000);
  BOOST_TEST(refused > 1'000);
}

BOOST_AUTO_TEST_CASE(a_quote_that_does_not_add_up_is_found) {
  const std::vector<priced_line> lines{{eur(1299), 2}, {eur(500), 1}};
  const auto right = quote_of(lines, {"EUR", {part(price_part_kind::shipping, 490)}}).value();
  BOOST_TEST(!check_quote(right, lines));
  for (const auto amount : {&quote::subtotal, &quote::adjustment_total, &quote::shipping_total,
                            &quote::tax_total, &quote::total_amount}) {
    auto q = right;
    (q.*amount).amount += 1;
    BOOST_TEST(check_quote(q, lines).value().code == "invalid_quote");
    q = right;
    (q.*amount).currency = "USD";
    BOOST_TEST(check_quote(q, lines).value().code == "invalid_quote");
  }
  auto q = right;
  q.line_totals.pop_back();
  BOOST_TEST(check_quote(q, lines).has_value());
  q = right;
  q.line_totals[0].amount += 1;
  q.line_totals[1].amount -= 1;
  BOOST_TEST(check_quote(q, lines).has_value());
  q = right;
  q.price_parts[0].amount.amount -= 1;
  BOOST_TEST(check_quote(q, lines).has_value());
  auto cheaper = lines;
  cheaper[0].unit_price.amount -= 1;
  BOOST_TEST(check_quote(right, cheaper).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
