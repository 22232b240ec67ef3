#pragma once
// Translates another node's answer for the client of this node.

#include "actors/kernel/codec.hpp"

#include <string_view>
#include <utility>

namespace stoa::kernel {

/// An unknown message means that the node runs another version, as happens during an upgrade. The
/// client gets `unavailable` instead of `malformed`, and may retry later.
inline answer answer_of_peer(const message_codec& codec, std::string_view content) {
  auto a = codec.decode_answer(content);
  if (!a)
    return {nullptr, problem{problem_kind::internal, "internal_error", a.error().detail, {}},
            false};
  if (a->error && a->error->code == "unknown_message") {
    a->error = unavailable(
        "The node that runs the service has another version and does not support this request. "
        "Nothing has been done. Retry when all nodes run the same version.");
  }
  return std::move(*a);
}

}  // namespace stoa::kernel
