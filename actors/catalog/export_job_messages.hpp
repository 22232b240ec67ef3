#pragma once
// The messages of exports over HTTP. The node that runs the catalogue writes the file in parts;
// each is stored together with the position at which the next one begins.

#include "actors/catalog/catalog_views.hpp"
#include "actors/kernel/message.hpp"
#include "storage/base/json.hpp"
#include "storage/catalog/export_job.hpp"

namespace stoa::catalog {

inline constexpr std::size_t exports_open_max = 10;  ///< queued or running
inline constexpr std::size_t export_files_max = 10;  ///< of completed exports
inline constexpr std::int64_t exports_kept = 100;    ///< that have no file
inline constexpr microseconds export_file_ttl = seconds{24 * 3600};
inline constexpr std::size_t export_part_bytes = 256 * 1024;  ///< ends a part
inline constexpr std::int64_t export_parts_at_once = 32;      ///< that are deleted

struct export_view {
  static constexpr std::string_view schema_name = "export";
  stoa::export_id export_id;
  export_state state = export_state::queued;
  file_format format = file_format::csv;
  std::optional<timestamp> updated_since;
  std::optional<product_status> status;
  std::int64_t bytes = 0;
  std::int64_t objects = 0;
  std::int64_t left_out = 0;
  std::optional<std::string> error;  ///< why it failed or was interrupted
  stoa::user_id created_by;
  timestamp created_at;
  std::optional<timestamp> started_at;
  std::optional<timestamp> finished_at;
  std::optional<timestamp> expires_at;
};
BOOST_DESCRIBE_STRUCT(export_view, (),
                      (export_id, state, format, updated_since, status, bytes, objects, left_out,
                       error, created_by, created_at, started_at, finished_at, expires_at))

struct export_list {
  static constexpr std::string_view schema_name = "export_list";
  std::vector<export_view> data;
  nullable<std::string> next_cursor;
  std::optional<std::int64_t> total;  ///< of all pages, if requested
};
BOOST_DESCRIBE_STRUCT(export_list, (), (data, next_cursor, total))

/// conflict export_queue_full.
struct create_export {
  static constexpr std::string_view name = "catalog.create_export";
  using reply = export_view;
  stoa::export_id export_id;
  file_format format = file_format::csv;
  std::optional<timestamp> updated_since;
  std::optional<product_status> status;
};
BOOST_DESCRIBE_STRUCT(create_export, (), (export_id, format, updated_since, status))

/// conflict export_finished when it has ended.
struct cancel_export {
  static constexpr std::string_view name = "catalog.cancel_export";
  using reply = export_view;
  stoa::export_id export_id;
};
BOOST_DESCRIBE_STRUCT(cancel_export, (), (export_id))

/// The effect: run the export.
struct run_export {
  static constexpr std::string_view name = "catalog.run_export";
  stoa::export_id export_id;
};
BOOST_DESCRIBE_STRUCT(run_export, (), (export_id))

/// The effect: the export has ended. For the metrics.
struct count_export {
  static constexpr std::string_view name = "catalog.count_export";
  export_state outcome = export_state::completed;
  std::int64_t bytes = 0;
  std::int64_t took_us = 0;  ///< running time; 0: it never ran
};
BOOST_DESCRIBE_STRUCT(count_export, (), (outcome, bytes, took_us))

struct export_start {
  bool proceed = false;  ///< false: it has ended, or must wait
  file_format format = file_format::csv;
  std::optional<timestamp> updated_since;
  std::optional<product_status> status;
  std::int64_t parts = 0;  ///< that earlier runs have stored
  std::string position;    ///< behind them
  std::string columns;     ///< of the file; empty: not yet known
};
BOOST_DESCRIBE_STRUCT(export_start, (),
                      (proceed, format, updated_since, status, parts, position, columns))

/// The runner takes ownership of the export; a previous runner is rejected at its next part.
struct begin_export {
  static constexpr std::string_view name = "catalog.begin_export";
  using reply = export_start;
  stoa::export_id export_id;
  std::string run;
};
BOOST_DESCRIBE_STRUCT(begin_export, (), (export_id, run))

struct export_verdict {
  bool proceed = false;  ///< false: it has ended, or is owned by another runner
};
BOOST_DESCRIBE_STRUCT(export_verdict, (), (proceed))

/// Stores a part of the file. A repeat has no effect. The export fails if the file would exceed
/// catalog_options::export_bytes_max.
struct put_export_part {
  static constexpr std::string_view name = "catalog.put_export_part";
  using reply = export_verdict;
  stoa::export_id export_id;
  std::string run;
  std::int64_t number = 0;  ///< from 0
  std::string content;
  std::string position;  ///< of the next part
  std::string columns;   ///< of the file
  std::int64_t objects = 0;
  std::int64_t left_out = 0;
  bool is_last = false;  ///< the export is completed
};
BOOST_DESCRIBE_STRUCT(put_export_part, (),
                      (export_id, run, number, content, position, columns, objects, left_out,
                       is_last))

struct fail_export {
  static constexpr std::string_view name = "catalog.fail_export";
  using reply = export_verdict;
  stoa::export_id export_id;
  std::string run;
  std::string error;
};
BOOST_DESCRIBE_STRUCT(fail_export, (), (export_id, run, error))

/// Ends the time of a completed export's file, and deletes some parts of a file that is not needed
/// (sent by the sweep).
struct clear_export {
  static constexpr std::string_view name = "catalog.clear_export";
  using reply = kernel::nothing;
  stoa::export_id export_id;
};
BOOST_DESCRIBE_STRUCT(clear_export, (), (export_id))

struct get_export {
  static constexpr std::string_view name = "catalog.get_export";
  using reply = export_view;
  stoa::export_id export_id;
};
BOOST_DESCRIBE_STRUCT(get_export, (), (export_id))

struct list_exports {
  static constexpr std::string_view name = "catalog.list_exports";
  using reply = export_list;
  std::optional<stoa::export_id> before;
  std::int64_t limit = 20;
};
BOOST_DESCRIBE_STRUCT(list_exports, (), (before, limit))

struct export_part {
  std::optional<std::string> content;  ///< absent: the file has no such part
  std::int64_t parts = 0;              ///< of the file
};
BOOST_DESCRIBE_STRUCT(export_part, (), (content, parts))

/// conflict export_has_no_file unless it is completed.
struct get_export_part {
  static constexpr std::string_view name = "catalog.get_export_part";
  using reply = export_part;
  stoa::export_id export_id;
  std::int64_t number = 0;
};
BOOST_DESCRIBE_STRUCT(get_export_part, (), (export_id, number))

}  // namespace stoa::catalog
