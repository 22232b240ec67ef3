#pragma once
// A node: the supervised actors of the services, and the ports through which the edge calls them.
// Does not include CAF, which is slow to compile.

#include "actors/kernel/bus.hpp"
#include "actors/kernel/codec.hpp"
#include "actors/kernel/node_operation.hpp"
#include "actors/kernel/node_state.hpp"
#include "actors/kernel/relay_core.hpp"
#include "actors/kernel/service_definition.hpp"
#include "storage/db/database.hpp"

#include <map>
#include <set>

namespace prometheus {
class Registry;
}

namespace stoa::kernel {

class cluster_secrets;

/// Settings of the connections between nodes.
struct cluster_options {
  std::string name = "stoa";       ///< nodes of other clusters are rejected
  std::string listen;              ///< address:port; empty: single node
  std::vector<std::string> peers;  ///< host:port
  std::string tls_certificate;     ///< PEM files; empty: plain TCP
  std::string tls_key;
  std::string tls_ca;
  std::shared_ptr<cluster_secrets> secrets;  ///< shared by all nodes; null: none
  /// From a connection's first byte to its first message of a node.
  milliseconds handshake_timeout{5000};
  std::size_t handshakes_max = 64;     ///< concurrent connections in the handshake
  std::size_t connections_max = 1024;  ///< concurrent connections of nodes
  milliseconds heartbeat{500};
  milliseconds dead_after{3000};
  milliseconds resolve{5000};
  /// A node whose clock differs by more from its databases' clock takes no partitions.
  milliseconds clock_skew_max{60'000};
};

struct node_options {
  std::string data_dir;
  std::string name = "stoa-1";  ///< this node's name in the cluster and as owner of partitions
  /// Services that run here, possibly none; not set: all. Others are reached through the cluster.
  std::optional<std::set<std::string>> services;
  /// The service's database; empty: a SQLite file in data_dir.
  std::function<std::unique_ptr<db::database>(const std::string& service)> database;
  std::size_t writers = 1;   ///< partitions of a service when its shared database is created
  milliseconds lease{3000};  ///< a partition without a heartbeat for this long is taken over
  /// How long a request waits while its partition has no owner but a node runs the service.
  milliseconds move_wait{2000};
  cluster_options cluster;
  event_bus* bus = nullptr;       ///< carries events to other nodes; null: actor messages do
  codec_table codecs;             ///< of all services, for messages between nodes
  std::size_t actor_threads = 0;  ///< 0: the number of processors, at least 2
  std::size_t readers = 2;        ///< read actors per service for cheap queries
  /// Read actors per service for expensive queries (query_cost.hpp), if it has any; one thread
  /// each.
  std::size_t expensive_readers = 2;
  std::size_t expensive_in_flight_max = 32;  ///< unanswered expensive queries to one service
  milliseconds query_time_max{0};            ///< for a SQLite file in data_dir; 0: unlimited
  std::size_t batch_max = 256;
  /// Minimum time between the starts of a writer's batches while they have several messages: even a
  /// small batch costs round trips. 0: none.
  microseconds batch_interval{0};
  std::size_t in_flight_max = 2048;  ///< unanswered requests to one service; more are rejected
  /// The service whose database's clock provides the time of ids and tokens, on nodes where it
  /// runs; on other nodes the first local service.
  std::string time_service;
  milliseconds sweep_interval{1000};
  microseconds idempotency_ttl = seconds{86400};
  milliseconds replica_lag_max{1000};  ///< a replica that lags more is not used
  /// Services that start empty when their database has lost its data (database::may_lose_data).
  std::set<std::string> accept_loss;
  relay_limits relay;
  const sealer* seal = nullptr;
  id_source* ids = &system_ids();  ///< of rows and events
  /// The id of the store that the databases must belong to, derived from server.secret; empty: any.
  std::string store_id;
  /// Settings that must be equal on all nodes of the store (node_state).
  std::map<std::string, std::string> settings;
  /// The current ids of the store's keys (node_state).
  std::function<std::map<std::string, std::string>()> keys;
  prometheus::Registry* metrics = nullptr;
  /// Called when an actor has exceeded its restart limit: the process must exit.
  std::function<void(const std::string& reason)> on_failure;
};

/// Receives the watched event, or null on timeout.
using watch_callback = std::function<void(event_ptr)>;
using answer_callback = std::function<void(answer)>;
using outcome_callback = std::function<void(answer, event_ptr)>;

/// A prefix of a service's name among the types of an awaited event: also waits until that service
/// has applied the event and all earlier ones of the aggregate, relay_limits::applied_wait at most.
/// Without a type beside it, waits for the existing events, and the outcome has no event.
inline constexpr std::string_view applied_by = "applied:";

/// The first of a service's events of the aggregate with one of the types, within the limit.
struct awaited_event {
  uuid aggregate;
  std::vector<std::string> types;
  milliseconds limit{};
};

/// The edge's interface to the services: one port per I/O thread. Posted tasks and callbacks run in
/// the port's actor; all other members may be called only there.
class port {
 public:
  virtual ~port() = default;
  /// Runs the task in the port. From any thread.
  virtual void post(std::function<void()> task) = 0;
  /// Sends a command to the service's writer. Always answered: with timeout at the context's
  /// deadline, at once with unavailable when the service is overloaded or down.
  virtual void command(std::string_view service, any_message m, call_context context,
                       answer_callback then) = 0;
  /// Sends a query to one of the service's read actors, with the same guarantees.
  virtual void query(std::string_view service, any_message m, call_context context,
                     answer_callback then) = 0;
  /// Applies one of the service's dead letters again.
  virtual void replay(std::string_view service, stoa::event_id id, answer_callback then) = 0;
  /// Runs the operation on this or another node. not_found when that node is not connected,
  /// unavailable when its version does not support the operation.
  virtual void operate(std::string_view node, node_operation what, answer_callback then) = 0;
  virtual void watch(std::string_view service, awaited_event what, watch_callback then) = 0;
  /// A command, and the resulting event of the same aggregate. Calls back once, with the event or
  /// on timeout; at once, without an event, when the command is rejected or its answer is a replay.
  virtual void command_and_watch(std::string_view service, any_message m, call_context context,
                                 awaited_event what, outcome_callback then) = 0;
  /// Calls back after the given time.
  virtual void after(milliseconds wait, std::function<void()> then) = 0;
};

/// One service in /readyz.
struct service_health {
  std::string service;
  bool ready = false;
  bool here = false;      ///< it runs on this node
  std::string missing;    ///< why it is not ready
  bool readable = false;  ///< its queries are answered, even if it is not ready
  std::int64_t in_flight = 0;
  std::int64_t mailbox = 0;
  std::int64_t outbox_lag_us = 0;
  std::optional<replica_state> replica;
};

class node {
 public:
  virtual ~node() = default;
  /// Starts databases, writers, readers, relays and timers, in this order. Throws on failure.
  virtual void start() = 0;
  virtual std::shared_ptr<port> make_port() = 0;
  virtual std::vector<service_health> health() const = 0;
  /// All nodes known to this one, itself first.
  virtual std::vector<node_state> nodes() const = 0;
  /// service_entry::data_version() of the service; empty for an unknown one.
  virtual std::optional<std::uint64_t> data_version(std::string_view service) const = 0;
  /// Drained by an operator: it accepts no customer requests.
  virtual bool drained() const = 0;
  /// Releases all partitions, so that other nodes take them over before this node stops.
  virtual void leave(milliseconds limit) = 0;
  /// Stops in the reverse order. Other threads must no longer use the ports. Unacknowledged events
  /// are sent again at the next start.
  virtual void stop(milliseconds limit) = 0;
};

/// Creates a node with the given services, of which options.services run here.
std::unique_ptr<node> make_node(node_options options, std::vector<service_definition> services);

/// The path of a service's SQLite file.
std::string database_path(const std::string& data_dir, std::string_view service);

}  // namespace stoa::kernel
