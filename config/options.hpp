#pragma once
// The table of settings: key, member of `settings`, range and help of each. Flags, environment
// variables, file keys, --help, the example file and validation are derived from it.

#include "config/settings.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace stoa::config {

/// Pointer to a setting's member of `settings`; the alternative is its type.
using slot = std::variant<bool*, std::int64_t*, std::string*, std::vector<std::string>*>;

/// One setting. Its default is what a default-constructed `settings` holds.
struct option {
  std::string_view key;        ///< dotted: "http.listen"
  slot (*at)(settings&);       ///< the setting's member
  std::string_view help;       ///< one line for --help
  std::int64_t min = 0;        ///< integers only
  std::int64_t max = 0;        ///< integers only
  std::string_view allowed{};  ///< text only: allowed values, separated by '|'; empty = any
  std::string_view form{};     ///< text and lists: description of what `check` accepts
  bool (*check)(std::string_view) = nullptr;  ///< text and lists: true for a well-formed element
  std::string_view alias{};                   ///< a short flag without its dashes: "listen"
  bool secret = false;                        ///< never shown
  bool common = false;                        ///< all nodes of a store must have the same value
};

/// A pair of integer settings of which the first must not be above the second.
struct order_rule {
  std::string_view low;
  std::string_view high;
  std::string_view consequence{};  ///< of a violation, which is only a warning; empty: an error
};

/// All settings, in display order.
std::span<const option> options();
/// All constraints between settings.
std::span<const order_rule> order_rules();

/// "STOA_HTTP_LISTEN" for "http.listen".
std::string env_name(const option& o);
/// "--http-listen" for "http.listen".
std::string flag_name(const option& o);
/// The row of the key; null if there is none.
const option* find_key(std::span<const option> table, std::string_view key);

/// Parses a boolean setting: true, on, yes, 1, false, off, no, 0.
std::optional<bool> parse_boolean(std::string_view text);
/// "0..1024", "auto|json|text", "true or false", or the option's `form`.
std::string allowed_values(const option& o);
/// Parses `text` into the setting. Returns the error, if any; it does not contain the value.
std::optional<std::string> assign(const option& o, std::string_view text, settings& into);
/// The value as written in a settings file, quoted if necessary. Not masked.
std::string value_text(const option& o, const settings& from);

/// The settings section of --help.
std::string help_text();
/// The content of config/stoa.example.conf: every setting with its help, default and range.
std::string example_file();

}  // namespace stoa::config
