#pragma once
// What a gateway reports about its own records: the refunds and disputes of a payment, and lists of
// a period.

#include "storage/base/money.hpp"
#include "storage/base/time.hpp"
#include "storage/payment/dispute_status.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace stoa::payment {

enum class gateway_refund_status { pending, succeeded, failed };
BOOST_DESCRIBE_ENUM(gateway_refund_status, pending, succeeded, failed)

/// A refund in the gateway's records.
struct gateway_refund {
  std::string transaction_id;          ///< the gateway's id of the refund
  std::string key;                     ///< of the refund_request; empty: made at the gateway
  std::string payment_id;              ///< empty if the gateway does not state it
  std::string payment_transaction_id;  ///< the gateway's id of the authorisation
  money amount;
  gateway_refund_status status = gateway_refund_status::pending;
  std::string code;  ///< why it failed
  timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(gateway_refund, (),
                      (transaction_id, key, payment_id, payment_transaction_id, amount, status,
                       code, created_at))

/// A dispute in the gateway's records.
struct gateway_dispute {
  std::string reference;  ///< the gateway's id
  money amount;           ///< in the payment's currency
  std::string reason;
  dispute_status status = dispute_status::Open;
  bool funds_withdrawn = false;
  std::optional<timestamp> respond_by;
  timestamp opened_at;
};
BOOST_DESCRIBE_STRUCT(gateway_dispute, (),
                      (reference, amount, reason, status, funds_withdrawn, respond_by, opened_at))

/// All refunds and disputes of one authorisation, at most activity_max of each.
struct gateway_activity {
  bool known = false;  ///< false: the gateway has not answered
  std::string code{};  ///< why not
  std::vector<gateway_refund> refunds{};
  std::vector<gateway_dispute> disputes{};
};
inline constexpr std::size_t activity_max = 100;

/// `open`: not decided, or the customer has not paid; `none`: declined, canceled or released.
enum class gateway_payment_status { open, authorized, captured, none };
BOOST_DESCRIBE_ENUM(gateway_payment_status, open, authorized, captured, none)

/// A payment in the gateway's records.
struct gateway_payment {
  std::string transaction_id;
  std::string payment_id;  ///< empty: not a payment of this store
  money amount;            ///< authorised or captured
  gateway_payment_status status = gateway_payment_status::open;
  timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(gateway_payment, (), (transaction_id, payment_id, amount, status, created_at))

enum class gateway_list { payments, refunds };

/// One page of the payments or refunds created in [from, to).
struct list_request {
  gateway_list what = gateway_list::payments;
  timestamp from;
  timestamp to;
  std::string cursor{};  ///< `next` of the previous page; empty: the first
};

struct list_page {
  bool known = false;  ///< false: the gateway has not answered
  std::string code{};  ///< why not; not_supported: the gateway has no lists
  std::vector<gateway_payment> payments{};
  std::vector<gateway_refund> refunds{};
  std::string next{};  ///< empty: the last page
};

}  // namespace stoa::payment
