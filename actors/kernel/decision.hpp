#pragma once
// What a service's decide() works with: the records it asked for, the time, new ids, and what it
// wants to happen after the commit.

#include "actors/kernel/message.hpp"
#include "storage/base/json_write.hpp"
#include "storage/db/records.hpp"

namespace stoa::kernel {

/// An event that a decision emits.
struct emitted {
  std::string type;
  uuid aggregate_id;
  std::string payload;
};

class decision_base {
 public:
  decision_base(timestamp at, id_source& ids, const call_context& from)
      : now(at), context(from), ids_(ids) {}

  const timestamp now;
  const call_context& context;

  template <class Id>
  Id new_id() {
    return Id{ids_.next_v7()};
  }
  template <class Id>
  Id new_secret_id() {
    return Id{ids_.next_v4()};
  }
  /// Tells the world, after the commit; kept in the outbox until every subscriber has applied it.
  template <class E>
  void emit(uuid aggregate_id, const E& body) {
    events.push_back({std::string(E::name), aggregate_id, json::write(body)});
  }
  template <class E, class Tag>
  void emit(id<Tag> aggregate_id, const E& body) {
    emit(aggregate_id.value, body);
  }
  /// Hands work for the outside world to the effect worker after the commit. The intention must
  /// also stand in a record, for the sweep to find it again after a crash.
  template <class F>
  void effect(F body) {
    effects.push_back(any_message::of(std::move(body)));
  }
  /// A statement for housekeeping in bulk, run in the transaction after the records are saved.
  void execute(const db::sql& what, std::vector<db::value> values) {
    statements.push_back({&what, std::move(values)});
  }

  std::vector<emitted> events;
  std::vector<any_message> effects;
  std::vector<db::statement> statements;

 private:
  id_source& ids_;
};

/// decision_base with the service's records.
template <class Records>
class decision : public decision_base {
 public:
  decision(Records& records, timestamp at, id_source& ids, const call_context& from)
      : decision_base(at, ids, from), records_(records) {}
  template <class R>
  db::record_set<R>& of() {
    return records_.template of<R>();
  }

 private:
  Records& records_;
};

/// A service as the node runs it (service_definition.hpp).
struct service_definition;

/// What a service finds to do when time has passed: commands for itself and effects to start
/// (again).
struct due_work {
  std::vector<any_message> commands;
  std::vector<any_message> effects;
};

/// What the outcome of an event's application is: nothing, or why it failed (it will be retried).
using applied = std::optional<problem>;

}  // namespace stoa::kernel
