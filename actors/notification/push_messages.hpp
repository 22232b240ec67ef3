#pragma once
// Commands and queries about a user's subscriptions to push messages.

#include "actors/kernel/message.hpp"
#include "storage/notification/push_subscription.hpp"

namespace stoa::notification {

inline constexpr std::size_t push_subscriptions_max = 10;  ///< of a user

struct push_subscription_view {
  static constexpr std::string_view schema_name = "push_subscription";
  notification::subscription_id subscription_id;
  std::string endpoint;
  timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(push_subscription_view, (), (subscription_id, endpoint, created_at))

struct push_subscription_list {
  static constexpr std::string_view schema_name = "push_subscription_list";
  std::vector<push_subscription_view> data;
};
BOOST_DESCRIBE_STRUCT(push_subscription_list, (), (data))

/// Stores the caller's subscription, whose values the edge has checked. One with the same endpoint
/// is replaced: the browser has been given new keys, or its user has changed.
struct put_push_subscription {
  static constexpr std::string_view name = "notification.put_push_subscription";
  using reply = push_subscription_view;
  stoa::user_id user_id;
  std::string endpoint;
  std::string p256dh;
  std::string auth;
};
BOOST_DESCRIBE_STRUCT(put_push_subscription, (), (user_id, endpoint, p256dh, auth))

struct delete_push_subscription {
  static constexpr std::string_view name = "notification.delete_push_subscription";
  using reply = kernel::nothing;
  stoa::user_id user_id;
  notification::subscription_id subscription_id;
};
BOOST_DESCRIBE_STRUCT(delete_push_subscription, (), (user_id, subscription_id))

/// The caller's subscriptions, oldest first.
struct list_push_subscriptions {
  static constexpr std::string_view name = "notification.list_push_subscriptions";
  using reply = push_subscription_list;
  stoa::user_id user_id;
};
BOOST_DESCRIBE_STRUCT(list_push_subscriptions, (), (user_id))

/// A subscription as browsers write it (PushSubscription.toJSON): the address of a push message.
struct push_keys {
  std::string p256dh;
  std::string auth;
};
BOOST_DESCRIBE_STRUCT(push_keys, (), (p256dh, auth))
struct push_address {
  std::string endpoint;
  push_keys keys;
};
BOOST_DESCRIBE_STRUCT(push_address, (), (endpoint, keys))

}  // namespace stoa::notification
