#include "config/option_forms.hpp"

#include "config/ip_network.hpp"
#include "config/mask.hpp"
#include "storage/base/currencies.hpp"
#include "storage/base/text.hpp"

#include <unicode/coll.h>
#include <unicode/locid.h>
#include <unicode/uloc.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <memory>

namespace stoa::config {
namespace {

bool is_port(std::string_view text, int least) {
  int port = -1;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, port);
  return !text.empty() && text.size() <= 5 && error == std::errc{} && at == end && port >= least &&
         port <= 65535;
}

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_twilio_sid(std::string_view text, std::string_view prefix) {
  return text.size() == 34 && text.starts_with(prefix) &&
         text.find_first_not_of("0123456789abcdef", prefix.size()) == std::string_view::npos;
}

bool is_host_name(std::string_view text) {
  return !text.empty() && text.size() <= 253 && std::ranges::all_of(text, [](char c) {
    return is_alphanumeric(c) || c == '.' || c == '-' || c == '_';
  });
}

/// Checks the characters of an IPv6 address in brackets; the system's parser checks the rest.
bool is_bracketed(std::string_view text) {
  if (text.size() < 4 || text.front() != '[' || text.back() != ']') return false;
  return std::ranges::all_of(text.substr(1, text.size() - 2), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' ||
           c == '.' || c == '%';
  });
}

bool is_host(std::string_view text) {
  return is_host_name(text) || is_bracketed(text);
}

/// host or host:port of a URL whose scheme is one of the two; `path` is what follows.
bool is_server_url(std::string_view text, std::string_view scheme, std::string_view tls_scheme,
                   std::string_view& path) {
  if (text.starts_with(scheme)) {
    text.remove_prefix(scheme.size());
  } else if (text.starts_with(tls_scheme)) {
    text.remove_prefix(tls_scheme.size());
  } else {
    return false;
  }
  const auto slash = text.find('/');
  path = slash == std::string_view::npos ? std::string_view() : text.substr(slash);
  return is_host(text.substr(0, slash)) || is_peer(text.substr(0, slash));
}

bool is_of(std::string_view text, std::size_t most, std::string_view marks) {
  return !text.empty() && text.size() <= most && std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           marks.find(c) != std::string_view::npos;
  });
}

/// True when ICU has data for the language, and the script and region exist there.
bool is_available(const std::string& base_name) {
  UErrorCode status = U_ZERO_ERROR;
  UEnumeration* all = uloc_openAvailableByType(ULOC_AVAILABLE_WITH_LEGACY_ALIASES, &status);
  bool found = false;
  while (!found && U_SUCCESS(status)) {
    const char* name = uenum_next(all, nullptr, &status);
    if (name == nullptr) break;
    found = base_name == name;
  }
  uenum_close(all);
  return found;
}

}  // namespace

bool is_listen_address(std::string_view text) {
  const auto colon = text.rfind(':');
  return colon != std::string_view::npos && is_host(text.substr(0, colon)) &&
         is_port(text.substr(colon + 1), 0);
}

bool is_cors_origin(std::string_view text) {
  if (text == "*") return true;
  std::string_view rest;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (text.starts_with(scheme)) rest = text.substr(scheme.size());
  }
  const auto bracket = rest.rfind(']');
  const auto colon = rest.rfind(':');
  const bool has_port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  if (!has_port) return is_host(rest);
  return is_host(rest.substr(0, colon)) && is_port(rest.substr(colon + 1), 1);
}

bool is_currency_code(std::string_view text) {
  return currency_decimals(text).has_value();
}

bool is_locale(std::string_view text) {
  constexpr std::size_t bytes_max = 64;
  if (text.empty() || text.size() > bytes_max || text.find('_') != std::string_view::npos) {
    return false;
  }
  UErrorCode status = U_ZERO_ERROR;
  const auto locale = icu::Locale::forLanguageTag(
      icu::StringPiece(text.data(), static_cast<int32_t>(text.size())), status);
  if (U_FAILURE(status) || locale.isBogus() || !is_available(locale.getBaseName())) return false;
  // ICU silently replaces an unknown collation by the language's default.
  std::array<char, 96> asked{};
  const auto length = locale.getKeywordValue("collation", asked.data(), asked.size() - 1, status);
  if (length <= 0 || U_FAILURE(status)) return U_SUCCESS(status);
  const std::unique_ptr<icu::StringEnumeration> known(
      icu::Collator::getKeywordValuesForLocale("collation", locale, false, status));
  for (const char* name = nullptr; U_SUCCESS(status);) {
    name = known->next(nullptr, status);
    if (name == nullptr) return false;
    if (std::string_view(name) == asked.data()) return true;
  }
  return false;
}

bool is_mail_sender(std::string_view text) {
  std::string_view address = text;
  if (text.ends_with('>')) {
    const auto open = text.rfind('<');
    if (open == std::string_view::npos) return false;
    if (text.substr(0, open).find_first_of("<>,;:\"@") != std::string_view::npos) return false;
    address = text.substr(open + 1, text.size() - open - 2);
  }
  const auto at = address.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < address.size() &&
         address.size() <= 254 && address.find('@', at + 1) == std::string_view::npos &&
         address.find_first_of(" <>,;:\"") == std::string_view::npos &&
         is_host_name(address.substr(at + 1));
}

