#pragma once
// A SQLite file as the shared database of several simulated nodes: with a server's clock, and with
// faults between a node and the server.

#include "storage/db/database.hpp"
#include "storage/kernel/partition_store.hpp"

#include <deque>

namespace stoa::test {

/// What a node sees of the database servers.
struct database_link {
  const clock* server_time = nullptr;
  bool away = false;  ///< the servers cannot be reached
  /// The outcomes of the node's next commits: done, lost, or done with the answer lost.
  enum class outcome { done, lost, answer_lost };
  std::deque<outcome> commits{};
};

/// A connection that fails as the link says.
class simulated_connection final : public db::connection {
 public:
  simulated_connection(std::unique_ptr<db::connection> file,
                       const std::shared_ptr<database_link>& l)
      : file_(std::move(file)), link_(l) {}

  std::string_view dialect() const override { return file_->dialect(); }
  void begin() override {
    reach();
    file_->begin();
  }
  void begin_read() override {
    reach();
    file_->begin_read();
  }
  void rollback() noexcept override { file_->rollback(); }
  void commit() override {
    reach();
    auto next = database_link::outcome::done;
    if (!link_->commits.empty()) {
      next = link_->commits.front();
      link_->commits.pop_front();
    }
    if (next == database_link::outcome::lost) {
      file_->rollback();
    } else {
      file_->commit();
    }
    if (next != database_link::outcome::done) {
      throw db::error(db::error_kind::unknown, "", "the connection was lost during the commit");
    }
  }
  void query(std::span<const db::statement> all, const db::row_sink& sink) override {
    reach();
    if (all.size() == 1 && all.front().what->name == "read clock") {
      const auto now = link_->server_time->now().us;
      std::array<db::value, 2> shown{now / 1'000'000, now % 1'000'000};
      return sink(0, shown);
    }
    file_->query(all, sink);
  }
  void execute(std::span<const db::statement> all) override {
    reach();
    file_->execute(all);
  }
  void run_script(const std::string& text) override { file_->run_script(text); }
  using db::connection::execute;
  using db::connection::query;

 private:
  void reach() const {
    if (link_->away) throw db::error(db::error_kind::unavailable, "", "cut off");
  }

  std::unique_ptr<db::connection> file_;
  std::shared_ptr<database_link> link_;
};

class simulated_database final : public db::database {
 public:
  simulated_database(std::string path, std::shared_ptr<database_link> link)
      : file_(db::sqlite_database(std::move(path))), link_(std::move(link)) {}

  std::unique_ptr<db::connection> open(db::access a) override {
    if (link_->away) throw db::error(db::error_kind::unavailable, "", "cut off");
    return std::make_unique<simulated_connection>(file_->open(a), link_);
  }
  /// The files have all tables.
  int migrate(std::span<const std::string_view>) override { return 0; }
  bool shared() const override { return true; }
  std::string describe() const override { return file_->describe(); }

 private:
  std::unique_ptr<db::database> file_;
  std::shared_ptr<database_link> link_;
};

}  // namespace stoa::test
