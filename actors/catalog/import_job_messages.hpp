#pragma once
// The messages of imports over HTTP. The file is sent in parts, which are stored before the job is
// queued; the node that runs the catalogue then reads them and imports the products.

#include "actors/catalog/catalog_views.hpp"
#include "actors/kernel/message.hpp"
#include "storage/base/json.hpp"
#include "storage/catalog/import_job.hpp"

namespace stoa::catalog {

inline constexpr std::size_t imports_open_max = 10;  ///< receiving, queued or running
inline constexpr std::int64_t imports_kept = 100;    ///< that ended
inline constexpr std::size_t import_part_bytes = 128 * 1024;
inline constexpr std::int64_t import_parts_max = 1024;
/// Maximum listed rejected rows, and listed warnings; others are only counted.
inline constexpr std::size_t import_problems_max = 100;
/// Lines of changes that a dry run lists.
inline constexpr std::size_t import_changes_max = 200;

struct import_problem {
  static constexpr std::string_view schema_name = "import_problem";
  std::int64_t line = 0;  ///< of the file, from 1
  std::string column;     ///< empty: the whole row or product
  std::string value;
  std::string reason;
  bool rejected = false;                              ///< the row, or its product, was not imported
  std::optional<std::string> pointer = std::nullopt;  ///< JSON pointer to the member of the line
  std::optional<std::string> code = std::nullopt;     ///< of the error
};
BOOST_DESCRIBE_STRUCT(import_problem, (), (line, column, value, reason, rejected, pointer, code))

/// The lists of the report; bounded.
struct import_report {
  std::vector<std::string> columns_updated;
  std::vector<std::string> columns_kept;
  std::vector<import_problem> problems;
  std::vector<std::string> changes;
};
BOOST_DESCRIBE_STRUCT(import_report, (), (columns_updated, columns_kept, problems, changes))

struct import_products {
  static constexpr std::string_view schema_name = "import_products";
  std::int64_t created = 0;
  std::int64_t updated = 0;
  std::int64_t unchanged = 0;
  std::int64_t rejected = 0;
};
BOOST_DESCRIBE_STRUCT(import_products, (), (created, updated, unchanged, rejected))

/// The counts without the lists, for the list of imports.
struct import_summary {
  static constexpr std::string_view schema_name = "import_summary";
  stoa::import_id import_id;
  import_state state = import_state::receiving;
  bool set_stock = false;
  bool dry_run = false;
  std::int64_t bytes = 0;
  std::int64_t rows = 0;
  std::int64_t rows_rejected = 0;
  import_products products;
  std::int64_t warnings = 0;
  std::optional<std::string> error;  ///< why it failed or was interrupted
  stoa::user_id created_by;
  timestamp created_at;
  std::optional<timestamp> started_at;
  std::optional<timestamp> finished_at;
  file_format format = file_format::shopify;
  static constexpr std::string_view defaults[] = {"format"};
};
BOOST_DESCRIBE_STRUCT(import_summary, (),
                      (import_id, state, set_stock, dry_run, bytes, rows, rows_rejected, products,
                       warnings, error, created_by, created_at, started_at, finished_at, format))

struct import_view {
  static constexpr std::string_view schema_name = "import";
  stoa::import_id import_id;
  import_state state = import_state::receiving;
  bool set_stock = false;
  bool dry_run = false;
  std::int64_t bytes = 0;
  std::int64_t rows = 0;
  std::int64_t rows_rejected = 0;
  import_products products;
  std::int64_t warnings = 0;
  std::optional<std::string> error;
  stoa::user_id created_by;
  timestamp created_at;
  std::optional<timestamp> started_at;
  std::optional<timestamp> finished_at;
  std::vector<std::string> columns_updated;
  std::vector<std::string> columns_kept;
  std::vector<import_problem> problems;
  std::vector<std::string> changes;  ///< of a dry run
  file_format format = file_format::shopify;
  static constexpr std::string_view defaults[] = {"format"};
};
BOOST_DESCRIBE_STRUCT(import_view, (),
                      (import_id, state, set_stock, dry_run, bytes, rows, rows_rejected, products,
                       warnings, error, created_by, created_at, started_at, finished_at,
                       columns_updated, columns_kept, problems, changes, format))

struct import_page {
  static constexpr std::string_view schema_name = "import_list";
  std::vector<import_summary> data;
  nullable<std::string> next_cursor;
};
BOOST_DESCRIBE_STRUCT(import_page, (), (data, next_cursor))

/// conflict import_queue_full.
struct create_import {
  static constexpr std::string_view name = "catalog.create_import";
  using reply = import_view;
  stoa::import_id import_id;
  bool set_stock = false;
  bool dry_run = false;
  std::int64_t bytes = 0;
  std::int64_t parts = 0;
  file_format format = file_format::shopify;

