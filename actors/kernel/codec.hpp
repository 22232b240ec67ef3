#pragma once
// The encoding of commands, queries, answers and events between nodes: JSON of the described
// structs.
//
// During an upgrade two versions of the program run side by side. A reader ignores unknown members,
// and members that are std::optional or listed in the struct's `defaults` may be missing. Members
// added to a released message must be one of these; the name of a message, and the type and meaning
// of a member, never change (tests/unit/golden/messages.txt). A missing required member is
// rejected.

#include "actors/kernel/message.hpp"
#include "actors/kernel/outbox_run.hpp"

#include <span>
#include <unordered_map>

namespace stoa::kernel {

/// A stable hash of a routing key: FNV-1a over the 16 bytes, then the last mixing step of
/// MurmurHash3, so that all bits are suitable for a modulus. Never change it: nodes of all versions
/// must agree.
std::uint64_t route_of(const uuid& key) noexcept;
/// The same hash of a text.
std::uint64_t route_of(std::string_view key) noexcept;
/// The route of an event: that of its aggregate.
inline std::uint64_t route_of(const event& e) noexcept {
  return route_of(e.aggregate_id);
}

struct value_type;

/// The encoding of one type of command or query. The functions accept messages of that type only.
struct message_codec {
  const message_kind* kind = nullptr;
  bool query = false;
  const value_type* message = nullptr;
  const value_type* reply = nullptr;
  /// route_of the message's routing key; null when it has none.
  std::uint64_t (*route)(const any_message&) = nullptr;
  /// False: the message may go to any partition.
  bool routed = false;

  std::string encode(const any_message& m) const;
  result<any_message> decode(std::string_view text) const;
  /// An answer is {"value":..., "replayed":...} or {"problem":..., "replayed":...}.
  std::string encode_answer(const answer& a) const;
  result<answer> decode_answer(std::string_view text) const;
};

/// The route of a command: from its routing key, else from its idempotency key, so that retries go
/// to the same partition. Empty: any partition.
std::optional<std::uint64_t> route_of(const message_codec* codec, const any_message& m,
                                      const call_context& context);

/// The codecs of all commands and queries of the added services. Invalid input is problem
/// `malformed`: `unknown_message` for an unknown name (from a newer version, or of an effect),
/// `malformed_message` otherwise.
class codec_table {
 public:
  /// Adds S::commands, S::queries and `dead_letters`. The routing key of a message is the member
  /// declared by `static constexpr auto route = &M::member`, else its first id member. Instantiated
  /// in <service>_codec.cpp, as it is slow to compile (codec_service.hpp).
  template <class S>
  void add_service();

  /// The codec of the message, or null. Valid for the table's lifetime.
  const message_codec* find(std::string_view name) const;
  result<std::string> encode(const any_message& message) const;
  result<any_message> decode(std::string_view name, std::string_view text) const;
  std::size_t size() const { return codecs_.size(); }

 private:
  /// Throws if another message has one of the names.
  void add(std::span<const message_codec> codecs);

  std::unordered_map<std::string_view, message_codec> codecs_;
};

std::string encode_context(const call_context& context);
result<call_context> decode_context(std::string_view text);
std::string encode_event(const event& e);
result<event> decode_event(std::string_view text);
/// An event with the run of its relay; null: from a node of an earlier version.
struct sent_event {
  event_ptr what;
  run_ptr from;
};
std::string encode_sent(const sent_event& e);
result<sent_event> decode_sent(std::string_view text);
/// An answer with a problem; independent of the type of the reply.
std::string encode_refusal(const problem& why, bool replayed);

/// Problem `malformed` with code `malformed_message`, naming what could not be read.
problem malformed_message(std::string_view what, const problem& cause);

}  // namespace stoa::kernel
