#pragma once
// What operators ask of any service, whatever it is: dead letters that fit a filter, and commands
// that the kernel carries out itself.

#include "actors/kernel/message.hpp"

#include <string_view>

namespace stoa::kernel {

/// Gives up a dead letter: it is moved to operator_action. not_found when there is none (any more).
struct discard_dead_letter {
  static constexpr std::string_view name = "kernel.discard_dead_letter";
  using reply = nothing;
  stoa::event_id event_id;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(discard_dead_letter, (), (event_id, reason))

/// Applies an event of an order at this service alone, as if its producer had emitted it: for a
/// service that has lost it. The service decides by its normal rules, which ignore what was applied
/// before.
struct apply_event {
  static constexpr std::string_view name = "kernel.apply_event";
  using reply = nothing;
  stoa::order_id order_id;  ///< the aggregate; first, because it routes the command
  std::string source;       ///< the service that emits such events
  std::string type;
  std::string payload;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(apply_event, (), (order_id, source, type, payload, reason))

/// Records in operator_action what an operator has done to an order.
struct note_operation {
  static constexpr std::string_view name = "kernel.note_operation";
  using reply = nothing;
  stoa::order_id order_id;
  std::string action;
  std::string details;  ///< JSON
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(note_operation, (), (order_id, action, details, reason))

class codec_table;
/// The commands' codecs, for what travels between nodes.
void add_kernel_commands(codec_table& codecs);

}  // namespace stoa::kernel
