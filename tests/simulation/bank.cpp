#include "tests/simulation/bank.hpp"

#include "net/gateway/webhook_signature.hpp"

namespace stoa::simulation {

using payment::gateway_answer;
using payment::gateway_status;

namespace {

constexpr unsigned declined_percent = 20;
constexpr unsigned pending_percent = 20;
constexpr unsigned capture_declined_percent = 30;
constexpr unsigned capture_pending_percent = 25;
constexpr unsigned expired_percent = 15;
constexpr unsigned refund_pending_percent = 15;
constexpr unsigned refund_declined_percent = 8;
constexpr unsigned flawed_percent = 40;
constexpr auto latest_delivery = std::chrono::hours{72};

gateway_answer answer_of(const std::string& key, const charge_entry& e) {
  switch (e.state) {
    case charge_state::authorized:
    case charge_state::paid:
      return {gateway_status::approved, "tx-" + key, {}, {}, {}};
    case charge_state::pending:
      if (!e.customer_acts) return {gateway_status::accepted, "tx-" + key, {}, {}, {}};
      return {gateway_status::action_required, "tx-" + key, {}, {}, "https://bank.example/" + key};
    case charge_state::declined:
    case charge_state::canceled:
      break;
  }
  return {gateway_status::declined, {}, e.code, "Not charged.", {}};
}

gateway_answer answer_of(const std::string& key, const capture_entry& c) {
  if (c.status == gateway_status::declined) return {c.status, {}, c.code, "Not captured.", {}};
  return {c.status, "cap-" + key, {}, {}, {}};
}

gateway_answer answer_of(const std::string& key, const refund_entry& r) {
  if (r.status == gateway_status::declined) return {r.status, {}, r.code, {}, {}};
  return {r.status, "re-" + key, {}, {}, {}};
}

}  // namespace

void simulated_bank::perform(const std::function<gateway_answer()>& process, const callback& done) {
  if (calm_) return done(process());
  call_.make(process, done, {gateway_status::unknown, {}, "timeout", {}, {}});
}

void simulated_bank::authorize(payment::authorize_request request, callback done) {
  perform([this, r = std::move(request)] { return settle_charge(r); }, done);
}

void simulated_bank::capture(payment::capture_request request, callback done) {
  perform([this, r = std::move(request)] { return settle_capture(r); }, done);
}

void simulated_bank::void_authorization(payment::void_request request, callback done) {
  perform([this, key = std::move(request.authorization.key)] { return settle_cancel(key); }, done);
}

void simulated_bank::look_up(payment::lookup_request request, callback done) {
  perform([this, key = std::move(request.key)] { return find(key); }, done);
}

void simulated_bank::refund(payment::refund_request request, callback done) {
  perform([this, r = std::move(request)] { return settle_refund(r); }, done);
}

gateway_answer simulated_bank::find(const std::string& key) const {
  if (const auto c = charges_.find(key); c != charges_.end()) return answer_of(key, c->second);
  if (const auto c = captures_.find(key); c != captures_.end()) return answer_of(key, c->second);
  if (const auto r = refunds_.find(key); r != refunds_.end()) return answer_of(key, r->second);
  return {gateway_status::declined, {}, "request_not_found", {}, {}};
}

gateway_answer simulated_bank::settle_charge(const payment::authorize_request& r) {
  auto [it, added] = charges_.try_emplace(r.key);
  auto& e = it->second;
  if (added) {
    e.order_id = r.order_id;
    e.token = r.token;
    e.amount = r.amount;
    e.captures = r.capture;
    if (!calm_ && random_.chance(pending_percent)) {
      e.state = charge_state::pending;
      e.customer_acts = random_.chance(60);
      decide_later(r.key, &simulated_bank::decide_charge);
    } else if (random_.chance(declined_percent)) {
      e.code = "card_declined";
    } else {
      approve(r.key, e);
    }
    announce(r.key, r.order_id);
  }
  return answer_of(r.key, e);
}

void simulated_bank::approve(const std::string& key, charge_entry& e) {
  e.state = e.captures ? charge_state::paid : charge_state::authorized;
  if (e.captures) {
    e.captured_at = time_.now();
  } else if (!calm_ && random_.chance(expired_percent)) {
    decide_later(key, &simulated_bank::expire);
  }
}

/// The customer may also abandon the charge.
void simulated_bank::decide_charge(const std::string& key) {
  auto& e = charges_.at(key);
  if (e.state != charge_state::pending || (e.customer_acts && random_.chance(25))) return;
  if (random_.chance(70)) {
    approve(key, e);
  } else {
    e.state = charge_state::declined;
    e.code = e.customer_acts ? "authentication_failed" : "card_declined";
  }
  announce(key, e.order_id);
}

gateway_answer simulated_bank::settle_cancel(const std::string& key) {
  auto [it, added] = charges_.try_emplace(key);
  auto& e = it->second;
  if (e.capturing) violations_.push_back("the charge " + key + " is voided while it is captured");
  if (added || e.state == charge_state::pending || e.state == charge_state::authorized) {
    e.state = charge_state::canceled;
    e.code = "canceled";
    if (!added) announce(key, e.order_id);
  }
  return answer_of(key, e);
}

void simulated_bank::expire(const std::string& key) {
  auto& e = charges_.at(key);
  if (e.state != charge_state::authorized || e.capturing) return;
  e.state = charge_state::canceled;
  e.code = "authorization_expired";
  announce(key, e.order_id);
}

gateway_answer simulated_bank::settle_capture(const payment::capture_request& r) {
  auto [it, added] = captures_.try_emplace(r.key);
  auto& e = it->second;
  if (!added) return answer_of(r.key, e);
  e.charge = r.authorization.key;
  const auto found = charges_.find(e.charge);
  const bool is_held = found != charges_.end() && found->second.state == charge_state::authorized;
  const bool has_ended = found != charges_.end() && found->second.state == charge_state::canceled;
  if (!is_held || found->second.capturing || found->second.amount != r.amount) {
    e.code = has_ended ? found->second.code : "invalid_request";
    if (!has_ended) violations_.push_back("the charge " + e.charge + " cannot be captured");
    return answer_of(r.key, e);
  }
  if (!calm_ && random_.chance(capture_declined_percent)) {
    e.code = "capture_declined";
  } else if (!calm_ && random_.chance(capture_pending_percent)) {
    e.status = gateway_status::accepted;
    found->second.capturing = true;
    decide_later(r.key, &simulated_bank::decide_capture);
  } else {
    e.status = gateway_status::approved;
    found->second.state = charge_state::paid;
    found->second.captured_at = time_.now();
  }
  announce(e.charge, found->second.order_id);
  return answer_of(r.key, e);
}

void simulated_bank::decide_capture(const std::string& key) {
  auto& e = captures_.at(key);
  auto& charge = charges_.at(e.charge);
  charge.capturing = false;
  if (random_.chance(50)) {
    e.status = gateway_status::declined;
    e.code = "capture_declined";
  } else {
    e.status = gateway_status::approved;
    charge.state = charge_state::paid;
    charge.captured_at = time_.now();
  }
  announce(e.charge, charge.order_id);
}

gateway_answer simulated_bank::settle_refund(const payment::refund_request& r) {
  auto [it, added] = refunds_.try_emplace(r.key);
  auto& e = it->second;
  if (!added) return answer_of(r.key, e);
  e.charge = r.authorization.key;
  e.amount = r.amount.amount;
  const auto found = charges_.find(e.charge);
  if (found == charges_.end() || !found->second.paid() ||
      found->second.refunded + e.amount > found->second.amount.amount) {
    e.code = "refund_exceeds_charge";
    violations_.push_back("a refund of " + e.charge + " exceeds what was captured");
    return answer_of(r.key, e);
  }
  if (!calm_ && random_.chance(refund_declined_percent)) {
    e.code = "refund_declined";
    return answer_of(r.key, e);
  }
  found->second.refunded += e.amount;
  e.status = gateway_status::approved;
  if (!calm_ && random_.chance(refund_pending_percent)) {
    e.status = gateway_status::accepted;
    decide_later(r.key, &simulated_bank::decide_refund);
  }
  announce(e.charge, found->second.order_id);
  return answer_of(r.key, e);
}

void simulated_bank::decide_refund(const std::string& key) {
  auto& e = refunds_.at(key);
  auto& charge = charges_.at(e.charge);
  e.status = gateway_status::approved;
  if (random_.chance(20)) {
    e.status = gateway_status::declined;
    e.code = "refund_declined";
    charge.refunded -= e.amount;
  }
  announce(e.charge, charge.order_id);
}

void simulated_bank::decide_later(const std::string& key,
                                  void (simulated_bank::*decide)(const std::string&)) {
  later_.push_back({"the bank decides on " + key, [this, key, decide] { (this->*decide)(key); },
                    timestamp{INT64_MAX},
                    time_.now() + milliseconds{random_.between(500, 900'000)}});
}

// --- webhooks
// --------------------------------------------------------------------------------------

void simulated_bank::announce(const std::string& payment_id, const std::string& order_id) {
  const auto id = "evt_" + std::to_string(events_.size() + 1);
  events_.insert(id);
  webhook_delivery d{
      id,
      R"({"id":")" + id +
          R"(","type":"charge.updated","data":{"object":{"metadata":{"payment_id":")" + payment_id +
          R"(","order_id":")" + order_id + R"("}}}})",
      {},
      webhook_flaw::none};
  for (std::size_t i = 0; i < deliveries; ++i) {
    microseconds delay = milliseconds{random_.between(0, 5'000)};
    if (random_.chance(30)) delay = seconds{random_.between(5, 600)};
    if (random_.chance(10)) {
      delay = seconds{random_.between(600, std::chrono::seconds{latest_delivery}.count())};
    }
    send(d, delay, true);
  }
  if (random_.chance(flawed_percent)) send_flawed(d);
}

/// With `sign` it is signed when it is sent, by a clock that may be ahead.
void simulated_bank::send(webhook_delivery d, microseconds delay, bool sign) {
  later_.push_back({"webhook " + d.event_id,
                    [this, d = std::move(d), sign]() mutable {
                      if (sign) {
                        const bool ahead = d.flaw == webhook_flaw::future;
                        const auto now =
                            time_.now() + (ahead ? 2 * payment::webhook_tolerance : seconds{0});
                        d.signature = gateways::sign_webhook(webhook_secret, d.body, now);
                      }
                      webhook(d);
                    },
                    timestamp{INT64_MAX}, time_.now() + delay});
}

/// A delivery that must be rejected.
void simulated_bank::send_flawed(const webhook_delivery& d) {
  auto bad = d;
  const auto soon = seconds{random_.between(0, 100)};
  switch (random_.below(4)) {
    case 0:
      bad.flaw = webhook_flaw::forged;
      bad.event_id = "evt_forged_" + d.event_id;
      bad.signature = gateways::sign_webhook("whsec_of_a_forger", bad.body, time_.now());
      return send(bad, soon, false);
    case 1:
      bad.flaw = webhook_flaw::altered;
      bad.signature = gateways::sign_webhook(webhook_secret, bad.body, time_.now());
      bad.body.insert(bad.body.find("evt_") + 4, "9");
      return send(bad, soon, false);
    case 2:
      // Recorded by an attacker and sent again when the tolerance has passed.
      bad.flaw = webhook_flaw::outdated;
      bad.signature = gateways::sign_webhook(webhook_secret, bad.body, time_.now());
      return send(bad, payment::webhook_tolerance + seconds{random_.between(2, 200'000)}, false);
    default:
      bad.flaw = webhook_flaw::future;
      return send(bad, soon, true);
  }
}

}  // namespace stoa::simulation
