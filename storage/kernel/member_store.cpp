#include "storage/kernel/member_store.hpp"

#include "storage/db/columns.hpp"

namespace stoa::kernel {

namespace {

const db::sql select_members{"read members", "SELECT service,store_id FROM store_member"};
const db::sql insert_member{"add member",
                            "INSERT INTO store_member(service,store_id) VALUES($1,$2)"
                            " ON CONFLICT DO NOTHING RETURNING service"};
const db::sql read_identity{"read identity", "SELECT id FROM database_identity"};
const db::sql insert_identity{"add identity",
                              "INSERT INTO database_identity(one,id) VALUES(1,$1)"
                              " ON CONFLICT DO NOTHING RETURNING one"};
const db::sql delete_members{"forget members", "DELETE FROM store_member RETURNING service"};

}  // namespace

member_map read_members(db::connection& c) {
  member_map all;
  c.query({&select_members, {}}, [&](db::row r) {
    all.emplace(std::get<std::string>(r[0]), std::get<std::string>(r[1]));
  });
  return all;
}

void add_member(db::connection& c, const std::string& service, const std::string& store_id) {
  c.query({&insert_member, db::params(service, store_id)}, [](db::row) {});
}

void replace_members(db::connection& c, const std::string& service, const std::string& store_id) {
  c.query({&delete_members, {}}, [](db::row) {});
  add_member(c, service, store_id);
}

std::optional<uuid> find_identity(db::connection& c) {
  std::optional<uuid> found;
  c.query({&read_identity, {}}, [&](db::row r) { found = std::get<uuid>(r[0]); });
  return found;
}

uuid make_identity(db::connection& c) {
  if (const auto found = find_identity(c)) return *found;
  c.query({&insert_identity, db::params(system_ids().next_v4())}, [](db::row) {});
  return find_identity(c).value();  // Another node may have inserted it.
}

}  // namespace stoa::kernel
