#pragma once
// One server for the whole test program, and a separate database for each case.

#include "storage/db/postgres.hpp"
#include "tests/support/postgres_server.hpp"
#include "tests/support/skip.hpp"

#include <chrono>
#include <optional>
#include <thread>

namespace stoa::test {

/// The kind of the error that it throws; empty when it throws none.
template <class Call>
std::optional<db::error_kind> kind_of(Call call) {
  try {
    call();
  } catch (const db::error& e) {
    return e.kind();
  }
  return std::nullopt;
}

/// Retries the call until it does not throw, for at most 10 s.
template <class Call>
bool comes_back(Call call) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (std::chrono::steady_clock::now() < until) {
    if (!kind_of(call)) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  return false;
}

class postgres_fixture {
 public:
  explicit postgres_fixture(const std::string& schema = "") {
    if (!postgres_server::available()) {
      skip("PostgreSQL's server is not installed");
      return;
    }
    static int last = 0;
    database_ = "case_" + std::to_string(++last);
    server().create_database(database_);
    if (!schema.empty()) server().run(database_, schema);
  }
  ~postgres_fixture() {
    try {
      if (ready() && server().running()) server().drop_database(database_);
    } catch (const std::exception&) {
      database_.clear();  // Deleted with the server's folder.
    }
  }
  postgres_fixture(const postgres_fixture&) = delete;
  postgres_fixture& operator=(const postgres_fixture&) = delete;

  bool ready() const { return !database_.empty(); }
  static postgres_server& server() {
    static postgres_server one({.fsync = false, .settings = {{"deadlock_timeout", "50ms"}}});
    return one;
  }
  const std::string& database() const { return database_; }
  db::postgres_options options_at(std::uint16_t port) const {
    db::postgres_options o;
    o.url = "postgresql://stoa@127.0.0.1:" + std::to_string(port) + "/" + database_;
    return o;
  }
  std::unique_ptr<db::connection> open(db::access a = db::access::write) const {
    return db::postgres_database(options_at(server().port()))->open(a);
  }

 private:
  std::string database_;
};

}  // namespace stoa::test
