#pragma once
// A service's PostgreSQL database as it was at one moment, for programs that read it: pg_dump.

#include "storage/db/cut.hpp"
#include "storage/db/database.hpp"

namespace stoa::db {

class postgres_snapshot final : public cut_member {
 public:
  /// Connects twice. Throws error(unavailable).
  explicit postgres_snapshot(database& source);

  bool hold(deadline until) override;
  void keep() override;
  bool is_held() override;
  void release() noexcept override;

  /// For `pg_dump --snapshot`; valid while this lives.
  const std::string& id() const { return id_; }
  /// Reads the state that is kept.
  connection& reader() { return *reader_; }

 private:
  std::string where_;
  std::unique_ptr<connection> lock_;    ///< has the lock of all commits while held
  std::unique_ptr<connection> reader_;  ///< in the transaction that has exported its snapshot
  std::string id_;
  bool held_ = false;
};

}  // namespace stoa::db
