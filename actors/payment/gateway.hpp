#pragma once
// The Payment service's interface to a payment gateway; implemented in net/gateway.
// docs/gateways.md describes how to add a gateway.
//
// Every request has an idempotency key: the gateway stores the first outcome under the key and
// returns it for retries. The outcome of a request without an answer is unknown: retry it with the
// same key, or settle an authorisation with void_authorization().

#include "actors/payment/gateway_activity.hpp"
#include "storage/base/money.hpp"
#include "storage/base/result.hpp"
#include "storage/payment/payment.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace stoa::payment {

/// A user's customer at a gateway that keeps payment methods.
struct customer_reference {
  std::string user_id;      ///< the key of its creation, so that a user has one
  std::string customer_id;  ///< the gateway's; empty if it is not known yet
};

/// Reserves `amount` on the instrument of `token`; with `capture` also captures it.
struct authorize_request {
  std::string key;       ///< the payment's id
  std::string order_id;  ///< for the gateway's records
  money amount;          ///< greater than zero
  std::string token;     ///< represents the card; never a card number
  bool capture = true;
  /// To whom the token belongs, or with `saves`, who saves it: only for gateways that keep methods.
  std::optional<customer_reference> customer{};
  /// Keeps the payment method of the token for the customer's later payments if this one is
  /// approved: the answer has `vaulted` then. A method that cannot be kept is charged nevertheless.
  bool saves = false;
};

/// Identifies an earlier authorisation at the gateway.
struct authorization_reference {
  std::string key;             ///< of its authorize_request
  std::string transaction_id;  ///< the gateway's; empty when it has not answered yet
  std::string capture_id{};    ///< the gateway's, of a separate capture; for refunds
};

/// Settles an authorisation that is not wanted any more. Repeats the authorize_request's fields
/// except the token, so that a request that was never received can be prevented.
struct void_request {
  authorization_reference authorization;
  std::string order_id;
  money amount;
  bool capture = true;
  bool with_saved = false;  ///< its token was that of a kept payment method
};

/// Captures the full amount of an authorisation. Declined with the code "canceled" or
/// "authorization_expired" if the authorisation has ended.
struct capture_request {
  std::string key;  ///< the attempt's own
  authorization_reference authorization;
  money amount;
};

/// Refunds `amount` of the captured amount.
struct refund_request {
  std::string key;  ///< the attempt's own
  authorization_reference authorization;
  money amount;            ///< at most the captured amount that is not refunded yet
  std::string order_id{};  ///< for the gateway's records
};

/// Queries the outcome of a request that was answered with `accepted` or `action_required`. Where
/// the gateway waits for a further request after the customer has acted, it sends that request,
/// too.
struct lookup_request {
  std::string key;                                 ///< of the request
  std::string transaction_id;                      ///< the gateway's reference of the request
  open_effect operation = open_effect::Authorize;  ///< that the request was for
  std::string payment_id{};                        ///< of the payment that the request was for
  money amount{};                                  ///< of the request
  std::string customer_id{};                       ///< of its customer, if any
};

/// Attaches a payment method to the customer, who may not exist yet, without a payment. A token of
/// a vaulted_method that is pending asks whether the gateway keeps it by now.
struct save_method_request {
  std::string key;  ///< the id of the saved method
  customer_reference customer;
  std::string token;
};

/// Removes a payment method from the customer, permanently, also one that is pending. That of
/// another customer stays.
struct remove_method_request {
  std::string key;  ///< the id of the saved method
  customer_reference customer;
  std::string token;
};

/// A payment method that a gateway keeps for a customer. Of the card only what may be shown.
struct vaulted_method {
  std::string token;  ///< for later payments; encrypted when it has left the effect
  std::optional<std::string> brand = std::nullopt;
  std::optional<std::string> last4 = std::nullopt;
  std::optional<std::int64_t> exp_month = std::nullopt;
  std::optional<std::int64_t> exp_year = std::nullopt;
  std::optional<std::string> hint = std::nullopt;       ///< of an account: its masked email address
  std::optional<std::string> token_key = std::nullopt;  ///< the token's fingerprint
  /// The gateway keeps it later: `token` identifies the request, and cannot pay.
  bool is_pending = false;
  static constexpr std::string_view defaults[] = {"is_pending"};

  bool operator==(const vaulted_method&) const = default;
};
BOOST_DESCRIBE_STRUCT(vaulted_method, (),
                      (token, brand, last4, exp_month, exp_year, hint, token_key, is_pending))

/// `accepted`: decided later; the outcome comes by a webhook or a lookup. `action_required`: like
/// `accepted`, but the customer must act at `action_url` first. `unknown`: no answer in time; the
/// request may or may not have been executed. An answer about another payment or with another
/// amount is `unknown`, too, with the code "gateway_mismatch".
enum class gateway_status { approved, declined, unknown, accepted, action_required };
BOOST_DESCRIBE_ENUM(gateway_status, approved, declined, unknown, accepted, action_required)

struct gateway_answer {
  gateway_status status = gateway_status::unknown;
  std::string transaction_id{};  ///< the gateway's reference, if any
  std::string code{};            ///< stable reason when not approved: card_declined, canceled, ...
  std::string detail{};          ///< human-readable
  std::string action_url{};      ///< with action_required: where the customer continues
  /// When approved and captured: the captured amount, if it is lower than the requested one.
  std::optional<money> captured_amount{};
  std::optional<std::string> customer_id{};  ///< the customer at the gateway, if there is one
  std::optional<vaulted_method> vaulted{};   ///< what the gateway keeps for the customer

