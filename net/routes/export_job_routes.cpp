// Exports of the catalogue as jobs: the file is written by the node that runs the catalogue, and
// read in pages.

#include "actors/catalog/catalog_messages.hpp"
#include "actors/catalog/export_job_messages.hpp"
#include "net/routes/all_routes.hpp"
#include "net/routes/catalog_file.hpp"
#include "net/routes/paging.hpp"
#include "net/routes/staff_about.hpp"

namespace stoa::front {

namespace {

using namespace stoa::catalog;
using response_task = task<http::response>;

constexpr std::size_t file_page_bytes = std::size_t{8} << 20;
const std::string exports_path = "/admin/v1/exports";

struct export_body {
  static constexpr std::string_view schema_name = "new_export";
  file_format format = file_format::csv;
  std::optional<timestamp> updated_since;
  std::optional<product_status> status;
  static constexpr json::rule rules[] = {
      {.field = "format", .description = "The format of the file."},
      {.field = "updated_since", .description = "Only products that have changed since then."},
      {.field = "status",
       .description = "Only products with this status.",
       .one_of = written_statuses}};
};
BOOST_DESCRIBE_STRUCT(export_body, (), (format, updated_since, status))

struct file_query {
  std::optional<std::string> cursor;
  static constexpr json::rule rules[] = {
      {.field = "cursor",
       .length_max = cursor_rule.length_max,
       .description = "From the Link field of the previous page.",
       .pattern = cursor_rule.pattern,
       .example = cursor_rule.example}};
};
BOOST_DESCRIBE_STRUCT(file_query, (), (cursor))

stoa::export_id export_of(const exchange& x) {
  return x.path_id<stoa::export_id>("export_id", "export");
}

response_task start_export(exchange& x, export_body b) {
  create_export command{{system_ids().next_v7()}, b.format, b.updated_since, b.status};
  auto view = co_await x.command(std::move(command));
  auto r = x.with_etag(x.json(202, view));
  r.headers.emplace_back("Location", exports_path + "/" + view.export_id.str());
  co_return r;
}

response_task one_export(exchange& x, none) {
  get_export query{export_of(x)};
  auto view = co_await x.ask(std::move(query));
  co_return x.cacheable(view);
}

/// A store keeps few of them: two pages.
task<std::int64_t> count_exports(exchange& x) {
  std::int64_t total = 0;
  list_exports query{std::nullopt, 100};
  do {
    const auto page = co_await x.ask(query);
    total += static_cast<std::int64_t>(page.data.size());
    query.before = cursor_id<stoa::export_id>(page.next_cursor.value);
  } while (query.before);
  co_return total;
}

response_task all_exports(exchange& x, page_query q) {
  list_exports query{cursor_id<stoa::export_id>(q.cursor), q.limit.value_or(page_limit_default)};
  auto list = co_await x.ask(std::move(query));
  if (x.shape.count) {
    const auto total = co_await count_exports(x);
    list.total = total;
  }
  co_return x.page(std::move(list));
}

response_task stop_export(exchange& x, empty_body) {
  cancel_export command{export_of(x)};
  auto view = co_await x.command(std::move(command));
  co_return x.with_etag(x.json(200, view));
}

std::int64_t file_part_of(const std::optional<std::string>& cursor) {
  if (!cursor) return 0;
  const bool is_number = !cursor->empty() && cursor->size() < 10 &&
                         cursor->find_first_not_of("0123456789") == std::string::npos;
  if (!is_number) fail(invalid_cursor());
  return std::stoll(*cursor);
}

response_task export_file(exchange& x, file_query q) {
  get_export job_query{export_of(x)};
  const auto view = co_await x.ask(job_query);
  get_export_part query{job_query.export_id, file_part_of(q.cursor)};
  http::response r;
  std::int64_t parts = 0;
  do {
    auto part = co_await x.ask(query);
    // The file may expire between two parts.
    if (!part.content) fail(invalid_cursor());
    r.body += *part.content;
    parts = part.parts;
    ++query.number;
  } while (query.number < parts && r.body.size() < file_page_bytes);
  set_file(r, view.format);
  if (query.number < parts) x.link_next(r, std::to_string(query.number));
  co_return r;
}

}  // namespace

void add_export_job_routes(routes& r) {
  auto start = for_staff("admin_create_export", "Export the catalogue into a file, as a job", {202},
                         {409, 422});
  start.description =
      "Responds when the export is queued; `Location` is the job, with its progress. Exports run "
      "one at a time. The file is kept for a day; at most ten are. A repeat with the same "
      "Idempotency-Key returns the same job.";
  start.answer_fields = {"Location", "ETag"};
  r.post<export_body, export_view>(exports_path, std::move(start), start_export);
  r.get<page_query, export_list>(
      exports_path, for_staff("admin_list_exports", "List exports, newest first", {200}, {}),
      all_exports);
  r.get<none, export_view>(
      exports_path + "/{export_id}",
      for_staff("admin_get_export", "Get an export: its state and progress", {200, 304}, {404}),
      one_export);
  auto stop = for_staff("admin_cancel_export", "Cancel an export", {200}, {404, 409});
  stop.answer_fields = {"ETag"};
  r.post<empty_body, export_view>(exports_path + "/{export_id}/cancel", std::move(stop),
                                  stop_export);
  auto file = for_staff("admin_get_export_file",
                        "Get the file of a completed export; the concatenated pages are the file",
                        {200}, {404, 409});
  file.description =
      "`Link: <...>; rel=\"next\"` leads to the next page of a large file. The Content-Type is "
      "text/csv or application/x-ndjson.";
  file.answer_fields = {"Content-Disposition"};
  file.limit = limit_class::search;
  file.cost = 16;
  file.reply_type = file_types;
  r.get<file_query, none>(exports_path + "/{export_id}/file", std::move(file), export_file);
}

}  // namespace stoa::front
