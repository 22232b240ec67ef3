#pragma once
// Makes common passwords: words, names, numbers and walks over the keyboard, and what people do to
// them to satisfy a form. The order is about that of their frequency in lists that have leaked.

#include <functional>
#include <string_view>

namespace stoa::user {

/// Calls `take` with one after the other, always in the same order, some of them twice, until it
/// says no. There are more than 20,000.
void for_each_common_password(const std::function<bool(std::string_view)>& take);

}  // namespace stoa::user
