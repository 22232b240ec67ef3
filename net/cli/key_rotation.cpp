#include "net/cli/key_rotation.hpp"

#include <charconv>

namespace stoa::cli {

namespace {

/// Creation time in the prefix written by rotate_keys; 0: no prefix.
std::int64_t made_at(std::string_view key) {
  std::int64_t at = 0;
  if (!key.starts_with('r')) return 0;
  const auto* end = key.data() + key.size();
  const auto [rest, error] = std::from_chars(key.data() + 1, end, at);
  return error == std::errc() && rest != end && *rest == '-' ? at : 0;
}

/// Ensures a later time than the other key's, even if the clock was set back.
std::string made_after(std::string_view other, const std::string& made) {
  const auto before = made_at(other);
  const auto at = made_at(made);
  if (at == 0 || at > before) return made;
  return key_prefix(before + 1) + made.substr(made.find('-') + 1);
}

}  // namespace

result<key_step> rotate_keys(std::vector<std::string>& lines, const std::string& made) {
  if (lines.empty()) {
    lines.push_back(made);
    return key_step::created;
  }
  if (lines.size() == 1) {
    lines.push_back(made_after(lines.front(), made));
    return key_step::added;
  }
  const auto first = made_at(lines[0]);
  const auto second = made_at(lines[1]);
  if (lines.size() > 2 || first == second) {
    return problem{problem_kind::malformed,
                   "usage",
                   "ambiguous keys: leave one key in the file, or two of which one was created by "
                   "`stoa keys rotate`",
                   {}};
  }
  if (second > first) {
    std::swap(lines[0], lines[1]);
    return key_step::used;
  }
  lines.pop_back();
  return key_step::removed;
}

std::string key_prefix(std::int64_t unix_s) {
  return "r" + std::to_string(unix_s) + "-";
}

}  // namespace stoa::cli
