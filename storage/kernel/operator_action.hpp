#pragma once
// Actions of operators on events, kept permanently in the table operator_action.

#include "storage/kernel/kernel_records.hpp"

namespace stoa::kernel {

struct operator_action {
  uuid action_id;
  timestamp acted_at;
  std::string actor;
  std::string action;  ///< "discarded", "applied"
  std::string reason;
  dead_letter_row event;
};
/// Adds it to the table.
db::statement note_action(const operator_action& action);

}  // namespace stoa::kernel
