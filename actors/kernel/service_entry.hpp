#pragma once
// A node's view of a service: its partitions and readers, on this node or on others.

#include "actors/kernel/caf_types.hpp"
#include "actors/kernel/codec.hpp"
#include "actors/kernel/database_watch.hpp"
#include "actors/kernel/replica_status.hpp"
#include "storage/db/database.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <utility>

namespace stoa::kernel {

/// Maximum number of partitions of a service.
inline constexpr std::size_t partitions_max = 64;

/// The only subscriber of a relay that publishes to a broker.
inline const std::string all_subscribers = "*";

/// Another node, while it is connected.
struct peer {
  std::string name;
  endpoint_handle endpoint;
  std::uint16_t port = 0;  ///< its cluster port
};
using peer_ptr = std::shared_ptr<const peer>;

/// A message's destination: a local actor or another node's endpoint. Neither: none available.
template <class Handle>
struct target {
  Handle here;
  peer_ptr there;
  explicit operator bool() const { return here || there; }
};

/// One partition of a service: its actors when this node owns it, else the node that does.
class partition_entry {
 public:
  std::atomic<std::int64_t> outbox_lag_us{0};
  std::atomic<std::int64_t> outbox_held{0};
  std::atomic<std::int64_t> mailbox{0};
  std::atomic<std::int64_t> batches{0};
  std::atomic<std::int64_t> messages{0};
  /// Since when the writer's commits fail, in microseconds since 1970; 0: the last one succeeded.
  std::atomic<std::int64_t> failing_since_us{0};
  std::atomic<db::error_kind> failure{};  ///< the error, while they fail
  /// Commits fail on the other node that owns the partition.
  std::atomic<bool> remote_failing{false};

  writer_handle writer() const { return locked(writer_); }
  relay_handle relay() const { return locked(relay_); }
  timer_handle timer() const { return locked(timer_); }
  void set_writer(writer_handle a) { replace(writer_, std::move(a)); }
  void set_relay(relay_handle a) { replace(relay_, std::move(a)); }
  void set_timer(timer_handle a) { replace(timer_, std::move(a)); }

  /// The epoch under which this node owns the partition; 0: it does not.
  std::int64_t epoch() const { return epoch_; }
  void own(std::int64_t epoch) { epoch_ = epoch; }
  /// Releases the partition and its actors.
  void disown() {
    epoch_ = 0;
    std::scoped_lock lock(mutex_);
    writer_ = nullptr;
    relay_ = nullptr;
    timer_ = nullptr;
  }
  /// Releases all actors, and keeps no later ones.
  void close() {
    {
      std::scoped_lock lock(mutex_);
      closed_ = true;
    }
    disown();
    set_remote(nullptr, 0);
  }

  /// True when the owner has changed.
  bool set_remote(peer_ptr p, std::int64_t epoch) {
    std::scoped_lock lock(mutex_);
    if (closed_) p = nullptr;
    const bool changed = p != remote_ || epoch != remote_epoch_;
    remote_ = std::move(p);
    remote_epoch_ = epoch;
    return changed;
  }

  target<writer_handle> to_writer() const { return choose(writer_); }
  target<relay_handle> to_relay() const { return choose(relay_); }

 private:
  template <class Handle>
  Handle locked(const Handle& a) const {
    std::scoped_lock lock(mutex_);
    return a;
  }
  template <class Handle>
  void replace(Handle& slot, Handle a) {
    std::scoped_lock lock(mutex_);
    if (!closed_) slot = std::move(a);
  }
  /// When two nodes claim the partition, the later epoch wins.
  template <class Handle>
  target<Handle> choose(const Handle& here) const {
    std::scoped_lock lock(mutex_);
    if (here && epoch_ > 0 && epoch_ >= remote_epoch_) return {here, nullptr};
    return {Handle{}, remote_};
  }

