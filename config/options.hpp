#pragma once
// The one table of settings: for each its key, where it lives in `settings`, its range and its
// help. Flag, environment variable, file key, --help, example file and validation all come from
// here.

#include "config/settings.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace stoa::config {

/// Where a setting's value lives in a `settings`; the alternative says its type.
using slot = std::variant<bool*, std::int64_t*, std::string*, std::vector<std::string>*>;

/// One setting. Its default is what a default-constructed `settings` holds.
struct option {
  std::string_view key;        ///< dotted: "http.listen"
  slot (*at)(settings&);       ///< its place in the settings
  std::string_view help;       ///< one line, for people
  std::int64_t min = 0;        ///< integers only
  std::int64_t max = 0;        ///< integers only
  std::string_view allowed{};  ///< text only: the values allowed, parted by '|'; empty = any
  std::string_view form{};     ///< text and lists: what `check` asks for, in words
  bool (*check)(std::string_view) =
      nullptr;               ///< text and lists: true when an element is well formed
  std::string_view alias{};  ///< a short flag without its dashes: "listen"
  bool secret = false;       ///< never shown
  bool common = false;       ///< all nodes of a store must have the same value
};

/// A pair of integer settings of which the first must not be above the second.
struct order_rule {
  std::string_view low;
  std::string_view high;
};

/// All settings, in the order in which they are shown.
std::span<const option> options();
/// What must hold between settings.
std::span<const order_rule> order_rules();

/// "STOA_HTTP_LISTEN" for "http.listen".
std::string env_name(const option& o);
/// "--http-listen" for "http.listen".
std::string flag_name(const option& o);
/// The row of the key; nothing when there is none.
const option* find_key(std::span<const option> table, std::string_view key);

/// What a yes-or-no setting takes: true, on, yes, 1, false, off, no, 0.
std::optional<bool> truth_of(std::string_view text);
/// "0..1024", "auto|json|text", "true or false", or the form in words.
std::string allowed_values(const option& o);
/// Reads `text` into the setting; what is wrong with it, or nothing. Never names the value itself.
std::optional<std::string> assign(const option& o, std::string_view text, settings& into);
/// The value as a settings file has it, in quotes where it needs them. Not masked.
std::string value_text(const option& o, const settings& from);

/// The settings part of --help.
std::string help_text();
/// The content of config/stoa.example.conf: every setting with its help, default and range.
std::string example_file();

}  // namespace stoa::config
