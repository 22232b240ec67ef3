#include "storage/kernel/setting_store.hpp"

#include "storage/db/columns.hpp"

namespace stoa::kernel {

namespace {

const db::sql select_settings{"read settings", "SELECT name,value FROM store_setting"};
const db::sql insert_setting{"add setting",
                             "INSERT INTO store_setting(name,value) VALUES($1,$2)"
                             " ON CONFLICT DO NOTHING RETURNING name"};
const db::sql delete_settings{"forget settings", "DELETE FROM store_setting RETURNING name"};

}  // namespace

setting_map read_settings(db::connection& c) {
  setting_map all;
  c.query({&select_settings, {}}, [&](db::row r) {
    all.emplace(std::get<std::string>(r[0]), std::get<std::string>(r[1]));
  });
  return all;
}

void add_setting(db::connection& c, const std::string& name, const std::string& value) {
  c.query({&insert_setting, db::params(name, value)}, [](db::row) {});
}

void replace_settings(db::connection& c, const setting_map& all) {
  c.query({&delete_settings, {}}, [](db::row) {});
  for (const auto& [name, value] : all) add_setting(c, name, value);
}

}  // namespace stoa::kernel
