#pragma once
// The type-erased interface of a service class S, used by the generic actors that run it. Created
// by define_service.hpp.

#include "actors/kernel/node_state.hpp"
#include "actors/kernel/query_cost.hpp"
#include "actors/kernel/writer_core.hpp"
#include "storage/db/gathering.hpp"

#include <map>
#include <set>

namespace stoa::kernel {

/// Calls external systems for a service. start() is called once for each effect that its record
/// marks as open. Results come back as commands, from any thread, or never: the sweep then starts
/// the effect again. Implementations bound the effects in progress and drop the rest, which remain
/// open in their records.
class effect_runner {
 public:
  virtual ~effect_runner() = default;
  virtual void start(const any_message& effect, timestamp now) = 0;
  /// Abandons calls that exceed their time limit. Called at least once per sweep interval.
  virtual void tick(timestamp now) = 0;
  virtual std::size_t under_way() const = 0;
};

/// Sends a command to the effect's own service.
using command_sink = std::function<void(any_message)>;

using effects_factory = std::function<std::unique_ptr<effect_runner>(command_sink)>;
/// For a service whose effects call several external systems: both runners get all effects, and
/// each ignores those of the other.
effects_factory both_effects(effects_factory first, effects_factory second);

/// Computes a query's answer once its gathered rows have been read (gathered.hpp).
using pending_answer = std::function<answer(db::connection&)>;

struct service_definition {
  std::string name;
  std::vector<std::string> subscriptions;  ///< types of events
  /// One partition only: all messages share the same records (stock), and several writers would
  /// only conflict.
  bool one_partition = false;
  std::function<std::unique_ptr<writer_core>(db::connection&, writer_environment)> make_writer;
  std::function<answer(const any_message&, const call_context&, db::connection&)> read;
  /// Types of queries that gather() accepts; all others are read individually.
  std::set<const message_kind*> gathered;
  /// Types of the sweep's commands that remove expired data: sent one at a time, with pauses.
  std::set<const message_kind*> one_by_one;
  /// Types of queries that a replica may answer, as their answers are only displayed; all others
  /// read the primary.
  std::map<const message_kind*, bool (*)(const any_message&)> lagging;
  /// Whether a replica may answer: both the query and its caller must allow it.
  bool may_lag(const any_message& query, const call_context& context) const;
  template <class... Q>
  void set_may_lag() {
    ((lagging[&kind_of<Q>()] = [](const any_message&) { return true; }), ...);
  }
  /// Queries of type Q for which May(const Q&) is true.
  template <class Q, bool (*May)(const Q&)>
  void set_may_lag_if() {
    lagging[&kind_of<Q>()] = [](const any_message& m) { return May(m.as<Q>()); };
  }
  /// Costs of queries by type, set by set_cost(); default: cheap.
  std::map<const message_kind*, query_cost (*)(const any_message&)> costs;
  query_cost cost_of(const any_message& query) const {
    const auto found = costs.find(query.kind());
    return found == costs.end() ? query_cost::cheap : found->second(query);
  }
  /// Cost(const Q&) gives the cost of each query of type Q.
  template <class Q, query_cost (*Cost)(const Q&)>
  void set_cost() {
    costs[&kind_of<Q>()] = [](const any_message& m) { return Cost(m.as<Q>()); };
  }
  /// All queries of these types are expensive.
  template <class... Q>
  void set_expensive() {
    ((costs[&kind_of<Q>()] = [](const any_message&) { return query_cost::expensive; }), ...);
  }
  /// Adds the query's needs. The message and the context must outlive the returned function.
  std::function<pending_answer(const any_message&, const call_context&, db::gathering&)> gather;
  std::function<due_work(db::connection&, timestamp, bool starting)> due;
  /// Adds counts from the service's records; may be empty. Must use indexes: it runs every few
  /// seconds.
  std::function<void(db::connection&, timestamp, service_figures&)> measure;
  /// Reads the service's files again (SIGHUP); empty if it has none. Any thread.
  std::function<void()> reload;
  /// Empty for a service without effects.
  std::function<std::unique_ptr<effect_runner>(command_sink)> make_effects;
};

/// The age in whole seconds; 0 when `since` is empty or in the future.
inline std::int64_t age_s(std::optional<timestamp> since, timestamp now) {
  if (!since || *since > now) return 0;
  return std::chrono::duration_cast<seconds>(now - *since).count();
}

/// A dead letter of any service.
struct dead_letter_view {
  static constexpr std::string_view schema_name = "dead_letter";
  std::string service;  ///< the subscriber
  stoa::event_id event_id;
  std::string source;
  std::string type;
  std::string payload;
  std::string error;
  std::int64_t attempts = 0;
  timestamp created_at;
  timestamp failed_at;
};
BOOST_DESCRIBE_STRUCT(dead_letter_view, (),
                      (service, event_id, source, type, payload, error, attempts, created_at,
                       failed_at))
struct dead_letter_list {
  std::vector<dead_letter_view> data;
};
BOOST_DESCRIBE_STRUCT(dead_letter_list, (), (data))
/// Queries a service's dead letters, newest first.
struct dead_letters {
  static constexpr std::string_view name = "kernel.dead_letters";
  using reply = dead_letter_list;
  std::optional<stoa::event_id> before;
  std::int64_t limit = 20;
};
BOOST_DESCRIBE_STRUCT(dead_letters, (), (before, limit))
dead_letter_list read_dead_letters(std::string_view service, const dead_letters& q,
                                   db::connection& c);
/// Answers the queries that every service supports; problem `internal` for all others.
answer kernel_query(std::string_view service, const any_message& query, db::connection& c);

}  // namespace stoa::kernel
