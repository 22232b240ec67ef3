// Imports of products as jobs: the file is stored, then imported by the node that runs the
// catalogue.

#include "actors/catalog/import_job_messages.hpp"
#include "config/settings.hpp"
#include "net/routes/all_routes.hpp"
#include "net/routes/paging.hpp"
#include "net/routes/staff_about.hpp"
#include "net/shopify/file_formats.hpp"
#include "storage/base/text.hpp"
#include "storage/base/time.hpp"

#include <algorithm>

namespace stoa::front {

namespace {

using namespace stoa::catalog;
using response_task = task<http::response>;

/// Above the length of any header line.
constexpr std::size_t header_bytes_max = 256 * 1024;
constexpr std::size_t import_bytes_default = std::size_t{32} << 20;

struct import_query {
  std::optional<file_format> format;
  std::optional<bool> set_stock;
  std::optional<bool> dry_run;
  static constexpr json::rule rules[] = {
      {.field = "format",
       .description = "Default: that of the Content-Type: shopify of text/csv, jsonl of "
                      "application/x-ndjson. csv: Stoa's own product CSV."},
      {.field = "set_stock", .description = "Also set the stock of existing products."},
      {.field = "dry_run", .description = "Only list the changes, without applying them."},
  };
};
BOOST_DESCRIBE_STRUCT(import_query, (), (format, set_stock, dry_run))

stoa::import_id import_of(const exchange& x) {
  return x.path_id<stoa::import_id>("import_id", "import");
}

bool has_type(const shopify::format_traits& format, std::string_view content_type) {
  return http::equals_ignoring_case(content_type.substr(0, format.content_type.size()),
                                    format.content_type);
}

/// The requested format, or the default one of the Content-Type.
const shopify::format_traits& format_of(const exchange& x, std::optional<file_format> wanted) {
  const auto type = x.request->header("Content-Type").value_or("");
  const auto all = shopify::file_formats();
  const auto found = std::ranges::find_if(all, [&](const shopify::format_traits& f) {
    return has_type(f, type) && (!wanted || f.format == *wanted);
  });
  if (found != all.end()) return *found;
  fail({400,
        "invalid_request",
        "The query has invalid parameter values.",
        {{"?format", "value", "This format does not fit the Content-Type."}}});
}

/// Rejects a file that cannot be imported before storing it.
void check_header(const exchange& x, const shopify::format_traits& format) {
  if (!format.unreadable) return;
  const auto why = format.unreadable(x.request->body.substr(0, header_bytes_max),
                                     x.shared->config->store.currency);
  if (why.empty()) return;
  fail({422, "import_file_unreadable", "The file cannot be imported: " + why, {}});
}

task<import_view> store_file(exchange& x, stoa::import_id id) {
  const std::string_view file = x.request->body;
  for (std::size_t at = 0, number = 0; at < file.size(); at += import_part_bytes, ++number) {
    put_import_part part{id, static_cast<std::int64_t>(number),
                         text::base64url(file.substr(at, import_part_bytes))};
    auto stored = x.start_command(std::move(part));
    co_await x.take_started<put_import_part>(std::move(stored));
  }
  auto started = x.start_command(queue_import{id});
  auto queued = co_await x.take_started<queue_import>(std::move(started));
  co_return queued;
}

response_task start_import(exchange& x, import_query q) {
  if (x.request->body.empty()) {
    fail({400, "invalid_request", "The body must be the file.", {{"", "required", "a file"}}});
  }
  const auto& format = format_of(x, q.format);
  check_header(x, format);
  const auto size = x.request->body.size();
  create_import command;
  command.import_id = {system_ids().next_v7()};
  command.set_stock = q.set_stock.value_or(false);
  command.format = format.format;
  command.dry_run = q.dry_run.value_or(false);
  command.bytes = static_cast<std::int64_t>(size);
  command.parts = static_cast<std::int64_t>((size + import_part_bytes - 1) / import_part_bytes);
  auto view = co_await x.command(std::move(command));
  if (x.replayed) {
    // The first request may have failed while storing the file.
    get_import query{view.import_id};
    view = co_await x.ask(std::move(query));
  }
  if (view.state == import_state::receiving) {
    auto stored = co_await store_file(x, view.import_id);
    view = std::move(stored);
  }
  auto r = x.with_etag(x.json(202, view));
  r.headers.emplace_back("Location", "/admin/v1/imports/" + view.import_id.str());
  co_return r;
}

response_task one_import(exchange& x, none) {
  get_import query{import_of(x)};
  auto view = co_await x.ask(std::move(query));
  co_return x.cacheable(view);
}

struct import_listing {
  static constexpr std::string_view schema_name = "import_list";
  std::vector<import_summary> data;
  nullable<std::string> next_cursor;
  std::optional<std::int64_t> total;  ///< of all pages, if requested
};
BOOST_DESCRIBE_STRUCT(import_listing, (), (data, next_cursor, total))

/// A store keeps at most imports_kept and imports_open_max of them: two pages.
task<std::int64_t> count_imports(exchange& x) {
  std::int64_t total = 0;
  list_imports query{std::nullopt, 100};
  do {
    const auto page = co_await x.ask(query);
    total += static_cast<std::int64_t>(page.data.size());
    query.before = cursor_id<stoa::import_id>(page.next_cursor.value);
  } while (query.before);
  co_return total;
}

response_task all_imports(exchange& x, page_query q) {
  list_imports query{cursor_id<stoa::import_id>(q.cursor), q.limit.value_or(page_limit_default)};
  auto page = co_await x.ask(std::move(query));
  import_listing list{std::move(page.data), std::move(page.next_cursor), {}};
  if (x.shape.count) {
    const auto total = co_await count_imports(x);
    list.total = total;
  }
  co_return x.page(std::move(list));
}

response_task stop_import(exchange& x, empty_body) {
  cancel_import command{import_of(x)};
  auto view = co_await x.command(std::move(command));
  co_return x.with_etag(x.json(200, view));
}

}  // namespace

void add_import_routes(routes& r) {
  auto start =
      for_staff("admin_create_import",
                "Import the catalogue from JSON Lines, Stoa's or Shopify's product CSV, as a job",
                {202}, {409, 413, 422});
  start.description =
      "Responds when the file is stored; `Location` is the job, with its progress and "
      "report. Imports run one at a time. A repeat with the same Idempotency-Key returns the "
      "same job.";
  start.answer_fields = {"Location", "ETag"};
  start.body_type = "text/csv, application/x-ndjson";
  start.file_body = true;
  start.body_bytes_max = import_bytes_default;
  r.post_file<import_query, import_view>("/admin/v1/imports", std::move(start), start_import);
  r.get<page_query, import_listing>(
      "/admin/v1/imports",
      for_staff("admin_list_imports", "List imports, newest first, without their problems", {200},
                {}),
      all_imports);
  r.get<none, import_view>(
      "/admin/v1/imports/{import_id}",
      for_staff("admin_get_import", "Get an import: its state, counts, and rejected rows",
                {200, 304}, {404}),
      one_import);
  auto stop =
      for_staff("admin_cancel_import",
                "Cancel an import; products already imported are not reverted", {200}, {404, 409});
  stop.answer_fields = {"ETag"};
  r.post<empty_body, import_view>("/admin/v1/imports/{import_id}/cancel", std::move(stop),
                                  stop_import);
}

}  // namespace stoa::front
