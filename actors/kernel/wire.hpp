#pragma once
// What travels between nodes, over CAF's middleman. CAF's inspection is positional: a message that
// has been released is never edited, a new version gets a new type (tests/unit/golden). What may
// grow travels as JSON inside. For actors/kernel/*.cpp only.

#include <caf/all.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace stoa::kernel {

/// Raised when nodes of two versions would misunderstand each other.
inline constexpr std::int64_t wire_protocol = 1;

// Ports ask, endpoints answer: a question has a number, which only its port understands, and its
// answer brings it back. What there is at one moment goes together. Times travel as what is left,
// since the clocks of two machines differ.

/// Tell me of the first such event. Without types: of none.
struct wire_watch {
  std::string aggregate;
  std::vector<std::string> types;
  std::int64_t left_us = 0;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, wire_watch& x) {
  return f(caf::meta::type_name("stoa.watch"), x.aggregate, x.types, x.left_us);
}

/// A command or query; with a watch the answer waits for that too. Without a name: only the watch.
struct wire_request {
  std::uint64_t number = 0;
  std::string service;
  std::string name;
  std::string context;
  std::string body;
  std::int64_t left_us = 0;
  wire_watch watch;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, wire_request& x) {
  return f(caf::meta::type_name("stoa.request"), x.number, x.service, x.name, x.context, x.body,
           x.left_us, x.watch);
}
struct wire_requests {
  std::vector<wire_request> content;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, wire_requests& x) {
  return f(caf::meta::type_name("stoa.requests"), x.content);
}

/// Apply a dead letter again.
struct wire_replay {
  std::uint64_t number = 0;
  std::string service;
  std::string event_id;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, wire_replay& x) {
  return f(caf::meta::type_name("stoa.replay"), x.number, x.service, x.event_id);
}

/// `content` as message_codec::encode_answer writes it, empty: done, without a value. `event` is
/// what was watched, empty: it did not come in time.
struct wire_answer {
  std::uint64_t number = 0;
  std::string content;
  std::string event;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, wire_answer& x) {
  return f(caf::meta::type_name("stoa.answer"), x.number, x.content, x.event);
}
struct wire_answers {
  std::vector<wire_answer> content;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, wire_answers& x) {
  return f(caf::meta::type_name("stoa.answers"), x.content);
}

/// An event for a subscriber, from its relay.
struct wire_delivery {
  std::string event;
  std::int64_t low_water = 0;
  std::int64_t attempt = 0;
  bool dead = false;
  std::string error;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, wire_delivery& x) {
  return f(caf::meta::type_name("stoa.delivery"), x.event, x.low_water, x.attempt, x.dead, x.error);
}
struct wire_deliveries {
  std::string subscriber;
  std::vector<wire_delivery> content;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, wire_deliveries& x) {
  return f(caf::meta::type_name("stoa.deliveries"), x.subscriber, x.content);
}

/// What a subscriber says of an event; `refused` is a problem, empty: applied.
struct wire_verdict {
  std::int64_t seq = 0;
  std::string refused;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, wire_verdict& x) {
  return f(caf::meta::type_name("stoa.verdict"), x.seq, x.refused);
}
struct wire_verdicts {
  std::string subscriber;
  std::string source;
  std::int64_t partition = 0;
  std::vector<wire_verdict> content;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, wire_verdicts& x) {
  return f(caf::meta::type_name("stoa.verdicts"), x.subscriber, x.source, x.partition, x.content);
}

/// The same with the event's id, as numbers are unique within one history of the database only. For
/// nodes that send the run of their relays with their events (outbox_run.hpp).
struct wire_event_verdict {
  std::int64_t seq = 0;
  std::string refused;
  std::string event_id;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, wire_event_verdict& x) {
  return f(caf::meta::type_name("stoa.event_verdict"), x.seq, x.refused, x.event_id);
}
struct wire_event_verdicts {
  std::string subscriber;
  std::string source;
  std::int64_t partition = 0;
  std::vector<wire_event_verdict> content;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, wire_event_verdicts& x) {
  return f(caf::meta::type_name("stoa.event_verdicts"), x.subscriber, x.source, x.partition,
           x.content);
}

/// What a node says of itself (node_state as JSON), and where it is spoken to: `link` for more of
/// this, `endpoint` for all else. A heartbeat; not answered.
struct wire_state {
  std::string state;
  caf::actor link;
  caf::actor endpoint;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, wire_state& x) {
  return f(caf::meta::type_name("stoa.state"), x.state, x.link, x.endpoint);
}
/// The first that a node says to another; answered with a wire_welcome.
struct wire_hello {
  wire_state mine;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, wire_hello& x) {
  return f(caf::meta::type_name("stoa.hello"), x.mine);
}
/// The other node's state, or why it will have nothing to do with this one.
struct wire_welcome {
  std::string refused;
  wire_state mine;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, wire_welcome& x) {
  return f(caf::meta::type_name("stoa.welcome"), x.refused, x.mine);
}

}  // namespace stoa::kernel

CAF_BEGIN_TYPE_ID_BLOCK(stoa_wire, caf::first_custom_type_id + 100)
CAF_ADD_TYPE_ID(stoa_wire, (stoa::kernel::wire_watch))
CAF_ADD_TYPE_ID(stoa_wire, (stoa::kernel::wire_request))
CAF_ADD_TYPE_ID(stoa_wire, (stoa::kernel::wire_requests))
CAF_ADD_TYPE_ID(stoa_wire, (stoa::kernel::wire_replay))
CAF_ADD_TYPE_ID(stoa_wire, (stoa::kernel::wire_answer))
CAF_ADD_TYPE_ID(stoa_wire, (stoa::kernel::wire_answers))
CAF_ADD_TYPE_ID(stoa_wire, (stoa::kernel::wire_delivery))
CAF_ADD_TYPE_ID(stoa_wire, (stoa::kernel::wire_deliveries))
CAF_ADD_TYPE_ID(stoa_wire, (stoa::kernel::wire_verdict))
CAF_ADD_TYPE_ID(stoa_wire, (stoa::kernel::wire_verdicts))
CAF_ADD_TYPE_ID(stoa_wire, (stoa::kernel::wire_state))
CAF_ADD_TYPE_ID(stoa_wire, (stoa::kernel::wire_hello))
CAF_ADD_TYPE_ID(stoa_wire, (stoa::kernel::wire_welcome))
CAF_ADD_TYPE_ID(stoa_wire, (stoa::kernel::wire_event_verdict))
CAF_ADD_TYPE_ID(stoa_wire, (stoa::kernel::wire_event_verdicts))
CAF_END_TYPE_ID_BLOCK(stoa_wire)
