#include "storage/kernel/kernel_store.hpp"

namespace stoa::kernel {

namespace {

const db::sql dead_letters{"list dead letters", "SELECT " + db::column_list<dead_letter_row>() +
                                                    " FROM dead_letter WHERE event_id<$1"
                                                    " ORDER BY event_id DESC LIMIT $2"};
const db::sql find_applied_beyond{
    "applied beyond",
    "SELECT coalesce(max(seq),0) FROM (SELECT seq,event_id FROM inbox WHERE source=$1 AND seq>$2"
    " ORDER BY seq LIMIT 4096) AS lowest WHERE event_id<$3"};
const db::sql find_newest_applied{"newest applied",
                                  "SELECT event_id FROM inbox ORDER BY event_id DESC LIMIT 1"};
const db::sql count_letters{"count dead letters", "SELECT count(*) FROM dead_letter"};

}  // namespace

db::gathering::found<idempotency_row> ask_idempotency(db::gathering& all,
                                                      const std::string& scope) {
  return all.ask<idempotency_row>(db::select_by<&idempotency_row::scope>(), db::params(scope));
}

problem stored_problem(const idempotency_row& row) {
  auto stored = json::read_lenient<stored_rejection>(row.body);
  if (stored) return std::move(stored->error);
  return unavailable("The stored reply cannot be read.");
}

std::vector<dead_letter_row> list_dead_letters(db::connection& c,
                                               std::optional<stoa::event_id> before,
                                               std::size_t limit) {
  stoa::event_id last{};
  last.value.bytes.fill(0xFF);
  return db::select<dead_letter_row>(
      c, dead_letters, db::params(before.value_or(last), static_cast<std::int64_t>(limit)));
}

std::int64_t stored_dead_letters(db::connection& c) {
  std::int64_t total = 0;
  c.query({&count_letters, {}}, [&](db::row r) { total = std::get<std::int64_t>(r[0]); });
  return total;
}

std::optional<stoa::event_id> newest_applied(db::connection& c) {
  if (c.dialect() == "redis") return std::nullopt;
  stoa::event_id newest{};
  c.query({&find_newest_applied, {}}, [&](db::row r) { newest.value = std::get<uuid>(r[0]); });
  return newest;
}

std::int64_t applied_beyond(db::connection& c, const std::string& source, std::int64_t seq,
                            stoa::event_id id) {
  std::int64_t last = 0;
  c.query({&find_applied_beyond, db::params(source, seq, id)},
          [&](db::row r) { last = std::get<std::int64_t>(r[0]); });
  return last;
}

}  // namespace stoa::kernel
