#include "actors/pricing/promotion_rules.hpp"

#include "storage/base/text.hpp"

#include <algorithm>
#include <set>

namespace stoa::pricing {

namespace {

/// The errors of one check.
class term_errors {
 public:
  explicit term_errors(std::vector<field_error>& all) : all_(all) {}
  void require(bool present, const char* pointer, const char* detail) {
    if (!present) all_.push_back({pointer, "required", detail});
  }
  void forbid(bool present, const char* pointer, const char* detail) {
    if (present) all_.push_back({pointer, "unsupported", detail});
  }
  void amounts(const std::vector<money>& list, const std::string& pointer, std::int64_t least) {
    std::set<std::string> seen;
    for (std::size_t i = 0; i < list.size(); ++i) {
      const auto at = pointer + "/" + std::to_string(i);
      if (!currency_exponent(list[i].currency)) {
        all_.push_back({at + "/currency", "currency", "This must be an ISO 4217 currency code."});
      }
      if (!seen.insert(list[i].currency).second) {
        all_.push_back({at + "/currency", "duplicate", "Only one amount per currency."});
      }
      if (list[i].amount < least || list[i].amount > money_amount_max) {
        all_.push_back({at + "/amount", "range",
                        "This must be at least " + std::to_string(least) + " and at most " +
                            std::to_string(money_amount_max) + "."});
      }
    }
  }

 private:
  std::vector<field_error>& all_;
};

bool has_target(discount_type type, discount_target target) {
  switch (type) {
    case discount_type::percentage:
    case discount_type::fixed_amount:
      return true;
    case discount_type::free_shipping:
      return target == discount_target::shipping;
    default:
      return target == discount_target::items;
  }
}

void check_discount(const promotion_discount& d, std::vector<field_error>& all) {
  term_errors errors(all);
  if (!has_target(d.type, d.target)) {
    all.push_back({"/discount/target", "value",
                   d.type == discount_type::free_shipping
                       ? "The target of free_shipping is shipping."
                       : "A discount of this type reduces items."});
  }
  const bool by_amount =
      d.type == discount_type::fixed_amount || d.type == discount_type::fixed_price;
  const bool is_buying = d.type == discount_type::buy_x_get_y;
  const bool by_units = is_buying || d.type == discount_type::cheapest_free;
  const bool is_percentage = d.type == discount_type::percentage;
  errors.require(!is_percentage || d.basis_points, "/discount/basis_points",
                 "A percentage has basis points.");
  errors.forbid(!is_percentage && !is_buying && d.basis_points, "/discount/basis_points",
                "A discount of this type has no percentage.");
  errors.require(!by_amount || !d.amounts.empty(), "/discount/amounts",
                 "A discount of this type has an amount per currency.");
  errors.forbid(!by_amount && !d.amounts.empty(), "/discount/amounts",
                "A discount of this type has no amounts.");
  errors.amounts(d.amounts, "/discount/amounts", d.type == discount_type::fixed_price ? 0 : 1);
  errors.require(!is_buying || d.buy_quantity, "/discount/buy_quantity",
                 "buy_x_get_y has the quantity to buy.");
  errors.forbid(!is_buying && d.buy_quantity, "/discount/buy_quantity", "Only for buy_x_get_y.");
  errors.forbid(!is_buying && d.buy_items, "/discount/buy_items", "Only for buy_x_get_y.");
  errors.forbid(!is_buying && d.times_max, "/discount/times_max", "Only for buy_x_get_y.");
  errors.forbid(!by_units && d.get_quantity, "/discount/get_quantity",
                "Only for buy_x_get_y and cheapest_free.");
  errors.forbid(d.target != discount_target::items && !d.items.selects_all(), "/discount/items",
                "Only a discount of items selects items.");
}

}  // namespace

std::vector<field_error> check_terms(const promotion_terms& t) {
  std::vector<field_error> all;
  check_discount(t.discount, all);
  term_errors errors(all);
  errors.amounts(t.conditions.subtotal_min, "/conditions/subtotal_min", 1);
  if (t.starts_at && t.ends_at && *t.ends_at <= *t.starts_at) {
    all.push_back({"/ends_at", "range", "This must be later than `starts_at`."});
  }
  return all;
}

std::string code_key_of(std::string_view code) {
  return text::fold(text::trim(code));
}

std::string customer_key_of(const std::optional<stoa::user_id>& user,
                            std::string_view email_folded) {
  if (user) return "user:" + user->str();
  return "email:" +
         text::base64url(text::hash("customer of promotions\n" + std::string(email_folded)));
}

}  // namespace stoa::pricing
