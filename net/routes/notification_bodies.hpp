#pragma once
// Request bodies of the routes of notifications.

#include "actors/notification/preference_messages.hpp"
#include "net/routes/language.hpp"

namespace stoa::front {

struct preferences_body {
  static constexpr std::string_view schema_name = "notification_preferences_update";
  static constexpr std::string_view example =
      R"({"data":[{"category":"shipping_updates","channel":"Email","enabled":false}]})";
  std::vector<notification::preference_choice> data;
  static constexpr json::rule rules[] = {
      {.field = "data",
       .length_max = 50,
       .description =
           "The choices. Categories that are not listed are enabled, except marketing."}};
};
BOOST_DESCRIBE_STRUCT(preferences_body, (), (data))

struct preview_body {
  static constexpr std::string_view schema_name = "notification_preview_request";
  static constexpr std::string_view example = R"({"locale":"de-AT"})";
  std::optional<std::string> locale;
  std::optional<notification::preview_values> values;
  std::optional<notification::notification_type> channel;
  static constexpr json::rule rules[] = {
      locale_rule("The language of the customer (BCP 47); by default that of the store."),
      {.field = "values", .description = "Values of variables; samples by default."},
      {.field = "channel",
       .description = "`SMS` and `Push` render the short text of the type; by default `Email`."}};
  void check(std::vector<field_error>& errors) const { check_locale(locale, errors); }
};
BOOST_DESCRIBE_STRUCT(preview_body, (), (locale, values, channel))

struct unsubscribe_query {
  std::optional<std::string> token;
  static constexpr json::rule rules[] = {
      {.field = "token", .length_max = 128, .description = "The token of the link in the email."}};
};
BOOST_DESCRIBE_STRUCT(unsubscribe_query, (), (token))

}  // namespace stoa::front
