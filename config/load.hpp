#pragma once
// Settings from flags, environment, file and defaults, in this order of precedence. All errors are
// collected, each naming the key, the value (unless secret), where it came from and what is
// allowed.

#include "config/options.hpp"

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stoa::config {

/// The program's exit code when a setting is bad.
inline constexpr int exit_bad_settings = 2;

/// Not a setting: the password of --user, for commands that ask a server.
inline constexpr const char* password_env = "STOA_PASSWORD";

/// A settings flag as it stood on the command line.
struct given_flag {
  std::string flag;   ///< as written: "--listen"
  std::string key;    ///< "http.listen", or "config" for the settings file's path
  std::string value;  ///< "true" for a bare flag of a yes-or-no setting
};

/// Where the values may come from.
struct sources {
  std::vector<given_flag> flags;
  std::vector<std::pair<std::string, std::string>> environment;  ///< names with values
};

/// The settings and where each value came from, in the table's order.
struct loaded {
  settings values;
  std::vector<std::string> origins;   ///< "default", "--listen", "STOA_HTTP_LISTEN", "stoa.conf:12"
  std::vector<std::string> errors;    ///< one line each; empty when all is well
  std::vector<std::string> warnings;  ///< variables that are no settings; one line each
};

/// Takes the settings flags ("--listen X", "--listen=X", "--store-demo") out of the arguments and
/// leaves all others, for the command's own parser. A yes-or-no flag may stand alone; the word
/// behind it is its value only when truth_of() knows it, and else an argument. Stops at "--". A
/// flag without its value is added to `errors`.
std::vector<given_flag> take_flags(std::vector<std::string>& args, std::vector<std::string>& errors,
                                   std::span<const option> table = options());

/// The process's own environment, the names that start with STOA_ only.
std::vector<std::pair<std::string, std::string>> stoa_environment();

/// Merges and checks. The settings file is that of --config, else of STOA_CONFIG, else none.
loaded load(const sources& from, std::span<const option> table = options());

/// Every setting in the form of a settings file, with where it came from; secrets are masked.
std::string print(const loaded& l, std::span<const option> table = options());
/// The same as a JSON object: {"http.listen": {"value": ..., "default": ..., "origin":
/// "--listen"}}. Values have the JSON type of the setting; of a secret it says "********" when it
/// is set.
std::string print_json(const loaded& l, std::span<const option> table = options());

}  // namespace stoa::config