  static constexpr std::string_view defaults[] = {"format"};
};
BOOST_DESCRIBE_STRUCT(create_import, (), (import_id, set_stock, dry_run, bytes, parts, format))

/// conflict import_finished when the import accepts no parts (any more).
struct put_import_part {
  static constexpr std::string_view name = "catalog.put_import_part";
  using reply = kernel::nothing;
  stoa::import_id import_id;
  std::int64_t number = 0;  ///< from 0
  std::string content;      ///< base64url
};
BOOST_DESCRIBE_STRUCT(put_import_part, (), (import_id, number, content))

/// Queues the import once all parts are stored. No effect if it is already queued or further.
struct queue_import {
  static constexpr std::string_view name = "catalog.queue_import";
  using reply = import_view;
  stoa::import_id import_id;
};
BOOST_DESCRIBE_STRUCT(queue_import, (), (import_id))

/// conflict import_finished when it has ended.
struct cancel_import {
  static constexpr std::string_view name = "catalog.cancel_import";
  using reply = import_view;
  stoa::import_id import_id;
};
BOOST_DESCRIBE_STRUCT(cancel_import, (), (import_id))

/// Ends an incomplete upload (sent by the sweep).
struct expire_import {
  static constexpr std::string_view name = "catalog.expire_import";
  using reply = kernel::nothing;
  stoa::import_id import_id;
};
BOOST_DESCRIBE_STRUCT(expire_import, (), (import_id))

/// The effect: run the import.
struct run_import {
  static constexpr std::string_view name = "catalog.run_import";
  stoa::import_id import_id;
};
BOOST_DESCRIBE_STRUCT(run_import, (), (import_id))

struct import_start {
  bool proceed = false;  ///< false: it has ended
  stoa::user_id created_by;
  bool set_stock = false;
  bool dry_run = false;
  std::int64_t parts = 0;
  /// The products that earlier runs have processed.
  import_products done;
  file_format format = file_format::shopify;

  static constexpr std::string_view defaults[] = {"format"};
};
BOOST_DESCRIBE_STRUCT(import_start, (),
                      (proceed, created_by, set_stock, dry_run, parts, done, format))

/// The runner takes ownership of the import; a previous runner is rejected at its next report.
struct begin_import {
  static constexpr std::string_view name = "catalog.begin_import";
  using reply = import_start;
  stoa::import_id import_id;
  std::string run;
};
BOOST_DESCRIBE_STRUCT(begin_import, (), (import_id, run))

struct import_verdict {
  bool proceed = false;  ///< false: cancelled, or owned by another runner
};
BOOST_DESCRIBE_STRUCT(import_verdict, (), (proceed))

/// Progress, or the end.
struct report_import {
  static constexpr std::string_view name = "catalog.report_import";
  using reply = import_verdict;
  stoa::import_id import_id;
  std::string run;
  std::int64_t rows = 0;
  std::int64_t rows_rejected = 0;
  import_products products;
  std::int64_t warnings = 0;
  import_report report;
  std::optional<import_state> outcome;  ///< completed or failed; absent: in progress
  std::optional<std::string> error;
  /// The products, except rejected ones, have already been counted (import_step).
  bool counted = false;

  static constexpr std::string_view defaults[] = {"counted"};
};
BOOST_DESCRIBE_STRUCT(report_import, (),
                      (import_id, run, rows, rows_rejected, products, warnings, report, outcome,
                       error, counted))

struct get_import {
  static constexpr std::string_view name = "catalog.get_import";
  using reply = import_view;
  stoa::import_id import_id;
};
BOOST_DESCRIBE_STRUCT(get_import, (), (import_id))

struct list_imports {
  static constexpr std::string_view name = "catalog.list_imports";
  using reply = import_page;
  std::optional<stoa::import_id> before;
  std::int64_t limit = 20;
};
BOOST_DESCRIBE_STRUCT(list_imports, (), (before, limit))

struct import_part {
  std::optional<std::string> content;  ///< base64url; absent: no such part
};
BOOST_DESCRIBE_STRUCT(import_part, (), (content))

struct get_import_part {
  static constexpr std::string_view name = "catalog.get_import_part";
  using reply = import_part;
  stoa::import_id import_id;
  std::int64_t number = 0;
};
BOOST_DESCRIBE_STRUCT(get_import_part, (), (import_id, number))

struct found_product {
  std::optional<product_view> product;
};
BOOST_DESCRIBE_STRUCT(found_product, (), (product))

/// The product of a row: found by its handle, else by the id derived from the handle.
struct find_imported {
  static constexpr std::string_view name = "catalog.find_imported";
  using reply = found_product;
  std::string handle;
  stoa::product_id product_id;
};
BOOST_DESCRIBE_STRUCT(find_imported, (), (handle, product_id))

}  // namespace stoa::catalog
