#pragma once
// A node: the services' actors, supervised, and the ports through which the edge talks to them.
// Free of CAF, so that the edge stays light.

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

/// How this node meets others.
struct cluster_options {
  std::string name = "stoa";       ///< of the cluster: others are refused
  std::string listen;              ///< address:port; empty: this node is alone
  std::vector<std::string> peers;  ///< host:port
  std::string tls_certificate;     ///< PEM files; empty: plain TCP
  std::string tls_key;
  std::string tls_ca;
  std::shared_ptr<cluster_secrets> secrets;  ///< that all nodes share; null: none
  /// From a connection's first byte to its first message of a node.
  milliseconds handshake_timeout{5000};
  std::size_t handshakes_max = 64;     ///< connections of whom is not known whether they are nodes
  std::size_t connections_max = 1024;  ///< of nodes
  milliseconds heartbeat{500};
  milliseconds dead_after{3000};
  milliseconds resolve{5000};
  /// A node whose clock differs by more from its databases' takes no partitions.
  milliseconds clock_skew_max{60'000};
};

struct node_options {
  std::string data_dir;
  std::string name = "stoa-1";  ///< this node's, in the cluster and as the owner of partitions
  /// Services that run here, maybe none; not set: all. The others are reached through the cluster.
  std::optional<std::set<std::string>> services;
  /// The service's database; empty: a SQLite file in data_dir.
  std::function<std::unique_ptr<db::database>(const std::string& service)> database;
  std::size_t writers = 1;   ///< partitions of a service whose shared database is new
  milliseconds lease{3000};  ///< a partition without a heartbeat for this time is taken over
  /// A request waits for so long while the partition has no owner but somebody runs the service.
  milliseconds move_wait{2000};
  cluster_options cluster;
  event_bus* bus = nullptr;  ///< carries events to other nodes; null: messages between actors do
  codec_table codecs;        ///< of all services, for what travels between nodes
  std::size_t actor_threads = 0;  ///< 0 = the number of processors, at least 2
  std::size_t readers = 2;        ///< read actors a service, for cheap queries
  /// And for expensive ones (query_cost.hpp), each on a thread of its own, where a service has such
  /// queries.
  std::size_t expensive_readers = 2;
  std::size_t expensive_in_flight_max = 32;  ///< unanswered expensive queries to one service
  milliseconds query_time_max{0};            ///< for a SQLite file in data_dir; 0: any
  std::size_t batch_max = 256;
  /// A writer starts batches no more often than this: each costs round trips, however few messages
  /// it has. 0: as often as it can.
  microseconds batch_interval{0};
  std::size_t in_flight_max = 2048;  ///< unanswered requests to one service; more are refused
  /// The service whose database's clock goes into ids and tokens on nodes where it runs; elsewhere
  /// the first one that does.
  std::string time_service;
  milliseconds sweep_interval{1000};
  microseconds idempotency_ttl = seconds{86400};
  milliseconds replica_lag_max{1000};  ///< a replica that lags more is not read
  /// Services whose database begins anew when it has lost its data (database::may_lose_data).
  std::set<std::string> accept_loss;
  relay_limits relay;
  const sealer* seal = nullptr;
  /// The store that the databases must belong to, by its server's secret; empty: any.
  std::string store_id;
  /// What all nodes of the store must have in common (node_state).
  std::map<std::string, std::string> settings;
  /// The ids of the store's keys as they are now (node_state).
  std::function<std::map<std::string, std::string>()> keys;
  prometheus::Registry* metrics = nullptr;
  /// Called when an actor has failed more often than the supervisor restarts it: the process must
  /// end.
  std::function<void(const std::string& reason)> on_failure;
};

/// How a watched event is told: the event, or nothing when the time is up.
using watch_callback = std::function<void(event_ptr)>;
using answer_callback = std::function<void(answer)>;
using outcome_callback = std::function<void(answer, event_ptr)>;

/// Stands among the types of an awaited event: the answer also waits until that service has applied
/// the event and all earlier ones of the aggregate, relay_limits::applied_wait at most. Without a
/// type beside it the wait covers the events that exist already, and the outcome has no event.
inline constexpr std::string_view applied_by = "applied:";

/// The first of a service's events of the aggregate whose type is listed, if it comes in time.
struct awaited_event {
  uuid aggregate;
  std::vector<std::string> types;
  milliseconds limit{};
};

/// The edge's way to the services: one port an I/O thread. What is posted runs in the port's actor,
/// and so do the callbacks; all else may be called there only.
class port {
 public:
  virtual ~port() = default;
  /// Runs the task in the port. From any thread.
  virtual void post(std::function<void()> task) = 0;
  /// Sends a command to the service's writer. Always answered: at the latest when the context's
  /// deadline has passed (504), at once when the service is full or down (503).
  virtual void command(std::string_view service, any_message m, call_context context,
                       answer_callback then) = 0;
  /// The same to one of the service's read actors.
  virtual void query(std::string_view service, any_message m, call_context context,
                     answer_callback then) = 0;
  /// Applies one of the service's dead letters again.
  virtual void replay(std::string_view service, stoa::event_id id, answer_callback then) = 0;
  /// Has a node carry the operation out, this one or another. 404 for a node that is not connected,
  /// 503 for one of a version that does not know it.
  virtual void operate(std::string_view node, node_operation what, answer_callback then) = 0;
  virtual void watch(std::string_view service, awaited_event what, watch_callback then) = 0;
  /// A command, and the event of the same aggregate that it brings about: told once, with the event
  /// or when the time for that is up. At once, without an event, when the command is refused or was
  /// answered before under its key.
  virtual void command_and_watch(std::string_view service, any_message m, call_context context,
                                 awaited_event what, outcome_callback then) = 0;
  /// Calls back after the time has passed.
  virtual void after(milliseconds wait, std::function<void()> then) = 0;
};

/// What /readyz tells of one service.
struct service_health {
  std::string service;
  bool ready = false;
  bool here = false;      ///< it runs on this node
  std::string missing;    ///< why it is not ready, in words
  bool readable = false;  ///< its queries are answered, even if it is not ready otherwise
  std::int64_t in_flight = 0;
  std::int64_t mailbox = 0;
  std::int64_t outbox_lag_us = 0;
  std::optional<replica_state> replica;
};

class node {
 public:
  virtual ~node() = default;
  /// Starts databases, writers, readers, relays and timers, in this order. Throws what stops it.
  virtual void start() = 0;
  virtual std::shared_ptr<port> make_port() = 0;
  virtual std::vector<service_health> health() const = 0;
  /// All nodes as this one knows them, itself first.
  virtual std::vector<node_state> nodes() const = 0;
  /// An operator has had it drained: it takes no requests of customers.
  virtual bool drained() const = 0;
  /// Lets go of all partitions, so that other nodes take them over before this one ends.
  virtual void leave(milliseconds limit) = 0;
  /// Stops in the reverse order; the ports must not be used any more from other threads; what is
  /// committed stays, unacknowledged events are sent again at the next start.
  virtual void stop(milliseconds limit) = 0;
};

/// The node with the given services, of which options.services run here.
std::unique_ptr<node> make_node(node_options options, std::vector<service_definition> services);

/// The path of a service's SQLite file.
std::string database_path(const std::string& data_dir, std::string_view service);

}  // namespace stoa::kernel
