#include "actors/catalog/image_name.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace stoa::catalog {

namespace {

constexpr std::size_t hash_length = 64;
constexpr std::size_t time_length = 8;
constexpr std::size_t width_length_max = 5;
constexpr std::size_t stem_length = hash_length + 1 + time_length;

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> image_types{
    {{"image/jpeg", "jpg"},
     {"image/png", "png"},
     {"image/webp", "webp"},
     {"image/gif", "gif"},
     {"image/avif", "avif"}}};

bool is_hexadecimal(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_number(std::string_view text) {
  return !text.empty() && text.size() <= width_length_max &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string_view extension_of(std::string_view content_type) {
  for (const auto& [type, extension] : image_types) {
    if (type == content_type) return extension;
  }
  return {};
}

std::string_view type_of_name(std::string_view name) {
  const auto dot = name.rfind('.');
  if (dot == name.npos) return {};
  for (const auto& [type, extension] : image_types) {
    if (extension == name.substr(dot + 1)) return type;
  }
  return {};
}

std::string image_name(std::string_view file_id, timestamp now, std::string_view extension) {
  constexpr std::string_view digits = "0123456789abcdef";
  auto seconds = static_cast<std::uint64_t>(now.us / 1'000'000);
  std::string time(time_length, '0');
  for (auto at = time.rbegin(); at != time.rend(); ++at, seconds /= 16) *at = digits[seconds % 16];
  return std::string(file_id) + "-" + time + "." + std::string(extension);
}

std::string thumbnail_name(std::string_view image, std::int64_t width) {
  return std::string(image.substr(0, stem_length)) + "-" + std::to_string(width) + ".webp";
}

bool is_media_name(std::string_view name) {
  if (name.size() <= stem_length || name[hash_length] != '-') return false;
  if (!is_hexadecimal(name.substr(0, hash_length)) ||
      !is_hexadecimal(name.substr(hash_length + 1, time_length))) {
    return false;
  }
  auto rest = name.substr(stem_length);
  if (rest.front() == '-') {
    const auto dot = rest.find('.');
    if (dot == rest.npos || rest.substr(dot) != ".webp") return false;
    return is_number(rest.substr(1, dot - 1));
  }
  const auto type = type_of_name(name);
  return !type.empty() && rest == "." + std::string(extension_of(type));
}

std::optional<std::string_view> hash_in(std::string_view name) {
  if (!is_media_name(name) || name[stem_length] == '-') return std::nullopt;
  return name.substr(0, hash_length);
}

}  // namespace stoa::catalog
