#pragma once
// Suggestions for mistyped names: "did you mean ...?".

#include <string>
#include <string_view>
#include <vector>

namespace stoa::config {

/// The known name with the fewest edits to `name`: insertions, deletions, replacements and swaps of
/// neighbours (optimal string alignment distance); the case of ASCII letters makes no difference.
/// At most a third of the length is edited, and at most three characters. Empty when no known name
/// is that near.
std::string nearest(std::string_view name, const std::vector<std::string>& known);

/// "; did you mean NAME?"; empty for an empty name.
std::string did_you_mean(const std::string& name);

}  // namespace stoa::config
