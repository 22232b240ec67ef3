#include "storage/kernel/partition_store.hpp"

namespace stoa::kernel {

namespace {

const db::sql count_partitions{"count partitions", "SELECT count(*) FROM partition"};
const db::sql insert_one{"insert partition",
                         "INSERT INTO partition(partition,owner,epoch,last_seq,batches,beat)"
                         " VALUES($1,'',$2,$3,0,0) ON CONFLICT DO NOTHING"};
const db::sql select_partitions{"read partitions", "SELECT " + db::column_list<partition_row>() +
                                                       " FROM partition ORDER BY partition"};
const db::sql take{"take partition",
                   "UPDATE partition SET owner=$1,epoch=epoch+1,beat=beat+1"
                   " WHERE partition=$2 AND epoch=$3 RETURNING epoch,last_seq,batches"};
const db::sql release{
    "release partition",
    "UPDATE partition SET owner='' WHERE partition=$1 AND epoch=$2 RETURNING partition"};
const db::sql save{"save partition",
                   "UPDATE partition SET last_seq=$3,batches=$4,beat=beat+1"
                   " WHERE partition=$1 AND epoch=$2 AND batches=$4-1"};

// Two numbers, as in Redis' TIME.
const db::sql clock_now{"read clock",
                        "SELECT floor(extract(epoch FROM now))::bigint,"
                        "(extract(microseconds FROM now)::bigint % 1000000)::bigint"
                        " FROM (SELECT clock_timestamp() AS now) AS t"};

}  // namespace

timestamp read_clock(db::connection& c) {
  timestamp shown;
  c.query({&clock_now, {}}, [&](db::row r) {
    shown.us = std::get<std::int64_t>(r[0]) * 1'000'000 + std::get<std::int64_t>(r[1]);
  });
  return shown;
}

std::int64_t make_partitions(db::connection& c, std::int64_t count, partition_start start) {
  std::int64_t found = 0;
  c.query({&count_partitions, {}}, [&](db::row r) { found = std::get<std::int64_t>(r[0]); });
  if (found > 0) return found;
  c.begin();
  try {
    for (std::int64_t i = 0; i < count; ++i) {
      c.execute({&insert_one, db::params(i, start.epoch, start.last_seq)});
    }
    c.commit();
  } catch (const db::error& e) {
    c.rollback();
    // Another node creates them concurrently.
    if (e.kind() != db::error_kind::conflict && e.kind() != db::error_kind::unique) throw;
  }
  c.query({&count_partitions, {}}, [&](db::row r) { found = std::get<std::int64_t>(r[0]); });
  return found;
}

partition_start partition_start_after_loss(timestamp now) {
  return {now.us / 1000, now.us};
}

std::vector<partition_row> read_partitions(db::connection& c) {
  return db::select<partition_row>(c, select_partitions, {});
}

std::optional<partition_grant> take_partition(db::connection& c, std::int64_t partition,
                                              std::int64_t seen, const std::string& owner) {
  std::optional<partition_grant> taken;
  c.query({&take, db::params(owner, partition, seen)}, [&](db::row r) {
    taken = partition_grant{partition, std::get<std::int64_t>(r[0]), std::get<std::int64_t>(r[1]),
                            std::get<std::int64_t>(r[2])};
  });
  return taken;
}

partition_grant force_take_partition(db::connection& c, std::int64_t partition,
                                     const std::string& owner) {
  for (const auto& row : read_partitions(c)) {
    if (row.partition != partition) continue;
    if (auto taken = take_partition(c, partition, row.epoch, owner)) return *taken;
  }
  throw db::error(db::error_kind::unavailable, "partition",
                  "partition " + std::to_string(partition) + " cannot be taken");
}

void release_partition(db::connection& c, const partition_grant& grant) {
  c.query({&release, db::params(grant.partition, grant.epoch)}, [](db::row) {});
}

db::statement save_partition(const partition_grant& after) {
  return {&save, db::params(after.partition, after.epoch, after.last_seq, after.batches), true};
}

void require_partition(db::connection& c, const partition_grant& owned) {
  for (const auto& row : read_partitions(c)) {
    const bool is_owned = row.epoch == owned.epoch && row.batches == owned.batches;
    if (row.partition == owned.partition && is_owned) return;
  }
  throw db::error(db::error_kind::stale, save.name,
                  save.name + ": the partition has another owner");
}

bool can_keep_records(db::connection& c) {
  return c.dialect() != "redis" && read_partitions(c).size() == 1;
}

bool partition_lost(const db::error& e) {
  return e.kind() == db::error_kind::stale && e.constraint() == save.name;
}

}  // namespace stoa::kernel
