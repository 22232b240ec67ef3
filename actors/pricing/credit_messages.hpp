#pragma once
// The messages about gift cards and store credit, handled by the Pricing service.

#include "actors/kernel/message.hpp"
#include "actors/kernel/precondition.hpp"
#include "storage/base/json.hpp"
#include "storage/pricing/credit.hpp"

namespace stoa::pricing {

inline constexpr std::size_t gift_cards_per_order = 5;

// --- answers -------------------------------------------------------------------------------------

struct credit_account_view {
  static constexpr std::string_view schema_name = "credit_account";
  stoa::credit_account_id credit_account_id;
  credit_kind kind = credit_kind::gift_card;
  std::string hint;
  std::optional<stoa::user_id> user_id;
  money balance;
  credit_status status = credit_status::Active;
  std::optional<timestamp> expires_at;
  std::optional<std::string> note;
  timestamp created_at;
  timestamp updated_at;
};
BOOST_DESCRIBE_STRUCT(credit_account_view, (),
                      (credit_account_id, kind, hint, user_id, balance, status, expires_at, note,
                       created_at, updated_at))

/// The edge decrypts the code for the one response that shows it.
struct sealed_gift_card {
  credit_account_view account;
  std::string sealed_code;
};
BOOST_DESCRIBE_STRUCT(sealed_gift_card, (), (account, sealed_code))

struct credit_account_page {
  static constexpr std::string_view schema_name = "credit_account_list";
  std::vector<credit_account_view> data;
  nullable<std::string> next_cursor;
};
BOOST_DESCRIBE_STRUCT(credit_account_page, (), (data, next_cursor))

struct credit_account_list {
  std::vector<credit_account_view> data;
};
BOOST_DESCRIBE_STRUCT(credit_account_list, (), (data))

struct credit_entry_view {
  static constexpr std::string_view schema_name = "credit_entry";
  stoa::credit_entry_id credit_entry_id;
  money amount;
  money balance;
  credit_cause cause = credit_cause::issued;
  std::optional<stoa::order_id> order_id;
  std::optional<std::string> note;
  std::string actor;
  timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(credit_entry_view, (),
                      (credit_entry_id, amount, balance, cause, order_id, note, actor, created_at))

struct credit_entry_page {
  static constexpr std::string_view schema_name = "credit_entry_list";
  std::vector<credit_entry_view> data;
  nullable<std::string> next_cursor;
};
BOOST_DESCRIBE_STRUCT(credit_entry_page, (), (data, next_cursor))

// --- commands ------------------------------------------------------------------------------------

/// 409 code_exists.
struct issue_gift_card {
  static constexpr std::string_view name = "pricing.issue_gift_card";
  using reply = sealed_gift_card;
  stoa::credit_account_id credit_account_id;
  std::string code_key;
  std::string sealed_code;
  std::string hint;
  money amount;
  std::optional<timestamp> expires_at;
  std::optional<std::string> note;
};
BOOST_DESCRIBE_STRUCT(issue_gift_card, (),
                      (credit_account_id, code_key, sealed_code, hint, amount, expires_at, note))

/// Adds to the user's store credit in the currency of the amount. 409 credit_limit.
struct grant_store_credit {
  static constexpr std::string_view name = "pricing.grant_store_credit";
  using reply = credit_account_view;
  stoa::user_id user_id;
  money amount;  ///< above zero
  std::optional<std::string> note;
};
BOOST_DESCRIBE_STRUCT(grant_store_credit, (), (user_id, amount, note))

struct credit_change {
  static constexpr std::string_view schema_name = "credit_account_update";
  std::optional<credit_status> status;
  patch<timestamp> expires_at;
  patch<std::string> note;
  static constexpr json::rule rules[] = {
      {.field = "status", .description = "Disabled: it cannot be redeemed."},
      {.field = "expires_at", .description = "It cannot be redeemed from then on."},
      {.field = "note",
       .length_max = 500,
       .form = json::format::text,
       .description = "A note for staff."}};
};
BOOST_DESCRIBE_STRUCT(credit_change, (), (status, expires_at, note))

struct change_credit {
  static constexpr std::string_view name = "pricing.change_credit";
  using reply = credit_account_view;
  stoa::credit_account_id credit_account_id;
  credit_change change;
  std::optional<kernel::precondition> precondition = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(change_credit, (), (credit_account_id, change, precondition))

/// Adds to the balance. 409 insufficient_credit, credit_limit.
struct adjust_credit {
  static constexpr std::string_view name = "pricing.adjust_credit";
  using reply = credit_account_view;
  stoa::credit_account_id credit_account_id;
  std::int64_t change = 0;  ///< minor units
  std::string note;
};
BOOST_DESCRIBE_STRUCT(adjust_credit, (), (credit_account_id, change, note))

// --- queries -------------------------------------------------------------------------------------

struct get_credit {
  static constexpr std::string_view name = "pricing.get_credit";
  using reply = credit_account_view;
  stoa::credit_account_id credit_account_id;
};
BOOST_DESCRIBE_STRUCT(get_credit, (), (credit_account_id))

/// Newest first.
struct list_gift_cards {
  static constexpr std::string_view name = "pricing.list_gift_cards";
  using reply = credit_account_page;
  std::optional<stoa::credit_account_id> before;
  std::int64_t limit = 20;
};
BOOST_DESCRIBE_STRUCT(list_gift_cards, (), (before, limit))

/// Newest first.
struct list_credit_entries {
  static constexpr std::string_view name = "pricing.list_credit_entries";
  using reply = credit_entry_page;
  stoa::credit_account_id credit_account_id;
  std::optional<stoa::credit_entry_id> before;
  std::int64_t limit = 20;
};
BOOST_DESCRIBE_STRUCT(list_credit_entries, (), (credit_account_id, before, limit))

/// The gift cards with these keys and the store credit of the user; unknown keys are left out.
struct find_credit {
  static constexpr std::string_view name = "pricing.find_credit";
  struct found {
    std::optional<std::string> code_key;  ///< of a gift card
    credit_account_view account;
  };
  struct answer {
    std::vector<found> data;
  };
  using reply = answer;
  std::vector<std::string> code_keys;
  std::optional<stoa::user_id> user_id;
};
BOOST_DESCRIBE_STRUCT(find_credit::found, (), (code_key, account))
BOOST_DESCRIBE_STRUCT(find_credit::answer, (), (data))
BOOST_DESCRIBE_STRUCT(find_credit, (), (code_keys, user_id))

}  // namespace stoa::pricing
