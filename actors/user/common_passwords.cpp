#include "actors/user/common_passwords.hpp"

#include "actors/user/common_password_rules.hpp"
#include "actors/user/password.hpp"
#include "storage/base/text.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <new>
#include <string>
#include <system_error>
#include <unordered_set>
#include <utility>

namespace stoa::user {

namespace {

/// NFKC and case folding; with `strip`, without invisible characters. Text that is not UTF-8 is
/// returned unchanged.
std::string compared_as(std::string_view text, bool strip = false) {
  if (std::all_of(text.begin(), text.end(), [](char c) { return c > 0x1F && c < 0x7F; })) {
    std::string lower(text);
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    return lower;
  }
  utf8proc_uint8_t* mapped = nullptr;
  const auto options =
      static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT |
                                     UTF8PROC_CASEFOLD | (strip ? UTF8PROC_IGNORE : 0));
  const auto length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                   static_cast<utf8proc_ssize_t>(text.size()), &mapped, options);
  if (length == UTF8PROC_ERROR_NOMEM) throw std::bad_alloc();
  if (length < 0) return std::string(text);
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
  return {reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(length)};
}

std::uint64_t hash_of(std::string_view password) {
  const auto digest = text::hash(compared_as(password));
  std::uint64_t h = 0;
  std::memcpy(&h, digest.data(), sizeof h);
  return h;
}

problem bad_file(const std::filesystem::path& file, const std::string& why) {
  return {problem_kind::internal,
          "common_passwords",
          "The file of common passwords " + file.string() + " " + why,
          {}};
}

}  // namespace

common_passwords common_passwords::built_in() {
  std::unordered_set<std::uint64_t> made;
  std::size_t long_enough = 0;
  for_each_common_password([&](std::string_view password) {
    const bool is_new = made.insert(hash_of(password)).second;
    if (is_new && text::code_points(password) >= password_code_points_min) ++long_enough;
    return long_enough < built_in_count;
  });
  return common_passwords({made.begin(), made.end()});
}

common_passwords::common_passwords(std::vector<std::uint64_t> hashes) : hashes_(std::move(hashes)) {
  std::sort(hashes_.begin(), hashes_.end());
  hashes_.erase(std::unique(hashes_.begin(), hashes_.end()), hashes_.end());
}

result<common_passwords> common_passwords::read(const std::filesystem::path& file) {
  std::error_code unreadable;
  const auto bytes = std::filesystem::file_size(file, unreadable);
  if (unreadable) return bad_file(file, "cannot be read: " + unreadable.message() + ".");
  if (bytes > file_bytes_max) return bad_file(file, "is longer than 64 MiB.");
  std::ifstream in(file, std::ios::binary);
  std::vector<std::uint64_t> hashes;
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty()) continue;
    if (line.size() > password_bytes_max || !text::is_utf8(line)) {
      return bad_file(file, "is not a list of passwords: line " + std::to_string(number) +
                                " is too long or not UTF-8.");
    }
    if (hashes.size() == lines_max) return bad_file(file, "has more than 2,000,000 lines.");
    hashes.push_back(hash_of(line));
  }
  if (in.bad() || !in.eof()) return bad_file(file, "cannot be read.");
  if (hashes.empty()) return bad_file(file, "contains no passwords.");
  return common_passwords(std::move(hashes));
}

result<common_passwords> common_passwords::load(const std::filesystem::path& file) {
  return file.empty() ? built_in() : read(file);
}

bool common_passwords::contains(std::string_view password) const {
  return std::binary_search(hashes_.begin(), hashes_.end(), hash_of(password));
}

bool is_blank(std::string_view password) {
  const auto shown = compared_as(password, true);
  const auto* at = reinterpret_cast<const utf8proc_uint8_t*>(shown.data());
  auto left = static_cast<utf8proc_ssize_t>(shown.size());
  while (left > 0) {
    utf8proc_int32_t point = 0;
    const auto bytes = utf8proc_iterate(at, left, &point);
    if (bytes <= 0) return false;  // Not UTF-8, which is rejected separately.
    const auto category = utf8proc_category(point);
    const bool unseen = category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL ||
                        category == UTF8PROC_CATEGORY_ZP || category == UTF8PROC_CATEGORY_CC ||
                        category == UTF8PROC_CATEGORY_CF;
    if (!unseen) return false;
    at += bytes;
    left -= bytes;
  }
  return true;
}

}  // namespace stoa::user
