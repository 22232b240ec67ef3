#include "storage/catalog/handle_text.hpp"

#include <unicode/translit.h>
#include <unicode/unistr.h>

#include <memory>
#include <stdexcept>

namespace stoa::catalog {

namespace {

/// The rest of a longer name would not be in the handle.
constexpr std::int32_t name_units_max = 255;

std::unique_ptr<icu::Transliterator> make_to_ascii() {
  UErrorCode status = U_ZERO_ERROR;
  std::unique_ptr<icu::Transliterator> made(
      icu::Transliterator::createInstance("Any-Latin; Latin-ASCII; Lower", UTRANS_FORWARD, status));
  if (U_FAILURE(status) || !made) {
    throw std::runtime_error(std::string("no transliteration: ") + u_errorName(status));
  }
  return made;
}

/// Creating it costs milliseconds. One for each thread, because ICU does not promise that several
/// threads can use one.
const icu::Transliterator& to_ascii() {
  thread_local const auto made = make_to_ascii();
  return *made;
}

bool is_kept(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

}  // namespace

std::string handle_text(std::string_view name) {
  auto text = icu::UnicodeString::fromUTF8(
      icu::StringPiece(name.data(), static_cast<std::int32_t>(name.size())));
  text.truncate(text.length() > name_units_max ? text.getChar32Start(name_units_max)
                                               : text.length());
  to_ascii().transliterate(text);
  std::string ascii;
  text.toUTF8String(ascii);
  std::string handle;
  bool is_gap = false;
  for (const char c : ascii) {
    // Also what remains of letters that only change the sound of others.
    if (c == '\'') continue;
    if (!is_kept(c)) {
      is_gap = true;
      continue;
    }
    const std::size_t needed = is_gap && !handle.empty() ? 2 : 1;
    if (handle.size() + needed > handle_text_bytes_max) break;
    if (needed == 2) handle += '-';
    handle += c;
    is_gap = false;
  }
  return handle;
}

}  // namespace stoa::catalog
