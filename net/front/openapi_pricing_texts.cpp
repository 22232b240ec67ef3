// Descriptions of the members of the schemas of promotions, taxes and shipping.

#include "net/front/openapi_texts.hpp"

namespace stoa::front::openapi {

namespace {

constexpr member_text pricing_rows[] = {
    {"cart", "codes", "The codes of promotions that the customer has entered."},
    {"cart", "included_tax_total",
     "The taxes that the prices include, if they do; not added to the total. Absent without a "
     "shipping address."},
    {"cart", "shipping_method", "The shipping method of a quote; absent if none was chosen."},
    {"chosen_shipping_method", "kind", "Delivery, or pick-up by the customer."},
    {"chosen_shipping_method", "name", "The name of the method at the time of the order."},
    {"chosen_shipping_method", "shipping_method_id", "The id of the method."},
    {"new_promotion", "conditions", "All of them must be met; default: none."},
    {"new_promotion", "discount", "What the promotion reduces."},
    {"order", "shipping_method", "The chosen shipping method; absent without one."},
    {"price_part", "lines",
     "The shares of the items, which add up to the amount together with shipping_amount; absent if "
     "the amount is not divided."},
    {"price_part", "parts_per_million", "Of a tax: the rate; 190000 is 19 %."},
    {"price_part", "promotion_id", "Of a discount: the id of its promotion."},
    {"price_part", "shipping_amount", "The share of the costs of shipping; absent without one."},
    {"price_part", "tax_rate_id", "Of a tax: the id of its rate."},
    {"price_share", "amount", "The share, in minor units."},
    {"price_share", "line", "The position of the item among the items, from 0."},
    {"promotion", "combines_with", "The targets of the promotions with which it is combined."},
    {"promotion", "conditions", "All of them must be met."},
    {"promotion", "created_at", "When the promotion was created."},
    {"promotion", "description", "A note for staff; absent when there is none."},
    {"promotion", "discount", "What the promotion reduces."},
    {"promotion", "ends_at", "From then on it is not applied; absent: no end."},
    {"promotion", "name", "Shown to customers as the reason of the discount."},
    {"promotion", "priority", "Promotions with a higher priority are applied first."},
    {"promotion", "promotion_id", "The id of the promotion."},
    {"promotion", "starts_at", "Before then it is not applied; absent: at once."},
    {"promotion", "status", "Disabled: it is not applied."},
    {"promotion", "trigger", "Whether it needs one of its codes."},
    {"promotion", "updated_at", "When the promotion was last changed; uses do not change it."},
    {"promotion", "uses", "The orders that use it and are not cancelled, if uses are counted."},
    {"promotion", "uses_max", "The orders that may use it; absent: any number."},
    {"promotion", "uses_per_customer_max",
     "The orders of one customer that may use it; absent: any number."},
    {"promotion_code", "code", "The code; upper and lower case are equal."},
    {"promotion_code", "created_at", "When the code was added."},
    {"promotion_code", "promotion_id", "The id of the promotion."},
    {"promotion_code", "uses", "The orders that use it and are not cancelled."},
    {"promotion_code", "uses_max", "The orders that may use it; absent: any number."},
    {"promotion_discount", "type",
     "A percentage; fixed_amount off each item, the order or shipping; fixed_price of each item; "
     "buy_x_get_y; cheapest_free; free_shipping."},
    {"promotion_update", "conditions", "Replaces all conditions."},
    {"promotion_update", "discount", "Replaces the discount."},
    {"redeemed_promotion", "code", "The code that was entered; absent without one."},
    {"redeemed_promotion", "promotion_id", "The id of the promotion."},
    {"shipping_option", "amount", "What it costs for this cart, before promotions and taxes."},
    {"shipping_option", "days_max", "The estimated days until delivery, at most."},
    {"shipping_option", "days_min", "The estimated days until delivery, at least."},
    {"shipping_option", "description", "A description for customers; absent when there is none."},
    {"shipping_option", "kind", "Delivery, or pick-up by the customer."},
    {"shipping_option", "name", "The name, for customers."},
    {"shipping_option", "shipping_method_id", "The id to choose it by."},
    {"shipping_options_request", "shipping_address", "Where the order would be shipped."},
    {"shipping_zone", "areas", "The addresses of the zone; empty: all of no other zone."},
    {"shipping_zone", "created_at", "When the zone was created."},
    {"shipping_zone", "methods", "Its methods, in the order of their display."},
    {"shipping_zone", "name", "The name, for staff."},
    {"shipping_zone", "shipping_zone_id", "The id of the zone."},
    {"shipping_zone", "updated_at", "When the zone was last changed."},
    {"tax_rate", "area", "Where it is charged, by the shipping address."},
    {"tax_rate", "created_at", "When the rate was created."},
    {"tax_rate", "name", "The name, for customers."},
    {"tax_rate", "parts_per_million", "The rate: 190000 is 19 %."},
    {"tax_rate", "priority", "Rates with different priorities are all charged."},
    {"tax_rate", "tax_class", "The class of the products on which it is charged."},
    {"tax_rate", "tax_rate_id", "The id of the rate."},
    {"tax_rate", "updated_at", "When the rate was last changed."},
    {"tax_rate", "valid_from", "Before then it is not charged; absent: at once."},
    {"tax_rate", "valid_until", "From then on it is not charged; absent: no end."},
    {"user", "groups",
     "The groups of customers to which the user belongs; only for staff, absent in other "
     "responses."},
};

}  // namespace

std::span<const member_text> pricing_texts() {
  return pricing_rows;
}

}  // namespace stoa::front::openapi
