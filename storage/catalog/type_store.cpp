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
const db::sql labels_of_locale{"list labels", "SELECT " + db::column_list<label_row>() +
                                                  " FROM label_translations WHERE locale=$1"
                                                  " ORDER BY label_key"};
const db::sql label_locales{"list label locales", "SELECT " + db::column_list<label_locale_row>() +
                                                      " FROM label_locales ORDER BY locale"};
const db::sql labels_of_keys_sqlite{"find labels",
                                    "SELECT label_key, locale, label FROM label_translations"
                                    " WHERE label_key IN (SELECT value FROM json_each($1))"};
const db::sql labels_of_keys_postgres{
    "find labels",
    "SELECT label_key, locale, label FROM label_translations"
    " WHERE label_key IN (SELECT jsonb_array_elements_text(CAST($1 AS jsonb)))"};
const db::sql label_words{"label words of product",
                          "SELECT words FROM product_label_words WHERE product_id=$1"};

/// Whether a text of the language is shown for the wanted one: "de" for "de-AT".
bool serves(const std::string& language, const std::string& wanted) {
  return language == wanted || wanted.starts_with(language + "-");
}

}  // namespace

const db::sql queue_products_of_type{
    "queue products of type",
    "INSERT INTO search_queue(product_id) SELECT product_id FROM products"
    " WHERE product_type=$1 AND parent_product_id IS NULL ON CONFLICT DO NOTHING"};
const db::sql queue_labelled_products{"queue products of labels",
                                      "INSERT INTO changed_labels(list) VALUES($1)"};

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
  asked.reserve(resources.size());
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
    if (!serves(r.locale, locale)) continue;
    const auto known = found.find(r.resource_id);
    if (known == found.end()) {
      found.emplace(r.resource_id, std::move(r));
    } else if (r.locale.size() > known->second.locale.size()) {
      known->second = std::move(r);
    }
  }
  return found;
}

std::string label_key_of(std::string_view facet, std::string_view value) {
  std::string key(facet);
  key += '\n';
  return key += value;
}

std::vector<label_row> read_labels(db::connection& c, const std::string& locale) {
  return db::select<label_row>(c, labels_of_locale, db::params(locale));
}

std::vector<label_locale_row> read_label_locales(db::connection& c) {
  return db::select<label_locale_row>(c, label_locales, {});
}

std::map<std::string, std::string> find_labels(db::connection& c,
                                               const std::vector<std::string>& keys,
                                               const std::string& locale) {
  struct found_label {
    std::string locale;
    std::string label;
  };
  std::map<std::string, found_label> found;
  const auto& what = c.dialect() == "postgres" ? labels_of_keys_postgres : labels_of_keys_sqlite;
  if (!keys.empty()) {
    c.query({&what, db::params(json::write(keys))}, [&](db::row r) {
      found_label one{std::get<std::string>(r[1]), std::get<std::string>(r[2])};
      auto& best = found[std::get<std::string>(r[0])];
      // The most specific language wins.
      if (serves(one.locale, locale) && one.locale.size() > best.locale.size()) {
        best = std::move(one);
      }
    });
  }
  std::map<std::string, std::string> labels;
  for (auto& [key, one] : found) {
    if (!one.locale.empty()) labels.emplace(key, std::move(one.label));
  }
  return labels;
}

std::vector<std::string> read_label_words(db::connection& c,
                                          const std::vector<stoa::product_id>& ids) {
  std::vector<db::statement> ask;
  ask.reserve(ids.size());
  for (auto id : ids) ask.push_back({&label_words, db::params(id)});
  std::vector<std::string> all(ids.size());
  c.query(ask, [&](std::size_t i, db::row r) {
    if (auto* words = std::get_if<std::string>(&r[0])) all[i] = std::move(*words);
  });
  return all;
}

}  // namespace stoa::catalog
