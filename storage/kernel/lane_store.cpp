#include "storage/kernel/lane_store.hpp"

namespace stoa::kernel {

namespace {

const db::sql count_all{"count lanes", "SELECT count(*) FROM lane"};
const db::sql insert_one{"insert lane",
                         "INSERT INTO lane(lane,owner,epoch,last_seq,batches,beat)"
                         " VALUES($1,'',$2,$3,0,0) ON CONFLICT DO NOTHING"};
const db::sql read_all{"read lanes",
                       "SELECT " + db::column_list<lane_row>() + " FROM lane ORDER BY lane"};
const db::sql take{"take lane",
                   "UPDATE lane SET owner=$1,epoch=epoch+1,beat=beat+1"
                   " WHERE lane=$2 AND epoch=$3 RETURNING epoch,last_seq,batches"};
const db::sql release{"release lane",
                      "UPDATE lane SET owner='' WHERE lane=$1 AND epoch=$2 RETURNING lane"};
const db::sql save{"save lane",
                   "UPDATE lane SET last_seq=$3,batches=$4,beat=beat+1"
                   " WHERE lane=$1 AND epoch=$2 AND batches=$4-1"};

// As two numbers, since that is how Redis tells it.
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

std::int64_t make_lanes(db::connection& c, std::int64_t count, lane_start start) {
  std::int64_t found = 0;
  c.query({&count_all, {}}, [&](db::row r) { found = std::get<std::int64_t>(r[0]); });
  if (found > 0) return found;
  c.begin();
  try {
    for (std::int64_t i = 0; i < count; ++i) {
      c.execute({&insert_one, db::params(i, start.epoch, start.last_seq)});
    }
    c.commit();
  } catch (const db::error& e) {
    c.rollback();
    // Another node makes them at the same moment.
    if (e.kind() != db::error_kind::conflict && e.kind() != db::error_kind::unique) throw;
  }
  c.query({&count_all, {}}, [&](db::row r) { found = std::get<std::int64_t>(r[0]); });
  return found;
}

lane_start lane_start_after_loss(timestamp now) {
  return {now.us / 1000, now.us};
}

std::vector<lane_row> read_lanes(db::connection& c) {
  return db::select<lane_row>(c, read_all, {});
}

std::optional<lane_grant> take_lane(db::connection& c, std::int64_t lane, std::int64_t seen,
                                    const std::string& owner) {
  std::optional<lane_grant> taken;
  c.query({&take, db::params(owner, lane, seen)}, [&](db::row r) {
    taken = lane_grant{lane, std::get<std::int64_t>(r[0]), std::get<std::int64_t>(r[1]),
                       std::get<std::int64_t>(r[2])};
  });
  return taken;
}

lane_grant seize_lane(db::connection& c, std::int64_t lane, const std::string& owner) {
  for (const auto& row : read_lanes(c)) {
    if (row.lane != lane) continue;
    if (auto taken = take_lane(c, lane, row.epoch, owner)) return *taken;
  }
  throw db::error(db::error_kind::unavailable, "lane",
                  "lane " + std::to_string(lane) + " cannot be taken");
}

void release_lane(db::connection& c, const lane_grant& grant) {
  c.query({&release, db::params(grant.lane, grant.epoch)}, [](db::row) {});
}

db::statement save_lane(const lane_grant& after) {
  return {&save, db::params(after.lane, after.epoch, after.last_seq, after.batches), true};
}

bool lane_lost(const db::error& e) {
  return e.kind() == db::error_kind::stale && e.constraint() == save.name;
}

}  // namespace stoa::kernel
