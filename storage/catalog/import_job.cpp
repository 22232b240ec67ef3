#include "storage/catalog/import_job.hpp"

#include "storage/db/columns.hpp"

namespace stoa::catalog {

namespace {

using db::column_list;
using db::sql;

const sql one_import{"import by id",
                     "SELECT " + column_list<import_row>() + " FROM imports WHERE import_id=$1"};
const sql newest_imports{"imports, newest first",
                         "SELECT " + column_list<import_row>() +
                             " FROM imports WHERE import_id<$1 ORDER BY import_id DESC LIMIT $2"};
const sql open_imports{"open imports", "SELECT " + column_list<import_row>() +
                                           " FROM imports WHERE is_open=1 ORDER BY import_id"};
const sql one_part{"part of an import",
                   "SELECT content FROM import_parts WHERE import_id=$1 AND number=$2"};

}  // namespace

const sql keep_import_part{"keep import part",
                           "INSERT INTO import_parts(import_id, number, content) VALUES($1,$2,$3)"
                           " ON CONFLICT(import_id, number) DO NOTHING"};
const sql delete_import_parts{"delete import parts", "DELETE FROM import_parts WHERE import_id=$1"};
const sql prune_imports{"prune imports",
                        "DELETE FROM imports WHERE is_open=0 AND import_id NOT IN"
                        " (SELECT import_id FROM imports ORDER BY import_id DESC LIMIT $1)"};

std::optional<import_row> read_import_job(db::connection& c, stoa::import_id id) {
  auto found = db::select<import_row>(c, one_import, db::params(id));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::vector<import_row> read_import_jobs(db::connection& c, std::optional<stoa::import_id> before,
                                         std::size_t limit) {
  stoa::import_id last{};
  last.value.bytes.fill(0xFF);
  return db::select<import_row>(
      c, newest_imports, db::params(before.value_or(last), static_cast<std::int64_t>(limit)));
}

std::vector<import_row> read_open_imports(db::connection& c) {
  return db::select<import_row>(c, open_imports, {});
}

std::optional<std::string> read_import_part(db::connection& c, stoa::import_id id,
                                            std::int64_t number) {
  std::optional<std::string> content;
  c.query({&one_part, db::params(id, number)},
          [&](db::row r) { content = std::get<std::string>(r[0]); });
  return content;
}

}  // namespace stoa::catalog
