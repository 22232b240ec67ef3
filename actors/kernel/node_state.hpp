#pragma once
// A node's state: sent to other nodes with every heartbeat, and shown to operators of the
// cluster. JSON, so that members can be added.

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
  std::int64_t mailbox = 0;   ///< messages that wait for the writer
  std::int64_t batches = 0;   ///< commits since the start
  std::int64_t messages = 0;  ///< in those batches
  std::int64_t outbox_held = 0;
  std::int64_t outbox_lag_us = 0;
};
BOOST_DESCRIBE_STRUCT(partition_state, (),
                      (partition, epoch, mailbox, batches, messages, outbox_held, outbox_lag_us))

/// What a service's database holds. The node that has the first partition reads it every few
/// seconds.
struct service_figures {
  std::int64_t dead_letters = 0;
  /// The age of the oldest order, payment or notification that is Pending; 0: there is none. Absent
  /// for the other services.
  std::optional<std::int64_t> oldest_pending_s;
  /// Notifications of the last 24 hours that have failed for good; absent for the other services.
  std::optional<std::int64_t> failed;
};
BOOST_DESCRIBE_STRUCT(service_figures, (), (dead_letters, oldest_pending_s, failed))

/// A service's replica, as a node that reads it knows it.
struct replica_state {
  bool in_use = false;
  std::string reason;  ///< why the primary answers in its place, in words
  std::int64_t lag_us = 0;
};
BOOST_DESCRIBE_STRUCT(replica_state, (), (in_use, reason, lag_us))

inline constexpr const char* store_lost = "lost";

struct service_state {
  std::string service;
  std::int64_t partitions = 0;  ///< of the service in all; 0: not known yet
  bool readable = false;        ///< its queries are answered here
  std::int64_t in_flight = 0;
  std::vector<partition_state> owned;
  /// "ok"; "away": its database cannot be reached; "failing": it fails commits; "lost": what was
  /// stored is gone. Empty: the node is of a version that does not say.
  std::string store;
  std::optional<service_figures> figures;
  std::optional<replica_state> replica;  ///< absent where the node reads none
  std::string database;  ///< the random id of the service's database; empty: not known yet
  static constexpr std::string_view defaults[] = {"store", "database"};
};
BOOST_DESCRIBE_STRUCT(service_state, (),
                      (service, partitions, readable, in_flight, owned, store, figures, replica,
                       database))

/// A node with which this one does not work together.
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
  std::int64_t port = 0;  ///< at which it listens for other nodes
  bool leaving = false;
  std::int64_t up_s = 0;  ///< since its start
  /// What carries events to other nodes: "nodes" themselves, a "broker", or one that is away.
  std::string bus;
  std::vector<service_state> services;  ///< that run there
  bool cordoned = false;                ///< it hands its partitions over and takes none
  bool drained = false;                 ///< and reports not ready
  std::string log_level;                ///< that holds now
  // Times in microseconds since 1970.
  std::int64_t clock_us = 0;        ///< the machine's clock when this was sent
  std::int64_t time_us = 0;         ///< its databases' clock at that moment; 0: it has none
  std::int64_t clock_ahead_us = 0;  ///< by how much its clock is ahead of its databases'
  /// Its clock differs by more than cluster.clock_skew_max_ms: other nodes have the partitions.
  bool held_back = false;
  /// Settings that all nodes of a store have in common, and the ids of its keys, parted by spaces:
  /// of these two nodes share one at least.
  std::map<std::string, std::string> settings;
  std::map<std::string, std::string> keys;
  std::vector<refused_node> refused;  ///< lately
  /// What nodes of an earlier version do not tell.
  static constexpr std::string_view defaults[] = {
      "port",    "up_s",           "bus",       "cordoned", "drained", "log_level", "clock_us",
      "time_us", "clock_ahead_us", "held_back", "settings", "keys",    "refused"};
};
BOOST_DESCRIBE_STRUCT(node_state, (),
                      (cluster, node, version, protocol, port, leaving, up_s, bus, services,
                       cordoned, drained, log_level, clock_us, time_us, clock_ahead_us, held_back,
                       settings, keys, refused))

}  // namespace stoa::kernel
