#include "storage/db/postgres_snapshot.hpp"

#include <algorithm>

namespace stoa::db {

namespace {

using std::chrono::steady_clock;

/// If this program hangs while it blocks writers, the server ends its transaction.
constexpr milliseconds idle_max{2000};

/// No limit for a dump; the session's default is that of a request.
const sql never_idle{"let a snapshot wait",
                     "SELECT set_config('idle_in_transaction_session_timeout','0',true)"};
const sql still_there{"still there", "SELECT 1"};
const sql export_snapshot{"export snapshot", "SELECT pg_export_snapshot()"};

}  // namespace

postgres_snapshot::postgres_snapshot(database& source)
    : where_(source.describe()),
      lock_(source.open(access::write)),
      reader_(source.open(access::read)) {}

bool postgres_snapshot::hold(deadline until) {
  const auto left = std::chrono::duration_cast<milliseconds>(until - steady_clock::now());
  lock_->begin();
  held_ = true;
  try {
    // Each commit of a writer changes the row of its partition; reads are not blocked.
    lock_->run_script(
        "SET LOCAL lock_timeout=" + std::to_string(std::max(left, milliseconds{1}).count()) +
        "; SET LOCAL idle_in_transaction_session_timeout=" + std::to_string(idle_max.count()) +
        "; LOCK TABLE partition IN EXCLUSIVE MODE");
    return true;
  } catch (const error& e) {
    release();
    if (e.kind() == error_kind::busy || e.kind() == error_kind::conflict) return false;
    throw error(e.kind(), e.constraint(), where_ + ": " + e.what());
  }
}

void postgres_snapshot::keep() {
  reader_->rollback();  // of a previous attempt
  // The first statement determines the transaction's snapshot.
  reader_->begin_read();
  const statement both[] = {{&never_idle, {}}, {&export_snapshot, {}}};
  reader_->query(both, [this](std::size_t i, row r) {
    if (i == 1) id_ = std::get<std::string>(r[0]);
  });
}

bool postgres_snapshot::is_held() {
  try {
    lock_->query({&still_there, {}}, [](row) {});
    return true;
  } catch (const error&) {
    return false;
  }
}

void postgres_snapshot::release() noexcept {
  if (std::exchange(held_, false)) lock_->rollback();
}

}  // namespace stoa::db
