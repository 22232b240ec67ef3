#include "storage/base/identity.hpp"

#include "storage/base/text.hpp"

#include <unicode/idna.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <new>
#include <stdexcept>

namespace stoa::text {

namespace {

/// ICU fails here only if memory or its data is missing.
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

std::unique_ptr<icu::IDNA> make_idna(std::uint32_t options) {
  UErrorCode error = U_ZERO_ERROR;
  std::unique_ptr<icu::IDNA> made(icu::IDNA::createUTS46Instance(options, error));
  require(error);
  return made;
}

const icu::IDNA& idna() {
  static const auto one =
      make_idna(UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ);
  return *one;
}

const icu::IDNA& strict_idna() {
  static const auto one = make_idna(UIDNA_NONTRANSITIONAL_TO_ASCII |
                                    UIDNA_NONTRANSITIONAL_TO_UNICODE | UIDNA_USE_STD3_RULES |
                                    UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ | UIDNA_CHECK_CONTEXTO);
  return *one;
}

bool is_in(std::u32string_view list, UChar32 c) {
  return list.find(static_cast<char32_t>(c)) != std::u32string_view::npos;
}

/// A code point of a mapped label: a letter, mark or digit, or an exception (RFC 5892,
/// section 2.6). UTS #46 also accepts symbols. ICU checks the contextual rules.
bool is_idna_character(UChar32 c) {
  constexpr std::u32string_view allowed =
      U"-.\u00b7\u0375\u05f3\u05f4\u06fd\u06fe\u0f0b\u200c\u200d\u3007\u30fb";
  constexpr std::u32string_view disallowed =
      U"\u0640\u07fa\u302e\u302f\u3031\u3032\u3033\u3034\u3035\u303b";
  constexpr auto of_words =
      U_GC_LL_MASK | U_GC_LO_MASK | U_GC_LM_MASK | U_GC_MN_MASK | U_GC_MC_MASK | U_GC_ND_MASK;
  if (is_in(allowed, c)) return true;
  return !is_in(disallowed, c) && (U_GET_GC_MASK(c) & of_words) != 0;
}

/// The joiners, selectors and tags of emoji sequences.
bool is_of_emoji(UChar32 c) {
  return c == 0x200C || c == 0x200D || c == 0xFE0E || c == 0xFE0F || (c >= 0xE0020 && c <= 0xE007F);
}

/// Whether the domain has a label that is Punycode or not ASCII.
bool needs_idna(std::string_view domain) {
  const auto folded = fold(domain);
  return folded.starts_with("xn--") || folded.find(".xn--") != std::string::npos ||
         std::any_of(domain.begin(), domain.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
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

bool is_new_password(std::string_view password) {
  constexpr auto disallowed = U_GC_CN_MASK | U_GC_CC_MASK | U_GC_CF_MASK | U_GC_CO_MASK |
                              U_GC_CS_MASK | U_GC_ZL_MASK | U_GC_ZP_MASK;
  bool good = true;
  each_code_point(of_utf8(password), [&](UChar32 c) {
    const bool is_disallowed = (U_GET_GC_MASK(c) & disallowed) != 0 ||
                               u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT);
    good = good && (!is_disallowed || is_of_emoji(c));
  });
  return good;
}

bool is_idna_domain(std::string_view domain) {
  if (!needs_idna(domain)) return true;
  const auto text = of_utf8(domain);
  icu::UnicodeString shown;
  icu::UnicodeString ascii;
  icu::IDNAInfo shown_info;
  icu::IDNAInfo ascii_info;
  UErrorCode error = U_ZERO_ERROR;
  strict_idna().nameToUnicode(text, shown, shown_info, error);
  require(error);
  strict_idna().nameToASCII(text, ascii, ascii_info, error);
  require(error);
  bool good = !shown_info.hasErrors() && !ascii_info.hasErrors();
  each_code_point(shown, [&](UChar32 c) { good = good && is_idna_character(c); });
  return good;
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