bool is_store_name(std::string_view name) {
  const auto characters = text::code_points(name);
  return characters >= 1 && characters <= 200;
}

bool is_not_empty(std::string_view text) {
  return !text.empty();
}

bool is_payment_method(std::string_view text) {
  constexpr std::array<std::string_view, 4> methods{"card", "paypal", "bank_transfer",
                                                    "cash_on_delivery"};
  return std::ranges::find(methods, text) != methods.end();
}

bool is_allocation_rule(std::string_view text) {
  constexpr std::array<std::string_view, 4> rules{"destination", "fewest_shipments", "priority",
                                                  "most_stock"};
  return std::ranges::find(rules, text) != rules.end();
}

bool is_short_line_or_empty(std::string_view text) {
  constexpr std::size_t bytes_max = 500;
  return text.size() <= bytes_max && std::ranges::all_of(text, [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return byte >= 0x20 && byte != 0x7F;
         });
}

bool is_link_or_empty(std::string_view text) {
  if (text.empty()) return true;
  const auto scheme = text.find("://");
  return text.size() <= 500 && scheme + 3 < text.size() &&
         (text.starts_with("https://") || text.starts_with("http://")) &&
         std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
}

bool is_token_link_or_empty(std::string_view text) {
  return text.empty() || (is_link_or_empty(text) && text.find('#') == std::string_view::npos &&
                          (text.ends_with("?token=") || text.ends_with("&token=")));
}

bool is_base_url(std::string_view text) {
  return !text.empty() && is_link_or_empty(text) && !text.ends_with('/') &&
         text.find_first_of("?#@") == std::string_view::npos;
}

bool is_base_url_or_empty(std::string_view text) {
  return text.empty() || is_base_url(text);
}

bool is_short_kind(std::string_view text) {
  constexpr std::array<std::string_view, 6> kinds{"confirmed", "cancelled", "shipped",
                                                  "delivered", "refunded",  "action_required"};
  return std::ranges::find(kinds, text) != kinds.end();
}

bool is_sms_sender_or_empty(std::string_view text) {
  return text.empty() || (text.size() <= 20 && text.front() != ' ' && text.back() != ' ' &&
                          std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; }));
}

bool is_account_sid_or_empty(std::string_view text) {
  return text.empty() || is_twilio_sid(text, "AC");
}

bool is_service_sid_or_empty(std::string_view text) {
  return text.empty() || is_twilio_sid(text, "MG");
}

bool is_contact_or_empty(std::string_view text) {
  constexpr std::string_view mail = "mailto:";
  if (text.starts_with(mail)) {
    const auto address = text.substr(mail.size());
    return address.find_first_of("<> ") == std::string_view::npos && is_mail_sender(address);
  }
  return text.empty() || (text.starts_with("https://") && is_link_or_empty(text));
}

bool is_listen_address_or_empty(std::string_view text) {
  return text.empty() || is_listen_address(text);
}

bool is_host_or_empty(std::string_view text) {
  return text.empty() || is_host(text);
}

bool is_loopback_address(std::string_view text) {
  const auto host = text.substr(0, text.rfind(':'));
  if (host == "localhost" || host == "[::1]") return true;
  // Only whole addresses: 127.0.0.1.example is a name.
  const auto is_digit_or_dot = [](char c) { return c == '.' || (c >= '0' && c <= '9'); };
  return host.starts_with("127.") && std::ranges::count(host, '.') == 3 &&
         std::ranges::all_of(host, is_digit_or_dot);
}

bool is_postgres_url(std::string_view text) {
  if (!text.starts_with("postgresql://") && !text.starts_with("postgres://")) return false;
  // The mask changes the text only if it contains a password.
  return text.find("{service}") != std::string_view::npos && log::masked_setting(text) == text;
}

bool is_postgres_url_or_empty(std::string_view text) {
  return text.empty() || is_postgres_url(text);
}

bool is_redis_url(std::string_view text) {
  std::string_view path;
  if (!is_server_url(text, "redis://", "rediss://", path)) return false;
  return path.size() <= 4 && std::ranges::all_of(path.substr(path.empty() ? 0 : 1),
                                                 [](char c) { return c >= '0' && c <= '9'; });
}

bool is_nats_url(std::string_view text) {
  std::string_view path;
  return is_server_url(text, "nats://", "tls://", path) && path.empty();
}

bool is_plain_name(std::string_view text) {
  return is_of(text, 32, "_-");
}

bool is_index_name(std::string_view text) {
  return is_of(text, 64, "_-") && !text.starts_with('_') && !text.starts_with('-');
}

bool is_node_name(std::string_view text) {
  return is_of(text, 64, "._-");
}

bool is_peer(std::string_view text) {
  const auto colon = text.rfind(':');
  return colon != std::string_view::npos && is_host(text.substr(0, colon)) &&
         is_port(text.substr(colon + 1), 1);
}

bool is_network(std::string_view text) {
  return ip_network::parse(text).has_value();
}

}  // namespace stoa::config
