#pragma once
// A service as the node sees it: what the typed service class S offers, with the types erased, so
// that the actors that run it are written once. define_service.hpp makes one.

#include "actors/kernel/node_state.hpp"
#include "actors/kernel/query_cost.hpp"
#include "actors/kernel/writer_core.hpp"
#include "storage/db/gathering.hpp"

#include <map>
#include <set>

namespace stoa::kernel {

/// Calls the outside world for a service. start() is called once for each effect whose record says
/// that it is open; results come back as commands through `report`, from any thread, possibly
/// never: the sweep starts it again. Implementations bound what is under way and drop the rest (the
/// record keeps it).
class effect_runner {
 public:
  virtual ~effect_runner() = default;
  virtual void start(const any_message& effect, timestamp now) = 0;
  /// Gives up waiting for calls that take too long. Called at every sweep interval or sooner.
  virtual void tick(timestamp now) = 0;
  virtual std::size_t under_way() const = 0;
};

/// Sends a command to the effect's own service.
using command_sink = std::function<void(any_message)>;

/// A query's answer, once what it asked for is there (gathered.hpp).
using pending_answer = std::function<answer(db::connection&)>;

struct service_definition {
  std::string name;
  std::vector<std::string> subscriptions;  ///< types of events
  /// Its records are shared by all messages (stock), so that several writers would only be in each
  /// other's way.
  bool one_partition = false;
  std::function<std::unique_ptr<writer_core>(db::connection&, writer_environment)> make_writer;
  std::function<answer(const any_message&, const call_context&, db::connection&)> read;
  /// Types of queries that gather() takes; all others are read by themselves.
  std::set<const message_kind*> gathered;
  /// Types of commands of the sweep that remove what has expired: sent one after the other, with
  /// pauses.
  std::set<const message_kind*> one_by_one;
  /// Types of queries whose answers are only shown. A replica, which lags, may answer these; all
  /// others read the primary.
  std::map<const message_kind*, bool (*)(const any_message&)> lagging;
  /// Whether a replica may answer this one: the query and its caller allow it.
  bool may_lag(const any_message& query, const call_context& context) const;
  template <class... Q>
  void set_may_lag() {
    ((lagging[&kind_of<Q>()] = [](const any_message&) { return true; }), ...);
  }
  /// Of type Q those that `May` says: bool(const Q&).
  template <class Q, bool (*May)(const Q&)>
  void set_may_lag_if() {
    lagging[&kind_of<Q>()] = [](const any_message& m) { return May(m.as<Q>()); };
  }
  /// What queries cost, where that is not cheap for all of their type: set_cost().
  std::map<const message_kind*, query_cost (*)(const any_message&)> costs;
  query_cost cost_of(const any_message& query) const {
    const auto found = costs.find(query.kind());
    return found == costs.end() ? query_cost::cheap : found->second(query);
  }
  /// Queries of type Q cost what `Cost` says of each: query_cost(const Q&).
  template <class Q, query_cost (*Cost)(const Q&)>
  void set_cost() {
    costs[&kind_of<Q>()] = [](const any_message& m) { return Cost(m.as<Q>()); };
  }
  /// All queries of these types are expensive.
  template <class... Q>
  void set_expensive() {
    ((costs[&kind_of<Q>()] = [](const any_message&) { return query_cost::expensive; }), ...);
  }
  /// Adds what the query asks for. The message and the context must live until it is answered.
  std::function<pending_answer(const any_message&, const call_context&, db::gathering&)> gather;
  std::function<due_work(db::connection&, timestamp, bool starting)> due;
  /// Adds what operators watch of the service's own records; empty: nothing. By indexes: it runs
  /// every few seconds.
  std::function<void(db::connection&, timestamp, service_figures&)> measure;
  /// Empty for a service without effects.
  std::function<std::unique_ptr<effect_runner>(command_sink)> make_effects;
};

/// How long ago that was, in whole seconds; 0: it was not.
inline std::int64_t age_s(std::optional<timestamp> since, timestamp now) {
  if (!since || *since > now) return 0;
  return std::chrono::duration_cast<seconds>(now - *since).count();
}

/// Any service's dead letters, newest first.
struct dead_letter_view {
  static constexpr std::string_view schema_name = "dead_letter";
  std::string service;  ///< whose dead letter it is
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
struct dead_letters {
  static constexpr std::string_view name = "kernel.dead_letters";
  using reply = dead_letter_list;
  std::optional<stoa::event_id> before;
  std::int64_t limit = 20;
};
BOOST_DESCRIBE_STRUCT(dead_letters, (), (before, limit))
dead_letter_list read_dead_letters(std::string_view service, const dead_letters& q,
                                   db::connection& c);

}  // namespace stoa::kernel