  mutable std::mutex mutex_;
  bool closed_ = false;
  writer_handle writer_;
  relay_handle relay_;
  timer_handle timer_;
  std::atomic<std::int64_t> epoch_{0};
  peer_ptr remote_;
  std::int64_t remote_epoch_ = 0;
};

/// One service.
class service_entry {
 public:
  service_entry(service_definition d, std::unique_ptr<db::database> db, std::size_t readers,
                std::size_t expensive_readers)
      : definition(std::move(d)), database(std::move(db)), reach(definition.name) {
    if (!database) return;
    for (const auto g : reader_groups) {
      if (g.replica && !database->has_replica()) continue;
      if (g.cost == query_cost::cheap) readers_of(g).resize(readers);
      if (g.cost == query_cost::expensive && !definition.costs.empty()) {
        readers_of(g).resize(expensive_readers);
      }
    }
  }

  const service_definition definition;
  /// Null when the service does not run on this node.
  const std::unique_ptr<db::database> database;
  std::optional<replica_state> replica_here() const {
    if (!database || !database->has_replica()) return std::nullopt;
    auto reason = replica.reason();
    return replica_state{reason.empty(), std::move(reason), replica.lag().count()};
  }
  database_watch reach;
  /// Since when the service has not been ready, as of the last call of node::health();
  /// process_time(). 0: ready.
  std::atomic<std::int64_t> away_since_us{0};
  /// Unanswered requests from the edge. Bounded, as CAF mailboxes are not.
  std::atomic<std::int64_t> commands_in_flight{0};
  std::atomic<std::int64_t> queries_in_flight{0};  ///< cheap ones
  std::atomic<std::int64_t> expensive_in_flight{0};
  /// 0 until read from the database or received from another node.
  std::atomic<std::size_t> partition_count{0};
  std::atomic<std::uint64_t> commits{0};  ///< by the writers of this process, for data_version()
  std::array<partition_entry, partitions_max> partitions;
  replica_status replica;              ///< where the database has one
  std::atomic<bool> data_lost{false};  ///< the stored data is lost; all requests are rejected
  /// The clock of decisions: the shared database's, or the machine's for a file.
  service_clock time;

  bool local() const { return database != nullptr; }
  /// The partition of a routing hash; null while the number of partitions is unknown.
  partition_entry* partition_of(std::uint64_t route) {
    auto count = partition_count.load();
    return count == 0 ? nullptr : &partitions[route % count];
  }
  /// The owner of the route's partition; without a route any partition, preferably a local one.
  target<writer_handle> writer_of(std::optional<std::uint64_t> route) {
    if (route) {
      auto* partition = partition_of(*route);
      return partition ? partition->to_writer() : target<writer_handle>{};
    }
    target<writer_handle> found;
    const auto count = partition_count.load();
    const auto first = count ? spread_.fetch_add(1, std::memory_order_relaxed) : 0;
    for (std::size_t i = 0; i < count; ++i) {
      auto to = partitions[(first + i) % count].to_writer();
      if (to.here) return to;
      if (!found) found = std::move(to);
    }
    return found;
  }
  /// The relay of the route's partition.
  target<relay_handle> relay_of(std::uint64_t route) {
    auto* partition = partition_of(route);
    return partition ? partition->to_relay() : target<relay_handle>{};
  }
  /// A local read actor for this kind of query, else another node; round robin. The first actor for
  /// cheap queries takes only gathered queries: the more of them it batches, the less each costs.
  target<reader_handle> reader(const any_message& query, const call_context& context) {
    const reader_group group{definition.cost_of(query),
                             replica.usable() && definition.may_lag(query, context)};
    const bool together = definition.gathered.contains(query.kind());
    std::scoped_lock lock(mutex_);
    const auto& all = readers_of(group);
    if (!all.empty()) {
      const auto kept = group.cost == query_cost::cheap && all.size() > 1 ? std::size_t{1} : 0;
      const auto first = together ? 0 : kept + next_++ % (all.size() - kept);
      for (std::size_t i = 0; i < all.size(); ++i) {
        if (const auto& r = all[(first + i) % all.size()]) return {r, nullptr};
      }
    }
    if (remotes_.empty()) return {};
    return {reader_handle{}, remotes_[next_++ % remotes_.size()]};
  }
  std::size_t reader_count(reader_group g) const { return readers_of(g).size(); }
  reader_handle reader_at(reader_group g, std::size_t i) const {
    std::scoped_lock lock(mutex_);
    return readers_of(g)[i];
  }
  void set_reader(reader_group g, std::size_t i, reader_handle a) {
    std::scoped_lock lock(mutex_);
    if (!closed_) readers_of(g)[i] = std::move(a);
  }
  /// Other nodes that run the service.
  void set_remotes(std::vector<peer_ptr> all) {
    std::scoped_lock lock(mutex_);
    if (!closed_) remotes_ = std::move(all);
  }
  bool readable() const {
    std::scoped_lock lock(mutex_);
    const auto starts = [](const auto& group) { return group.empty() || group[0]; };
    return !remotes_.empty() || (reachable() && std::ranges::all_of(readers_, starts));
  }
  bool has_usable_replica() const { return database->has_replica() && replica.usable(); }
  /// Whether this node can answer the service's queries. A replica may answer them while the
  /// primary is unreachable.
  bool reachable() const {
    return local() && !data_lost && (reach.failing_since_us() == 0 || has_usable_replica());
  }

