#include "net/token/secret_lines.hpp"

#include "net/token/private_file.hpp"
#include "storage/base/text.hpp"

#include <algorithm>

namespace stoa::token {

namespace {

constexpr std::size_t secrets_file_bytes_max = 16'384;
constexpr std::size_t secrets_max = 16;

bool is_visible(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

result<std::vector<std::string>> read_secret_lines(const std::filesystem::path& file) {
  const auto content = read_private_file(file, secrets_file_bytes_max);
  if (!content) return content.error();
  const auto bad = [&](const std::string& why) {
    return problem{problem_kind::internal, "secret_file", file.string() + ": " + why, {}};
  };
  std::vector<std::string> secrets;
  std::string_view rest = *content;
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    auto line = text::trim(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.empty() || line.starts_with('#')) continue;
    if (!is_visible(line)) return bad("a line contains characters other than visible ASCII");
    if (secrets.size() == secrets_max) return bad("it contains more than 16 secrets");
    secrets.push_back(std::move(line));
  }
  if (secrets.empty()) return bad("it contains no secret");
  return secrets;
}

result<std::string> read_secret(const std::filesystem::path& file) {
  auto secrets = read_secret_lines(file);
  if (!secrets) return secrets.error();
  if (secrets->size() == 1) return std::move(secrets->front());
  return problem{
      problem_kind::internal, "secret_file", file.string() + ": it contains several secrets", {}};
}

}  // namespace stoa::token
