#include "net/routes/product_prices.hpp"

#include "actors/pricing/list_price.hpp"
#include "actors/user/user_messages.hpp"
#include "config/settings.hpp"
#include "net/front/price_rules.hpp"
#include "net/routes/current_rules.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace stoa::front {

namespace {

using pricing::listed_price;
using entry_map = std::map<stoa::product_id, std::vector<const listed_price*>>;

/// The rules that this node knows, also outdated ones if the Pricing service does not answer: the
/// catalogue of a store without price lists can be read without it. Null: unknown.
task<pricing::rule_book_ptr> rules_to_show(exchange& x) {
  auto known = x.shared->rules->latest();
  const bool is_current = x.shared->rules->current(price_rules::clock::now()) != nullptr;
  if (is_current || (known && known->price_lists().empty())) co_return known;
  co_await learn_rules(x);
  co_return x.shared->rules->latest();
}

/// The prices of the products in the lists.
task<std::vector<listed_price>> listed(exchange& x,
                                       const std::vector<const pricing::usable_price_list*>& lists,
                                       std::vector<stoa::product_id> products) {
  std::vector<listed_price> all;
  if (lists.empty()) co_return all;
  for (auto from = products.begin(); from != products.end();) {
    const auto left = static_cast<std::size_t>(products.end() - from);
    const auto to =
        from + static_cast<std::ptrdiff_t>(std::min(left, pricing::price_entries_at_once_max));
    pricing::find_prices query;
    query.product_ids.assign(from, to);
    for (const auto* l : lists) query.price_list_ids.push_back(l->price_list_id);
    auto found = co_await x.ask(std::move(query));
    std::move(found.data.begin(), found.data.end(), std::back_inserter(all));
    from = to;
  }
  co_return all;
}

/// What the prices of a response depend on.
struct shown_for {
  const std::vector<const pricing::usable_price_list*>& lists;
  const entry_map& entries;
  const std::string& currency;
};

/// Sets price and compare_at_price; false without a price in the currency.
template <class View>
bool set_price(View& v, const shown_for& by) {
  static const std::vector<const listed_price*> none_found;
  const auto found = by.entries.find(v.product_id);
  auto price =
      pricing::price_for({v.price, v.compare_at_price}, by.lists,
                         found == by.entries.end() ? none_found : found->second, by.currency, 1);
  if (!price) {
    v.available = false;
    return false;
  }
  v.price = std::move(price->price);
  v.compare_at_price = std::move(price->compare_at_price);
  return true;
}

/// A product with variants has the price of the cheapest one.
void set_prices(catalog::product_view& p, const shown_for& by) {
  const auto is_sold = [](const auto& v) { return !v.being_removed.value_or(false); };
  if (std::ranges::none_of(p.variants, is_sold)) {
    set_price(p, by);
    return;
  }
  const catalog::variant_view* cheapest = nullptr;
  p.available = false;
  for (auto& v : p.variants) {
    if (!set_price(v, by) || !is_sold(v)) continue;
    p.available = p.available || v.available;
    if (!cheapest || v.price.amount < cheapest->price.amount) cheapest = &v;
  }
  if (!cheapest) return;
  p.price = cheapest->price;
  if (by.entries.contains(cheapest->product_id)) p.compare_at_price = cheapest->compare_at_price;
}

}  // namespace

task<none> check_currency(exchange& x, std::string currency) {
  if (currency == x.shared->config->store.currency) co_return none{};
  const auto rules = co_await rules_to_show(x);
  if (!rules) fail(unavailable("The price lists are not available at the moment."));
  const auto has_it = [&](const auto& l) { return l.terms.currency == currency; };
  if (std::ranges::any_of(rules->price_lists(), has_it)) co_return none{};
  fail({400,
        "invalid_request",
        "Invalid query parameter.",
        {{"?currency", "value", "The store has no prices in " + currency + "."}}});
}

task<none> show_prices(exchange& x, std::vector<catalog::product_view*> products,
                       std::optional<std::string> currency) {
  const auto rules = co_await rules_to_show(x);
  const auto& own = x.shared->config->store.currency;
  if (!rules || rules->price_lists().empty()) co_return none{};
  pricing::price_buyer buyer{currency.value_or(own), {}, x.now()};
  if (rules->has_group_prices() && x.context.who.is_user()) {
    x.for_caller_only = true;
    user::get_contact query{x.context.who.user};
    auto contact = co_await x.ask(std::move(query));
    buyer.groups = std::move(contact.groups);
  }
  const auto lists = pricing::lists_for(*rules, buyer);
  if (lists.empty() && buyer.currency == own) co_return none{};
  std::vector<stoa::product_id> ids;
  for (const auto* p : products) {
    if (p->variants.empty()) ids.push_back(p->product_id);
    for (const auto& v : p->variants) ids.push_back(v.product_id);
  }
  const auto all = co_await listed(x, lists, std::move(ids));
  entry_map entries;
  for (const auto& e : all) entries[e.product_id].push_back(&e);
  for (auto* p : products) set_prices(*p, {lists, entries, buyer.currency});
  co_return none{};
}

task<std::optional<std::string>> stored_currency(exchange& x, std::string wanted) {
  const auto& own = x.shared->config->store.currency;
  if (wanted == own) co_return std::nullopt;
  const auto rules = co_await current_rules(x);
  std::set<std::string> offered{own};
  for (const auto& l : rules->price_lists()) offered.insert(l.terms.currency);
  if (offered.contains(wanted)) co_return wanted;
  std::string detail = "The store has no prices in " + wanted + ". It sells in:";
  for (const auto& c : offered) detail += " " + c;
  detail += ".";
  fail({problem_kind::validation,
        "currency_not_offered",
        detail,
        {{"/currency", "value", "choose another one"}}});
}

}  // namespace stoa::front
