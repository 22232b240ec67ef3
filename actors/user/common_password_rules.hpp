#pragma once
// Generates common passwords: words, names, numbers and keyboard walks, and their usual variations.
// Roughly in the order of their frequency in leaked lists.

#include <functional>
#include <string_view>

namespace stoa::user {

/// Calls `take` with each, always in the same order and some of them twice, until it returns false.
/// There are more than 20,000.
void for_each_common_password(const std::function<bool(std::string_view)>& take);

}  // namespace stoa::user
