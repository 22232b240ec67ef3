#pragma once
// One service in this process, without actors, for commands on a store that is not being served.

#include "actors/kernel/gathered.hpp"
#include "actors/kernel/service_definition.hpp"
#include "net/cli/data_lock.hpp"
#include "net/cli/databases.hpp"
#include "net/cli/offline_partition.hpp"
#include "net/cli/store_folder.hpp"
#include "storage/kernel/member_store.hpp"

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace stoa::cli {

/// Opens and migrates the service's database and takes its partition, which excludes other writers.
template <class S>
class offline_service {
 public:
  /// Throws std::runtime_error when another process holds the database, db::error when it cannot be
  /// opened. `folder`: of another service of this process, which has locked it; null: there is
  /// none.
  offline_service(const settings& s, S service, std::shared_ptr<store_folder> folder = nullptr)
      : folder_(std::move(folder)),
        service_(std::move(service)),
        source_(database_of(s, std::string(S::name))) {
    if (!source_->shared() && !folder_) lock(s);
    const std::array<std::string_view, 2> modules{"kernel", S::name};
    source_->migrate(modules);
    database_ = source_->open(db::access::write);
    if (folder_) {
      kernel::add_member(*database_, std::string(S::name), folder_->store_id());
      folder_->add_parts({part_of(S::name)});
    }
    kernel::writer_environment environment;
    auto definition = definition_of(service_);
    if (source_->shared()) {
      environment.grant = take_offline_partition(*database_, s, definition.one_partition);
    }
    writer_ = definition.make_writer(*database_, std::move(environment));
  }
  ~offline_service() {
    if (writer_ && source_->shared()) release_offline_partition(*database_, writer_->partition());
  }
  offline_service(const offline_service&) = delete;
  offline_service& operator=(const offline_service&) = delete;

  /// Adds a command to the next batch; `done` receives the answer after the commit.
  template <class Command>
  void add(Command command, std::function<void(kernel::answer)> done) {
    kernel::job j;
    j.context = system_context();
    j.message = kernel::any_message::of(std::move(command));
    j.done = std::move(done);
    writer_->add(std::move(j));
  }
  /// Commits everything added since the last call, in one transaction.
  void flush() {
    while (writer_->waiting() > 0) writer_->flush(writer_->waiting());
  }

  template <class Query>
  result<typename Query::reply> read(const Query& query) {
    return kernel::read_one(service_, query, system_context(), *database_);
  }
  db::connection& database() { return *database_; }
  /// The locked folder; null for a shared database.
  const std::shared_ptr<store_folder>& folder() const { return folder_; }
  const S& service() const { return service_; }

  static kernel::call_context system_context() {
    kernel::call_context context;
    context.who.kind = kernel::caller_kind::system;
    return context;
  }

 private:
  void lock(const settings& s) {
    try {
      folder_ = std::make_shared<store_folder>(s);
    } catch (const data_in_use& e) {
      throw std::runtime_error(std::string(e.what()) + use_url_hint);
    }
  }

  std::shared_ptr<store_folder> folder_;
  S service_;
  std::unique_ptr<db::database> source_;
  std::unique_ptr<db::connection> database_;
  std::unique_ptr<kernel::writer_core> writer_;
};

}  // namespace stoa::cli
