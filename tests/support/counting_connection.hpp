#pragma once
// Passes everything to another connection and counts the statements.

#include "storage/db/connection.hpp"

#include <map>
#include <string>
#include <vector>

namespace stoa::test {

class counting_connection final : public db::connection {
 public:
  explicit counting_connection(db::connection& to) : to_(to) {}
  std::string_view dialect() const override { return to_.dialect(); }
  void begin() override { to_.begin(); }
  void begin_read() override { to_.begin_read(); }
  void commit() override { to_.commit(); }
  void rollback() noexcept override { to_.rollback(); }
  void query(std::span<const db::statement> statements, const db::row_sink& sink) override {
    if (fail_next_read) {
      fail_next_read = false;
      throw db::error(db::error_kind::unavailable, "", "the read failed");
    }
    for (const auto& s : statements) ++reads[s.what->name];
    if (kept) kept->insert(kept->end(), statements.begin(), statements.end());
    to_.query(statements, sink);
  }
  void execute(std::span<const db::statement> statements) override {
    for (const auto& s : statements) ++writes[s.what->name];
    to_.execute(statements);
  }
  void execute_and_commit(std::span<const db::statement> statements,
                          const std::function<void()>& before_commit) override {
    if (fail_next_commit) {
      fail_next_commit = false;
      throw db::error(db::error_kind::unavailable, "", "the commit failed");
    }
    for (const auto& s : statements) ++writes[s.what->name];
    to_.execute_and_commit(statements, before_commit);
  }
  std::optional<std::int64_t> foreign_changes() override { return to_.foreign_changes(); }
  void run_script(const std::string& text) override { to_.run_script(text); }

  std::size_t reads_total() const {
    std::size_t sum = 0;
    for (const auto& [name, n] : reads) sum += n;
    return sum;
  }

  // Statements by their names.
  std::map<std::string, std::size_t> reads;
  std::map<std::string, std::size_t> writes;
  std::vector<db::statement>* kept = nullptr;  ///< the reads, if a test needs them
  bool fail_next_read = false;
  bool fail_next_commit = false;

 private:
  db::connection& to_;
};

}  // namespace stoa::test
