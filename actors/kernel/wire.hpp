#pragma once
// The messages between nodes, sent over CAF's middleman. CAF's serialization is positional: never
// change a released message, add a new type instead (tests/unit/golden). Extensible parts are JSON
// strings. For actors/kernel/*.cpp only.

#include <caf/all.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace stoa::kernel {

/// Increased when nodes of different versions become incompatible.
inline constexpr std::int64_t wire_protocol = 1;

// Ports send requests and endpoints answer them. The answer repeats the request's number, which is
// meaningful to the port only. Messages are batched. Times are sent as the time that remains, since
// the clocks of machines differ.

/// Watches for the first event of the aggregate with one of the types; without types: no watch.
struct wire_watch {
  std::string aggregate;
  std::vector<std::string> types;
  std::int64_t left_us = 0;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, wire_watch& x) {
  return f(caf::meta::type_name("stoa.watch"), x.aggregate, x.types, x.left_us);
}

/// A command or query; with a watch the answer also waits for the event. Without a name: only the
/// watch.
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

/// Applies a dead letter again.
struct wire_replay {
  std::uint64_t number = 0;
  std::string service;
  std::string event_id;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, wire_replay& x) {
  return f(caf::meta::type_name("stoa.replay"), x.number, x.service, x.event_id);
}

/// `content`: the output of message_codec::encode_answer; empty: success without a value. `event`:
/// the watched event; empty: timeout.
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

/// A subscriber's verdict on an event; `refused` is a problem; empty: applied.
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

/// A verdict with the event's id, as numbers are unique only within one history of the database.
/// For nodes that send the run with their events (outbox_run.hpp).
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

/// A node's heartbeat: its node_state as JSON, and its actors: `link` receives heartbeats,
/// `endpoint` all other messages. Not answered.
struct wire_state {
  std::string state;
  caf::actor link;
  caf::actor endpoint;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, wire_state& x) {
  return f(caf::meta::type_name("stoa.state"), x.state, x.link, x.endpoint);
}
/// The first message of a connecting node; answered with a wire_welcome.
struct wire_hello {
  wire_state mine;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, wire_hello& x) {
  return f(caf::meta::type_name("stoa.hello"), x.mine);
}
/// The other node's state; `refused`: why it rejects this node.
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
