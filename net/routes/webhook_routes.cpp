// Webhooks of payment gateways. The gateway's module verifies the signature over the raw body; the
// event id is stored in the transaction of the change, so that each event is applied once. 2xx only
// after that is durable. 409, 503, 504: retry; other errors: a repeat of the same request fails
// again.

#include "actors/payment/saved_method_messages.hpp"
#include "net/front/front_metrics.hpp"
#include "net/http/client_address.hpp"
#include "net/routes/all_routes.hpp"
#include "storage/base/service_clock.hpp"

namespace stoa::front {

namespace {

using namespace stoa::payment;
using response_task = task<http::response>;

constexpr std::size_t webhook_bytes_max = 64 * 1024;

struct webhook_view {
  static constexpr std::string_view schema_name = "webhook_receipt";
  webhook_outcome outcome = webhook_outcome::ignored;
};
BOOST_DESCRIBE_STRUCT(webhook_view, (), (outcome))

http::response received(exchange& x, const std::string& gateway, webhook_outcome outcome) {
  x.shared->metrics->webhook(gateway, enum_name(outcome));
  return x.json(200, webhook_view{outcome});
}

result<webhook_event> verified_here(const exchange& x, const webhook_verifier& verifier) {
  const auto field = x.request->header(verifier.signature_field());
  return verifier.verify(x.request->body, field ? *field : std::string_view(), store_time().now());
}

/// The event of the request.
task<result<webhook_event>> verified(exchange& x, webhook_registry::mapped_type chosen) {
  if (const auto* local = std::get_if<const webhook_verifier*>(&chosen)) {
    co_return verified_here(x, **local);
  }
  const auto* remote = std::get<const remote_webhook_verifier*>(chosen);
  received_webhook received{x.request->body,
                            {},
                            static_cast<std::uint64_t>(http::key_of(x.request->client)),
                            store_time().now()};
  for (auto& name : remote->signature_fields()) {
    if (const auto value = x.request->header(name)) {
      received.fields.emplace(std::move(name), *value);
    }
  }
  std::function<bool(remote_webhook_verifier::callback)> start =
      [&](remote_webhook_verifier::callback then) {
        remote->verify(std::move(received), std::move(then));
        return true;
      };
  auto event = co_await x.run_elsewhere<result<webhook_event>>(std::move(start));
  co_return event;
}

/// An event about a payment method that the gateway keeps for a user.
response_task receive_method(exchange& x, std::string gateway, webhook_event event) {
  auto& method = *event.method;
  const auto token_key = x.shared->instruments->fingerprint(method.token);
  auto user = stoa::user_id::parse(method.user_id);
  if (!user) {
    get_method_owner query{gateway, token_key, method.customer_id};
    auto known = co_await x.try_ask(std::move(query));
    if (!known && known.error().kind != problem_kind::not_found) fail(std::move(known.error()));
    if (known) user = known->user_id;
  }
  if (!user || method.token.empty()) co_return received(x, gateway, webhook_outcome::ignored);
  receive_method_webhook command{*user,
                                 gateway,
                                 std::move(event.event_id),
                                 token_key,
                                 x.shared->instruments->seal(method.token),
                                 method.is_removed};
  auto reply = co_await x.command(std::move(command));
  co_return received(x, gateway, reply.outcome);
}

response_task receive(exchange& x, none) {
  const auto& name = x.path_value("gateway");
  const auto found = x.shared->webhooks.find(name);
  if (found == x.shared->webhooks.end()) fail(not_found("gateway"));
  auto event = co_await verified(x, found->second);
  if (!event) {
    const bool is_unverified = event.error().kind == problem_kind::unavailable;
    x.shared->metrics->webhook(name, is_unverified ? "unverified" : "rejected");
    fail(std::move(event.error()));
  }
  if (event->method) {
    auto gateway = name;
    auto answer = co_await receive_method(x, std::move(gateway), std::move(*event));
    co_return answer;
  }
  auto payment = stoa::payment_id::parse(event->payment_id);
  auto order = stoa::order_id::parse(event->order_id);
  if ((!payment || !order) && !event->transaction_id.empty()) {
    get_transaction query{name, event->transaction_id};
    auto known = co_await x.try_ask(std::move(query));
    if (!known && known.error().kind != problem_kind::not_found) fail(std::move(known.error()));
    if (known) {
      payment = known->payment_id;
      order = known->order_id;
    }
  }
  // Not requested by this store.
  if (!payment || !order) co_return received(x, name, webhook_outcome::ignored);
  receive_webhook command{name,   std::move(event->event_id), std::move(event->type), *payment,
                          *order, event->has_activity,        event->is_paid};
  auto reply = co_await x.command(std::move(command));
  co_return received(x, name, reply.outcome);
}

}  // namespace

void add_webhook_routes(routes& r) {
  r.post_file<none, webhook_view>(
      "/hooks/{gateway}",
      {.id = "receive_gateway_webhook",
       .tag = "webhooks",
       .summary = "Receive an event of a payment gateway",
       .description =
           "Called by the payment gateway that the path names, not by clients of the store. A "
           "header field of the gateway contains the signature of the raw body; for the sandbox: "
           "`Stoa-Sandbox-Signature: t=<seconds since 1970>,v1=<HMAC-SHA-256 of t.body, in hex>`. "
           "400 without a valid signature, or if its time is more than 5 minutes off. The event "
           "itself triggers no money movement: the payment's state, or its refunds and disputes, "
           "are then queried at the gateway. An event about a payment method that the gateway "
           "keeps "
           "makes the store look it up, or delete it. Each event is applied once; the response is "
           "also 200 for an event received before, or without an open payment. The gateway should "
           "repeat the call after 409, 503 "
           "and 504 only.",
       .errors = {404, 409},
       .is_signed = true,
       .same_for_all = true,
       .limit = limit_class::none,
       .body_bytes_max = webhook_bytes_max},
      receive);
}

}  // namespace stoa::front
