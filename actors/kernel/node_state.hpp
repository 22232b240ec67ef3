#pragma once
// The state that a node reports: to other nodes with every heartbeat, and to operators. JSON, so
// that members can be added.

#include "storage/base/describe.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace stoa::kernel {

struct partition_state {
  std::int64_t partition = 0;
  std::int64_t epoch = 0;
  std::int64_t mailbox = 0;   ///< messages waiting for the writer
  std::int64_t batches = 0;   ///< commits since the start
  std::int64_t messages = 0;  ///< in those batches
  std::int64_t outbox_held = 0;
  std::int64_t outbox_lag_us = 0;
};
BOOST_DESCRIBE_STRUCT(partition_state, (),
                      (partition, epoch, mailbox, batches, messages, outbox_held, outbox_lag_us))

/// The number of disputes about payments of a gateway in a state.
struct dispute_figure {
  std::string gateway;
  std::string state;  ///< Open, Won, Lost or Closed
  std::int64_t disputes = 0;
};
BOOST_DESCRIBE_STRUCT(dispute_figure, (), (gateway, state, disputes))

/// Counts from a service's database. The owner of partition 0 reads them every few seconds.
struct service_figures {
  std::int64_t dead_letters = 0;
  /// Age of the oldest Pending order, payment or notification; 0: none. Absent for other services.
  std::optional<std::int64_t> oldest_pending_s;
  /// Notifications that failed permanently in the last 24 hours; absent for other services.
  std::optional<std::int64_t> failed;
  /// Disabled endpoints of webhooks, and the age of the oldest delivery to an enabled one that is
  /// not delivered; absent for other services.
  std::optional<std::int64_t> webhooks_disabled = std::nullopt;
  std::optional<std::int64_t> webhook_oldest_pending_s = std::nullopt;
  /// The longest time that a Pending notification is overdue: its next attempt should have begun
  /// that long ago. Absent for other services.
  std::optional<std::int64_t> overdue_s = std::nullopt;
  /// Absent for other services than payment.
  std::optional<std::vector<dispute_figure>> disputes = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(service_figures, (),
                      (dead_letters, oldest_pending_s, failed, webhooks_disabled,
                       webhook_oldest_pending_s, overdue_s, disputes))

/// The state of a service's replica on a node that uses it.
struct replica_state {
  bool in_use = false;
  std::string reason;  ///< why the primary answers instead
  std::int64_t lag_us = 0;
};
BOOST_DESCRIBE_STRUCT(replica_state, (), (in_use, reason, lag_us))

inline constexpr const char* store_lost = "lost";

struct service_state {
  std::string service;
  std::int64_t partitions = 0;  ///< total number of the service; 0: not known yet
  bool readable = false;        ///< its queries are answered here
  std::int64_t in_flight = 0;
  std::vector<partition_state> owned;
  /// "ok"; "away": the database is unreachable; "failing": commits fail; "lost": the stored data is
  /// lost. Empty: the node's version does not report it.
  std::string store;
  std::optional<service_figures> figures;
  std::optional<replica_state> replica;  ///< absent where the node uses none
  std::string database;  ///< the random id of the service's database; empty: not known yet
  static constexpr std::string_view defaults[] = {"store", "database"};
};
BOOST_DESCRIBE_STRUCT(service_state, (),
                      (service, partitions, readable, in_flight, owned, store, figures, replica,
                       database))

/// A node that this one rejects.
struct refused_node {
  std::string node;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(refused_node, (), (node, reason))

struct node_state {
  static constexpr std::string_view schema_name = "node";
  std::string cluster;
  std::string node;
  std::string version;
  std::int64_t protocol = 0;
  std::int64_t port = 0;  ///< the cluster port that it listens on
  bool leaving = false;
  std::int64_t up_s = 0;  ///< uptime
  /// What carries events to other nodes: "nodes", "broker", or "broker away".
  std::string bus;
  std::vector<service_state> services;  ///< that run there
  bool cordoned = false;                ///< it hands over its partitions and takes none
  bool drained = false;                 ///< it also reports not ready
  std::string log_level;                ///< currently in effect
  // Times in microseconds since 1970.
  std::int64_t clock_us = 0;        ///< the machine's clock when this was sent
  std::int64_t time_us = 0;         ///< its databases' clock at that moment; 0: it has none
  std::int64_t clock_ahead_us = 0;  ///< by how much its clock is ahead of its databases' clock
  /// Its clock differs by more than cluster.clock_skew_max_ms: it takes no partitions.
  bool held_back = false;
  /// Settings that must be equal on all nodes of a store.
  std::map<std::string, std::string> settings;
  /// Ids of the store's keys, separated by spaces: two nodes must share at least one of each.
  std::map<std::string, std::string> keys;
  std::vector<refused_node> refused;  ///< recently
  /// Not sent by nodes of earlier versions.
  static constexpr std::string_view defaults[] = {
      "port",    "up_s",           "bus",       "cordoned", "drained", "log_level", "clock_us",
      "time_us", "clock_ahead_us", "held_back", "settings", "keys",    "refused"};
};
BOOST_DESCRIBE_STRUCT(node_state, (),
                      (cluster, node, version, protocol, port, leaving, up_s, bus, services,
                       cordoned, drained, log_level, clock_us, time_us, clock_ahead_us, held_back,
                       settings, keys, refused))

}  // namespace stoa::kernel
