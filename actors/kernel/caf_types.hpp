#pragma once
// The messages between the kernel's actors within one process. Brings in CAF: for
// actors/kernel/*.cpp only. What travels between nodes stands in wire.hpp.

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
  /// Of the event; nothing: a node of a version that does not tell has said it.
  std::optional<stoa::event_id> event_id = std::nullopt;
};
/// What a subscriber says of events of one partition's outbox.
struct verdict_box {
  std::string subscriber;
  std::string source;
  std::int64_t partition = 0;
  std::vector<verdict> content;
  bool with_ids = false;  ///< the sender of the events understands verdicts with ids
};
/// From a writer to its relay: events that are durable now, and rows that are gone from the outbox.
struct committed_box {
  std::vector<event_ptr> events;
  std::vector<std::int64_t> deleted;
};
/// From a relay to its writer: outbox rows that can go.
struct finished_box {
  std::vector<std::int64_t> seqs;
};
/// From a writer to its timer actor: effects to start.
struct effects_box {
  std::vector<any_message> effects;
};
/// A question to a relay: tell me of the first such event; answered with an event_box.
struct watch_box {
  uuid aggregate;
  std::vector<std::string> types;
  timestamp deadline;
};
struct event_box {
  event_ptr content;
};
/// From a writer to its service's keeper: another node has the partition now.
struct partition_lost_box {
  std::int64_t partition = 0;
  std::int64_t epoch = 0;
};
struct peer;
/// From the cluster to a port: answers of that node will not come any more.
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
