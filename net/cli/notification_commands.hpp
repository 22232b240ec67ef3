#pragma once
// `stoa notifications preview`: renders a template of the settings, without a server.

#include "config/settings.hpp"

#include <string>

namespace stoa::cli {

struct preview_options {
  std::string type;
  std::string channel = "email";  ///< or "sms", "push"
  std::string locale;             ///< BCP 47; empty: that of the store
  bool html = false;              ///< print the HTML of an email instead of its text
};
/// exit_failed for a type that is not sent over the channel. Throws std::runtime_error with all
/// errors of the templates.
int run_preview(const settings& s, const preview_options& o);

/// The types of notifications, for `--help`.
std::string preview_types();
/// Empty, or why it is not a language tag.
std::string check_locale(const std::string& tag);

}  // namespace stoa::cli
