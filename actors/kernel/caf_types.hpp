#pragma once
// The kernel's actors: their interfaces, and the messages between them within one process. Messages
// between nodes are in wire.hpp. Includes CAF: for actors/kernel/*.cpp only.

#include "actors/kernel/node.hpp"
#include "actors/kernel/wire.hpp"

#include <caf/all.hpp>

namespace stoa::kernel {

/// A command or query for a service; answered with an answer_box.
struct request_box {
  call_context context;
  any_message message;
};
struct answer_box {
  answer content;
};
struct verdict {
  std::int64_t seq = 0;
  std::optional<problem> refused;
  /// The event's id; empty: sent by a node of an earlier version.
  std::optional<stoa::event_id> event_id = std::nullopt;
};
/// A subscriber's verdicts on events of one partition's outbox.
struct verdict_box {
  std::string subscriber;
  std::string source;
  std::int64_t partition = 0;
  std::vector<verdict> content;
  bool with_ids = false;  ///< the sender of the events understands verdicts with ids
};
/// A relay, the bus, or the actor that forwards verdicts to one of them on another node.
using verdict_receiver = caf::typed_actor<caf::reacts_to<verdict_box>>;

/// Events for a subscriber's writer; answered in one or more verdict_boxes to `reply_to`.
struct delivery_box {
  std::vector<delivery> content;
  verdict_receiver reply_to;
};
/// From a writer to its relay: committed events, and rows deleted from the outbox.
struct committed_box {
  std::vector<event_ptr> events;
  std::vector<std::int64_t> deleted;
};
/// From a relay to its writer: outbox rows to delete.
struct finished_box {
  std::vector<std::int64_t> seqs;
};
/// From a writer to its timer actor: effects to start.
struct effects_box {
  std::vector<any_message> effects;
};
/// To a relay: watch for the first event of the aggregate with one of the types; answered with an
/// event_box.
struct watch_box {
  uuid aggregate;
  std::vector<std::string> types;
  timestamp deadline;
};
struct event_box {
  event_ptr content;
};
/// From a writer to its service's keeper: another writer owns the partition.
struct partition_lost_box {
  std::int64_t partition = 0;
  std::int64_t epoch = 0;
};
struct peer;
/// To a port: this node is lost and will not answer.
struct peer_lost_box {
  std::shared_ptr<const peer> which;
};
/// Work for a port.
struct task_box {
  std::function<void()> run;
};
/// A kernel job for a writer: a replay of a dead letter.
struct job_box {
  job_kind kind = job_kind::replay;
  stoa::event_id event_id;
};

/// A peer's reply to the dialer.
struct welcome_box {
  wire_state content;
};
/// An event that the broker delivers to a service of this node.
struct bus_event {
  std::string subscriber;
  published what;
  std::function<void(bool)> settle;
};

using flush_atom = caf::atom_constant<caf::atom("flush")>;
using tick_atom = caf::atom_constant<caf::atom("tick")>;
using beat_atom = caf::atom_constant<caf::atom("beat")>;
using look_atom = caf::atom_constant<caf::atom("look")>;
using clean_atom = caf::atom_constant<caf::atom("clean")>;
using drain_atom = caf::atom_constant<caf::atom("drain")>;

/// A verdict_receiver on another node.
using wire_verdict_receiver =
    caf::typed_actor<caf::reacts_to<wire_verdicts>,         // if it did not send the events' ids
                     caf::reacts_to<wire_event_verdicts>>;  // if it did

/// Decides and saves the messages of one partition of a service, in batches.
using writer_handle = caf::typed_actor<
    caf::replies_to<request_box>::with<answer_box>,  // a command; answered when it is durable
    caf::reacts_to<delivery_box>,                    // events; their verdicts go to reply_to
    caf::replies_to<job_box>::with<answer_box>,      // a replay of a dead letter
    caf::reacts_to<finished_box>,                    // from the relay: acknowledged events
    caf::reacts_to<flush_atom>,                      // from itself: the next batch
    caf::reacts_to<tick_atom>,                       // from itself: delete acknowledged events
    caf::reacts_to<beat_atom>,                       // from keeper and timer: a heartbeat commit
    caf::reacts_to<look_atom>,                       // from the timer: begin a clean-up
    caf::reacts_to<clean_atom>,                      // from itself: its next slice
    caf::replies_to<drain_atom>::with<bool>>;        // process the mailbox, then take no more

/// Answers a service's queries.
using reader_handle = caf::typed_actor<caf::replies_to<request_box>::with<answer_box>,  // a query
                                       caf::reacts_to<look_atom>>;  // from itself: the next turn

/// Delivers the events of one partition's outbox until they are acknowledged, and notifies watches.
using relay_handle = caf::typed_actor<
    caf::reacts_to<committed_box>,                // from the writer
    caf::reacts_to<verdict_box>,                  // from subscribers on this node
    caf::reacts_to<wire_verdicts>,                // from those on nodes of an earlier version
    caf::reacts_to<wire_event_verdicts>,          // from those on other nodes
    caf::replies_to<watch_box>::with<event_box>,  // answered by the event, or at the deadline
    caf::replies_to<drain_atom>::with<bool>,      // send no more; answered when all is settled
    caf::reacts_to<look_atom>,                    // send unacknowledged events again
    caf::reacts_to<flush_atom>,                   // from itself: read the outbox for watches
    caf::reacts_to<tick_atom>>;                   // from itself: deadlines, repeats

/// Finds a partition's due work, and runs its effects.
using timer_handle =
    caf::typed_actor<caf::reacts_to<effects_box>,  // from the writer
                     caf::reacts_to<request_box>,  // the result of an effect, for the writer
                     caf::reacts_to<answer_box>,   // the writer's answer to such a result
                     caf::reacts_to<tick_atom>,    // from itself: a sweep
                     caf::reacts_to<clean_atom>>;  // from itself: the next removal of expired data

/// Decides whether a service's replica may answer queries.
using replica_handle = caf::typed_actor<caf::reacts_to<tick_atom>>;  // from itself: measure

/// Supervises one service on this node, and takes and hands over its partitions.
using keeper_handle =
    caf::typed_actor<caf::reacts_to<tick_atom>,  // from itself: read the partitions
                     caf::reacts_to<look_atom>,  // the same at once: nodes or owners have changed
                     caf::reacts_to<partition_lost_box>,        // from a writer
                     caf::replies_to<drain_atom>::with<bool>>;  // hand over all partitions

/// Calls services for an IO worker's requests.
using port_handle =
    caf::typed_actor<caf::reacts_to<task_box>,       // from any thread
                     caf::reacts_to<wire_answers>,   // from other nodes' endpoints
                     caf::reacts_to<peer_lost_box>,  // from the link
                     caf::reacts_to<flush_atom>,     // from itself: send the collected requests
                     caf::reacts_to<tick_atom>>;     // from itself: expire calls

/// Receives requests and events of other nodes.
using endpoint_handle = caf::typed_actor<
    caf::reacts_to<wire_requests>,    // from ports; answered to the sender by wire_answers
    caf::reacts_to<wire_replay>,      // likewise
    caf::reacts_to<wire_deliveries>,  // from relays and buses; answered by verdicts
    caf::reacts_to<flush_atom>>;      // from itself: send the collected answers

/// Exchanges heartbeats with the links of other nodes.
using link_handle =
    caf::typed_actor<caf::replies_to<wire_hello>::with<wire_welcome>,  // from another node's dialer
                     caf::reacts_to<wire_state>,                       // from another node's link
                     caf::reacts_to<welcome_box>,                      // from the dialer
                     caf::reacts_to<tick_atom>,   // send this node's changed state
                     caf::reacts_to<beat_atom>>;  // from itself: heartbeat, silent nodes

/// Connects to the peers.
using dialer_handle = caf::typed_actor<caf::reacts_to<tick_atom>>;  // from itself

/// Carries events from the broker to writers, and verdicts back.
using bus_handle =
    caf::typed_actor<caf::reacts_to<bus_event>,      // from the broker's threads
                     caf::reacts_to<bus_verdict>,    // likewise, for a relay on this node
                     caf::reacts_to<verdict_box>,    // from subscribers on this node
                     caf::reacts_to<wire_verdicts>,  // from those on nodes of an earlier version
                     caf::reacts_to<wire_event_verdicts>,  // from those on other nodes
                     caf::reacts_to<tick_atom>>;  // from itself: forget what is not answered

}  // namespace stoa::kernel

