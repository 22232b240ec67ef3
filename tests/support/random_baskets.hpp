#pragma once
// Random baskets, price lists and rules, small enough that they meet, and their form for the model
// in tests/unit/pricing_model.py.

#include "actors/pricing/list_price.hpp"
#include "actors/pricing/price_basket.hpp"
#include "storage/base/json_write.hpp"

#include <random>

namespace stoa::test {

using namespace stoa::pricing;

inline const timestamp noon{1'700'000'000'000'000};

template <class Id>
Id numbered(std::uint64_t n) {
  return {make_uuid_v7(n, 0, 0)};
}

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
/// A product that a customer wants, with its own price and the one that applies, if any.
struct model_offer {
  stoa::product_id product_id;
  money own_price;
  nullable<money> own_compare_at_price;
  std::int64_t quantity = 0;
  nullable<money> price;
  nullable<money> compare_at_price;
};
BOOST_DESCRIBE_STRUCT(model_offer, (),
                      (product_id, own_price, own_compare_at_price, quantity, price,
                       compare_at_price))
struct model_case {
  model_basket basket;
  std::vector<model_offer> offers;
  std::vector<listed_price> entries;
  rule_set rules;
  pricing::quote quote;
  std::vector<unused_code> unused_codes;
};
BOOST_DESCRIBE_STRUCT(model_case, (), (basket, offers, entries, rules, quote, unused_codes))

inline model_basket model_of(const basket& b) {
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

/// Random baskets and rules, small enough that rules meet.
class basket_maker {
 public:
  explicit basket_maker(std::uint64_t seed) : random_(seed) {}

  /// Prices of the products in the lists.
  std::vector<listed_price> make_entries(const rule_set& r) {
    std::vector<listed_price> all;
    for (const auto& list : r.price_lists) {
      for (std::int64_t n = 1; n <= 6; ++n) {
        if (!chance(60)) continue;
        listed_price e{list.price_list_id, numbered<stoa::product_id>(n), below(20'000), {}, {}};
        if (chance(30)) e.compare_at = below(20'000);
        std::int64_t quantity = 1;
        for (auto tiers = below(3); tiers-- > 0;) {
          quantity += 1 + below(6);
          e.tiers.push_back({quantity, below(20'000)});
        }
        all.push_back(std::move(e));
      }
    }
    return all;
  }

  /// The basket and what it is made of: `offers` also has the products without a price.
  basket make_basket(const rule_book& book, const std::vector<listed_price>& entries,
                     std::vector<model_offer>& offers) {
    basket b;
    b.currency = chance(60) ? "EUR" : some(currencies);
    b.now = noon;
    if (chance(30)) b.customer_groups = {some(groups)};
    std::vector<basket_line> wanted;
    for (auto n = below(5) + (chance(3) ? 40 : 0); n-- > 0;) {
      wanted.push_back(line(chance(80) ? b.currency : "EUR"));
    }
    const auto lists = lists_for(book, {b.currency, b.customer_groups, b.now});
    std::vector<const listed_price*> all;
    for (const auto& e : entries) all.push_back(&e);
    for (auto& l : wanted) {
      std::int64_t quantity = 0;
      for (const auto& other : wanted) {
        if (other.product_id == l.product_id) quantity += other.quantity;
      }
      std::vector<const listed_price*> mine;
      for (const auto* e : all) {
        if (e->product_id == l.product_id) mine.push_back(e);
      }
      own_price own{l.unit_price, {}};
      if (chance(20)) own.compare_at_price = money{below(20'000), own.price.currency};
      const auto price = price_for(own, lists, mine, b.currency, quantity);
      auto& offer = offers.emplace_back();
      offer = {l.product_id, own.price, {own.compare_at_price}, quantity, {}, {}};
      if (!price) continue;
      offer.price.value = price->price;
      offer.compare_at_price.value = price->compare_at_price;
      l.unit_price = price->price;
      b.lines.push_back(l);
    }
    if (chance(70)) b.to = destination{some(countries), some(regions), some(postal_codes)};
    if (chance(80)) b.shipping_method_id = numbered<stoa::shipping_method_id>(1 + below(4));
    b.tax_exempt = chance(10);
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
    for (auto n = below(5); n-- > 0;) {
      r.price_lists.push_back({numbered<stoa::price_list_id>(n + 1), price_list()});
    }
    r.prices_include_tax = chance(50);
    r.rounds_per_order = chance(50);
    return r;
  }

 private:
  static inline const std::vector<std::string> currencies{"EUR", "JPY", "KWD"};  // 2, 0, 3 digits
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
    if (chance(60)) all.push_back({1 + below(20'000), "KWD"});
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

  price_list_terms price_list() {
    price_list_terms t;
    t.name = "List";
    t.currency = some(currencies);
    t.kind = chance(50) ? price_list_kind::sale : price_list_kind::regular;
    if (chance(25)) t.customer_groups = {some(groups)};
    if (chance(20)) t.valid_from = noon + seconds{chance(50) ? 1 : 0};
    if (chance(20)) t.valid_until = noon + seconds{chance(50) ? 1 : 0};
    t.priority = below(2);
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
    r.amount = {below(900), chance(60) ? "EUR" : some(currencies)};
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

}  // namespace stoa::test
