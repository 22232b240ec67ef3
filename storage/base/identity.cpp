#include "storage/base/identity.hpp"

#include "storage/base/text.hpp"

#include <unicode/idna.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <memory>
#include <new>
#include <stdexcept>

namespace stoa::text {

namespace {

/// ICU fails here only without memory or without its data.
void require(UErrorCode error) {
  if (error == U_MEMORY_ALLOCATION_ERROR) throw std::bad_alloc();
  if (U_FAILURE(error)) throw std::runtime_error(std::string("ICU: ") + u_errorName(error));
}

icu::UnicodeString of_utf8(std::string_view text) {
  return icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(text.size())});
}

std::string to_utf8(const icu::UnicodeString& text) {
  std::string out;
  text.toUTF8String(out);
  return out;
}

icu::UnicodeString composed(const icu::UnicodeString& text) {
  UErrorCode error = U_ZERO_ERROR;
  const auto* nfc = icu::Normalizer2::getNFCInstance(error);
  require(error);
  auto out = nfc->normalize(text, error);
  require(error);
  return out;
}

/// Calls f with each code point.
template <class F>
void each_code_point(const icu::UnicodeString& text, F&& f) {
  for (std::int32_t at = 0; at < text.length(); at = text.moveIndex32(at, 1)) f(text.char32At(at));
}

icu::UnicodeString simply_folded(std::string_view text) {
  icu::UnicodeString out;
  each_code_point(composed(of_utf8(text)),
                  [&](UChar32 c) { out.append(u_foldCase(c, U_FOLD_CASE_DEFAULT)); });
  return composed(out);
}

const icu::IDNA& idna() {
  static const std::unique_ptr<icu::IDNA> one = [] {
    UErrorCode error = U_ZERO_ERROR;
    std::unique_ptr<icu::IDNA> made(icu::IDNA::createUTS46Instance(
        UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ, error));
    require(error);
    return made;
  }();
  return *one;
}

std::string domain_key(std::string_view domain) {
  std::string out;
  icu::StringByteSink<std::string> sink(&out);
  icu::IDNAInfo info;
  UErrorCode error = U_ZERO_ERROR;
  idna().nameToASCII_UTF8({domain.data(), static_cast<std::int32_t>(domain.size())}, sink, info,
                          error);
  require(error);
  return info.hasErrors() ? to_utf8(simply_folded(domain)) : out;
}

}  // namespace

std::optional<std::string> opaque_string(std::string_view password) {
  if (password.empty() || !is_utf8(password)) return std::nullopt;
  icu::UnicodeString mapped;
  bool has_control = false;
  each_code_point(of_utf8(password), [&](UChar32 c) {
    const auto category = u_charType(c);
    has_control = has_control || category == U_CONTROL_CHAR;
    mapped.append(category == U_SPACE_SEPARATOR ? UChar32{U' '} : c);
  });
  if (has_control) return std::nullopt;
  return to_utf8(composed(mapped));
}

std::string mail_key(std::string_view address) {
  const auto at = address.rfind('@');
  if (!is_utf8(address) || at == std::string_view::npos) return std::string(address);
  return to_utf8(simply_folded(address.substr(0, at))) + "@" + domain_key(address.substr(at + 1));
}

std::string login_key(std::string_view login) {
  const auto trimmed = trim(login);
  return trimmed.find('@') == std::string::npos ? fold(trimmed) : mail_key(trimmed);
}

bool same_letters(std::string_view a, std::string_view b) {
  return simply_folded(a) == simply_folded(b);
}

}  // namespace stoa::text