CAF_BEGIN_TYPE_ID_BLOCK(stoa_kernel, caf::first_custom_type_id)
CAF_ADD_TYPE_ID(stoa_kernel, (stoa::kernel::request_box))
CAF_ADD_TYPE_ID(stoa_kernel, (stoa::kernel::answer_box))
CAF_ADD_TYPE_ID(stoa_kernel, (stoa::kernel::delivery_box))
CAF_ADD_TYPE_ID(stoa_kernel, (stoa::kernel::verdict_box))
CAF_ADD_TYPE_ID(stoa_kernel, (stoa::kernel::committed_box))
CAF_ADD_TYPE_ID(stoa_kernel, (stoa::kernel::finished_box))
CAF_ADD_TYPE_ID(stoa_kernel, (stoa::kernel::effects_box))
CAF_ADD_TYPE_ID(stoa_kernel, (stoa::kernel::watch_box))
CAF_ADD_TYPE_ID(stoa_kernel, (stoa::kernel::event_box))
CAF_ADD_TYPE_ID(stoa_kernel, (stoa::kernel::partition_lost_box))
CAF_ADD_TYPE_ID(stoa_kernel, (stoa::kernel::peer_lost_box))
CAF_ADD_TYPE_ID(stoa_kernel, (stoa::kernel::task_box))
CAF_ADD_TYPE_ID(stoa_kernel, (stoa::kernel::job_box))
CAF_ADD_TYPE_ID(stoa_kernel, (stoa::kernel::welcome_box))
CAF_ADD_TYPE_ID(stoa_kernel, (stoa::kernel::bus_event))
CAF_ADD_TYPE_ID(stoa_kernel, (stoa::kernel::bus_verdict))
CAF_END_TYPE_ID_BLOCK(stoa_kernel)

// These hold pointers and functions: they stay within the process.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stoa::kernel::request_box)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stoa::kernel::answer_box)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stoa::kernel::delivery_box)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stoa::kernel::verdict_box)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stoa::kernel::committed_box)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stoa::kernel::finished_box)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stoa::kernel::effects_box)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stoa::kernel::watch_box)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stoa::kernel::event_box)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stoa::kernel::partition_lost_box)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stoa::kernel::peer_lost_box)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stoa::kernel::task_box)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stoa::kernel::job_box)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stoa::kernel::welcome_box)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stoa::kernel::bus_event)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(stoa::kernel::bus_verdict)
