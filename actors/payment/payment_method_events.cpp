// Webhooks about payment methods that a gateway keeps. They may be late, repeated and out of order:
// one that a payment waits for is looked up at the gateway, which decides whether it keeps it.

#include "actors/payment/payment_parts.hpp"
#include "storage/payment/payment_store.hpp"

#include <algorithm>
#include <vector>

namespace stoa::payment {

namespace {

const saved_method_row* method_with_token(payment_service::decision& d,
                                          const receive_method_webhook& m) {
  for (const auto* s : active_methods(d, m.user_id)) {
    if (s->gateway == m.gateway && s->token_key == m.token_key) return s;
  }
  return nullptr;
}

/// The operations that may get the token: the one that an earlier event has assigned it to, or
/// those that wait for a token.
std::vector<const method_operation_row*> operations_for_token(payment_service::decision& d,
                                                              const receive_method_webhook& m) {
  auto all = d.of<method_operation_row>().where<&method_operation_row::user_id>(m.user_id);
  const auto assigned = std::ranges::find(all, m.token_key, &method_operation_row::token_key);
  if (assigned != all.end()) return {*assigned};
  std::erase_if(all, [&](const auto* o) {
    const bool waits = o->operation == method_operation::Save && o->gateway == m.gateway;
    return !waits || !o->token_key.empty();
  });
  return all;
}

}  // namespace

void payment_service::needs(const receive_method_webhook& m, need_list& list,
                            const records&) const {
  list.add<&gateway_event_row::event_id>(m.event_id);
  list.add<&saved_method_row::user_id>(m.user_id);
  list.add<&method_operation_row::user_id>(m.user_id);
}

result<webhook_reply> payment_service::decide(const receive_method_webhook& m, decision& d) const {
  if (d.of<gateway_event_row>().find(m.gateway, m.event_id)) {
    return webhook_reply{webhook_outcome::repeated};
  }
  d.of<gateway_event_row>().insert({m.gateway, m.event_id, d.now, d.now + options_.webhook_memory});
  const auto* saved = method_with_token(d, m);
  if (m.is_removed) {
    if (!saved) return webhook_reply{webhook_outcome::ignored};
    erase_method(d, *saved);
    return webhook_reply{webhook_outcome::applied};
  }
  if (saved) return webhook_reply{webhook_outcome::ignored};
  const auto waiting = operations_for_token(d, m);
  if (waiting.empty()) return webhook_reply{webhook_outcome::ignored};
  for (const auto* o : waiting) {
    auto& operation = d.of<method_operation_row>().edit(o->payment_method_id);
    // The event does not name the payment. If several wait, each is looked up by its order.
    if (waiting.size() == 1) {
      operation.token_key = m.token_key;
      operation.sealed_token = m.sealed_token;
    }
    start_method_operation(d, operation);
  }
  return webhook_reply{webhook_outcome::applied};
}

result<method_owner> payment_service::read(const get_method_owner& q, const kernel::call_context&,
                                           db::connection& c) const {
  const auto found = read_method_owner(c, q.gateway, q.token_key, q.customer_id);
  if (!found) return not_found("saved payment method");
  return method_owner{*found};
}

}  // namespace stoa::payment
