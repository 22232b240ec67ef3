#pragma once
// The passwords that attackers try first. Only 64 bits of a hash of each are kept:
// 80 kB for ten thousand, and a lookup of about a microsecond.

#include "storage/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

namespace stoa::user {

class common_passwords {
 public:
  /// So many of the built-in ones are long enough to be passwords at all.
  static constexpr std::size_t built_in_count = 10'000;
  static constexpr std::size_t file_bytes_max = 64 << 20;
  static constexpr std::size_t lines_max = 2'000'000;

  /// The list that the program makes itself (common_password_rules.hpp).
  static common_passwords built_in();
  /// One password a line, UTF-8; empty lines are left out. Errors: internal `common_passwords` with
  /// the file and what is wrong with it: it cannot be read, is too long, is not UTF-8, or is empty.
  static result<common_passwords> read(const std::filesystem::path& file);
  /// read() of a file, built_in() for an empty name.
  static result<common_passwords> load(const std::filesystem::path& file);

  /// Compared by NFKC and case folding, as all of the list: "ＰＡＳＳＷＯＲＤ" is "password".
  bool contains(std::string_view password) const;
  std::size_t size() const { return hashes_.size(); }

 private:
  explicit common_passwords(std::vector<std::uint64_t> hashes);

  std::vector<std::uint64_t> hashes_;  ///< sorted
};

/// True when nothing but spaces and characters that are not seen is left after NFKC.
bool is_blank(std::string_view password);

}  // namespace stoa::user
