#pragma once
// Tests that cannot run here: the program exits with ctest's code for a skipped test, unless
// another of its cases has failed.

#include <string_view>

namespace stoa::test {

/// The exit code that ctest shows as "Skipped" (SKIP_RETURN_CODE in cmake/StoaBuild.cmake).
inline constexpr int exit_skipped = 77;

/// Prints "skipped: why" and remembers it. Return from the test case afterwards.
void skip(std::string_view why);

}  // namespace stoa::test
