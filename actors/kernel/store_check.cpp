#include "actors/kernel/store_check.hpp"

#include "config/log.hpp"
#include "storage/base/fault.hpp"
#include "storage/kernel/member_store.hpp"
#include "storage/kernel/setting_store.hpp"

namespace stoa::kernel {

namespace {

constexpr const char* remedy =
    ". Restore the store's databases and keys from the same backup, correct the settings, or run "
    "`stoa store adopt --accept-loss` to continue without the missing data";

[[noreturn]] void refuse(const std::string& what) {
  throw db::error(db::error_kind::programming, "store", what + remedy);
}

/// Another service's database, if it is reachable.
struct sibling {
  std::unique_ptr<db::connection> open;
  member_map members;
};

std::optional<sibling> open_sibling(const store_membership& store, const std::string& service) {
  try {
    sibling s{store.database(service)->open(db::access::write), {}};
    s.members = read_members(*s.open);
    return s;
  } catch (const db::error& e) {
    // It does not exist yet or is unreachable from this node: the service's own node checks it.
    log::debug("store membership of a service not checked",
               {{"service", service}, {"error", std::string(e.what())}});
    return std::nullopt;
  }
}

std::string id_in(const member_map& members, const std::string& service) {
  const auto found = members.find(service);
  return found == members.end() ? std::string() : found->second;
}

void compare(const store_membership& store, const std::string& service, const member_map& members,
             const db::database& database) {
  const auto id = id_in(members, service);
  if (id.empty() || id == store.store_id) return;
  refuse("the database of the service " + service + " (" + database.describe() +
         ") belongs to another store than the server's secret");
}

/// Compares a new database with that of another service. True when it replaces a lost one.
bool check_new(const store_membership& store, const std::string& service, const std::string& other,
               const db::database& database, db::connection& c) {
  const auto s = open_sibling(store, other);
  if (!s) return false;
  const auto id = id_in(s->members, other);
  if (!id.empty() && id != store.store_id) {
    refuse("the database of the service " + other +
           " belongs to another store than the server's secret, and that of the service " +
           service + " (" + database.describe() + ") is new");
  }
  if (id_in(s->members, service) != store.store_id) return false;
  // Another node may have registered this database meanwhile: it does so before others see it.
  if (read_members(c).contains(service)) return false;
  if (store.accept_loss) return true;
  const auto what = "the database of the service " + service + " (" + database.describe() +
                    ") is empty, but the database of the service " + other +
                    " has a record of it: its data is lost";
  if (!database.may_lose_data()) refuse(what);
  throw db::error(db::error_kind::unavailable, db::data_lost, what + remedy);
}

/// The settings that are stored with other values; empty: none.
std::string difference(const setting_map& own, const setting_map& stored) {
  std::string all;
  for (const auto& [name, value] : own) {
    const auto known = stored.find(name);
    if (known == stored.end() || known->second == value) continue;
    all += (all.empty() ? "" : "; ") + name + " is " + value + " here, and " + known->second +
           " on the store's nodes";
  }
  return all;
}

/// Stores the settings that are not stored yet; false: there are none.
bool add_unknown(const setting_map& own, const setting_map& stored, db::connection& c) {
  bool added = false;
  for (const auto& [name, value] : own) {
    if (stored.contains(name)) continue;
    add_setting(c, name, value);
    added = true;
  }
  return added;
}

}  // namespace

bool check_membership(const store_membership& store, const std::string& service,
                      db::database& database, db::connection& c) {
  if (store.store_id.empty()) return false;
  const auto own = read_members(c);
  compare(store, service, own, database);
  // Files are checked before any of them is opened (net/cli/store_folder.hpp).
  std::vector<std::string> unseen;
  for (const auto& other : store.services) {
    if (database.shared() && other != service && !own.contains(other)) unseen.push_back(other);
  }
  bool was_lost = false;
  if (!own.contains(service)) {
    for (const auto& other : unseen) {
      was_lost = check_new(store, service, other, database, c) || was_lost;
    }
    add_member(c, service, store.store_id);
    log::info("database registered with its store",
              {{"service", service}, {"database", database.describe()}});
  }
  // Whichever database is registered later records both in each other.
  for (const auto& other : unseen) {
    auto s = open_sibling(store, other);
    if (!s || id_in(s->members, other) != store.store_id) continue;
    add_member(c, other, store.store_id);
    add_member(*s->open, service, store.store_id);
  }
  return was_lost;
}

void check_settings(const std::map<std::string, std::string>& own, const db::database& database,
                    db::connection& c) {
  if (fault("skip_fingerprint")) return;
  const auto stored = read_settings(c);
  auto all = difference(own, stored);
  // A rejected node stores nothing: other nodes would be compared with it.
  if (all.empty() && add_unknown(own, stored, c)) {
    all = difference(own, read_settings(c));  // Another node may have stored them.
  }
  if (all.empty()) return;
  throw db::error(db::error_kind::programming, "settings",
                  all + " (" + database.describe() +
                      "). Correct the settings. To change a setting of the whole store, stop all "
                      "nodes and run `stoa store accept-settings`");
}

}  // namespace stoa::kernel
