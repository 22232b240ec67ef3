#pragma once
// What the answer of another node means for the client that has asked this one.

#include "actors/kernel/codec.hpp"

#include <string_view>
#include <utility>

namespace stoa::kernel {

/// A node that does not know the message runs another version, as some do during an upgrade: the
/// client's request is not at fault (malformed), and is done when it is repeated later.
inline answer answer_of_peer(const message_codec& codec, std::string_view content) {
  auto a = codec.decode_answer(content);
  if (!a)
    return {nullptr, problem{problem_kind::internal, "internal_error", a.error().detail, {}},
            false};
  if (a->error && a->error->code == "unknown_message") {
    a->error = unavailable(
        "The node that has the service runs another version, which does not know this request. "
        "Nothing has been done; try again when all nodes run the same version.");
  }
  return std::move(*a);
}

}  // namespace stoa::kernel
