#pragma once
// Exports over HTTP: each is a job whose state and file are in the Catalog service's database, so
// that another node can resume it.

#include "storage/base/describe.hpp"
#include "storage/base/time.hpp"
#include "storage/base/uuid.hpp"
#include "storage/catalog/import_job.hpp"
#include "storage/db/connection.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace stoa {
using export_id = id<struct export_tag>;
}

namespace stoa::catalog {

/// completed: the file can be read. expired: it has been deleted. interrupted: the server ended
/// repeatedly during the run.
enum class export_state { queued, running, completed, expired, failed, cancelled, interrupted };
BOOST_DESCRIBE_ENUM(export_state, queued, running, completed, expired, failed, cancelled,
                    interrupted)

struct export_row {
  static constexpr const char* table = "exports";
  static constexpr std::size_t key_columns = 1;
  stoa::export_id export_id;
  export_state state = export_state::queued;
  bool is_open = true;     ///< queued or running
  bool has_parts = false;  ///< rows of export_parts exist, also of a file that is being deleted
  stoa::user_id created_by;
  file_format format = file_format::csv;
  std::optional<timestamp> updated_since;
  std::optional<std::string> status;  ///< of the products; absent: any
  std::int64_t attempts = 0;          ///< runs since the last progress
  std::string run;                    ///< id of the current run; empty: not running
  std::string position;               ///< where the next part begins; empty: at the beginning
  std::string columns;                ///< JSON list of the header's names; empty: not yet known
  std::int64_t file_parts = 0;        ///< that have been stored
  std::int64_t parts_deleted = 0;     ///< from the first one
  std::int64_t file_bytes = 0;
  std::int64_t objects = 0;
  std::int64_t left_out = 0;  ///< products that the format cannot represent
  std::optional<std::string> error;
  timestamp created_at;
  std::optional<timestamp> started_at;
  std::optional<timestamp> finished_at;
  std::optional<timestamp> expires_at;
  std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(export_row, (),
                      (export_id, state, is_open, has_parts, created_by, format, updated_since,
                       status, attempts, run, position, columns, file_parts, parts_deleted,
                       file_bytes, objects, left_out, error, created_at, started_at, finished_at,
                       expires_at, version))

std::optional<export_row> read_export_job(db::connection& c, stoa::export_id id);
/// Newest first, starting after `before`.
std::vector<export_row> read_export_jobs(db::connection& c, std::optional<stoa::export_id> before,
                                         std::size_t limit);
/// Those that have ended and have parts, then those that are open; each oldest first.
std::vector<export_row> read_kept_exports(db::connection& c);
std::optional<std::string> read_export_part(db::connection& c, stoa::export_id id,
                                            std::int64_t number);

/// Parameters: export, number, content.
extern const db::sql keep_export_part;
/// Parameters: export, the number below which parts are deleted.
extern const db::sql delete_export_parts;
/// Parameter: the number of newest exports to keep.
extern const db::sql prune_exports;

}  // namespace stoa::catalog
