#pragma once
// Settings from flags, environment, file and defaults, in this order of precedence. All errors are
// collected. Each contains the key, the value (unless secret), its origin and the allowed values.

#include "config/options.hpp"

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stoa::config {

/// The program's exit code for invalid settings.
inline constexpr int exit_bad_settings = 2;

/// Not a setting: the password of --user, for commands that send requests to a server.
inline constexpr const char* password_env = "STOA_PASSWORD";

/// A settings flag from the command line.
struct given_flag {
  std::string flag;   ///< as written: "--listen"
  std::string key;    ///< "http.listen", or "config" for the settings file's path
  std::string value;  ///< "true" for a boolean flag without a value
};

/// Sources of values other than the settings file and the defaults.
struct sources {
  std::vector<given_flag> flags;
  std::vector<std::pair<std::string, std::string>> environment;  ///< names with values
};

/// The settings and the origin of each value, in the table's order.
struct loaded {
  settings values;
  std::vector<std::string> origins;  ///< "default", "--listen", "STOA_HTTP_LISTEN", "stoa.conf:12"
  std::vector<std::string> errors;   ///< one line each; empty if the settings are valid
  /// Variables that are not settings, and settings that do not fit together; one line each.
  std::vector<std::string> warnings;
};

/// Removes the settings flags ("--listen X", "--listen=X", "--store-demo") from the arguments and
/// leaves the others for the command's parser. The argument after a boolean flag is its value only
/// if parse_boolean() accepts it. Stops at "--". A flag that lacks its value is added to `errors`.
std::vector<given_flag> take_flags(std::vector<std::string>& args, std::vector<std::string>& errors,
                                   std::span<const option> table = options());

/// The process's environment variables whose names start with STOA_.
std::vector<std::pair<std::string, std::string>> stoa_environment();

/// Merges and validates. The settings file is given by --config, otherwise by STOA_CONFIG.
loaded load(const sources& from, std::span<const option> table = options());

/// All settings in the format of a settings file, with their origins. Secrets are masked.
std::string print(const loaded& l, std::span<const option> table = options());
/// The same as a JSON object: {"http.listen": {"value": ..., "default": ..., "origin":
/// "--listen"}}. Values have the JSON type of the setting; a secret that is set is "********".
std::string print_json(const loaded& l, std::span<const option> table = options());

}  // namespace stoa::config
