// The index of the search engine, for staff.

#include "actors/catalog/engine_messages.hpp"
#include "net/routes/all_routes.hpp"
#include "net/routes/staff_about.hpp"

namespace stoa::front {

namespace {

using namespace stoa::catalog;
using response_task = task<http::response>;

struct reindex_request {
  static constexpr std::string_view schema_name = "reindex_request";
  std::optional<bool> restart;
  static constexpr json::rule rules[] = {
      {.field = "restart",
       .description = "Abandon a build that is running, instead of responding 409.",
       .default_value = "false"},
  };
};
BOOST_DESCRIBE_STRUCT(reindex_request, (), (restart))

response_task search_index(exchange& x, none) {
  get_search_index query;
  auto view = co_await x.ask(std::move(query));
  co_return x.cacheable(view);
}

response_task reindex(exchange& x, reindex_request b) {
  start_reindex command{b.restart.value_or(false)};
  auto view = co_await x.command(std::move(command));
  auto r = x.with_etag(x.json(202, view));
  r.headers.emplace_back("Location", "/admin/v1/search");
  co_return r;
}

}  // namespace

void add_search_routes(routes& r) {
  r.get<none, search_index_view>(
      "/admin/v1/search",
      for_staff("admin_get_search_index",
                "Get the state of the search: its engine, outdated products and the last build",
                {200, 304}, {}),
      search_index);
  auto start =
      for_staff("admin_reindex",
                "Build a new index of the search engine, while the old one is used", {202}, {409});
  start.description =
      "Starts a job: all products are sent to a new index, then the alias is switched to it and "
      "the old index is deleted. `GET /admin/v1/search` shows the progress.";
  start.answer_fields = {"Location", "ETag"};
  r.post<reindex_request, search_build_view>("/admin/v1/search/reindex", std::move(start), reindex);
}

}  // namespace stoa::front