  bool operator==(const gateway_answer&) const = default;
};
BOOST_DESCRIBE_STRUCT(gateway_answer, (),
                      (status, transaction_id, code, detail, action_url, captured_amount,
                       customer_id, vaulted))

/// No call blocks. Callbacks run on any thread, at most once, possibly before the call returns, and
/// possibly never: callers need their own timeout. Callbacks must not block or throw.
class gateway {
 public:
  using callback = std::function<void(gateway_answer)>;
  using activity_callback = std::function<void(gateway_activity)>;
  using list_callback = std::function<void(list_page)>;

  virtual ~gateway() = default;
  virtual void authorize(authorize_request request, callback done) = 0;
  virtual void capture(capture_request request, callback done) = 0;
  /// Settles an authorisation permanently: approved if it was already captured; otherwise it is
  /// released or prevented, and declined with the code "canceled" from then on.
  virtual void void_authorization(void_request request, callback done) = 0;
  virtual void refund(refund_request request, callback done) = 0;
  virtual void look_up(lookup_request request, callback done) = 0;
  /// Approved with `customer_id` and `vaulted`; a repeat has the same effect. By default declined:
  /// for a gateway that keeps no payment methods.
  virtual void save_method(save_method_request request, callback done);
  /// Approved when the customer does not have the method any more, also if that was so before. By
  /// default approved.
  virtual void remove_method(remove_method_request request, callback done);
  /// Deletes the customer with all payment methods: approved when it does not exist, and cannot be
  /// created by an earlier request any more. By default approved.
  virtual void remove_customer(customer_reference customer, callback done);
  /// Reads all refunds and disputes of an authorisation, including those that this store has not
  /// requested. By default there are none: for a gateway at which nothing can be done manually.
  virtual void read_activity(authorization_reference authorization, activity_callback done);
  /// Lists the gateway's records for the reconciliation. By default not_supported.
  virtual void list(list_request request, list_callback done);
  /// Completes accepted requests and answers later ones with `unknown`; returns when done.
  virtual void stop() = 0;
};

/// A node's gateways by registered name. They outlive all their users.
using gateway_registry = std::map<std::string, gateway*, std::less<>>;

/// A payment method at the gateway that a webhook is about.
struct kept_method_event {
  std::string token;
  std::string customer_id;  ///< the gateway's; may be empty
  std::string user_id;      ///< whose customer it is; may be empty
  bool is_removed = false;  ///< the gateway does not keep it any more
};

/// The verified content of a webhook. A webhook only signals a change: the state is looked up at
/// the gateway, so that the order of webhooks does not matter.
struct webhook_event {
  static constexpr std::size_t event_id_bytes_max = 255;
  static constexpr std::size_t type_bytes_max = 100;
  std::string event_id;    ///< the gateway's, in its own form; the same in each delivery
  std::string type;        ///< the gateway's, for the log
  std::string payment_id;  ///< from the request's metadata; may be empty
  std::string order_id;
  std::string transaction_id{};  ///< the gateway's id of the authorisation; may be empty
  /// Refunds or disputes of the payment have changed: read_activity() returns their state.
  bool has_activity = false;
  /// The gateway has authorised or captured the payment.
  bool is_paid = false;
  std::optional<kept_method_event> method{};  ///< the event is about it, and not about a payment
};

/// Verifies the webhooks of one gateway; used by every node that accepts requests.
class webhook_verifier {
 public:
  virtual ~webhook_verifier() = default;
  /// The name of the header field with the signature.
  virtual std::string_view signature_field() const = 0;
  /// Verifies the signature over the raw body, that its timestamp is at most webhook_tolerance from
  /// `now`, and that the event can be stored: its id is 1 to event_id_bytes_max characters of
  /// printable ASCII, its type at most type_bytes_max bytes. Errors: webhook_signature_invalid,
  /// webhook_expired, webhook_invalid.
  result<webhook_event> verify(std::string_view body, std::string_view signature,
                               timestamp now) const;

 private:
  /// Verifies the signature in constant time and its timestamp, and reads the event.
  virtual result<webhook_event> read(std::string_view body, std::string_view signature,
                                     timestamp now) const = 0;
};
inline constexpr microseconds webhook_tolerance = seconds{300};

/// The error of a webhook that is rejected.
inline problem webhook_rejected(std::string code, std::string detail) {
  return {problem_kind::malformed, std::move(code), std::move(detail), {}};
}

/// webhook_expired if the signature's timestamp is more than webhook_tolerance from `now`.
std::optional<problem> check_webhook_time(timestamp signed_at, timestamp now);

/// A webhook as it was received.
struct received_webhook {
  std::string body;
  std::map<std::string, std::string, std::less<>> fields{};  ///< of the header
  std::uint64_t client = 0;                                  ///< the sender's address, as a number
  timestamp now{};
};

/// Verifies the webhooks of a gateway with data that may have to be requested from it.
class remote_webhook_verifier {
 public:
  using callback = std::function<void(result<webhook_event>)>;

  virtual ~remote_webhook_verifier() = default;
  /// Names of the header fields that verify() needs.
  virtual std::vector<std::string> signature_fields() const = 0;
  /// Calls back once, on any thread, possibly before it returns; an event can be stored. Errors:
  /// webhook_signature_invalid, webhook_expired, webhook_invalid, and webhook_unverified if the
  /// gateway does not answer.
  virtual void verify(received_webhook received, callback done) const = 0;
};

/// webhook_invalid if the event cannot be stored.
std::optional<problem> check_event(const webhook_event& event);

using webhook_registry =
    std::map<std::string, std::variant<const webhook_verifier*, const remote_webhook_verifier*>,
             std::less<>>;

}  // namespace stoa::payment
