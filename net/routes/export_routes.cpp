// The catalogue as JSON Lines or product CSV, in pages that form one file.

#include "actors/catalog/catalog_messages.hpp"
#include "config/log.hpp"
#include "config/settings.hpp"
#include "net/product_csv/product_writer.hpp"
#include "net/routes/all_routes.hpp"
#include "net/routes/catalog_file.hpp"
#include "net/routes/paging.hpp"
#include "net/shopify/catalog_export.hpp"
#include "net/shopify/catalog_mapping.hpp"
#include "net/shopify/file_formats.hpp"
#include "net/shopify/line_positions.hpp"
#include "net/shopify/price_lines.hpp"
#include "net/shopify/shopify_csv.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/text.hpp"

#include <algorithm>
#include <array>
#include <sstream>

namespace stoa::front {

namespace {

using response_task = task<http::response>;

/// A page ends with the product that reaches this size. Pages are large because each one scans all
/// products for the columns of the header.
constexpr std::size_t page_bytes = std::size_t{8} << 20;
constexpr std::int64_t products_at_once = 50;
/// A page ends after this time: filters may select few of many products.
constexpr milliseconds page_time{2'000};

struct export_query {
  std::optional<catalog::file_format> format;
  std::optional<timestamp> updated_since;
  std::optional<catalog::product_status> status;
  std::optional<std::string> cursor;
  static constexpr json::rule rules[] = {
      {.field = "format",
       .description = "The format of the file.",
       .default_value = R"("shopify")"},
      {.field = "updated_since", .description = "Only products that have changed since then."},
      {.field = "status",
       .description = "Only products with this status.",
       .one_of = catalog::written_statuses},
      {.field = "cursor",
       .length_max = cursor_rule.length_max,
       .description = "From the Link field of the previous page.",
       .pattern = cursor_rule.pattern,
       .example = cursor_rule.example}};
};
BOOST_DESCRIBE_STRUCT(export_query, (), (format, updated_since, status, cursor))

/// The fields of a page of a file.
void begin_file(http::response& r, catalog::file_format format, std::size_t objects) {
  const auto& traits = shopify::traits_of(format);
  set_file(r, format);
  r.headers.emplace_back(traits.count_field, std::to_string(objects));
}

/// The columns of the whole file, the same on each page.
task<std::vector<std::string>> all_columns(exchange& x) {
  const auto& currency = x.shared->config->store.currency;
  shopify::export_columns columns;
  catalog::export_products query{std::nullopt, products_at_once};
  do {
    auto page = co_await x.ask(query);
    for (const auto& one : page.data) {
      if (auto product = shopify::from_catalog(one, currency)) columns.add(*product);
    }
    query.after = page.next;
  } while (query.after);
  co_return columns.names();
}

struct csv_page {
  std::ostringstream text;
  std::size_t written = 0;
  std::size_t left_out = 0;
  std::optional<stoa::product_id> next;
};

void write_product(const exchange& x, const catalog::exported_product& one, shopify::writer& writer,
                   csv_page& page) {
  if (auto product = shopify::from_catalog(one, x.shared->config->store.currency)) {
    writer.write_product(*product);
    ++page.written;
  } else {
    ++page.left_out;
    log::warn("product not exported", {{"product_id", one.product.product_id.str()},
                                       {"reason", product.error().detail},
                                       {"request_id", x.context.request_id}});
  }
}

/// The position in a verified cursor; 400 invalid_cursor for anything else.
shopify::line_position position_of(const std::optional<std::string>& cursor) {
  if (!cursor) return shopify::first_line_position();
  const auto json_text = text::from_base64url(*cursor);
  auto position = json_text ? json::read<shopify::line_position>(*json_text)
                            : result<shopify::line_position>(not_found(""));
  if (!position) fail(invalid_cursor());
  return std::move(*position);
}

/// As in read_line_page() of net/shopify/line_pages.hpp, without blocking.
task<catalog::line_page> lines_at(exchange& x, shopify::line_position at, export_query q) {
  if (at.type == shopify::price_list_type) {
    const auto lists = co_await x.ask(pricing::export_price_lists{});
    co_return shopify::price_list_lines(lists);
  }
  if (at.type == shopify::price_type) {
    pricing::export_prices query{std::move(at.after), products_at_once};
    const auto prices = co_await x.ask(std::move(query));
    auto named = shopify::names_query(prices);
    const auto names = co_await x.ask(std::move(named));
    co_return shopify::price_lines(prices, names);
  }
  catalog::export_lines query{std::move(at.type), std::move(at.after), products_at_once,
                              q.updated_since, q.status};
  co_return co_await x.ask(std::move(query));
}

response_task export_line_page(exchange& x, export_query q) {
  std::optional<shopify::line_position> at = position_of(q.cursor);
  http::response r;
  std::size_t lines = 0;
  const auto until = x.now() + page_time;
  for (bool first = true; at && (first || x.now() < until) && r.body.size() < page_bytes;
       first = false) {
    auto page = co_await lines_at(x, *at, q);
    lines += page.lines.size();
    for (const auto& line : page.lines) r.body += line + '\n';
    at = shopify::next_line_position(*at, std::move(page.next));
  }
  begin_file(r, catalog::file_format::jsonl, lines);
  if (at) x.link_next(r, text::base64url(json::write(*at)));
  co_return r;
}

response_task export_products_page(exchange& x, export_query q) {
  catalog::export_products query{cursor_id<stoa::product_id>(q.cursor), products_at_once};
  const auto columns = co_await all_columns(x);
  csv_page page;
  shopify::writer writer(page.text, x.shared->config->store.currency, columns);
  if (!q.cursor) writer.write_header();
  const auto until = x.now() + page_time;
  do {
    auto products = co_await x.ask(query);
    for (const auto& one : products.data) {
      const bool is_selected = (!q.updated_since || one.product.updated_at >= *q.updated_since) &&
                               (!q.status || one.product.status == *q.status);
      if (is_selected) write_product(x, one, writer, page);
      page.next = one.product.product_id;
      if (static_cast<std::size_t>(page.text.tellp()) >= page_bytes) break;
    }
    const bool all_written =
        products.data.empty() || page.next == products.data.back().product.product_id;
    query.after = page.next;
    if (all_written && !products.next) page.next.reset();
  } while (page.next && x.now() < until &&
           static_cast<std::size_t>(page.text.tellp()) < page_bytes);
  const auto& left_out = writer.columns_left_out();
  for (const auto& name : left_out) {
    log::warn("column not exported", {{"column", name}, {"request_id", x.context.request_id}});
  }
  http::response r;
  begin_file(r, catalog::file_format::shopify, page.written);
  r.body = std::move(page.text).str();
  r.headers.emplace_back("Stoa-Products-Left-Out", std::to_string(page.left_out));
  r.headers.emplace_back("Stoa-Columns-Left-Out", std::to_string(left_out.size()));
  if (page.next) x.link_next(r, page.next->str());
  co_return r;
}

/// Where an export of Stoa's product CSV continues.
struct row_position {
  std::string after;    ///< product
  std::string columns;  ///< a hash of the header of the first page
};
BOOST_DESCRIBE_STRUCT(row_position, (), (after, columns))

std::optional<row_position> row_position_of(const std::optional<std::string>& cursor) {
  if (!cursor) return std::nullopt;
  const auto json_text = text::from_base64url(*cursor);
  auto position =
      json_text ? json::read<row_position>(*json_text) : result<row_position>(not_found(""));
  if (!position) fail(invalid_cursor());
  return std::move(*position);
}

catalog::export_lines product_query(const export_query& q) {
  catalog::export_lines query;
  query.type = "product";
  query.limit = products_at_once;
  query.updated_since = q.updated_since;
  query.status = q.status;
  return query;
}

/// The columns of the whole file, the same on each page.
task<std::vector<std::string>> product_columns(exchange& x, export_query q) {
  product_csv::column_collector columns;
  auto query = product_query(q);
  do {
    const auto page = co_await x.ask(query);
    for (const auto& line : page.lines) columns.add(line);
    query.after = page.next;
  } while (query.after);
  co_return columns.names();
}

response_task export_row_page(exchange& x, export_query q) {
  const auto at = row_position_of(q.cursor);
  const auto names = co_await product_columns(x, q);
  const auto columns = text::hex(text::short_hash(json::write(names)));
  if (at && at->columns != columns) {
    fail({409,
          "export_columns_changed",
          "The columns have changed during the export. Start again from the first page.",
          {}});
  }
  std::ostringstream file;
  product_csv::product_writer writer(file, names);
  if (!at) writer.write_header();
  std::size_t written = 0;
  auto query = product_query(q);
  if (at) query.after = at->after;
  const auto until = x.now() + page_time;
  do {
    const auto page = co_await x.ask(query);
    for (const auto& line : page.lines) writer.write(line);
    written += page.lines.size();
    query.after = page.next;
  } while (query.after && x.now() < until && static_cast<std::size_t>(file.tellp()) < page_bytes);
  http::response r;
  begin_file(r, catalog::file_format::csv, written);
  r.body = std::move(file).str();
  if (query.after) {
    const row_position next{*query.after, columns};
    x.link_next(r, text::base64url(json::write(next)));
  }
  co_return r;
}

struct format_pages {
  catalog::file_format format;
  response_task (*page)(exchange& x, export_query q);
};
constexpr std::array<format_pages, 3> pages_of_formats{{
    {catalog::file_format::shopify, export_products_page},
    {catalog::file_format::jsonl, export_line_page},
    {catalog::file_format::csv, export_row_page},
}};
static_assert(pages_of_formats.size() == enumerator_values<catalog::file_format>.size());

response_task export_page(exchange& x, export_query q) {
  const auto format = q.format.value_or(catalog::file_format::shopify);
  const auto* found = std::ranges::find(pages_of_formats, format, &format_pages::format);
  return found->page(x, std::move(q));
}

}  // namespace

void add_export_routes(routes& r) {
  r.get<export_query, none>(
      "/admin/v1/export",
      {.id = "admin_export_products",
       .tag = "admin",
       .summary = "Export the catalogue and its price lists as JSON Lines (application/x-ndjson), "
                  "or all products as Stoa's or Shopify's product CSV; the concatenated pages of a "
                  "large catalogue are the file",
       .description =
           "With `format=jsonl` each line is an object of the catalogue, a price list or a price, "
           "as `POST /admin/v1/imports` reads it; `Stoa-Objects-Exported` is the number of lines "
           "on the "
           "page. "
           "With `format=csv` the file is Stoa's own product CSV, which `POST /admin/v1/imports` "
           "reads with the same format. "
           "The first page has the header. `Link: <...>; rel=\"next\"` leads to the next page. "
           "Products that the format cannot represent are omitted and logged; "
           "`Stoa-Products-Left-Out` is their number on the page. `Stoa-Columns-Left-Out` is the "
           "number of "
           "columns with values on the page that are not in the file's header.",
       .who = access::staff,
       .errors = {409},
       .answer_fields = {"Content-Disposition", "Stoa-Objects-Exported", "Stoa-Products-Exported",
                         "Stoa-Products-Left-Out", "Stoa-Columns-Left-Out"},
       .limit = limit_class::search,
       .cost = 16,
       .reply_type = file_types},
      export_page);
}

}  // namespace stoa::front
