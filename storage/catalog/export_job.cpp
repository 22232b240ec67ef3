#include "storage/catalog/export_job.hpp"

#include "storage/db/columns.hpp"

namespace stoa::catalog {

namespace {

const db::sql one_export{
    "export by id", "SELECT " + db::column_list<export_row>() + " FROM exports WHERE export_id=$1"};
const db::sql newest_exports{"exports, newest first", "SELECT " + db::column_list<export_row>() +
                                                          " FROM exports WHERE export_id<$1"
                                                          " ORDER BY export_id DESC LIMIT $2"};
// Uses both partial indexes.
const db::sql kept_exports{"exports that are open or have parts",
                           "SELECT " + db::column_list<export_row>() +
                               " FROM exports WHERE is_open=1 OR has_parts=1"
                               " ORDER BY is_open, export_id"};
const db::sql one_export_part{"part of an export",
                              "SELECT content FROM export_parts WHERE export_id=$1 AND number=$2"};

}  // namespace

const db::sql keep_export_part{
    "keep export part", "INSERT INTO export_parts(export_id, number, content) VALUES($1,$2,$3)"};
const db::sql delete_export_parts{"delete export parts",
                                  "DELETE FROM export_parts WHERE export_id=$1 AND number<$2"};
const db::sql prune_exports{"prune exports",
                            "DELETE FROM exports WHERE is_open=0 AND has_parts=0 AND export_id NOT"
                            " IN (SELECT export_id FROM exports ORDER BY export_id DESC LIMIT $1)"};

std::optional<export_row> read_export_job(db::connection& c, stoa::export_id id) {
  auto found = db::select<export_row>(c, one_export, db::params(id));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::vector<export_row> read_export_jobs(db::connection& c, std::optional<stoa::export_id> before,
                                         std::size_t limit) {
  stoa::export_id last{};
  last.value.bytes.fill(0xFF);
  return db::select<export_row>(
      c, newest_exports, db::params(before.value_or(last), static_cast<std::int64_t>(limit)));
}

std::vector<export_row> read_kept_exports(db::connection& c) {
  return db::select<export_row>(c, kept_exports, {});
}

std::optional<std::string> read_export_part(db::connection& c, stoa::export_id id,
                                            std::int64_t number) {
  std::optional<std::string> content;
  c.query({&one_export_part, db::params(id, number)},
          [&](db::row r) { content = std::get<std::string>(r[0]); });
  return content;
}

}  // namespace stoa::catalog
