#include "storage/base/text.hpp"

#include "storage/base/blank.hpp"
#include "storage/base/utf8.hpp"

#include <sodium.h>
#include <utf8proc.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <stdexcept>

namespace stoa::text {

namespace {

/// libsodium selects its implementations and its source of randomness here.
void ensure_sodium() {
  static const int ready = sodium_init();
  if (ready < 0) throw std::runtime_error("libsodium cannot be initialised");
}

const unsigned char* bytes_of(std::string_view text) noexcept {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string blake2b(std::string_view key, std::string_view text) {
  ensure_sodium();
  std::string digest(32, '\0');
  crypto_generichash(reinterpret_cast<unsigned char*>(digest.data()), digest.size(), bytes_of(text),
                     text.size(), key.empty() ? nullptr : bytes_of(key), key.size());
  return digest;
}

}  // namespace

std::string fold(std::string_view text) {
  utf8proc_uint8_t* folded = nullptr;
  auto options =
      static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);
  auto length =
      utf8proc_map(bytes_of(text), static_cast<utf8proc_ssize_t>(text.size()), &folded, options);
  if (length == UTF8PROC_ERROR_NOMEM) throw std::bad_alloc();
  if (length < 0) return std::string(text);
  std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(folded, &std::free);
  return {reinterpret_cast<const char*>(folded), static_cast<std::size_t>(length)};
}

std::size_t utf8_prefix(std::string_view text) noexcept {
  constexpr std::uint64_t high_bits = 0x8080808080808080ULL;
  std::size_t at = 0;
  while (at < text.size()) {
    std::uint64_t eight = 0;
    if (at + 8 <= text.size()) {
      std::memcpy(&eight, text.data() + at, 8);
      if ((eight & high_bits) == 0) {
        at += 8;
        continue;
      }
    }
    std::size_t length = utf8_sequence_size(text.substr(at));
    if (length == 0) return at;
    at += length;
  }
  return at;
}

bool is_utf8(std::string_view text) noexcept {
  return utf8_prefix(text) == text.size();
}

std::size_t code_points(std::string_view text) noexcept {
  std::size_t count = 0;
  for (char c : text) count += is_utf8_continuation(c) ? 0 : 1;
  return count;
}

bool is_blank(std::string_view text) {
  const auto* at = bytes_of(text);
  auto left = static_cast<utf8proc_ssize_t>(text.size());
  while (left > 0) {
    utf8proc_int32_t code = 0;
    auto length = utf8proc_iterate(at, left, &code);
    if (length <= 0 || !is_blank(static_cast<char32_t>(code))) return false;
    at += length;
    left -= length;
  }
  return true;
}

namespace {

bool is_white(char32_t code) {
  return code == ' ' || code == '\t' || code == '\n' || code == '\r' || code == 0xA0 ||
         code == 0x1680 || (code >= 0x2000 && code <= 0x200A) || code == 0x2028 || code == 0x2029 ||
         code == 0x202F || code == 0x205F || code == 0x3000;
}

bool is_blank_or_white(char32_t code) {
  const bool is_control = code < 0xA0 && code != ' ';
  return is_control ? is_white(code) : is_blank(code);
}

char32_t code_point_at(std::string_view text) {
  utf8proc_int32_t code = 0;
  utf8proc_iterate(bytes_of(text), static_cast<utf8proc_ssize_t>(text.size()), &code);
  return static_cast<char32_t>(code);
}

/// Trims code points for which `drops` is true. Keeps invalid UTF-8.
template <class Drops>
std::string_view without_ends(std::string_view text, Drops drops) {
  const auto continues = [&](std::size_t at) {
    return at < text.size() && is_utf8_continuation(text[at]);
  };
  while (!text.empty() && drops(code_point_at(text))) {
    std::size_t end = 1;
    while (continues(end)) ++end;
    text.remove_prefix(end);
  }
  while (!text.empty()) {
    std::size_t begin = text.size() - 1;
    while (begin > 0 && continues(begin)) --begin;
    if (!drops(code_point_at(text.substr(begin)))) break;
    text.remove_suffix(text.size() - begin);
  }
  return text;
}

}  // namespace

std::string_view without_white_ends(std::string_view text) {
  return without_ends(text, is_white);
}

std::string_view without_blank_ends(std::string_view text) {
  return without_ends(text, is_blank_or_white);
}

std::string trim(std::string_view text) {
  constexpr std::string_view space = " \t\r\n\v\f";
  std::size_t from = text.find_first_not_of(space);
  if (from == std::string_view::npos) return {};
  return std::string(text.substr(from, text.find_last_not_of(space) - from + 1));
}

std::string plain_code(std::string_view code) {
  std::string plain;
  for (const char c : code) {
    if (c == ' ' || c == '-') continue;
    plain += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return plain;
}

std::string_view trim_blanks(std::string_view text) noexcept {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string join(const std::vector<std::string>& words, std::string_view separator) {
  std::string all;
  for (const auto& word : words) {
    if (&word != &words.front()) all += separator;
    all += word;
  }
  return all;
}

std::string hex(std::string_view bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (char c : bytes) {
    auto byte = static_cast<unsigned char>(c);
    out.push_back(digits[byte >> 4]);
    out.push_back(digits[byte & 0x0F]);
  }
  return out;
}

std::string base64url(std::string_view bytes) {
  constexpr int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  std::string out(sodium_base64_encoded_len(bytes.size(), variant), '\0');
  sodium_bin2base64(out.data(), out.size(), bytes_of(bytes), bytes.size(), variant);
  out.pop_back();  // libsodium's terminating NUL
  return out;
}

std::optional<std::string> from_base64url(std::string_view text) {
  std::string out(text.size() / 4 * 3 + 3, '\0');
  std::size_t length = 0;
  const char* end = nullptr;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(),
                        text.size(), nullptr, &length, &end,
                        sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
      end != text.data() + text.size()) {
    return std::nullopt;
  }
  out.resize(length);
  return out;
}

bool equal_secret(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string keyed_hash(std::string_view key, std::string_view text) {
  if (key.size() < crypto_generichash_KEYBYTES_MIN ||
      key.size() > crypto_generichash_KEYBYTES_MAX) {
    throw std::logic_error("keyed_hash: the key must have 16 to 64 bytes");
  }
  return blake2b(key, text);
}

std::string hash(std::string_view text) {
  return blake2b({}, text);
}

std::string short_hash(std::string_view text) {
  static constexpr unsigned char key[crypto_shorthash_siphashx24_KEYBYTES] = {};
  std::string out(crypto_shorthash_siphashx24_BYTES, '\0');
  crypto_shorthash_siphashx24(reinterpret_cast<unsigned char*>(out.data()), bytes_of(text),
                              text.size(), key);
  return out;
}

std::string random_bytes(std::size_t n) {
  ensure_sodium();
  std::string out(n, '\0');
  randombytes_buf(out.data(), n);
  return out;
}

}  // namespace stoa::text
