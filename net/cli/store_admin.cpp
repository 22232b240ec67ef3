// `stoa store`: checks that the parts of a store belong together, and adopts them after a loss.

#include "config/services.hpp"
#include "net/cli/commands.hpp"
#include "net/cli/databases.hpp"
#include "net/cli/store.hpp"
#include "net/cli/store_folder.hpp"
#include "net/cli/subcommands.hpp"
#include "storage/base/describe.hpp"
#include "storage/kernel/member_store.hpp"
#include "storage/kernel/partition_store.hpp"
#include "storage/kernel/setting_store.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <map>
#include <thread>

namespace stoa::cli {

namespace {

std::string_view state_text(part_state state) {
  switch (state) {
    case part_state::missing:
      return "missing";
    case part_state::empty:
      return "empty";
    case part_state::damaged:
      return "damaged";
    case part_state::unreadable:
      return "unreadable";
    case part_state::fresh:
      return "new";
    case part_state::unmarked:
      return "of an earlier version";
    case part_state::marked:
      return "present";
  }
  return "";
}

void print_part(const std::filesystem::path& path, std::string_view state, const std::string& id) {
  std::printf("%-10.*s %-34s %s\n", static_cast<int>(state.size()), state.data(), id.c_str(),
              path.c_str());
}

/// Records the store's id in a service's database, which is migrated first if necessary.
void adopt_database(const settings& s, const std::string& service, const std::string& store_id) {
  auto database = database_of(s, service);
  if (!database->shared() || database->may_lose_data()) {
    const std::array<std::string_view, 2> modules{"kernel", service};
    database->migrate(modules);
  }
  const auto c = database->open(db::access::write);
  kernel::replace_members(*c, service, store_id);
  if (!database->may_lose_data()) return;
  // Running nodes detect the partitions and take them over.
  kernel::make_partitions(*c, s.postgres.writers,
                          kernel::partition_start_after_loss(system_time().now()));
}

/// False when the shared database exists and could not be changed.
bool adopt_shared(const settings& s, const std::string& service, const std::string& store_id) {
  try {
    adopt_database(s, service, store_id);
    std::printf("adopted    the database of the service %s\n", service.c_str());
    return true;
  } catch (const db::error& e) {
    std::fprintf(stderr, "stoa: the database of the service %s was not adopted: %s\n",
                 service.c_str(), e.what());
    return false;
  }
}

bool adopt_all_shared(const settings& s, const std::string& store_id) {
  bool all = true;
  for (const auto& service : config::service_names()) {
    if (database_of(s, service)->shared()) all = adopt_shared(s, service, store_id) && all;
  }
  return all;
}

/// Running nodes find the database unchanged, or with partitions that they can take over.
int adopt_one(const settings& s, const std::string& service) {
  const auto& all = config::service_names();
  if (std::find(all.begin(), all.end(), service) == all.end() ||
      !database_of(s, service)->shared()) {
    std::fprintf(stderr, "stoa: %s is not a service with a shared database\n", service.c_str());
    return exit_usage;
  }
  const auto v = inspect_store(s);
  if (!v.secret.is_there || !v.secret.error.empty()) {
    std::fprintf(stderr, "stoa: %s: the server's secret is missing or damaged\n",
                 v.secret.path.c_str());
    return exit_failed;
  }
  return adopt_shared(s, service, v.secret.id) ? exit_done : exit_failed;
}

void adopt_part(const settings& s, const store_part& p, const std::string& store_id) {
  if (p.is_database()) return adopt_database(s, p.path.stem().string(), store_id);
  if (p.name == "mail") {
    std::filesystem::remove(mail_mark_of(s));
    return mark_mail(s, store_id);
  }
  if (auto given = gateways::ledger::assign_to(p.path, store_id); !given) {
    throw std::runtime_error(given.error().detail);
  }
}

/// Calls f(service, connection) for each shared database; false when one is unreachable.
template <class F>
bool for_each_shared(const settings& s, F&& f) {
  bool all = true;
  for (const auto& service : config::service_names()) {
    const auto database = database_of(s, service);
    if (!database->shared()) continue;
    try {
      f(service, *database->open(db::access::write));
    } catch (const db::error& e) {
      std::fprintf(stderr, "stoa: the database of the service %s cannot be changed: %s\n",
                   service.c_str(), e.what());
      all = false;
    }
  }
  return all;
}

/// The heartbeats of all owned partitions in the shared databases.
std::map<std::string, std::int64_t> beats_of(const settings& s, bool& all) {
  std::map<std::string, std::int64_t> beats;
  all = for_each_shared(s, [&](const std::string& service, db::connection& c) {
    for (const auto& row : kernel::read_partitions(c)) {
      if (!row.owner.empty()) beats[service + "/" + std::to_string(row.partition)] = row.beat;
    }
  });
  return beats;
}

bool is_held(const store_part& p) {
  return p.state != part_state::missing && p.state != part_state::empty;
}

}  // namespace

int run_store_check(const settings& s) {
  const auto v = inspect_store(s);
  for (const auto& k : {v.secret, v.token_key}) {
    print_part(k.path, !k.is_there ? "missing" : k.error.empty() ? "present" : "damaged", k.id);
  }
  for (const auto& p : v.parts) print_part(p.path, state_text(p.state), p.store_id);
  const auto problems = problems_of(v);
  if (problems.empty()) return exit_done;
  std::fprintf(stderr, "stoa: %s\n", store_error_text(s, problems).c_str());
  return exit_failed;
}

int run_store_adopt(const settings& s, const adopt_options& o) {
  if (!o.accept_loss) {
    std::fputs("stoa: this discards the data of missing parts; add --accept-loss to confirm\n",
               stderr);
    return exit_usage;
  }
  if (!o.service.empty()) return adopt_one(s, o.service);
  const data_lock lock(s.data.dir);
  create_private_files();
  const auto v = inspect_store(s);
  for (const auto& p : v.parts) {
    if (p.error.empty()) continue;
    const char* what = p.state == part_state::unreadable
                           ? "stoa: %s cannot be read: %s\n"
                           : "stoa: %s is damaged: %s; move it away first\n";
    std::fprintf(stderr, what, p.path.c_str(), p.error.c_str());
    return exit_failed;
  }
  if (run_keys_create(s) != exit_done) return exit_failed;
  const auto keys = inspect_store(s);
  store_record record{keys.secret.id, keys.token_key.id, {}, {}};
  for (const auto& p : v.parts) {
    if (is_held(p)) {
      adopt_part(s, p, record.store_id);
      record.parts.push_back(p.name);
    }
    std::printf("%-10s %s\n", is_held(p) ? "adopted" : "discarded", p.path.c_str());
  }
  const bool all = adopt_all_shared(s, record.store_id);
  write_record(record_of(s), record);
  return all ? exit_done : exit_partly;
}

int run_store_accept_settings(const settings& s) {
  bool all = true;
  const auto before = beats_of(s, all);
  if (!before.empty()) std::this_thread::sleep_for(milliseconds{s.cluster.lease_ms});
  if (beats_of(s, all) != before) {
    std::fputs("stoa: a node of the store is running; stop all nodes first\n", stderr);
    return exit_failed;
  }
  const auto common = common_settings_of(s);
  all &= for_each_shared(s, [&](const std::string& service, db::connection& c) {
    kernel::replace_settings(c, common);
    std::printf("accepted   by the database of the service %s\n", service.c_str());
  });
  return all ? exit_done : exit_partly;
}

}  // namespace stoa::cli
