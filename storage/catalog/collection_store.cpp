#include "storage/catalog/collection_store.hpp"

#include "storage/db/records.hpp"

namespace stoa::catalog {

namespace {

const db::sql all_collections{"list collections", "SELECT " + db::column_list<collection_row>() +
                                                      " FROM collections WHERE list=0"
                                                      " ORDER BY name, collection_id"};
const db::sql products_of_collection{"products of collection",
                                     "SELECT m.product_id FROM collection_products m"
                                     " JOIN products p ON p.product_id=m.product_id"
                                     " WHERE m.collection_id=$1 AND p.status<>'Deleted'"
                                     " ORDER BY m.position, m.product_id"};
const db::sql relations_of{"related products", "SELECT " + db::column_list<relation_row>() +
                                                   " FROM product_relations WHERE product_id=$1"
                                                   " AND EXISTS(SELECT 1 FROM products p WHERE"
                                                   " p.product_id=related_product_id AND"
                                                   " p.status<>'Deleted') ORDER BY position"};
const db::sql related_after{"products with relations",
                            "SELECT DISTINCT r.product_id FROM product_relations r"
                            " JOIN products p ON p.product_id=r.product_id"
                            " WHERE r.product_id>$1 AND p.status<>'Deleted'"
                            " ORDER BY r.product_id LIMIT $2"};
const db::sql sqlite_synonyms{
    "find synonyms",
    "SELECT e.key, e.value FROM search_synonyms s, json_each(s.expansions) AS e"
    " WHERE e.key IN (SELECT value FROM json_each($1))"};
const db::sql postgres_synonyms{
    "find synonyms",
    "SELECT e.key, CAST(e.value AS TEXT) FROM search_synonyms s,"
    " jsonb_each(CAST(s.expansions AS jsonb)) AS e"
    " WHERE e.key IN (SELECT jsonb_array_elements_text(CAST($1 AS jsonb)))"};

template <class R>
std::optional<R> first_of(std::vector<R> found) {
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

}  // namespace

std::vector<collection_row> read_collections(db::connection& c) {
  return db::select<collection_row>(c, all_collections, {});
}

std::optional<collection_row> read_collection(db::connection& c, stoa::collection_id id) {
  return first_of(db::select<collection_row>(c, db::select_by<&collection_row::collection_id>(),
                                             db::params(id)));
}

std::vector<stoa::product_id> read_collection_products(db::connection& c, stoa::collection_id id) {
  std::vector<stoa::product_id> found;
  c.query({&products_of_collection, db::params(id)},
          [&](db::row r) { found.push_back({std::get<uuid>(r[0])}); });
  return found;
}

std::vector<relation_row> read_relations(db::connection& c, stoa::product_id id) {
  return db::select<relation_row>(c, relations_of, db::params(id));
}

std::vector<stoa::product_id> related_products_after(db::connection& c, stoa::product_id after,
                                                     std::size_t limit) {
  std::vector<stoa::product_id> found;
  c.query({&related_after, db::params(after, static_cast<std::int64_t>(limit))},
          [&](db::row r) { found.push_back({std::get<uuid>(r[0])}); });
  return found;
}

std::optional<synonyms_row> read_synonyms(db::connection& c) {
  return first_of(db::select<synonyms_row>(c, db::select_by<&synonyms_row::list>(),
                                           db::params(std::int64_t{0})));
}

std::map<std::string, std::vector<std::string>> find_synonyms(
    db::connection& c, const std::vector<std::string>& phrases) {
  std::map<std::string, std::vector<std::string>> found;
  const auto& what = c.dialect() == "postgres" ? postgres_synonyms : sqlite_synonyms;
  c.query({&what, db::params(json::write(phrases))}, [&](db::row r) {
    auto list = json::read_lenient<std::vector<std::string>>(std::get<std::string>(r[1]));
    if (list) found.emplace(std::move(std::get<std::string>(r[0])), std::move(*list));
  });
  return found;
}

}  // namespace stoa::catalog
