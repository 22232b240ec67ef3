#pragma once
// The steps in which a file of several keys is changed, so that nodes that have read it and nodes
// that have not understand each other after each of them.

#include "storage/base/result.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::cli {

enum class key_step {
  created,  ///< there was no file
  added,    ///< a new key is accepted, the one before is used
  used,     ///< the new key is used, the one before is accepted
  removed   ///< the key before is gone
};

/// The next step for keys, one a line, the first of which is used. Keys that rotate_keys has made
/// begin with "r", the second of their making and "-", which says whether the second of two keys is
/// to be used or to be removed. `made`: a new key's line. Errors (400): the keys are others than
/// this function leaves behind.
result<key_step> rotate_keys(std::vector<std::string>& lines, const std::string& made);

/// "r1732764000-", for a new key.
std::string key_prefix(std::int64_t unix_s);

}  // namespace stoa::cli
