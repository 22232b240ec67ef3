// The payment methods that users have saved at a checkout.

#include "actors/payment/saved_method_messages.hpp"
#include "net/front/security_log.hpp"
#include "net/routes/all_routes.hpp"

namespace stoa::front {

namespace {

using namespace stoa::payment;
using response_task = task<http::response>;

stoa::payment_method_id saved_method_of(const exchange& x) {
  return x.path_id<stoa::payment_method_id>("payment_method_id", "saved payment method");
}

response_task list_saved(exchange& x, none) {
  list_saved_methods query;
  auto page = co_await x.ask(std::move(query));
  co_return x.page(std::move(page));
}

response_task read_saved(exchange& x, none) {
  get_saved_method query{saved_method_of(x)};
  auto found = co_await x.ask(std::move(query));
  co_return x.cacheable(found);
}

response_task choose_default(exchange& x, none) {
  set_default_method command{x.context.who.user, saved_method_of(x), x.precondition()};
  auto chosen = co_await x.command(std::move(command));
  co_return x.with_etag(x.json(200, chosen));
}

response_task remove_saved(exchange& x, none) {
  remove_saved_method command{x.context.who.user, saved_method_of(x), x.precondition()};
  co_await x.command(std::move(command));
  x.shared->security->payment_method_removed(x);
  co_return x.no_content();
}

about own_method(std::string id, std::string summary) {
  return {.id = std::move(id), .tag = "users", .summary = std::move(summary), .who = access::user};
}

}  // namespace

void add_saved_method_routes(routes& r) {
  const std::string path = "/store/v1/users/me/payment-methods";
  auto list = own_method("list_my_payment_methods", "List my saved payment methods, newest first");
  list.description =
      "A checkout with `save_payment_method` saves the card's token once the payment is approved. "
      "Later checkouts pay with its id.";
  r.get<none, saved_method_page>(path, list, list_saved);
  auto read = own_method("get_my_payment_method", "Get one of my saved payment methods");
  read.success = {200, 304};
  read.errors = {404};
  r.get<none, saved_method_view>(path + "/{payment_method_id}", read, read_saved);
  auto choose =
      own_method("set_my_default_payment_method", "Make a saved payment method my default");
  choose.errors = {404, 412};
  choose.if_match = true;
  r.post<none, saved_method_view>(path + "/{payment_method_id}/default", choose, choose_default);
  auto remove = own_method("delete_my_payment_method", "Delete a saved payment method");
  remove.success = {204};
  remove.errors = {404, 412};
  remove.if_match = true;
  r.del<none, none>(path + "/{payment_method_id}", remove, remove_saved);
}

}  // namespace stoa::front