  /// A number that changes with each commit before it is acknowledged: what was read after this
  /// call is current as long as a later call returns the same. Empty if this node cannot tell,
  /// since other nodes may write.
  std::optional<std::uint64_t> data_version() const {
    if (!local() || database->shared() || !reachable()) return std::nullopt;
    return commits.load(std::memory_order_acquire);
  }

  /// Counts from the database; present while this node owns partition 0.
  std::optional<service_figures> figures() const {
    std::scoped_lock lock(mutex_);
    return figures_;
  }
  void set_figures(std::optional<service_figures> f) {
    std::scoped_lock lock(mutex_);
    figures_ = std::move(f);
  }
  /// The id of the service's database, from the keeper or from another node.
  std::optional<uuid> identity() const {
    std::scoped_lock lock(mutex_);
    return identity_;
  }
  void set_identity(const uuid& id) {
    std::scoped_lock lock(mutex_);
    identity_ = id;
  }

  keeper_handle keeper() const {
    std::scoped_lock lock(mutex_);
    return keeper_;
  }
  void set_keeper(keeper_handle a) {
    std::scoped_lock lock(mutex_);
    keeper_ = std::move(a);
  }
  /// Releases all actors, and keeps no later ones: a busy keeper may start some meanwhile. The
  /// thread of a detached actor ends only when nothing refers to the actor, and CAF's actor system
  /// waits for these threads.
  void close() {
    for (auto& l : partitions) l.close();
    std::scoped_lock lock(mutex_);
    closed_ = true;
    keeper_ = nullptr;
    remotes_.clear();
    for (auto& group : readers_) std::ranges::fill(group, reader_handle{});
  }

 private:
  static std::size_t index_of(reader_group g) {
    return 2 * static_cast<std::size_t>(g.replica) + static_cast<std::size_t>(g.cost);
  }
  std::vector<reader_handle>& readers_of(reader_group g) { return readers_[index_of(g)]; }
  const std::vector<reader_handle>& readers_of(reader_group g) const {
    return readers_[index_of(g)];
  }

  std::atomic<std::size_t> spread_{0};
  mutable std::mutex mutex_;
  bool closed_ = false;
  keeper_handle keeper_;
  std::optional<service_figures> figures_;
  /// By group; the number of readers never changes.
  std::array<std::vector<reader_handle>, std::size(reader_groups)> readers_;
  std::vector<peer_ptr> remotes_;
  std::optional<uuid> identity_;
  std::size_t next_ = 0;
};

}  // namespace stoa::kernel
