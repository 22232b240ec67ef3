#pragma once
// Prices of price lists in displayed products.

#include "actors/catalog/catalog_messages.hpp"
#include "net/front/exchange.hpp"

namespace stoa::front {

inline constexpr json::rule product_currency_rule{
    .field = "currency",
    .form = json::format::currency,
    .description =
        "Show the prices in this currency: that of the store, or one of its price lists. Default: "
        "the store's. A product without a price in it has that of the store and is not available. "
        "Filters and sorting use the products' own prices."};

/// 400 at ?currency if the store has no prices in it.
task<none> check_currency(exchange& x, std::string currency);

/// The currency as a cart stores it: none for the store's. 422 currency_not_offered at /currency.
task<std::optional<std::string>> stored_currency(exchange& x, std::string wanted);

/// Sets the prices of the products, and of their variants, to those that apply now to the caller.
/// Without price lists it does nothing. Notes in the exchange if the response is for the caller
/// only.
task<none> show_prices(exchange& x, std::vector<catalog::product_view*> products,
                       std::optional<std::string> currency);

}  // namespace stoa::front
