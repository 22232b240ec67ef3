#include "actors/kernel/define_service.hpp"
#include "actors/payment/payment_service.hpp"
#include "config/settings.hpp"
#include "storage/payment/payment_store.hpp"

namespace stoa::payment {

payment_options options_of(const settings& all) {
  payment_options o;
  o.gateway_timeout = milliseconds{all.payment.gateway_timeout_ms};
  o.retry_min = milliseconds{all.payment.retry_ms_min};
  o.retry_max = milliseconds{all.payment.retry_ms_max};
  o.give_up = seconds{all.payment.give_up_s};
  o.gateway = all.payment.gateway;
  o.capture = enum_value<capture_method>(all.payment.capture).value_or(capture_method::automatic);
  o.bank_transfer_wait = std::chrono::hours{24} * all.payment.bank_transfer_days;
  o.bank_transfer_instructions = all.payment.bank_transfer_instructions;
  o.instrument_ttl = seconds{all.payment.instrument_ttl_s};
  return o;
}

kernel::service_definition definition_of(const payment_service& service) {
  auto d = kernel::define_service(service);
  d.set_expensive<list_payments_query>();
  d.set_may_lag<list_payments_query>();
  d.set_may_lag<get_ledger_balances>();
  d.set_expensive<list_recorded_payments>();
  d.set_expensive<list_recorded_refunds>();
  d.set_expensive<get_recorded>();
  d.measure = [](db::connection& c, timestamp now, kernel::service_figures& f) {
    f.oldest_pending_s = kernel::age_s(oldest_pending(c), now);
    f.disputes.emplace();
    for (auto& n : count_disputes(c)) {
      f.disputes->push_back({std::move(n.gateway), std::string(enum_name(n.status)), n.count});
    }
  };
  return d;
}

}  // namespace stoa::payment
