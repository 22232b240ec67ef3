#include "net/cli/backup_source.hpp"

#include "actors/kernel/node.hpp"
#include "config/services.hpp"
#include "net/cli/databases.hpp"
#include "net/cli/program_run.hpp"
#include "net/cli/progress.hpp"
#include "net/cli/store.hpp"
#include "net/cli/store_parts.hpp"
#include "storage/db/postgres_programs.hpp"
#include "storage/db/postgres_snapshot.hpp"
#include "storage/db/sqlite.hpp"
#include "storage/db/sqlite_snapshot.hpp"
#include "storage/kernel/member_store.hpp"
#include "storage/kernel/partition_store.hpp"

#include <algorithm>
#include <stdexcept>

namespace stoa::cli {

namespace {

namespace fs = std::filesystem;

constexpr const char* ledger_name = "ledger";
/// How long pg_dump waits for a table lock held by a migration.
constexpr const char* lock_wait_ms = "10000";

/// Fills in the part from the copied database.
void describe_service(backup_part& part, db::connection& c, const std::string& store_id) {
  const auto members = kernel::read_members(c);
  const auto own = members.find(part.name);
  if (own == members.end() || own->second != store_id) {
    throw std::runtime_error(
        "the database of the service " + part.name +
        (own == members.end() ? " has no store id; serve it once" : " belongs to another store") +
        ": the server's secret belongs to the store " + store_id);
  }
  part.partitions.emplace();
  for (const auto& l : kernel::read_partitions(c)) {
    part.partitions->push_back({l.partition, l.epoch, l.last_seq, l.batches});
  }
}

class sqlite_source final : public backup_source {
 public:
  sqlite_source(std::string name, const fs::path& path, std::string file, std::string store_id,
                const copy_limits& limits)
      : part_{std::move(name), std::move(file), 0, {}},
        store_id_(std::move(store_id)),
        limits_(limits),
        snapshot_(std::make_unique<db::sqlite_snapshot>(path.string())) {}

  db::cut_member& member() override { return *snapshot_; }
  std::uint64_t bytes() const override { return snapshot_->bytes(); }
  const std::string& name() const override { return part_.name; }

  backup_part write(const fs::path& folder) override {
    const auto to = folder / part_.file;
    {
      progress_bar bar("copying " + part_.file, bytes(), progress_bar::unit::bytes);
      snapshot_->copy_to(to.string(), limits_.bytes_per_second,
                         [&bar](std::uint64_t done) { bar.update(done); });
    }
    snapshot_.reset();  // Allows the WAL to be truncated.
    if (const auto damage = db::sqlite_damage(to.string()); !damage.empty()) {
      throw std::runtime_error("the copy of " + part_.file + " is damaged: " + damage);
    }
    part_.bytes = static_cast<std::int64_t>(fs::file_size(to));
    if (part_.name != ledger_name) {
      describe_service(part_, *db::open_sqlite(to.string(), db::sqlite_mode::inspect), store_id_);
    }
    return part_;
  }

 private:
  backup_part part_;
  std::string store_id_;
  copy_limits limits_;
  std::unique_ptr<db::sqlite_snapshot> snapshot_;
};

class postgres_source final : public backup_source {
 public:
  postgres_source(const settings& s, const std::string& service, std::string store_id)
      : part_{service, service + ".dump", 0, {}},
        store_id_(std::move(store_id)),
        environment_(postgres_environment_of(s, service)),
        snapshot_(std::make_unique<db::postgres_snapshot>(*database_of(s, service))) {}

  db::cut_member& member() override { return *snapshot_; }
  std::uint64_t bytes() const override { return 0; }  // The size of a dump is not known.
  const std::string& name() const override { return part_.name; }

  backup_part write(const fs::path& folder) override {
    const auto to = folder / part_.file;
    describe_service(part_, snapshot_->reader(), store_id_);
    run_program({{"pg_dump", "--dbname=" + std::string(db::postgres_keepalives), "--no-password",
                  "--snapshot=" + snapshot_->id(), "--format=custom", "--compress=1",
                  "--lock-wait-timeout=" + std::string(lock_wait_ms), "--file=" + to.string()},
                 environment_});
    snapshot_.reset();  // Allows vacuum to proceed.
    run_program({{"pg_restore", "--file=/dev/null", to.string()}});
    part_.bytes = static_cast<std::int64_t>(fs::file_size(to));
    return part_;
  }

 private:
  backup_part part_;
  std::string store_id_;
  std::vector<std::pair<std::string, std::string>> environment_;
  std::unique_ptr<db::postgres_snapshot> snapshot_;
};

/// The existing databases of the services. A database that the store has used must exist.
void add_files(const settings& s, const std::string& store_id, const copy_limits& limits,
               std::vector<std::unique_ptr<backup_source>>& all) {
  const auto record = inspect_keys(s).record;
  for (const auto& service : config::service_names()) {
    if (service == "cart" && s.cart.store == "redis") continue;
    const auto path = kernel::database_path(s.data.dir, service);
    const auto name = part_of(service);
    if (fs::exists(path)) {
      all.push_back(std::make_unique<sqlite_source>(service, path, name, store_id, limits));
    } else if (record && std::ranges::find(record->parts, name) != record->parts.end()) {
      throw std::runtime_error(path + ": it is missing, but it contained data of the store");
    }
  }
  if (all.empty()) throw std::runtime_error("no store in " + s.data.dir);
}

}  // namespace

std::vector<std::unique_ptr<backup_source>> backup_sources(const settings& s,
                                                           const std::string& store_id,
                                                           const copy_limits& limits) {
  std::vector<std::unique_ptr<backup_source>> all;
  if (s.data.store == "sqlite") {
    add_files(s, store_id, limits, all);
  } else {
    for (const auto& service : config::service_names()) {
      if (service == "cart" && s.cart.store == "redis") continue;
      all.push_back(std::make_unique<postgres_source>(s, service, store_id));
    }
  }
  const auto ledger = ledger_of(s);
  if (fs::exists(ledger)) {
    all.push_back(
        std::make_unique<sqlite_source>(ledger_name, ledger, "ledger.db", store_id, limits));
  }
  return all;
}

}  // namespace stoa::cli
