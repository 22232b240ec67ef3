#pragma once
// The content of files, for tests that search it.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace stoa::test {

/// Of all files below the folder, except those whose path begins with `apart`. Not by rdbuf(): an
/// empty file would end the output.
inline std::string bytes_below(const std::filesystem::path& folder, const std::string& apart = {}) {
  std::string text;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const auto inside = std::filesystem::relative(entry.path(), folder).generic_string();
    if (!entry.is_regular_file() || (!apart.empty() && inside.starts_with(apart))) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    text.append(std::istreambuf_iterator<char>(in), {});
  }
  return text;
}

}  // namespace stoa::test
