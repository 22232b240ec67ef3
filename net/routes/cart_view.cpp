#include "net/routes/cart_view.hpp"

#include "actors/checkout/cart_prices.hpp"
#include "actors/kernel/entity_tag.hpp"
#include "actors/pricing/credits.hpp"
#include "config/settings.hpp"
#include "net/routes/current_rules.hpp"
#include "net/routes/exchange_taxes.hpp"
#include "net/routes/product_expansion.hpp"
#include "net/routes/product_prices.hpp"
#include "storage/base/service_clock.hpp"

#include <algorithm>
#include <charconv>

namespace stoa::front {

namespace {

/// Separates the version and the hash in a cart's ETag.
constexpr char version_end = '.';

/// A version that no cart has.
constexpr std::int64_t no_version = -1;

/// The version in a cart's ETag; no_version for any other tag.
std::int64_t version_in(std::string_view tag) {
  const auto digits = tag.substr(0, tag.find(version_end));
  std::int64_t version = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), version);
  return error == std::errc{} && end == digits.data() + digits.size() && version > 0 ? version
                                                                                     : no_version;
}

}  // namespace

cart_view join(const cart::cart_content& content, const checkout::cart_context& context) {
  const auto& currency = context.basket.currency;
  cart_view v;
  v.cart_id = content.cart_id;
  v.user_id = content.user_id;
  v.version = content.version;
  v.created_at = content.created_at;
  v.updated_at = content.updated_at;
  v.expires_at = content.expires_at;
  v.metadata = content.metadata;
  if (content.held_until && *content.held_until > store_time().now()) {
    v.reserved_until = content.held_until;
  }
  v.currency = currency;
  v.codes = content.codes;
  v.note = content.note;
  for (const auto& item : content.items) {
    const auto* now = checkout::price_in(context.prices, item.product_id);
    const auto line = checkout::priced(item, now);
    if (auto notice = checkout::obstacle_to(content, item, context))
      v.notices.push_back(std::move(*notice));
    if (auto notice = checkout::price_notice_of(item, now, currency)) {
      v.notices.push_back(std::move(*notice));
    }
    const auto added = checkout::added_price_of(context, item, line.unit_price);
    const bool is_changed = now && added.changed_to;
    if (is_changed) {
      v.notices.push_back({"price_changed", item.cart_item_id,
                           now->name + ": " + to_display(*added.changed_to) + " instead of " +
                               to_display(added.price),
                           std::nullopt, std::nullopt});
    }
    v.items.push_back({item.cart_item_id,
                       item.product_id,
                       now ? now->name : item.name,
                       item.quantity,
                       line.unit_price,
                       {pricing::line_total(line)},
                       now && now->has(checkout::units_of(content, item.product_id)),
                       now ? now->inventory_count : 0,
                       is_changed,
                       added.price,
                       item.added_at,
                       {},
                       item.note,
                       item.properties.value_or(line_properties{})});
  }
  auto priced = checkout::quote_of(content, context);
  if (!priced) {
    // A line that is the cause has its own notice.
    const auto why = priced.error();
    if (why.errors.empty()) v.notices.push_back({why.code, std::nullopt, why.detail});
    return v;
  }
  for (auto& notice : checkout::notices_of(priced->unused_codes)) {
    v.notices.push_back(std::move(notice));
  }
  auto* quote = &priced->quote;
  v.subtotal.value = std::move(quote->subtotal);
  v.adjustment_total.value = std::move(quote->adjustment_total);
  v.shipping_total.value = std::move(quote->shipping_total);
  v.tax_total.value = std::move(quote->tax_total);
  v.total_amount.value = std::move(quote->total_amount);
  v.included_tax_total = pricing::included_taxes(quote->price_parts);
  v.price_parts = std::move(quote->price_parts);
  v.shipping_method = std::move(priced->shipping);
  return v;
}

namespace {

/// Adds notices about lines that the merge had to reduce.
void add_cut_lines(cart_view& v, const std::vector<cart::cut_line>& cut) {
  for (const auto& c : cut) {
    for (const auto& item : v.items) {
      if (item.cart_item_id != c.cart_item_id) continue;
      v.notices.push_back({"quantity_cut", c.cart_item_id,
                           item.name + ": " + std::to_string(item.quantity) + " of " +
                               std::to_string(c.wanted) + ", the maximum of one line"});
    }
  }
}

/// Adds the products to the lines.
task<cart_view> with_products(exchange& x, cart_view cart) {
  static_assert(cart::lines_max <= expanded_products_max);
  std::set<stoa::product_id> ids;
  for (const auto& item : cart.items) ids.insert(item.product_id);
  auto products = co_await products_by_id(x, std::move(ids), false);
  std::vector<catalog::product_view*> shown;
  for (auto& [id, product] : products) shown.push_back(&product);
  co_await show_prices(x, std::move(shown), cart.currency);
  for (auto& item : cart.items) {
    const auto found = products.find(item.product_id);
    if (found != products.end()) item.product = std::move(found->second);
  }
  co_return cart;
}

}  // namespace

