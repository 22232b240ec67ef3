#pragma once
// Records of gift cards and store credit: accounts with their ledgers.

#include "storage/base/redemption.hpp"
#include "storage/db/records.hpp"

namespace stoa {
using credit_entry_id = id<struct credit_entry_tag>;
}

namespace stoa::pricing {

/// Disabled: cannot be redeemed; orders still return what they have redeemed.
enum class credit_status { Active, Disabled };
BOOST_DESCRIBE_ENUM(credit_status, Active, Disabled)

/// A gift card, which every client that knows its code can use, or the store credit of a user in
/// one currency. Amounts are minor units. The balance is the sum of its entries.
struct credit_account_row {
  static constexpr const char* table = "credit_accounts";
  static constexpr std::size_t key_columns = 1;
  stoa::credit_account_id credit_account_id;
  credit_kind kind = credit_kind::gift_card;
  std::optional<std::string> code_key;     ///< keyed hash of the gift card's code
  std::optional<std::string> sealed_code;  ///< the code, encrypted
  std::string hint;                        ///< the end of the code
  std::optional<stoa::user_id> user_id;    ///< of store credit
  std::string currency;
  std::int64_t balance = 0;
  credit_status status = credit_status::Active;
  std::optional<timestamp> expires_at;
  std::optional<std::string> note;  ///< for staff
  timestamp created_at;
  timestamp updated_at;
  std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(credit_account_row, (),
                      (credit_account_id, kind, code_key, sealed_code, hint, user_id, currency,
                       balance, status, expires_at, note, created_at, updated_at, version))

/// redeemed: by an order. returned: by its cancellation or a refund.
enum class credit_cause { issued, adjusted, redeemed, returned };
BOOST_DESCRIBE_ENUM(credit_cause, issued, adjusted, redeemed, returned)

/// A change of a balance. Append-only.
struct credit_entry_row {
  static constexpr const char* table = "credit_entries";
  static constexpr std::size_t key_columns = 2;
  stoa::credit_account_id credit_account_id;
  stoa::credit_entry_id credit_entry_id;
  std::int64_t amount = 0;   ///< below zero: redeemed
  std::int64_t balance = 0;  ///< after the change
  credit_cause cause = credit_cause::issued;
  std::optional<stoa::order_id> order_id;
  std::optional<std::string> note;
  std::string actor;  ///< "system" or a user's id
  timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(credit_entry_row, (),
                      (credit_account_id, credit_entry_id, amount, balance, cause, order_id, note,
                       actor, created_at))

}  // namespace stoa::pricing
