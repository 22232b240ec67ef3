#pragma once
// The messages of the Pricing service.

#include "actors/kernel/message.hpp"
#include "actors/kernel/precondition.hpp"
#include "actors/pricing/pricing_events.hpp"
#include "actors/pricing/rule_book.hpp"
#include "storage/pricing/pricing.hpp"

namespace stoa::pricing {

inline constexpr std::size_t promotions_max = 1000;  ///< of a store, disabled ones included
inline constexpr std::size_t codes_at_once_max = 1000;
inline constexpr std::size_t cart_codes_max = 10;  ///< codes of one cart

// --- answers -------------------------------------------------------------------------------------

struct promotion_view {
  static constexpr std::string_view schema_name = "promotion";
  stoa::promotion_id promotion_id;
  promotion_status status = promotion_status::Active;
  std::string name;
  std::optional<std::string> description;
  promotion_trigger trigger = promotion_trigger::automatic;
  std::optional<timestamp> starts_at;
  std::optional<timestamp> ends_at;
  std::int64_t priority = 0;
  std::vector<discount_target> combines_with;
  promotion_conditions conditions;
  promotion_discount discount;
  std::optional<std::int64_t> uses_max;
  std::optional<std::int64_t> uses_per_customer_max;
  std::int64_t uses = 0;
  timestamp created_at;
  timestamp updated_at;
};
BOOST_DESCRIBE_STRUCT(promotion_view, (),
                      (promotion_id, status, name, description, trigger, starts_at, ends_at,
                       priority, combines_with, conditions, discount, uses_max,
                       uses_per_customer_max, uses, created_at, updated_at))

struct promotion_page {
  static constexpr std::string_view schema_name = "promotion_list";
  std::vector<promotion_view> data;
  nullable<std::string> next_cursor;
  std::optional<std::int64_t> total;  ///< of all pages, if requested
};
BOOST_DESCRIBE_STRUCT(promotion_page, (), (data, next_cursor, total))

struct code_view {
  static constexpr std::string_view schema_name = "promotion_code";
  std::string code;
  stoa::promotion_id promotion_id;
  std::optional<std::int64_t> uses_max;
  std::int64_t uses = 0;
  timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(code_view, (), (code, promotion_id, uses_max, uses, created_at))

struct code_page {
  static constexpr std::string_view schema_name = "promotion_code_list";
  std::vector<code_view> data;
  nullable<std::string> next_cursor;
};
BOOST_DESCRIBE_STRUCT(code_page, (), (data, next_cursor))

// --- commands ------------------------------------------------------------------------------------

/// The terms are checked (promotion_rules.hpp). 409 too_many_promotions.
struct create_promotion {
  static constexpr std::string_view name = "pricing.create_promotion";
  using reply = promotion_view;
  stoa::promotion_id promotion_id;
  promotion_terms terms;
};
BOOST_DESCRIBE_STRUCT(create_promotion, (), (promotion_id, terms))

/// The members of a promotion that staff may change.
struct promotion_change {
  std::optional<promotion_status> status;
  std::optional<std::string> name;
  patch<std::string> description;
  patch<timestamp> starts_at;
  patch<timestamp> ends_at;
  std::optional<std::int64_t> priority;
  std::optional<std::vector<discount_target>> combines_with;
  std::optional<promotion_conditions> conditions;
  std::optional<promotion_discount> discount;
  patch<std::int64_t> uses_max;
  patch<std::int64_t> uses_per_customer_max;
};
BOOST_DESCRIBE_STRUCT(promotion_change, (),
                      (status, name, description, starts_at, ends_at, priority, combines_with,
                       conditions, discount, uses_max, uses_per_customer_max))

/// 422 when the changed terms are invalid.
struct change_promotion {
  static constexpr std::string_view name = "pricing.change_promotion";
  using reply = promotion_view;
  stoa::promotion_id promotion_id;
  promotion_change change;
  std::optional<kernel::precondition> precondition = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(change_promotion, (), (promotion_id, change, precondition))

/// Deletes a promotion that no order has used, with its codes; 409 promotion_used otherwise.
struct delete_promotion {
  static constexpr std::string_view name = "pricing.delete_promotion";
  using reply = kernel::nothing;
  stoa::promotion_id promotion_id;
  std::optional<kernel::precondition> precondition = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(delete_promotion, (), (promotion_id, precondition))

/// Adds codes to a promotion of the trigger `code`: codes_at_once_max at most. 409 code_exists; 422
/// promotion_without_codes.
struct add_codes {
  static constexpr std::string_view name = "pricing.add_codes";
  using reply = code_page;
  stoa::promotion_id promotion_id;
  std::vector<std::string> codes;
  std::optional<std::int64_t> uses_max;
};
BOOST_DESCRIBE_STRUCT(add_codes, (), (promotion_id, codes, uses_max))

/// Orders that have used the code keep their discount.
struct delete_code {
  static constexpr std::string_view name = "pricing.delete_code";
  using reply = kernel::nothing;
  stoa::promotion_id promotion_id;
  std::string code;
};
BOOST_DESCRIBE_STRUCT(delete_code, (), (promotion_id, code))

/// Reports a reservation whose deadline has passed (sent by the sweep).
struct expire_redemption {
  static constexpr std::string_view name = "pricing.expire_redemption";
  using reply = kernel::nothing;
  stoa::order_id order_id;
};
BOOST_DESCRIBE_STRUCT(expire_redemption, (), (order_id))

// --- queries -------------------------------------------------------------------------------------

struct get_promotion {
  static constexpr std::string_view name = "pricing.get_promotion";
  using reply = promotion_view;
  stoa::promotion_id promotion_id;
};
BOOST_DESCRIBE_STRUCT(get_promotion, (), (promotion_id))

/// Newest first.
struct list_promotions {
  static constexpr std::string_view name = "pricing.list_promotions";
  using reply = promotion_page;
  std::optional<promotion_status> status;
  std::optional<promotion_trigger> trigger;
  std::optional<stoa::promotion_id> before;
  std::int64_t limit = 20;
  bool count = false;
};
BOOST_DESCRIBE_STRUCT(list_promotions, (), (status, trigger, before, limit, count))

/// In the order of the codes, after the code `after`.
struct list_codes {
  static constexpr std::string_view name = "pricing.list_codes";
  using reply = code_page;
  stoa::promotion_id promotion_id;
  std::optional<std::string> after;
  std::int64_t limit = 20;
};
BOOST_DESCRIBE_STRUCT(list_codes, (), (promotion_id, after, limit))

/// The rules, unless their revision is `known`.
struct get_rules {
  static constexpr std::string_view name = "pricing.get_rules";
  struct answer {
    stoa::revision_id revision{};
    std::optional<rule_set> content;  ///< absent: still `known`
  };
  using reply = answer;
  std::optional<stoa::revision_id> known;
};
BOOST_DESCRIBE_STRUCT(get_rules::answer, (), (revision, content))
BOOST_DESCRIBE_STRUCT(get_rules, (), (known))

/// What is known of codes, in their order, and of a customer's uses.
struct look_up {
  static constexpr std::string_view name = "pricing.look_up";
  struct found_code {
    std::string code;  ///< as stored; as asked if it is unknown
    std::optional<stoa::promotion_id> promotion_id;
    bool used_up = false;
  };
  struct answer {
    std::vector<found_code> codes;
    /// Promotions that the customer has used as often as allowed.
    std::vector<stoa::promotion_id> used_up;
  };
  using reply = answer;
  std::vector<std::string> codes;
  std::optional<std::string> customer;  ///< customer_key_of()
};
BOOST_DESCRIBE_STRUCT(look_up::found_code, (), (code, promotion_id, used_up))
BOOST_DESCRIBE_STRUCT(look_up::answer, (), (codes, used_up))
BOOST_DESCRIBE_STRUCT(look_up, (), (codes, customer))

}  // namespace stoa::pricing
