// Checks of the exports and the parts of their files for `stoa check`.

#include "net/cli/check_reader.hpp"
#include "storage/db/columns.hpp"

namespace stoa::cli {

namespace {

constexpr std::int64_t lost_parts_max = 2000;

/// At most those that are kept, and those that are open.
const db::sql export_ids{"ids of exports", "SELECT export_id FROM exports ORDER BY export_id"};
const db::sql one_export{"an export",
                         "SELECT state,is_open,has_parts,file_parts,parts_deleted,file_bytes,"
                         "CASE WHEN expires_at IS NULL THEN 0 ELSE 1 END"
                         " FROM exports WHERE export_id=$1"};
const db::sql lost_parts{"parts of no export",
                         "SELECT DISTINCT export_id FROM export_parts p WHERE NOT EXISTS"
                         "(SELECT 1 FROM exports e WHERE e.export_id=p.export_id) LIMIT $1"};

/// `length`: of the content in bytes. A file has at most 256 MiB, so each is read separately.
db::sql parts_of_export(const char* length) {
  return {"parts of an export",
          "SELECT count(*),CAST(coalesce(min(number),0) AS BIGINT),"
          "CAST(coalesce(max(number),0) AS BIGINT),CAST(coalesce(sum(" +
              std::string(length) + "),0) AS BIGINT) FROM export_parts WHERE export_id=$1"};
}
const db::sql sqlite_parts = parts_of_export("length(CAST(content AS BLOB))");
const db::sql postgres_parts = parts_of_export("octet_length(content)");

struct stored_export {
  std::string state;  ///< empty: it is not stored
  bool is_open = false;
  bool has_parts = false;
  std::int64_t file_parts = 0;
  std::int64_t parts_deleted = 0;
  std::int64_t file_bytes = 0;
  bool expires = false;
  // Of the stored parts:
  std::int64_t count = 0;
  std::int64_t first = 0;
  std::int64_t last = 0;
  std::int64_t bytes = 0;
};

/// The export and its parts, at one moment.
stored_export read_export(db::connection& catalog, const uuid& id) {
  stored_export e;
  const auto& parts = catalog.dialect() == "sqlite" ? sqlite_parts : postgres_parts;
  const std::vector<db::statement> both{{&one_export, db::params(id)}, {&parts, db::params(id)}};
  catalog.query(both, [&](std::size_t index, db::row r) {
    const auto number = [&](std::size_t i) { return std::get<std::int64_t>(r[i]); };
    if (index == 0) {
      e.state = std::get<std::string>(r[0]);
      e.is_open = number(1) != 0;
      e.has_parts = number(2) != 0;
      e.file_parts = number(3);
      e.parts_deleted = number(4);
      e.file_bytes = number(5);
      e.expires = number(6) != 0;
    } else {
      e.count = number(0);
      e.first = number(1);
      e.last = number(2);
      e.bytes = number(3);
    }
  });
  return e;
}

/// What is wrong; empty: nothing.
std::string export_flaw(const stored_export& e) {
  const bool is_ahead = e.state == "queued" || e.state == "running";
  const bool has_ended_well = e.state == "completed" || e.state == "expired";
  if (e.is_open != is_ahead) return e.is_open ? "is marked as open" : "is not marked as open";
  if (e.expires != has_ended_well) return e.expires ? "has a file that expires" : "never expires";
  if (e.count != e.file_parts - e.parts_deleted ||
      (e.count > 0 && (e.first != e.parts_deleted || e.last != e.file_parts - 1))) {
    return std::to_string(e.count) + " parts are stored, of " + std::to_string(e.file_parts) +
           " without the first " + std::to_string(e.parts_deleted);
  }
  if (e.has_parts != (e.count > 0)) return "is wrongly marked as having parts";
  if (e.state == "queued" && e.count > 0) return "has parts before its start";
  if (e.state == "completed" && e.count == 0) return "has no file";
  if (e.parts_deleted > 0 && (is_ahead || e.state == "completed")) return "has lost parts";
  if (e.parts_deleted == 0 && e.bytes != e.file_bytes) {
    return std::to_string(e.bytes) + " bytes are stored, of " + std::to_string(e.file_bytes);
  }
  return {};
}

}  // namespace

std::int64_t check_exports(db::connection& catalog, finding_list& out) {
  std::vector<uuid> ids;
  catalog.query({&export_ids, {}}, [&](db::row r) { ids.push_back(std::get<uuid>(r[0])); });
  const auto add = [&](const uuid& id, std::string what) {
    out.add({"export_wrong", "catalog", id.str(), std::nullopt, std::move(what)});
  };
  for (const auto& id : ids) {
    const auto e = read_export(catalog, id);
    if (e.state.empty()) continue;
    if (const auto flaw = export_flaw(e); !flaw.empty()) add(id, e.state + ": " + flaw);
  }
  catalog.query({&lost_parts, db::params(lost_parts_max)}, [&](db::row r) {
    add(std::get<uuid>(r[0]), "parts of an export that is not stored");
  });
  return static_cast<std::int64_t>(ids.size());
}

}  // namespace stoa::cli
