#include "actors/checkout/checkout_parts.hpp"

#include "actors/user/user_messages.hpp"

#include <algorithm>

namespace stoa::checkout {

namespace {

using kernel::fail;
using kernel::service_calls;
using kernel::task;

address address_of(user::address_view saved) {
  return {std::move(saved.first_name),    std::move(saved.last_name),
          std::move(saved.address_line1), std::move(saved.address_line2),
          std::move(saved.city),          std::move(saved.state),
          std::move(saved.postal_code),   std::move(saved.country),
          std::move(saved.company),       std::move(saved.phone)};
}

}  // namespace

task<address> saved_address(service_calls& calls, stoa::profile_id id, std::string pointer) {
  if (!calls.context.who.is_user()) {
    fail(invalid_field(pointer, "unsupported", "Only users have saved addresses."));
  }
  user::get_address query{calls.context.who.user, id};
  auto found = co_await calls.try_ask(std::move(query));
  if (!found && found.error().kind != problem_kind::not_found) fail(std::move(found.error()));
  if (!found) fail(invalid_field(pointer, "not_found", "You have no such address."));
  auto saved = address_of(std::move(*found));
  std::vector<field_error> errors;
  saved.check(errors);
  if (!errors.empty()) fail(invalid_field(pointer, "outdated", errors.front().detail));
  co_return saved;
}

cart::cart_content content_of(const cart::create_for_purchase& purchase, timestamp now) {
  cart::cart_content content;
  content.cart_id = purchase.cart_id;
  content.user_id = purchase.user_id;
  content.version = 1;
  content.items = purchase.items;
  content.created_at = content.updated_at = now;
  content.metadata = purchase.metadata;
  content.codes = purchase.codes;
  content.note = purchase.note;
  content.currency = purchase.currency;
  return content;
}

std::optional<problem> name_lines(cart::cart_content& cart, const cart_context& context) {
  const auto& prices = context.prices;
  for (std::size_t i = 0; i < cart.items.size(); ++i) {
    auto& item = cart.items[i];
    const auto pointer = "/items/" + std::to_string(i) + "/product_id";
    const auto now =
        std::ranges::find(prices.data, item.product_id, &catalog::price_item::product_id);
    // Drafts do not exist for customers.
    if (now == prices.data.end() || !now->published) {
      return invalid_field(pointer, "not_found", "The product does not exist.");
    }
    if (now->has_variants) {
      return problem{problem_kind::validation,
                     "product_not_sellable",
                     "This product has variants. Choose one of them.",
                     {{pointer, "value", "choose a variant"}}};
    }
    item.name = now->name;
    item.price_when_added = now->price;
    item.priced_units = units_of(cart, item.product_id);
    if (context.rules->has_group_prices()) item.priced_for = context.user_id;
    item.added_at = cart.created_at;
  }
  return std::nullopt;
}

problem by_position(problem why, const cart::cart_content& cart) {
  for (auto& e : why.errors) {
    for (std::size_t i = 0; i < cart.items.size(); ++i) {
      const auto named = "/items/" + cart.items[i].cart_item_id.str();
      if (e.pointer == named) e.pointer = "/items/" + std::to_string(i);
    }
  }
  return why;
}

task<kernel::nothing> use_saved_addresses(service_calls& calls, checkout_request& r) {
  if (r.shipping_address_id) {
    auto shipping = co_await saved_address(calls, *r.shipping_address_id, "/shipping_address_id");
    r.shipping_address = std::move(shipping);
  }
  if (r.billing_address_id) {
    auto billing = co_await saved_address(calls, *r.billing_address_id, "/billing_address_id");
    r.billing_address = std::move(billing);
  }
  co_return kernel::nothing{};
}

}  // namespace stoa::checkout
