#pragma once
// Operators' commands to any service, executed by the kernel.

#include "actors/kernel/message.hpp"

#include <string_view>

namespace stoa::kernel {

/// Discards a dead letter: moves it to operator_action. not_found when it does not exist (any
/// more).
struct discard_dead_letter {
  static constexpr std::string_view name = "kernel.discard_dead_letter";
  using reply = nothing;
  stoa::event_id event_id;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(discard_dead_letter, (), (event_id, reason))

/// The answer to apply_event.
struct event_applied {
  bool changed = true;  ///< false: the service had applied it before, and ignored it
  static constexpr std::string_view defaults[] = {"changed"};  ///< not in earlier versions
};
BOOST_DESCRIBE_STRUCT(event_applied, (), (changed))

/// Applies an event of an order at this service only, as if its producer had emitted it: for a
/// service that has lost it. The service's normal rules apply, which ignore events already applied.
struct apply_event {
  static constexpr std::string_view name = "kernel.apply_event";
  using reply = event_applied;
  stoa::order_id order_id;  ///< the aggregate; first, because it routes the command
  std::string source;       ///< the service that emits such events
  std::string type;
  std::string payload;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(apply_event, (), (order_id, source, type, payload, reason))

/// Records an operator's action on an order in operator_action.
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
/// Adds the codecs of these commands.
void add_kernel_commands(codec_table& codecs);

}  // namespace stoa::kernel
