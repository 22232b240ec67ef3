#pragma once
// The input and output of a service's decide(): the loaded records, the time, new ids, and the
// events and effects to send after the commit.

#include "actors/kernel/message.hpp"
#include "actors/kernel/value_type.hpp"
#include "storage/db/records.hpp"

namespace stoa::kernel {

/// An event that a decision emits.
struct emitted {
  std::string type;
  uuid aggregate_id;
  std::string payload;
  std::shared_ptr<const void> body{};  ///< the payload's value
  const value_type* body_type = nullptr;
};

class decision_base {
 public:
  decision_base(timestamp at, id_source& ids, const call_context& from)
      : now(at), context(from), ids_(ids) {}

  const timestamp now;
  const call_context& context;
  const event* cause = nullptr;  ///< the event that is applied; null: a command is executed

  /// Whether an operator applies the event (kernel.apply_event): the service may have applied it
  /// before, under another id.
  bool applied_by_hand() const { return cause && cause->seq == 0; }

  template <class Id>
  Id new_id() {
    return Id{ids_.next_v7()};
  }
  template <class Id>
  Id new_secret_id() {
    return Id{ids_.next_v4()};
  }
  /// Publishes an event after the commit. It stays in the outbox until every subscriber has applied
  /// it.
  template <class E>
  void emit(uuid aggregate_id, const E& body) {
    events.push_back({std::string(E::name), aggregate_id, json::write(body),
                      std::make_shared<const E>(body), &value_type_of<E>});
  }
  template <class E, class Tag>
  void emit(id<Tag> aggregate_id, const E& body) {
    emit(aggregate_id.value, body);
  }
  /// Passes a call to an external system to the effect worker after the commit. It must also be
  /// marked as open in a record, where the sweep finds it after a crash.
  template <class F>
  void effect(F body) {
    effects.push_back(any_message::of(std::move(body)));
  }
  /// A bulk statement, run in the same transaction after the records are saved.
  void execute(const db::sql& what, std::vector<db::value> values) {
    statements.push_back({&what, std::move(values)});
  }

  /// Whether there is nothing to publish, to call or to execute.
  bool is_empty() const { return events.empty() && effects.empty() && statements.empty(); }

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

/// Type-erased service (service_definition.hpp).
struct service_definition;

/// Work that is due: commands for the service and effects to start or retry.
struct due_work {
  std::vector<any_message> commands;
  std::vector<any_message> effects;
};

/// The outcome of applying an event: empty on success, or the problem (the event is retried).
using applied = std::optional<problem>;

}  // namespace stoa::kernel
