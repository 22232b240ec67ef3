#pragma once
// Imports over HTTP: each is a job whose file and state are in the Catalog service's database, so
// that another node can resume it.

#include "storage/base/describe.hpp"
#include "storage/base/time.hpp"
#include "storage/base/uuid.hpp"
#include "storage/db/connection.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace stoa {
using import_id = id<struct import_tag>;
}

namespace stoa::catalog {

/// Of a file with the catalogue: Shopify's product CSV, JSON Lines, or Stoa's product CSV.
enum class file_format { shopify, jsonl, csv };
BOOST_DESCRIBE_ENUM(file_format, shopify, jsonl, csv)

/// receiving: the file is being stored. interrupted: the upload was not completed, or the server
/// ended repeatedly during the run.
enum class import_state { receiving, queued, running, completed, failed, cancelled, interrupted };
BOOST_DESCRIBE_ENUM(import_state, receiving, queued, running, completed, failed, cancelled,
                    interrupted)

struct import_row {
  static constexpr const char* table = "imports";
  static constexpr std::size_t key_columns = 1;
  stoa::import_id import_id;
  import_state state = import_state::receiving;
  bool is_open = true;  ///< receiving, queued or running
  stoa::user_id created_by;
  bool set_stock = false;
  bool dry_run = false;
  std::int64_t file_bytes = 0;
  std::int64_t file_parts = 0;  ///< rows of import_parts
  std::int64_t attempts = 0;    ///< runs since the last progress
  std::string run;              ///< id of the current run; empty: not running
  std::int64_t rows_read = 0;
  std::int64_t rows_rejected = 0;
  std::int64_t created = 0;
  std::int64_t updated = 0;
  std::int64_t unchanged = 0;
  std::int64_t rejected = 0;
  std::int64_t warnings = 0;
  std::string report;  ///< JSON of import_report
  std::optional<std::string> error;
  timestamp created_at;
  std::optional<timestamp> started_at;
  std::optional<timestamp> finished_at;
  std::int64_t version = 0;
  /// The counted products of the file, by number: those below counted_from, and those of the next
  /// 64 whose bit is set.
  std::int64_t counted_from = 0;
  std::int64_t counted_mask = 0;
  file_format format = file_format::shopify;

  std::int64_t products() const { return created + updated + unchanged + rejected; }
};
BOOST_DESCRIBE_STRUCT(import_row, (),
                      (import_id, state, is_open, created_by, set_stock, dry_run, file_bytes,
                       file_parts, attempts, run, rows_read, rows_rejected, created, updated,
                       unchanged, rejected, warnings, report, error, created_at, started_at,
                       finished_at, version, counted_from, counted_mask, format))

std::optional<import_row> read_import_job(db::connection& c, stoa::import_id id);
/// Newest first, starting after `before`.
std::vector<import_row> read_import_jobs(db::connection& c, std::optional<stoa::import_id> before,
                                         std::size_t limit);
/// All that are open, oldest first.
std::vector<import_row> read_open_imports(db::connection& c);
/// A part of the file in base64url, if it exists.
std::optional<std::string> read_import_part(db::connection& c, stoa::import_id id,
                                            std::int64_t number);

/// Parameters: import, number, content in base64url. An existing part is not changed.
extern const db::sql keep_import_part;
/// Parameter: the import.
extern const db::sql delete_import_parts;
/// Parameter: the number of newest imports to keep.
extern const db::sql prune_imports;

}  // namespace stoa::catalog
