#pragma once
// One service in this process, without actors: for commands that work on a store which is not being
// served.

#include "actors/kernel/node.hpp"
#include "actors/kernel/service_definition.hpp"
#include "net/cli/data_lock.hpp"
#include "storage/db/migrate.hpp"
#include "storage/db/sqlite.hpp"

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace stoa::cli {

/// Holds the data directory's lock and the service's database, brought up to date.
template <class S>
class offline_service {
 public:
  /// Throws std::runtime_error when another process has the directory, db::error when the database
  /// cannot be opened.
  offline_service(const std::string& data_dir, S service)
      : lock_(data_dir),
        service_(std::move(service)),
        database_(
            db::open_sqlite(kernel::database_path(data_dir, S::name), db::sqlite_mode::write)) {
    const std::array<std::string_view, 2> modules{"kernel", S::name};
    db::migrate(*database_, "sqlite", modules);
    writer_ = definition_of(service_).make_writer(*database_, kernel::writer_environment{});
  }

  /// Adds a command to the next batch; `done` gets the answer when it is durable.
  template <class Command>
  void add(Command command, std::function<void(kernel::answer)> done) {
    kernel::job j;
    j.context = system_context();
    j.message = kernel::any_message::of(std::move(command));
    j.done = std::move(done);
    writer_->add(std::move(j));
  }
  /// Saves all that was added since the last call, in one transaction.
  void flush() {
    while (writer_->waiting() > 0) writer_->flush(writer_->waiting());
  }

  template <class Query>
  result<typename Query::reply> read(const Query& query) {
    return service_.read(query, system_context(), *database_);
  }
  db::connection& database() { return *database_; }

  static kernel::call_context system_context() {
    kernel::call_context context;
    context.who.kind = kernel::caller_kind::system;
    return context;
  }

 private:
  data_lock lock_;
  S service_;
  std::unique_ptr<db::connection> database_;
  std::unique_ptr<kernel::writer_core> writer_;
};

}  // namespace stoa::cli