task<checkout::cart_context> cart_context_of(exchange& x, const cart::cart_content& content,
                                             checkout::quote_customer customer,
                                             catalog::price_list known) {
  if (x.context.who.is_user()) customer.user_id = x.context.who.user;
  auto rules = co_await current_rules(x);
  auto context = co_await checkout::context_of(x, content, std::move(rules), std::move(customer),
                                               x.shared->config->store.currency, std::move(known));
  co_return context;
}

namespace {

task<cart_view> view_of(exchange& x, const cart::cart_content& content,
                        checkout::quote_customer customer, catalog::price_list known) {
  auto context = co_await cart_context_of(x, content, std::move(customer), std::move(known));
  co_return join(content, context);
}

}  // namespace

task<quote_view> quote_of_cart(exchange& x, const cart::cart_content& content,
                               checkout::quote_customer customer, checkout::credit_wish wish) {
  const auto chosen = customer.shipping_method_id;
  if (chosen && !customer.to) {
    fail(invalid_field("/shipping_address", "required", "A shipping method needs an address."));
  }
  auto context = co_await cart_context_of(x, content, std::move(customer), {});
  if (context.tax_to) {
    exchange_taxes taxes(x);
    co_await checkout::add_taxes(taxes, content, context);
  }
  auto view = join(content, context);
  // A cart that cannot be priced has a notice instead.
  if (chosen && view.total_amount.value && !view.shipping_method) {
    const std::string detail = "The method is not offered for this cart and this address.";
    fail(problem{problem_kind::validation,
                 "shipping_method_unavailable",
                 detail,
                 {{"/shipping_method_id", "value", detail}}});
  }
  quote_view quote{std::move(view), {}, {}, std::move(context.tax)};
  if (quote.total_amount.value) {
    const auto total = *quote.total_amount.value;
    if (wish.any()) {
      auto credits = co_await checkout::credits_of(x, total, std::move(wish));
      if (!credits) fail(std::move(credits.error()));
      quote.credits = std::move(*credits);
    }
    quote.amount_due.value = money{total.amount - pricing::sum_of(quote.credits), total.currency};
  }
  co_return quote;
}

task<http::response> cart_answer(exchange& x, int status, cart::cart_content content,
                                 catalog::price_list known) {
  checkout::quote_customer customer;
  auto view = co_await view_of(x, content, std::move(customer), std::move(known));
  if (x.shape.expands("items.product")) view = co_await with_products(x, std::move(view));
  auto r = x.json(status, view);
  const auto tag = std::to_string(content.version) + version_end + kernel::entity_tag(r.body);
  if (content.cut) {
    add_cut_lines(view, *content.cut);
    r = x.json(status, view);
  }
  r = x.with_etag(std::move(r), tag);
  if (status == 201) {
    r.headers.emplace_back("Location", "/store/v1/carts/" + content.cart_id.str());
  }
  co_return r;
}

task<std::optional<std::int64_t>> version_wanted(exchange& x, stoa::cart_id id) {
  const auto asked = x.precondition();
  if (!asked) co_return std::nullopt;
  const bool one_version = asked->match && asked->match->size() == 1;
  if (one_version && asked->differ.empty() && !asked->absent) {
    const auto version = version_in(asked->match->front());
    if (version != no_version) co_return version;
  }
  cart::get_cart query{id};
  auto now = co_await x.ask(std::move(query));
  const auto by_version = cart_precondition(x);
  if (auto outdated = kernel::check_precondition(*by_version, std::to_string(now.version))) {
    fail(std::move(*outdated));
  }
  co_return now.version;
}

std::optional<kernel::precondition> cart_precondition(const exchange& x) {
  auto asked = x.precondition();
  if (!asked) return asked;
  const auto to_version = [](std::string& tag) { tag = std::to_string(version_in(tag)); };
  if (asked->match) std::for_each(asked->match->begin(), asked->match->end(), to_version);
  std::for_each(asked->differ.begin(), asked->differ.end(), to_version);
  return asked;
}

}  // namespace stoa::front
