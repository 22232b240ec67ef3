#pragma once
// What the payment service needs of a payment gateway. It owns this interface; net/gateway
// implements it. docs/gateways.md says how to add one.
//
// Every request carries an idempotency key: the gateway stores the first outcome under the key and
// answers a repeat with it. A request without an answer is neither approved nor declined but
// unknown: repeat it with the same key, or settle an authorisation with void_authorization().

#include "storage/base/money.hpp"
#include "storage/base/result.hpp"

#include <boost/describe.hpp>

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace stoa::payment {

/// Reserve `amount` on the instrument behind `token`, and with `capture` take it at once.
struct authorize_request {
  std::string key;       ///< the payment's id
  std::string order_id;  ///< for the gateway's own records
  money amount;          ///< more than zero
  std::string token;     ///< stands for the card; never a card number
  bool capture = true;
};

/// An earlier authorisation, as the gateway knows it.
struct authorization_reference {
  std::string key;             ///< of its authorize_request
  std::string transaction_id;  ///< the gateway's; empty when it has not answered yet
};

/// Take the whole amount of an authorisation.
struct capture_request {
  std::string key;  ///< the attempt's own
  authorization_reference authorization;
  money amount;
};

/// Refund `amount` of what was captured.
struct refund_request {
  std::string key;  ///< the attempt's own
  authorization_reference authorization;
  money amount;  ///< at most what is left of the captured amount
};

/// What became of a request that the gateway has answered with `accepted` or `action_required`?
struct lookup_request {
  std::string key;             ///< of the request that is looked up
  std::string transaction_id;  ///< the gateway's reference of it
};

/// `accepted`: taken, and decided later (a webhook or a lookup tells). `action_required`: the
/// customer must act at `action_url`; otherwise like `accepted`. `unknown`: no answer in time; the
/// request may have been carried out or not.
enum class gateway_status { approved, declined, unknown, accepted, action_required };
BOOST_DESCRIBE_ENUM(gateway_status, approved, declined, unknown, accepted, action_required)

struct gateway_answer {
  gateway_status status = gateway_status::unknown;
  std::string transaction_id{};  ///< the gateway's reference, where there is one
  std::string code{};            ///< stable reason when not approved: card_declined, canceled, ...
  std::string detail{};          ///< for people
  std::string action_url{};      ///< with action_required: where the customer continues

  bool operator==(const gateway_answer&) const = default;
};
BOOST_DESCRIBE_STRUCT(gateway_answer, (), (status, transaction_id, code, detail, action_url))

/// No call blocks. A callback comes on any thread, at most once, possibly before the call returns
/// and possibly never: the caller keeps its own timeout. Callbacks must not block or throw.
class gateway {
 public:
  using callback = std::function<void(gateway_answer)>;

  virtual ~gateway() = default;
  virtual void authorize(authorize_request request, callback done) = 0;
  virtual void capture(capture_request request, callback done) = 0;
  /// Settles an authorisation for good: approved when it was captured already, else it is released
  /// or prevented, and declined for ever with the code "canceled".
  virtual void void_authorization(authorization_reference authorization, callback done) = 0;
  virtual void refund(refund_request request, callback done) = 0;
  virtual void look_up(lookup_request request, callback done) = 0;
  /// Finishes what was accepted and rejects what comes later with `unknown`; returns when done.
  virtual void stop() = 0;
};

/// The gateways of a node by their registered names. They outlive all who use them.
using gateway_registry = std::map<std::string, gateway*, std::less<>>;

/// Verified content of a webhook. Webhooks say that something has changed and never what: the state
/// is looked up at the gateway before money moves, so that their order does not matter.
struct webhook_event {
  std::string event_id;    ///< the gateway's; the same in each delivery
  std::string type;        ///< the gateway's, for the log
  std::string payment_id;  ///< of the request's metadata; empty: not about a payment of the store
  std::string order_id;
};

/// How webhooks of one gateway are verified; at every node that takes requests.
class webhook_verifier {
 public:
  virtual ~webhook_verifier() = default;
  /// Name of the header field with the signature.
  virtual std::string_view signature_field() const = 0;
  /// Verifies the signature over the raw body in constant time, and that its timestamp is at most
  /// webhook_tolerance from `now`. Errors: webhook_signature_invalid, webhook_expired,
  /// webhook_invalid.
  virtual result<webhook_event> verify(std::string_view body, std::string_view signature,
                                       timestamp now) const = 0;
};
inline constexpr microseconds webhook_tolerance = seconds{300};

using webhook_registry = std::map<std::string, const webhook_verifier*, std::less<>>;

}  // namespace stoa::payment
