#pragma once
// What a batch gathers while its jobs are decided. For writer_core's own sources.

#include "actors/kernel/writer_core.hpp"
#include "storage/base/fault.hpp"

namespace stoa::kernel {

struct writer_core::batch {
  timestamp now;
  std::vector<answer> answers;
  std::vector<emitted> events;
  std::vector<std::string> event_traces;
  std::vector<any_message> effects;
  std::vector<db::statement> statements;
  std::vector<event_ptr> durable;
  partition_grant after;  ///< the partition as this batch leaves it
  bool committed = false;
  std::int64_t commit_us = 0;
};

/// Told to those whose batch could not be saved: nothing was promised, a repeat is welcome.
inline problem not_saved() {
  return unavailable("The change could not be saved; try again.");
}
inline answer refusal(problem p) {
  return {nullptr, std::move(p), false};
}

}  // namespace stoa::kernel
