#include "storage/base/json_rules.hpp"

#include "storage/base/blank.hpp"
#include "storage/base/identity.hpp"
#include "storage/base/json_write.hpp"
#include "storage/base/phone.hpp"
#include "storage/base/postal.hpp"
#include "storage/base/text.hpp"
#include "storage/base/utf8.hpp"

#include <utf8proc.h>

#include <algorithm>

namespace stoa::json {

namespace {

/// Calls f with the category of each code point until f returns false. Returns false for invalid
/// UTF-8.
template <class F>
bool each_code_point(std::string_view text, F&& f) {
  const auto* at = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  auto left = static_cast<utf8proc_ssize_t>(text.size());
  while (left > 0) {
    utf8proc_int32_t code = 0;
    auto length = utf8proc_iterate(at, left, &code);
    if (length <= 0 || !f(code, utf8proc_category(code))) return false;
    at += length;
    left -= length;
  }
  return true;
}

bool is_control(utf8proc_category_t c) {
  return c == UTF8PROC_CATEGORY_CC || c == UTF8PROC_CATEGORY_ZL || c == UTF8PROC_CATEGORY_ZP;
}

/// No invisible characters, and none that look like a space.
bool is_visible(std::string_view text) {
  return each_code_point(text, [](auto, utf8proc_category_t c) {
    return !is_control(c) && c != UTF8PROC_CATEGORY_CF && c != UTF8PROC_CATEGORY_ZS &&
           c != UTF8PROC_CATEGORY_CN && c != UTF8PROC_CATEGORY_CO;
  });
}

/// Labels of 1 to 63 characters between the dots, at least two, none beginning or ending with '-'.
bool is_mail_domain(std::string_view domain) {
  std::size_t labels = 0;
  while (true) {
    std::size_t dot = domain.find('.');
    std::string_view label = domain.substr(0, dot);
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-')
      return false;
    bool plain = std::all_of(label.begin(), label.end(), [](char c) {
      auto byte = static_cast<unsigned char>(c);
      return byte >= 0x80 || c == '-' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
             (c >= 'A' && c <= 'Z');
    });
    if (!plain) return false;
    ++labels;
    if (dot == std::string_view::npos) return labels >= 2;
    domain.remove_prefix(dot + 1);
  }
}

/// Addresses used in practice: no quoted local parts, no address literals. Lengths: RFC 5321,
/// 4.5.3.1.
bool is_email(std::string_view text) {
  std::size_t at = text.find('@');
  if (text.size() > 254 || at == std::string_view::npos || at == 0 || at > 64) return false;
  std::string_view local = text.substr(0, at);
  if (local.front() == '.' || local.back() == '.' || local.find("..") != std::string_view::npos ||
      local.find_first_of("\"(),:;<>[\\]") != std::string_view::npos) {
    return false;
  }
  const auto domain = text.substr(at + 1);
  return is_mail_domain(domain) && is_visible(text) && text::is_idna_domain(domain);
}

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// Only characters that RFC 3986 allows in a URI, and whole percent escapes.
bool has_uri_characters(std::string_view text) {
  constexpr std::string_view punctuation = "-._~:/?#@!$&'()*+,;=[]";
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || punctuation.find(c) != std::string_view::npos) continue;
    if (c != '%' || i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2]))
      return false;
    i += 2;
  }
  return true;
}

/// host[:port] without user information (RFC 3986), which could contain a password or disguise the
/// host.
bool is_authority(std::string_view text) {
  std::size_t host_end = text.starts_with('[') ? text.find(']') + 1 : text.find(':');
  // No ']' (npos + 1 wraps to 0), or no address in the brackets.
  if (text.starts_with('[') && host_end < 4) return false;
  std::string_view host = text.substr(0, host_end);
  std::string_view rest = text.substr(host.size());
  bool good_port =
      rest.empty() || (rest.front() == ':' && rest.size() <= 6 &&
                       rest.substr(1).find_first_not_of("0123456789") == std::string_view::npos);
  std::string_view inner = host.starts_with('[') ? host.substr(1, host.size() - 2) : host;
  return !inner.empty() && good_port && text.find('@') == std::string_view::npos &&
         inner.find_first_of("[]") == std::string_view::npos;
}

/// Absolute, with the scheme http or https.
bool is_web_uri(std::string_view text) {
  if (text.size() > 2048 || !has_uri_characters(text)) return false;
  std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) return false;
  std::string scheme = text::fold(text.substr(0, colon));
  if (scheme != "http" && scheme != "https") return false;
  std::string_view after = text.substr(colon + 3);
  std::size_t end = std::min(after.find_first_of("/?#"), after.size());
  std::string_view tail = after.substr(end);
  return is_authority(after.substr(0, end)) && tail.find_first_of("[]") == std::string_view::npos &&
         std::count(tail.begin(), tail.end(), '#') <= 1;
}

