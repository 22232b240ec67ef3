#pragma once
// The messages between the kernel's actors within one process; those between nodes are in wire.hpp.
// Includes CAF: for actors/kernel/*.cpp only.

#include "actors/kernel/node.hpp"

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
/// Events for a subscriber's writer; answered in one or more verdict_boxes to `reply_to`.
struct delivery_box {
  std::vector<delivery> content;
  caf::actor reply_to;
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

using flush_atom = caf::atom_constant<caf::atom("flush")>;
using tick_atom = caf::atom_constant<caf::atom("tick")>;
using sync_atom = caf::atom_constant<caf::atom("sync")>;
using beat_atom = caf::atom_constant<caf::atom("beat")>;
using look_atom = caf::atom_constant<caf::atom("look")>;
using clean_atom = caf::atom_constant<caf::atom("clean")>;
using drain_atom = caf::atom_constant<caf::atom("drain")>;

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
