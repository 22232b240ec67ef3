#include "net/web/pages.hpp"

#include "actors/kernel/entity_tag.hpp"
#include "net/http/field_list.hpp"
#include "net/web/web_file.hpp"

#include <algorithm>
#include <map>
#include <span>

namespace stoa::front {

namespace {

constexpr std::string_view policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'";

/// A page: frame.html with its placeholders, such as {{title}}, replaced.
struct page_parts {
  std::string_view path;
  std::string_view title;
  std::string_view data;  ///< the first request of its script, preloaded
  std::string_view script;
  std::string_view content;
};
constexpr page_parts page_list[] = {
    {"/", "Stoa", "/readyz", "index.js", "index.html"},
    {"/docs", "API reference - Stoa", "/openapi.json", "docs.js", "reference.html"},
    {"/docs/events", "Events - Stoa", "/asyncapi.json", "events.js", "reference.html"},
};

std::string type_of(std::string_view name) {
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
  return "image/svg+xml";
}

std::string_view file(std::string_view name) {
  const auto files = web_files();
  return std::find_if(files.begin(), files.end(), [&](auto& f) { return f.name == name; })->content;
}

/// Links that preload the script's imports in parallel.
std::string preloads(std::string_view script) {
  constexpr std::string_view clause = "from \"./";
  std::string links;
  const auto code = file(script);
  for (auto at = code.find(clause); at != code.npos; at = code.find(clause, at)) {
    at += clause.size();
    const auto name = code.substr(at, code.find('"', at) - at);
    links.append("\n  <link rel=\"modulepreload\" href=\"/docs/assets/").append(name).append("\">");
  }
  return links;
}

std::string html_of(const page_parts& parts) {
  std::string html(file("frame.html"));
  const auto modules = preloads(parts.script);
  const std::pair<std::string_view, std::string_view> values[] = {
      {"{{title}}", parts.title},
      {"{{data}}", parts.data},
      {"{{modules}}", modules},
      {"{{script}}", parts.script},
      {"{{content}}", file(parts.content)}};
  for (const auto& [mark, value] : values) html.replace(html.find(mark), mark.size(), value);
  return html;
}

page page_of(std::string type, std::string content) {
  auto tag = kernel::entity_tag(content);
  return {std::move(type), std::move(tag), std::make_shared<const std::string>(std::move(content))};
}

std::map<std::string, page, std::less<>> make_pages() {
  std::map<std::string, page, std::less<>> all;
  for (const auto& f : web_files()) {
    if (f.name.ends_with(".html")) continue;  // parts of pages
    all.emplace(f.name, page_of(type_of(f.name), std::string(f.content)));
  }
  for (const auto& parts : page_list) {
    all.emplace(parts.path, page_of("text/html; charset=utf-8", html_of(parts)));
  }
  return all;
}

/// The weight of a media range, from its parameters.
int weight_in(std::span<const std::string_view> parameters) {
  for (const auto p : parameters) {
    if (const auto weight = http::weight_of(p)) return *weight;
  }
  return http::full_weight;
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
  for (const auto entry : http::split_list(accept)) {
    const auto parts = http::split_list(entry, ';');
    if (parts.empty()) continue;
    const int weight = weight_in(std::span(parts).subspan(1));
    if (http::equals_ignoring_case(parts.front(), "text/html")) html = std::max(html, weight);
    if (http::equals_ignoring_case(parts.front(), "application/json"))
      json = std::max(json, weight);
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
