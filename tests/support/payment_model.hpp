#pragma once
// A payment of an order with staff who refund it, and the gateway's answers, for the tests of the
// payment model.

#include "actors/payment/payment_rules.hpp"
#include "tests/support/payment_fixture.hpp"

namespace stoa::payment {

inline const gateway_answer back{gateway_status::approved, "re_1", "", ""};
inline const gateway_answer no_refund{gateway_status::declined, "", "refund_declined", "No."};
inline const gateway_answer action{gateway_status::action_required, "ch_1", "action_required",
                                   "Confirm.", "https://bank.example/1"};

struct model : payments {
  using payments::payments;

  kernel::caller staff = as_user({system_ids().next_v7()}, kernel::role::staff);

  void pay(std::int64_t amount = 1000) {
    reserve(amount);
    answer(open_effect::Authorize, paid);
    effects.clear();
    events.clear();
  }
  result<refund_view> refund(std::optional<std::int64_t> amount) {
    request_refund m{row().payment_id, order, std::nullopt, "damaged"};
    if (amount) m.amount = money{*amount, "EUR"};
    return run(m, staff);
  }
  result<refund_view> retry(stoa::refund_id id) {
    return run(retry_refund{row().payment_id, order, id}, staff);
  }
  std::string webhook(const std::string& event, const std::string& gateway = "sandbox") {
    const auto reply =
        run(receive_webhook{gateway, event, "payment.changed", row().payment_id, order});
    return std::string(enum_name(reply.value().outcome));
  }
  /// The gateway has authorised or captured the payment.
  std::string paid_webhook(const std::string& event) {
    receive_webhook m{"sandbox", event, "payment.paid", row().payment_id, order};
    m.is_paid = true;
    return std::string(enum_name(run(m).value().outcome));
  }
};

}  // namespace stoa::payment
