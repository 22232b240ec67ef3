#include "storage/catalog/type_store.hpp"

#include "storage/db/gathering.hpp"
#include "storage/db/records.hpp"

#include <algorithm>

namespace stoa::catalog {

namespace {

const db::sql all_types{"list product types", "SELECT " + db::column_list<product_type_row>() +
                                                  " FROM product_types WHERE list=0 ORDER BY key"};
const db::sql translations_of{"list translations", "SELECT " + db::column_list<translation_row>() +
                                                       " FROM translations WHERE resource_id=$1"
                                                       " ORDER BY locale"};

}  // namespace

const db::sql queue_products_of_type{
    "queue products of type",
    "INSERT INTO search_queue(product_id) SELECT product_id FROM products"
    " WHERE product_type=$1 AND parent_product_id IS NULL ON CONFLICT DO NOTHING"};

std::vector<product_type_row> read_product_types(db::connection& c) {
  return db::select<product_type_row>(c, all_types, {});
}

std::optional<product_type_row> read_product_type(db::connection& c, const std::string& key) {
  auto found =
      db::select<product_type_row>(c, db::select_by<&product_type_row::key>(), db::params(key));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::vector<translation_row> read_translations(db::connection& c, const uuid& resource) {
  return db::select<translation_row>(c, translations_of, db::params(resource));
}

std::vector<translation_row> read_translations(db::connection& c,
                                               const std::vector<uuid>& resources) {
  db::gathering all;
  std::vector<db::gathering::found<translation_row>> asked;
  for (const auto& id : resources) {
    asked.push_back(
        all.ask<translation_row>(db::select_by<&translation_row::resource_id>(), db::params(id)));
  }
  all.run(c);
  std::vector<translation_row> found;
  for (const auto& rows : asked) found.insert(found.end(), rows->begin(), rows->end());
  return found;
}

std::map<uuid, translation_row> find_translations(db::connection& c,
                                                  const std::vector<uuid>& resources,
                                                  const std::string& locale) {
  std::map<uuid, translation_row> found;
  for (auto& r : read_translations(c, resources)) {
    if (r.locale != locale && !locale.starts_with(r.locale + "-")) continue;
    const auto known = found.find(r.resource_id);
    if (known == found.end()) {
      found.emplace(r.resource_id, std::move(r));
    } else if (r.locale.size() > known->second.locale.size()) {
      known->second = std::move(r);
    }
  }
  return found;
}

}  // namespace stoa::catalog
