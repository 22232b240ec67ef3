#pragma once
// What recipients want to receive, and the templates.

#include "actors/kernel/message.hpp"
#include "actors/notification/categories.hpp"
#include "actors/notification/mail_template.hpp"
#include "actors/notification/template_variables.hpp"
#include "actors/notification/templates.hpp"
#include "storage/user/mail_purpose.hpp"

namespace stoa::notification {

// --- preferences ---------------------------------------------------------------------------------

/// Whether a user receives a category over a channel.
struct preference_view {
  static constexpr std::string_view schema_name = "notification_preference";
  notification_category category = notification_category::receipts;
  notification_type channel = notification_type::Email;
  bool enabled = true;
  bool required = false;  ///< cannot be switched off
};
BOOST_DESCRIBE_STRUCT(preference_view, (), (category, channel, enabled, required))

struct preference_list {
  static constexpr std::string_view schema_name = "notification_preferences";
  std::vector<preference_view> data;
};
BOOST_DESCRIBE_STRUCT(preference_list, (), (data))

/// A choice; the members are those of preference_view, so that an answer can be sent back.
struct preference_choice {
  static constexpr std::string_view schema_name = "notification_preference_choice";
  notification_category category = notification_category::receipts;
  notification_type channel = notification_type::Email;
  bool enabled = true;
  std::optional<bool> required = std::nullopt;  ///< ignored
};
BOOST_DESCRIBE_STRUCT(preference_choice, (), (category, channel, enabled, required))

/// The address for marketing, from the caller's account.
struct marketing_contact {
  std::string email;
  std::optional<std::string> locale;
};
BOOST_DESCRIBE_STRUCT(marketing_contact, (), (email, locale))

/// Replaces the choices of the caller. Categories that are not listed are enabled, except
/// marketing, which is disabled. validation required_category, unavailable (pointers to
/// /data/N/...), duplicate.
struct set_preferences {
  static constexpr std::string_view name = "notification.set_preferences";
  using reply = preference_list;
  stoa::user_id user_id;
  std::vector<preference_choice> data;
  std::optional<marketing_contact> contact = std::nullopt;  ///< if marketing is enabled
};
BOOST_DESCRIBE_STRUCT(set_preferences, (), (user_id, data, contact))

struct get_preferences {
  static constexpr std::string_view name = "notification.get_preferences";
  using reply = preference_list;
  stoa::user_id user_id;
};
BOOST_DESCRIBE_STRUCT(get_preferences, (), (user_id))

/// Switches the category of a notification off for its recipient, who has followed the link in it.
/// Idempotent. not_found for a notification without such a link.
struct unsubscribe {
  static constexpr std::string_view name = "notification.unsubscribe";
  using reply = kernel::nothing;
  stoa::notification_id notification_id;
};
BOOST_DESCRIBE_STRUCT(unsubscribe, (), (notification_id))

// --- templates -----------------------------------------------------------------------------------

struct variable_view {
  static constexpr std::string_view schema_name = "notification_template_variable";
  std::string name;
  variable_kind kind = variable_kind::text;
  std::optional<std::string> list;  ///< the list whose items have it
  std::string description;
};
BOOST_DESCRIBE_STRUCT(variable_view, (), (name, kind, list, description))

struct template_language_view {
  static constexpr std::string_view schema_name = "notification_template_language";
  std::string language;
  bool overridden = false;  ///< by a file of notification.templates_dir
};
BOOST_DESCRIBE_STRUCT(template_language_view, (), (language, overridden))

struct template_view {
  static constexpr std::string_view schema_name = "notification_template";
  std::string type;
  notification_category category = notification_category::receipts;
  std::vector<template_language_view> languages;
  std::vector<variable_view> variables;
  /// Email, or SMS and Push: short texts.
  std::vector<notification_type> channels{};
  static constexpr std::string_view defaults[] = {"channels"};
};
BOOST_DESCRIBE_STRUCT(template_view, (), (type, category, languages, variables, channels))

struct template_list {
  static constexpr std::string_view schema_name = "notification_template_list";
  std::vector<template_view> data;
};
BOOST_DESCRIBE_STRUCT(template_list, (), (data))

/// All types of notifications with their templates; staff only.
struct list_templates {
  static constexpr std::string_view name = "notification.list_templates";
  using reply = template_list;
};
BOOST_DESCRIBE_STRUCT(list_templates, (), ())

struct rendered_view {
  static constexpr std::string_view schema_name = "notification_preview";
  std::string type;
  std::string language;  ///< of the template
  std::string subject;   ///< of a push message, its title; empty for SMS
  std::string text;
  std::string html;  ///< empty for SMS and Push
  notification_type channel = notification_type::Email;
  std::optional<std::int64_t> segments = std::nullopt;  ///< of a text message
  static constexpr std::string_view defaults[] = {"channel"};
};
BOOST_DESCRIBE_STRUCT(rendered_view, (), (type, language, subject, text, html, channel, segments))

/// Values for a preview; absent ones are samples.
struct preview_values {
  static constexpr std::string_view schema_name = "notification_preview_values";
  std::optional<std::string> customer_name;
  std::optional<std::string> order_number;
  std::optional<std::vector<mail_line>> lines;
  std::optional<money> total;
  std::optional<money> partial_of;
  std::optional<std::string> reason;
  std::optional<std::string> cause;
  static constexpr json::rule rules[] = {
      {.field = "customer_name", .length_max = 200, .form = json::format::text},
      {.field = "order_number", .length_max = 40, .form = json::format::text},
      {.field = "lines", .length_max = 100},
      {.field = "reason", .length_max = 500, .form = json::format::text},
      {.field = "cause", .length_max = 40, .form = json::format::text}};
};
BOOST_DESCRIBE_STRUCT(preview_values, (),
                      (customer_name, order_number, lines, total, partial_of, reason, cause))

/// Renders a template; staff only. not_found for a type that is not sent over the channel.
struct preview_template {
  static constexpr std::string_view name = "notification.preview_template";
  using reply = rendered_view;
  std::string type;
  std::optional<std::string> language;
  preview_values values;
  std::optional<notification_type> channel = std::nullopt;  ///< by default Email
};
BOOST_DESCRIBE_STRUCT(preview_template, (), (type, language, values, channel))

}  // namespace stoa::notification
