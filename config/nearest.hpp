#pragma once
// Suggestions for mistyped names: "did you mean ...?".

#include <string>
#include <string_view>
#include <vector>

namespace stoa::config {

/// The known name with the smallest optimal string alignment distance to `name` (insertions,
/// deletions, replacements and transpositions), ignoring the case of ASCII letters. Empty if the
/// distance would exceed a third of the length, or three.
std::string nearest(std::string_view name, const std::vector<std::string>& known);

/// "; did you mean NAME?"; empty for an empty name.
std::string did_you_mean(const std::string& name);

}  // namespace stoa::config
