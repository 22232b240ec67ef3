#pragma once
// The passwords that attackers try first. Only 64 bits of each one's hash are stored: 80 kB for ten
// thousand, and about a microsecond per lookup.

#include "storage/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

namespace stoa::user {

class common_passwords {
 public:
  /// Number of built-in passwords that have the minimum length.
  static constexpr std::size_t built_in_count = 10'000;
  static constexpr std::size_t file_bytes_max = 64 << 20;
  static constexpr std::size_t lines_max = 2'000'000;

  /// The generated list (common_password_rules.hpp).
  static common_passwords built_in();
  /// One password per line, UTF-8; empty lines are ignored. Errors: internal `common_passwords`
  /// with the file and the reason: unreadable, too long, not UTF-8, or empty.
  static result<common_passwords> read(const std::filesystem::path& file);
  /// read() of a file, built_in() for an empty name.
  static result<common_passwords> load(const std::filesystem::path& file);

  /// Compared by NFKC and case folding, like the list: "ＰＡＳＳＷＯＲＤ" equals "password".
  bool contains(std::string_view password) const;
  std::size_t size() const { return hashes_.size(); }

 private:
  explicit common_passwords(std::vector<std::uint64_t> hashes);

  std::vector<std::uint64_t> hashes_;  ///< sorted
};

/// True when only spaces and invisible characters are left after NFKC.
bool is_blank(std::string_view password);

}  // namespace stoa::user
