#pragma once
// What a batch collects while its jobs are decided. Included by writer_core's sources only.

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

/// The answer when a batch could not be saved. The request had no effect and may be retried.
inline problem not_saved() {
  return unavailable("The change could not be saved. Retry the request.");
}
inline answer refusal(problem p) {
  return {nullptr, std::move(p), false};
}

}  // namespace stoa::kernel
