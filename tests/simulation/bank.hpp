#pragma once
// The card gateway of a simulated store. It decides some charges later or after the customer has
// acted, declines or delays some captures, lets some authorisations expire, and sends signed
// webhooks: each several times, in any order and up to three days late, between forged, altered and
// outdated ones.

#include "actors/payment/gateway.hpp"
#include "tests/simulation/outside.hpp"

#include <set>

namespace stoa::simulation {

/// `authorized`: reserved, to be captured; `canceled`: also an authorisation that has expired.
enum class charge_state { declined, pending, authorized, paid, canceled };

/// A charge in the bank's books under one key.
struct charge_entry {
  std::string order_id;
  std::string token;
  money amount;
  charge_state state = charge_state::declined;
  bool captures = true;        ///< the authorisation captures, too
  bool customer_acts = false;  ///< a pending charge: the customer, rather than the bank, decides
  bool capturing = false;      ///< a capture is decided later
  std::string code;
  timestamp captured_at;
  std::int64_t refunded = 0;  ///< succeeded and pending refunds

  bool paid() const { return state == charge_state::paid; }
};

/// A capture of an authorised charge in the bank's books under one key.
struct capture_entry {
  std::string charge;
  payment::gateway_status status = payment::gateway_status::declined;
  std::string code;
};

/// A refund in the bank's books under one key.
struct refund_entry {
  std::string charge;
  std::int64_t amount = 0;
  payment::gateway_status status = payment::gateway_status::declined;
  std::string code;
};

/// The payment token of a purchase, by its unique email address.
inline std::string token_of(const std::string& email) {
  return "tok_" + email;
}

/// Why a delivery must be rejected; `none`: it must be accepted.
enum class webhook_flaw { none, forged, altered, outdated, future };
BOOST_DESCRIBE_ENUM(webhook_flaw, none, forged, altered, outdated, future)

/// A webhook in transit to the store.
struct webhook_delivery {
  std::string event_id;
  std::string body;
  std::string signature;
  webhook_flaw flaw = webhook_flaw::none;
};

/// The first outcome under a key is final.
class simulated_bank final : public payment::gateway {
 public:
  /// The secret of the signatures.
  static constexpr const char* webhook_secret = "whsec_of_the_simulated_store";
  static constexpr std::size_t deliveries = 5;  ///< of each event

  simulated_bank(random_source& random, const clock& time, bag& later)
      : random_(random), time_(time), later_(later), call_(random, later) {}

  void authorize(payment::authorize_request request, callback done) override;
  void capture(payment::capture_request request, callback done) override;
  void void_authorization(payment::void_request request, callback done) override;
  void refund(payment::refund_request request, callback done) override;
  void look_up(payment::lookup_request request, callback done) override;
  void stop() override {}

  /// Receives the deliveries.
  std::function<void(const webhook_delivery&)> webhook;
  /// From now on every call is processed, decided and answered at once.
  void calm() { calm_ = true; }
  const std::map<std::string, charge_entry>& charges() const { return charges_; }
  const std::map<std::string, refund_entry>& refunds() const { return refunds_; }
  /// Requests that no correct store sends.
  const std::vector<std::string>& violations() const { return violations_; }
  const std::set<std::string>& events() const { return events_; }

 private:
  void perform(const std::function<payment::gateway_answer()>& process, const callback& done);
  payment::gateway_answer settle_charge(const payment::authorize_request& r);
  payment::gateway_answer settle_cancel(const std::string& key);
  payment::gateway_answer settle_capture(const payment::capture_request& r);
  payment::gateway_answer settle_refund(const payment::refund_request& r);
  payment::gateway_answer find(const std::string& key) const;
  void approve(const std::string& key, charge_entry& e);
  void decide_charge(const std::string& key);
  void decide_capture(const std::string& key);
  void expire(const std::string& key);
  void decide_refund(const std::string& key);
  void decide_later(const std::string& key, void (simulated_bank::*decide)(const std::string&));
  void announce(const std::string& payment_id, const std::string& order_id);
  void send(webhook_delivery d, microseconds delay, bool sign);
  void send_flawed(const webhook_delivery& d);

  random_source& random_;
  const clock& time_;
  bag& later_;
  unreliable_call<payment::gateway_answer> call_;
  bool calm_ = false;
  std::map<std::string, charge_entry> charges_;
  std::map<std::string, capture_entry> captures_;
  std::map<std::string, refund_entry> refunds_;
  std::vector<std::string> violations_;
  std::set<std::string> events_;
};

}  // namespace stoa::simulation
