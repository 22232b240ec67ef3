#pragma once
// A snapshot of a service's PostgreSQL database, for pg_dump.

#include "storage/db/cut.hpp"
#include "storage/db/database.hpp"

namespace stoa::db {

class postgres_snapshot final : public cut_member {
 public:
  /// Opens two connections. Throws error(unavailable).
  explicit postgres_snapshot(database& source);

  bool hold(deadline until) override;
  void keep() override;
  bool is_held() override;
  void release() noexcept override;

  /// For `pg_dump --snapshot`; valid during the lifetime of this object.
  const std::string& id() const { return id_; }
  /// A connection that reads the snapshot.
  connection& reader() { return *reader_; }

 private:
  std::string where_;
  std::unique_ptr<connection> lock_;    ///< locks out commits while held
  std::unique_ptr<connection> reader_;  ///< in the transaction that exported its snapshot
  std::string id_;
  bool held_ = false;
};

}  // namespace stoa::db
