#pragma once
// A node: the services' actors, supervised, and the ports through which the edge talks to them.
// Free of CAF, so that the edge stays light.

#include "actors/kernel/relay_core.hpp"
#include "actors/kernel/service_definition.hpp"

namespace prometheus {
class Registry;
}

namespace stoa::kernel {

struct node_options {
  std::string data_dir;
  std::size_t actor_threads = 0;  ///< 0 = the number of processors
  std::size_t readers = 2;        ///< read actors a service
  std::size_t batch_max = 256;
  std::size_t in_flight_max = 2048;  ///< unanswered requests to one service; more are refused
  milliseconds sweep_interval{1000};
  microseconds idempotency_ttl = seconds{86400};
  relay_limits relay;
  const sealer* seal = nullptr;
  prometheus::Registry* metrics = nullptr;
  /// Called when an actor has failed more often than the supervisor restarts it: the process must
  /// end.
  std::function<void(const std::string& reason)> on_failure;
};

/// How a watched event is told: the event, or nothing when the deadline has passed.
using watch_callback = std::function<void(event_ptr)>;
using answer_callback = std::function<void(answer)>;

/// The edge's way to the services: one port an I/O thread. What is posted runs in the port's actor,
/// and so do the callbacks; ask() and watch() may be called there only.
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
  /// Calls back at the first of the service's events of that aggregate whose type is listed.
  virtual void watch(std::string_view service, uuid aggregate, std::vector<std::string> types,
                     milliseconds timeout, watch_callback then) = 0;
  /// Calls back after the time has passed.
  virtual void after(milliseconds wait, std::function<void()> then) = 0;
};

/// What /readyz tells of one service.
struct service_health {
  std::string service;
  bool ready = false;
  std::int64_t in_flight = 0;
  std::int64_t mailbox = 0;
  std::int64_t outbox_lag_us = 0;
};

class node {
 public:
  virtual ~node() = default;
  /// Starts databases, writers, readers, relays and timers, in this order. Throws what stops it.
  virtual void start() = 0;
  virtual std::shared_ptr<port> make_port() = 0;
  virtual std::vector<service_health> health() const = 0;
  /// Stops in the reverse order; the ports must not be used any more from other threads; what is
  /// committed stays, unacknowledged events are sent again at the next start.
  virtual void stop(milliseconds limit) = 0;
};

/// The node with the given services on SQLite files under data_dir.
std::unique_ptr<node> make_node(node_options options, std::vector<service_definition> services);

/// The path of a service's SQLite file.
std::string database_path(const std::string& data_dir, std::string_view service);

}  // namespace stoa::kernel
