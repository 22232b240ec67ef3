#pragma once
// The steps of rotating a key in a file of several keys. After each step, nodes that have reloaded
// the file and nodes that have not still accept each other's keys.

#include "storage/base/result.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::cli {

enum class key_step {
  created,  ///< the file did not exist
  added,    ///< the new key is accepted, the previous one is used
  used,     ///< the new key is used, the previous one is accepted
  removed   ///< the previous key is removed
};

/// Performs the next step on keys, one per line; the first one is used. Keys created here start
/// with "r", their creation time in seconds and "-", which decides whether the second of two keys
/// is next or to be removed. `made`: the line of a new key. Errors (400): keys in any other state.
result<key_step> rotate_keys(std::vector<std::string>& lines, const std::string& made);

/// "r1732764000-", the prefix of a new key.
std::string key_prefix(std::int64_t unix_s);

}  // namespace stoa::cli
