#include "storage/base/collation.hpp"

#include "storage/base/text.hpp"

#include <unicode/coll.h>
#include <unicode/locid.h>

#include <array>
#include <stdexcept>

namespace stoa::text {

namespace {

constexpr std::size_t key_bytes_max = 192;

}  // namespace

struct collation::state {
  std::unique_ptr<const icu::Collator> collator;
  std::string version;
};

collation::collation(const std::string& locale) {
  UErrorCode status = U_ZERO_ERROR;
  const auto parsed = icu::Locale::forLanguageTag(locale, status);
  std::unique_ptr<icu::Collator> made(
      U_SUCCESS(status) ? icu::Collator::createInstance(parsed, status) : nullptr);
  if (U_FAILURE(status) || !made) {
    throw std::invalid_argument("no collation for the locale " + locale + ": " +
                                u_errorName(status));
  }
  UVersionInfo numbers{};
  made->getVersion(numbers);
  std::array<char, U_MAX_VERSION_STRING_LENGTH> shown{};
  u_versionToString(numbers, shown.data());
  auto s = std::make_shared<state>();
  s->collator = std::move(made);
  s->version = locale + " " + shown.data();
  state_ = std::move(s);
}

std::string collation::key(std::string_view name) const {
  std::array<std::uint8_t, key_bytes_max> bytes{};
  const auto source = icu::UnicodeString::fromUTF8(
      icu::StringPiece(name.data(), static_cast<std::int32_t>(name.size())));
  const auto needed =
      state_->collator->getSortKey(source, bytes.data(), static_cast<std::int32_t>(bytes.size()));
  // ICU terminates a key with a zero byte; a key contains no other.
  const auto length = std::min(static_cast<std::size_t>(needed), bytes.size());
  std::string key;
  for (std::size_t i = 0; i < length && bytes[i] != 0; ++i) {
    // Each byte becomes the code point of its value; UTF-8 preserves the order of code points.
    const auto high = static_cast<unsigned>(bytes[i]) >> 6U;
    if (bytes[i] < 0x80) {
      key += static_cast<char>(bytes[i]);
    } else {
      key += static_cast<char>(0xC0U | high);
      key += static_cast<char>(0x80U | (bytes[i] & 0x3FU));
    }
  }
  if (key.size() > key_bytes_max) key.resize(utf8_prefix(key.substr(0, key_bytes_max)));
  return key;
}

const std::string& collation::version() const {
  return state_->version;
}

}  // namespace stoa::text
