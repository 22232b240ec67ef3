#include "net/web/pages.hpp"

#include "net/web/web_file.hpp"
#include "storage/base/text.hpp"

#include <algorithm>
#include <charconv>
#include <map>

namespace stoa::front {

namespace {

constexpr std::string_view policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

std::string type_of(std::string_view name) {
  if (name.ends_with(".html")) return "text/html; charset=utf-8";
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
  return "image/svg+xml";
}

std::map<std::string, page, std::less<>> make_pages() {
  std::map<std::string, page, std::less<>> all;
  for (const auto& f : web_files()) {
    all.emplace(f.name, page{type_of(f.name), text::base64url(text::hash(f.content).substr(0, 12)),
                             std::make_shared<const std::string>(f.content)});
  }
  return all;
}

/// The weight of one entry of Accept, in thousandths.
int weight_of(std::string_view entry) {
  const auto at = entry.find(";q=");
  if (at == entry.npos) return 1000;
  double q = 1;
  std::from_chars(entry.data() + at + 3, entry.data() + entry.size(), q);
  return static_cast<int>(q * 1000);
}

}  // namespace

const page* find_page(std::string_view name) {
  static const auto all = make_pages();
  const auto found = all.find(name);
  return found == all.end() ? nullptr : &found->second;
}

bool prefers_html(std::string_view accept) {
  int html = 0;
  int json = 0;
  while (!accept.empty()) {
    const auto end = std::min(accept.find(','), accept.size());
    const auto entry = text::trim(accept.substr(0, end));
    accept.remove_prefix(std::min(accept.size(), end + 1));
    const auto type = text::trim(entry.substr(0, entry.find(';')));
    if (type == "text/html") html = std::max(html, weight_of(entry));
    if (type == "application/json") json = std::max(json, weight_of(entry));
  }
  return html > json;
}

http::response page_response(const page& p) {
  http::response answer;
  answer.headers = {{"Content-Security-Policy", std::string(policy)},
                    {"Cross-Origin-Opener-Policy", "same-origin"},
                    {"Referrer-Policy", "no-referrer"}};
  answer.content_type = p.content_type;
  answer.shared_body = p.content;
  return answer;
}

}  // namespace stoa::front
