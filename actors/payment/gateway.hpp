#pragma once
// What the payment service asks of a card gateway. It owns this interface; net/gateway implements
// it.
//
// Every request carries a key that makes a repeat harmless: the gateway stores the first outcome
// under the key and gives the same answer to whoever asks again. A charge, once the callback stayed
// away, is neither paid nor declined but unknown: ask again with the same key, or settle it with
// cancel().

#include "storage/base/money.hpp"

#include <boost/describe.hpp>

#include <functional>
#include <string>

namespace stoa::payment {

/// Take `amount` from the card behind `token`.
struct charge_request {
  std::string key;       ///< the payment's id
  std::string order_id;  ///< for the gateway's own books
  money amount;          ///< more than zero
  std::string token;     ///< stands for the card; never a card number
};
BOOST_DESCRIBE_STRUCT(charge_request, (), (key, order_id, amount, token))

/// Refunds `amount` of the charge made under `charge_key`.
struct refund_request {
  std::string key;         ///< the refund's own id
  std::string charge_key;  ///< the key of the charge
  money amount;            ///< at most what is left of the charge
};
BOOST_DESCRIBE_STRUCT(refund_request, (), (key, charge_key, amount))

/// `unknown` says that no answer could be had in time (timeout, unreachable, overloaded): it may
/// have been done or not. Ask again with the same key.
enum class gateway_status { approved, declined, unknown };
BOOST_DESCRIBE_ENUM(gateway_status, approved, declined, unknown)

/// What the gateway says.
struct gateway_answer {
  gateway_status status = gateway_status::unknown;
  std::string transaction_id;  ///< the gateway's own reference, when approved
  std::string code;            ///< stable reason when not approved: card_declined, canceled, ...
  std::string detail;          ///< for people

  bool operator==(const gateway_answer&) const = default;
};
BOOST_DESCRIBE_STRUCT(gateway_answer, (), (status, transaction_id, code, detail))

/// A card gateway. No call blocks. A callback comes on any thread, at most once, possibly before
/// the call returns and possibly never: the caller keeps its own timeout. Callbacks must not block
/// or throw.
class gateway {
 public:
  using callback = std::function<void(gateway_answer)>;

  virtual ~gateway() = default;
  virtual void charge(charge_request request, callback done) = 0;
  /// Settles the key of a charge for good: approved when it was charged already, else it is
  /// declined for ever with the code "canceled" and a later charge under the key is declined
  /// likewise.
  virtual void cancel(std::string charge_key, callback done) = 0;
  virtual void refund(refund_request request, callback done) = 0;
  /// Finishes what was accepted and refuses what comes later with `unknown`; returns when done.
  virtual void stop() = 0;
};

}  // namespace stoa::payment
