// The payment methods that users have saved, at a checkout or without a payment.

#include "actors/payment/saved_method_messages.hpp"
#include "net/front/security_log.hpp"
#include "net/routes/all_routes.hpp"
#include "net/routes/instruments.hpp"

namespace stoa::front {

namespace {

using namespace stoa::payment;
using response_task = task<http::response>;

stoa::payment_method_id saved_method_of(const exchange& x) {
  return x.path_id<stoa::payment_method_id>("payment_method_id", "saved payment method");
}

struct saving_body {
  static constexpr std::string_view schema_name = "payment_method_to_save";
  payment_method type = payment_method::card;
  std::string token;
  static constexpr std::string_view defaults[] = {"type"};
  static constexpr json::rule rules[] = {
      {.field = "type",
       .description = "Only cards: a PayPal account is saved by a checkout.",
       .one_of = "card"},
      {.field = "token",
       .length_min = 1,
       .length_max = 255,
       .form = json::format::line,
       .description = "A token of the payment gateway, not a card number."}};
};
BOOST_DESCRIBE_STRUCT(saving_body, (), (type, token))

/// The token is encrypted before it leaves this node.
response_task save_one(exchange& x, saving_body body) {
  if (body.type != payment_method::card) {
    fail(invalid_field("/type", "unsupported",
                       "Only cards can be saved without a payment. A checkout with "
                       "save_payment_method saves a PayPal account."));
  }
  check_can_be_saved(x, body.type, "/token");
  co_await confirm_session(x);
  save_method command{x.context.who.user, id_of_request<stoa::payment_method_id>(x, "saved method"),
                      std::string(enum_name(body.type)), x.shared->instruments->seal(body.token),
                      hint_of(body.token)};
  auto saved = co_await x.command(std::move(command));
  const bool is_active = saved.status == saved_method_status::active;
  if (!x.replayed) {
    auto& security = *x.shared->security;
    is_active ? security.payment_method_saved(x) : security.payment_method_pending(x);
  }
  auto r = x.with_etag(x.json(is_active ? 201 : 202, saved));
  r.headers.emplace_back("Location",
                         "/store/v1/users/me/payment-methods/" + saved.payment_method_id.str());
  co_return r;
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
  r.post<saving_body, saved_method_view>(
      path,
      {.id = "save_my_payment_method",
       .tag = "users",
       .summary = "Save a payment method without a payment",
       .description =
           "201: it is active. 202: the gateway has not answered yet; `Location` shows when it is "
           "active or declined. Once a token was used for a payment that did not save it, it "
           "cannot "
           "be saved.",
       .who = access::user,
       .success = {201, 202},
       .errors = {409},
       .key_required = true,
       .answer_fields = {"Location", "ETag"},
       .reject_cards = true,
       .limit = limit_class::checkout},
      save_one);
  auto list = own_method("list_my_payment_methods", "List my saved payment methods, newest first");
  list.description =
      "A checkout with `save_payment_method` saves the card or the PayPal account once the payment "
      "is approved. Later checkouts pay with its id. Those that are not active are not listed.";
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
