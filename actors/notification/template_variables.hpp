#pragma once
// What a template may use: the types of notifications and their variables.

#include "actors/notification/categories.hpp"

#include <boost/describe.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::notification {

enum class variable_kind {
  text,  ///< {{name}}, and a section where it may be absent
  flag,  ///< sections only
  list   ///< a section that is rendered for each item
};

BOOST_DESCRIBE_ENUM(variable_kind, text, flag, list)

/// A variable of some types of notifications.
struct template_variable {
  std::string_view name;
  variable_kind kind = variable_kind::text;
  /// The types that have it, separated by spaces.
  std::string_view types;
  std::string_view description;
  std::string_view list = {};  ///< the list whose items have it; empty: the notification has it
};

std::span<const template_variable> template_variables();

/// The variable of the type, in the list or outside of lists; null when there is none.
const template_variable* find_variable(std::string_view type, std::string_view list,
                                       std::string_view name);

/// The same for a part of a template: "subject", "text", "html" or "short".
const template_variable* find_variable(std::string_view type, std::string_view part,
                                       std::string_view list, std::string_view name);

/// The types of emails: the names of mail_kind and user::mail_purpose.
std::span<const std::string_view> template_types();

/// The types of text messages and push messages: the names of short_kind.
std::span<const std::string_view> short_types();

/// The part of the templates of text messages and push messages.
inline constexpr std::string_view short_part = "short";

}  // namespace stoa::notification
