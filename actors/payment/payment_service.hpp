#pragma once
// The Payment service: one payment an order, and what is open at the gateway. Pure functions over
// its own records; payment_effects.hpp calls the gateway.
//
// A timeout means "unknown", never "failed": the same question is asked again with the same key
// until there is an answer. What is charged for an order that is off is given back.

#include "actors/catalog/catalog_events.hpp"
#include "actors/kernel/decision.hpp"
#include "actors/kernel/gathered.hpp"
#include "actors/order/order_events.hpp"
#include "actors/payment/payment_events.hpp"
#include "actors/payment/payment_messages.hpp"
#include "storage/kernel/expiry.hpp"

namespace stoa {
struct settings;
}

namespace stoa::payment {

struct payment_options {
  microseconds gateway_timeout = seconds{3};
  /// On top of the timeout before the sweep starts a call again whose answer has not been heard of.
  microseconds gateway_margin = seconds{2};
  microseconds retry_min = milliseconds{200};
  microseconds retry_max = seconds{60};
  microseconds instrument_ttl = seconds{3600};  ///< an unused instrument is deleted after this
  microseconds give_up = seconds{600};  ///< a charge unanswered for this long is cancelled instead
};

class payment_service {
 public:
  static constexpr std::string_view name = "payment";
  using records = payment_records;
  using commands = boost::mp11::mp_list<store_instrument, gateway_result, retry_payment>;
  using subscriptions = boost::mp11::mp_list<catalog::stock_reserved, order::order_cancelled>;
  using events = boost::mp11::mp_list<payment_completed, payment_failed, payment_refunded>;
  using queries = boost::mp11::mp_list<get_order_payments, get_orders_payments, list_payments_query,
                                       get_payment>;
  using need_list = db::need_list<records>;
  using decision = kernel::decision<records>;

  explicit payment_service(payment_options options) : options_(options) {}

  void needs(const store_instrument& m, need_list& list, const records&) const;
  result<kernel::nothing> decide(const store_instrument&, decision&) const;
  void needs(const gateway_result& m, need_list& list, const records&) const;
  result<kernel::nothing> decide(const gateway_result&, decision&) const;
  void needs(const retry_payment& m, need_list& list, const records&) const;
  result<kernel::nothing> decide(const retry_payment&, decision&) const;

  void needs(const catalog::stock_reserved&, need_list&, const records&) const;
  kernel::applied decide(const catalog::stock_reserved&, decision&) const;
  void needs(const order::order_cancelled&, need_list&, const records&) const;
  kernel::applied decide(const order::order_cancelled&, decision&) const;

  kernel::gathered<payment_page> gather(const get_orders_payments&, const kernel::call_context&,
                                        db::gathering&) const;
  result<payment_page> read(const get_order_payments&, const kernel::call_context&,
                            db::connection&) const;
  result<payment_page> read(const list_payments_query&, const kernel::call_context&,
                            db::connection&) const;
  result<payment_detail_view> read(const get_payment&, const kernel::call_context&,
                                   db::connection&) const;

  static std::vector<const kernel::expiry*> expiring();
  kernel::due_work due(db::connection&, timestamp now, bool starting) const;

 private:
  void open(decision&, payment_row&, open_effect) const;
  void start(decision&, payment_row&) const;
  timestamp latest_attempt(timestamp now) const;
  void put_off(decision&, payment_row&) const;
  void charged(decision&, payment_row&, const gateway_answer&) const;
  void declined(decision&, payment_row&, const gateway_answer&) const;
  void refunded(decision&, payment_row&, const gateway_answer&) const;
  void unknown(decision&, payment_row&, open_effect operation) const;

  payment_options options_;
};

/// As the settings say.
payment_options options_of(const settings& all);
/// What the node runs. Made in a file of its own, because the generic code is slow to compile.
kernel::service_definition definition_of(const payment_service& service);

}  // namespace stoa::payment
