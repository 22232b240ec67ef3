#include "tests/simulation/outside.hpp"

namespace stoa::simulation {

using payment::gateway_answer;
using payment::gateway_status;

namespace {

constexpr unsigned declined_percent = 20;

gateway_answer answer_of(const std::string& key, const charge_entry& e) {
  if (e.status == gateway_status::approved) return {e.status, "tx-" + key, "", ""};
  return {e.status, "", e.code, "Not charged."};
}

}  // namespace

void simulated_bank::perform(const std::function<gateway_answer()>& process, const callback& done) {
  if (calm_) return done(process());
  call_.make(process, done, {gateway_status::unknown, "", "timeout", ""});
}

void simulated_bank::authorize(payment::authorize_request request, callback done) {
  perform([this, r = std::move(request)] { return settle_charge(r); }, done);
}

void simulated_bank::capture(payment::capture_request, callback done) {
  done({gateway_status::declined, "", "not_authorized", "Captures are automatic."});
}

void simulated_bank::void_authorization(payment::void_request request, callback done) {
  perform([this, key = std::move(request.authorization.key)] { return settle_cancel(key); }, done);
}

void simulated_bank::look_up(payment::lookup_request, callback done) {
  done({gateway_status::declined, "", "request_not_found", "Nothing is decided later."});
}

void simulated_bank::refund(payment::refund_request request, callback done) {
  perform([this, r = std::move(request)] { return settle_refund(r); }, done);
}

gateway_answer simulated_bank::settle_charge(const payment::authorize_request& r) {
  auto [it, added] = charges_.try_emplace(r.key);
  auto& e = it->second;
  if (added) {
    bool pays = !random_.chance(declined_percent);
    e = {r.order_id,
         r.token,
         r.amount,
         pays ? gateway_status::approved : gateway_status::declined,
         pays ? "" : "card_declined",
         0};
  }
  return answer_of(r.key, e);
}

gateway_answer simulated_bank::settle_cancel(const std::string& key) {
  auto [it, added] = charges_.try_emplace(key);
  if (added) it->second.code = "canceled";
  return answer_of(key, it->second);
}

gateway_answer simulated_bank::settle_refund(const payment::refund_request& r) {
  auto [it, added] = refunds_.try_emplace(r.key);
  if (!added) return it->second;
  auto charge = charges_.find(r.authorization.key);
  if (charge == charges_.end() || charge->second.status != gateway_status::approved ||
      charge->second.refunded + r.amount.amount > charge->second.amount.amount) {
    it->second = {gateway_status::declined, "", "refund_exceeds_charge", ""};
  } else {
    charge->second.refunded += r.amount.amount;
    it->second = {gateway_status::approved, "re-" + r.key, "", ""};
  }
  return it->second;
}

void simulated_mailbox::send(notification::outgoing message, callback done) {
  auto process = [this, m = std::move(message)]() -> std::optional<notification::send_failure> {
    mails_.try_emplace(m.key, m);
    return std::nullopt;
  };
  if (calm_) return done(process());
  call_.make(process, done, notification::send_failure{"No connection."});
}

}  // namespace stoa::simulation
