// Checks of the earlier handles of categories and collections for `stoa check`.

#include "actors/catalog/catalog_messages.hpp"
#include "net/cli/check_reader.hpp"
#include "storage/db/columns.hpp"

namespace stoa::cli {

namespace {

constexpr std::int64_t wrong_handles_max = 2000;

const db::sql handle_count{"number of earlier handles", "SELECT count(*) FROM resource_redirects"};
const db::sql lost_handles{
    "earlier handles of nothing",
    "SELECT resource_id,kind,handle FROM resource_redirects r WHERE NOT EXISTS"
    "(SELECT 1 FROM categories c WHERE r.kind='category' AND c.category_id=r.resource_id)"
    " AND NOT EXISTS(SELECT 1 FROM collections c WHERE r.kind='collection'"
    " AND c.collection_id=r.resource_id) ORDER BY kind,handle LIMIT $1"};
const db::sql taken_handles{
    "earlier handles that are in use",
    "SELECT r.resource_id,r.kind,r.handle FROM resource_redirects r WHERE EXISTS"
    "(SELECT 1 FROM categories c WHERE r.kind='category' AND c.handle=r.handle)"
    " OR EXISTS(SELECT 1 FROM collections c WHERE r.kind='collection' AND c.handle=r.handle)"
    " ORDER BY r.kind,r.handle LIMIT $1"};
const db::sql many_handles{"resources with too many earlier handles",
                           "SELECT resource_id,kind,CAST(count(*) AS TEXT) FROM resource_redirects"
                           " GROUP BY resource_id,kind HAVING count(*)>$1"
                           " ORDER BY resource_id LIMIT $2"};

}  // namespace

std::int64_t check_handles(db::connection& catalog, finding_list& out) {
  const std::vector<db::statement> all{
      {&handle_count, {}},
      {&lost_handles, db::params(wrong_handles_max)},
      {&taken_handles, db::params(wrong_handles_max)},
      {&many_handles,
       db::params(static_cast<std::int64_t>(catalog::earlier_handles_max), wrong_handles_max)}};
  std::int64_t count = 0;
  catalog.query(all, [&](std::size_t index, db::row r) {
    if (index == 0) {
      count = std::get<std::int64_t>(r[0]);
      return;
    }
    const auto& kind = std::get<std::string>(r[1]);
    const auto& text = std::get<std::string>(r[2]);
    const auto why = index == 1   ? text + " leads to a " + kind + " that does not exist"
                     : index == 2 ? text + " is the handle of a " + kind
                                  : "the " + kind + " has " + text + " earlier handles";
    out.add({"earlier_handle_wrong", "catalog", std::get<uuid>(r[0]).str(), std::nullopt, why});
  });
  return count;
}

}  // namespace stoa::cli