bool is_username(std::string_view text) {
  std::size_t length = text::code_points(text);
  if (length < 3 || length > 64) return false;
  bool after_letter = false;
  return each_code_point(text, [&](utf8proc_int32_t code, utf8proc_category_t c) {
    // A mark belongs to the letter before it, as in the scripts of India.
    bool mark = c == UTF8PROC_CATEGORY_MN || c == UTF8PROC_CATEGORY_MC;
    bool letter = c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_LO;
    bool good = letter || c == UTF8PROC_CATEGORY_ND || (mark && after_letter) || code == '.' ||
                code == '_' || code == '-';
    after_letter = letter || mark;
    return good;
  });
}

bool is_metadata_key(std::string_view text) {
  constexpr std::size_t length_max = 40;
  return !text.empty() && text.size() <= length_max &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '-';
         });
}

/// No C0 or C1 control characters except the allowed ones.
bool holds_no_control(std::string_view text, std::string_view allowed = {}) {
  return each_code_point(text, [&](utf8proc_int32_t code, utf8proc_category_t c) {
    return c != UTF8PROC_CATEGORY_CC ||
           (code < 0x80 && allowed.find(static_cast<char>(code)) != std::string_view::npos);
  });
}

bool is_line(std::string_view text) {
  return each_code_point(text, [](auto, utf8proc_category_t c) { return !is_control(c); });
}

bool is_sku(std::string_view text) {
  return !text.empty() && is_line(text) && text::code_points(text) <= 255;
}

bool may_not_be_blank(format form) {
  return form == format::line || form == format::text;
}

/// The part of the text that is stored, to which form and lengths apply.
std::string_view stored_part(std::string_view text, format form) {
  if (form == format::line || form == format::phone) return text::without_white_ends(text);
  return form == format::sku ? text::without_blank_ends(text) : text;
}

/// "This must have at least 1 character."
std::string limits_text(std::string_view what, std::size_t bound, std::string_view unit) {
  std::string text = "This must have ";
  text.append(what).append(" ").append(std::to_string(bound)).append(" ").append(unit);
  return text + (bound == 1 ? "." : "s.");
}

bool check_length(std::size_t length, const rule& limit, bool is_text, detail::reading& r,
                  const detail::path& at) {
  std::string_view unit = is_text ? "character" : "element";
  if (limit.length_min && length < *limit.length_min) {
    r.broken_rule(at, is_text ? "too_short" : "too_few",
                  limits_text("at least", *limit.length_min, unit));
    return false;
  }
  if (limit.length_max && length > *limit.length_max) {
    r.broken_rule(at, is_text ? "too_long" : "too_many",
                  limits_text("at most", *limit.length_max, unit));
    return false;
  }
  return true;
}

/// Reports a number outside the rule's range.
bool check_range(bool in_range, const rule& limit, detail::reading& r, const detail::path& at) {
  if (in_range) return true;
  using detail::between;
  std::string text = "This must be ";
  if (limit.value_min && limit.value_max) {
    text += between(std::to_string(*limit.value_min), std::to_string(*limit.value_max));
  } else if (limit.value_min) {
    text += "at least " + std::to_string(*limit.value_min);
  } else {
    text += "at most " + std::to_string(*limit.value_max);
  }
  r.broken_rule(at, "range", text + ".");
  return false;
}

}  // namespace

bool has_form(std::string_view text, format form) {
  if (may_not_be_blank(form) && !text.empty() && text::is_blank(text)) return false;
  text = stored_part(text, form);
  switch (form) {
    case format::none:
      return true;
    case format::email:
      return is_email(text);
    case format::uri:
      return is_web_uri(text);
    case format::country:
      return postal_rule_of(text) != nullptr;
    case format::currency:
      return currency_exponent(text).has_value();
    case format::phone:
      return is_phone(normal_phone(text));
    case format::username:
      return is_username(text);
    case format::sku:
      return is_sku(text);
    case format::line:
      return is_line(text);
    case format::text:
      return holds_no_control(text, "\n\r\t");
    case format::password:
      return text::is_utf8(text) && text::is_new_password(text);
    case format::metadata_key:
      return is_metadata_key(text);
  }
  return false;
}

std::string_view form_text(format form) {
  switch (form) {
    case format::none:
      return "Any text.";
    case format::email:
      return "This must be an email address such as name@example.com.";
    case format::uri:
      return "This must be an absolute http or https URL.";
    case format::country:
      return "This must be a country code of ISO 3166-1 alpha-2, such as DE.";
    case format::currency:
      return "This must be a currency code of ISO 4217, such as EUR.";
    case format::phone:
      return "This must be a phone number of at most 40 characters: 5 to 20 digits, optionally "
             "with a "
             "leading +, with spaces, dashes, dots, slashes and parentheses between them, and "
             "with an extension such as ext. 12 or ;ext=12.";
    case format::username:
      return "This must have 3 to 64 letters, digits, dots, dashes or underscores.";
    case format::sku:
      return "This must have 1 to 255 characters, at least one of them visible, and no control "
             "characters or line breaks.";
    case format::line:
      return "This must not contain control characters or line breaks.";
    case format::text:
      return "Control characters other than line breaks and tabs are not allowed.";
    case format::password:
      return text::new_password_form;
    case format::metadata_key:
      return "A key must have 1 to 40 ASCII letters, digits, dashes or underscores.";
  }
  return "";
}

