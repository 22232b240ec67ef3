#include "net/routes/all_routes.hpp"
#include "net/web/pages.hpp"

namespace stoa::front {

namespace {

using response_task = task<http::response>;

struct link_view {
  static constexpr std::string_view schema_name = "root_link";
  std::string rel;
  std::string href;
};
BOOST_DESCRIBE_STRUCT(link_view, (), (rel, href))

struct root_view {
  static constexpr std::string_view schema_name = "root";
  std::string name;
  std::string version;
  std::vector<link_view> links;
};
BOOST_DESCRIBE_STRUCT(root_view, (), (name, version, links))

/// The search text of the page's script. The response does not depend on it.
struct reference_query {
  std::optional<std::string> q;
};
BOOST_DESCRIBE_STRUCT(reference_query, (), (q))

response_task file_of(exchange& x, std::string name) {
  const auto* page = find_page(name);
  if (!page) fail(not_found("page"));
  co_return x.with_etag(page_response(*page), page->tag);
}

response_task root(exchange& x, bool with_pages) {
  const auto accept = x.request->header("Accept");
  http::response answer;
  if (with_pages && accept && prefers_html(*accept)) {
    const auto* page = find_page("/");
    answer = x.with_etag(page_response(*page), page->tag);
  } else {
    root_view view{"Stoa",
                   STOA_VERSION,
                   {{"service-desc", "/openapi.json"},
                    {"events-desc", "/asyncapi.json"},
                    {"status", "/readyz"}}};
    if (with_pages) {
      view.links.push_back({"service-doc", "/docs"});
      view.links.push_back({"events-doc", "/docs/events"});
    }
    answer = x.cacheable(view);
  }
  answer.headers.emplace_back("Vary", "Accept");
  co_return answer;
}

about page_about(std::string id, std::string summary) {
  return {.id = std::move(id),
          .tag = "operation",
          .summary = std::move(summary),
          .success = {200, 304},
          .shared_cache = true,
          .listed = false};
}

}  // namespace

void add_page_routes(routes& r, bool with_pages) {
  r.get<none, root_view>("/",
                         {.id = "root",
                          .tag = "operation",
                          .summary = "Name, version and links to the documents",
                          .description = "Responds with HTML if Accept prefers it.",
                          .success = {200, 304},
                          .shared_cache = true},
                         [with_pages](exchange& x, none) { return root(x, with_pages); });
  if (!with_pages) return;
  r.get<reference_query, none>(
      "/docs", page_about("docs", "The API reference as a web page"),
      [](exchange& x, const reference_query&) { return file_of(x, "/docs"); });
  r.get<reference_query, none>(
      "/docs/events", page_about("docs_events", "The event reference as a web page"),
      [](exchange& x, const reference_query&) { return file_of(x, "/docs/events"); });
  r.get<none, none>("/docs/assets/{file}", page_about("docs_asset", "A file of the web pages"),
                    [](exchange& x, none) { return file_of(x, x.path_value("file")); });
}

}  // namespace stoa::front
