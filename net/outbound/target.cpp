#include "net/outbound/target.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <optional>

namespace stoa::outbound {

namespace {

constexpr std::size_t url_bytes_max = 8192;

/// RFC 9110, section 5.6.2.
bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

/// RFC 9110, section 5.5; ASCII only, because recipients interpret other bytes differently.
bool is_field_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= ' ' && c <= '~') || c == '\t'; });
}

bool is_set_by_client(std::string_view name) {
  constexpr std::array<std::string_view, 6> names{
      "host", "content-length", "transfer-encoding", "connection", "expect", "te"};
  return std::any_of(names.begin(), names.end(), [&](std::string_view n) {
    return n.size() == name.size() && curl_strnequal(n.data(), name.data(), n.size()) != 0;
  });
}

std::optional<std::string> fault_of(const request& r) {
  if (!is_token(r.method) || r.method == "CONNECT") return "invalid method";
  if (r.url.size() > url_bytes_max) return "the URL is too long";
  if (!std::all_of(r.url.begin(), r.url.end(), [](char c) { return c > ' ' && c <= '~'; })) {
    return "the URL contains characters other than printable ASCII";
  }
  for (const auto& [name, value] : r.headers) {
    if (!is_token(name) || is_set_by_client(name)) return "a header name is invalid or reserved";
    if (!is_field_value(value)) return "invalid value of header " + name;
  }
  return std::nullopt;
}

using url_handle = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

std::string part_of(const url_handle& url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url.get(), part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) return {};
  const std::unique_ptr<char, decltype(&curl_free)> owned(text, &curl_free);
  std::string made(text);
  std::transform(made.begin(), made.end(), made.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return made;
}

target refused(outcome verdict, std::string why) {
  return {{}, {}, verdict, std::move(why)};
}

}  // namespace

target check_request(const request& r, const client_config& config) {
  if (auto fault = fault_of(r)) return refused(outcome::invalid_request, std::move(*fault));
  const url_handle url(curl_url(), &curl_url_cleanup);
  constexpr unsigned flags = CURLU_DISALLOW_USER | CURLU_PATH_AS_IS;
  if (!url || curl_url_set(url.get(), CURLUPART_URL, r.url.c_str(), flags) != CURLUE_OK) {
    return refused(outcome::invalid_request, "invalid URL");
  }
  const auto scheme = part_of(url, CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") {
    return refused(outcome::invalid_request, "the URL is neither http nor https");
  }
  const auto host = part_of(url, CURLUPART_HOST);
  // libcurl skips further slashes.
  if (r.url.compare(scheme.size(), 4, ":///") == 0) {
    return refused(outcome::invalid_request, "the URL has no host");
  }
  const auto port = part_of(url, CURLUPART_PORT);
  if (port == "0") return refused(outcome::invalid_request, "the URL has the port 0");
  target t;
  t.host = host.starts_with('[') ? host.substr(1, host.size() - 2) : host;
  t.origin = scheme + "://" + host + ":" + port;
  if (t.host.empty()) return refused(outcome::invalid_request, "the URL has no host");
  const auto& hosts = config.allowed_hosts;
  if (!hosts.empty() && std::find(hosts.begin(), hosts.end(), t.host) == hosts.end()) {
    return refused(outcome::not_allowed, "the host is not allowed: " + t.host);
  }
  return t;
}

}  // namespace stoa::outbound