namespace detail {

std::string path::pointer() const {
  if (parent_ == nullptr) return {};
  std::string text = parent_->pointer();
  text.push_back('/');
  if (is_index_) return text.append(std::to_string(index_));
  for (char c : name_) {
    if (c == '~') {
      text.append("~0");
    } else if (c == '/') {
      text.append("~1");
    } else {
      text.push_back(c);
    }
  }
  return text;
}

void reading::structural(const path& at, std::string code, std::string detail) {
  structural_ = true;
  broken_rule(at, std::move(code), std::move(detail));
}

void reading::broken_rule(const path& at, std::string code, std::string detail) {
  if (!full()) errors_.push_back({at.pointer(), std::move(code), std::move(detail)});
}

void reading::broken_rule(field_error error) {
  if (!full()) errors_.push_back(std::move(error));
}

problem reading::as_problem() && {
  if (!structural_) return invalid(std::move(errors_));
  return {problem_kind::malformed, "invalid_request", "The request does not match its schema.",
          std::move(errors_)};
}

std::string between(const std::string& min, const std::string& max) {
  return "between " + min + " and " + max;
}

std::string compact(const value& v) {
  return write(v);
}

bool check_control(std::string_view text, bool lines_allowed, reading& r, const path& at) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (control_size(text.substr(i)) == 0 ||
        (lines_allowed && (c == '\n' || c == '\r' || c == '\t')))
      continue;
    r.broken_rule(at, "format",
                  lines_allowed
                      ? "Control characters other than line breaks and tabs are not allowed."
                      : "Control characters are not allowed in names.");
    return false;
  }
  return true;
}

bool is_one_of(std::string_view text, std::string_view words) {
  if (text.empty() || text.find(' ') != text.npos) return false;
  for (auto at = words.find(text); at != words.npos; at = words.find(text, at + 1)) {
    const auto end = at + text.size();
    if ((at == 0 || words[at - 1] == ' ') && (end == words.size() || words[end] == ' '))
      return true;
  }
  return false;
}

bool check_text(std::string_view text, const rule& limit, reading& r, const path& at) {
  if (may_not_be_blank(limit.form) && !text.empty() && text::is_blank(text)) {
    r.broken_rule(at, "blank", "This must contain at least one visible character.");
    return false;
  }
  const auto opaque =
      limit.form == format::password ? text::opaque_string(text) : std::optional<std::string>();
  const auto counted = opaque ? std::string_view(*opaque) : stored_part(text, limit.form);
  if (!check_length(text::code_points(counted), limit, true, r, at)) return false;
  if (!limit.one_of.empty() && !is_one_of(text, limit.one_of)) {
    std::string allowed;
    for (char c : limit.one_of) allowed.append(c == ' ' ? ", " : std::string(1, c));
    r.broken_rule(at, "value", "This must be one of: " + allowed + ".");
    return false;
  }
  if (has_form(text, limit.form)) return true;
  r.broken_rule(at, "format", std::string(form_text(limit.form)));
  return false;
}

bool check_count(std::size_t count, const rule& limit, reading& r, const path& at) {
  return check_length(count, limit, false, r, at);
}

bool check_integer(std::int64_t v, const rule& limit, reading& r, const path& at) {
  bool good =
      (!limit.value_min || v >= *limit.value_min) && (!limit.value_max || v <= *limit.value_max);
  return check_range(good, limit, r, at);
}

bool check_unsigned(std::uint64_t v, const rule& limit, reading& r, const path& at) {
  bool good = (!limit.value_min || std::cmp_greater_equal(v, *limit.value_min)) &&
              (!limit.value_max || std::cmp_less_equal(v, *limit.value_max));
  return check_range(good, limit, r, at);
}

bool check_number(double v, const rule& limit, reading& r, const path& at) {
  bool good = (!limit.value_min || v >= static_cast<double>(*limit.value_min)) &&
              (!limit.value_max || v <= static_cast<double>(*limit.value_max));
  return check_range(good, limit, r, at);
}

template bool check_as<std::string>(const void*, const rule&, reading&, const path&);
template bool check_as<std::optional<std::string>>(const void*, const rule&, reading&, const path&);
template bool check_as<std::vector<std::string>>(const void*, const rule&, reading&, const path&);
template bool check_as<std::int64_t>(const void*, const rule&, reading&, const path&);

}  // namespace detail
}  // namespace stoa::json
