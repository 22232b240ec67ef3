#pragma once
// Commands, queries, their answers and events as they travel between nodes: JSON of the described
// structs.
//
// Two versions of the program run side by side during an upgrade, so a reader ignores members that
// it does not know, and members that are std::optional or stand in the struct's `defaults` may be
// missing. Whoever adds a member to a message that has been released makes it one of those; the
// name of a message, and the type and meaning of a member, never change
// (tests/unit/golden/messages.txt). A member that must be there and is missing is refused: a nil id
// in its place would do harm.

#include "actors/kernel/message.hpp"
#include "actors/kernel/outbox_run.hpp"

#include <unordered_map>

namespace stoa::kernel {

/// A stable hash of a routing key: FNV-1a over the 16 bytes, then the last mixing step of
/// MurmurHash3, so that all bits are fit for a remainder. Nodes of all versions must agree on it:
/// never to be changed.
std::uint64_t route_of(const uuid& key) noexcept;
/// The same over a text.
std::uint64_t route_of(std::string_view key) noexcept;
/// The route of an event: that of its aggregate.
inline std::uint64_t route_of(const event& e) noexcept {
  return route_of(e.aggregate_id);
}

/// How one type of command or query travels. The functions take a message of that type only.
struct message_codec {
  const message_kind* kind = nullptr;
  bool query = false;
  std::string (*encode)(const any_message&) = nullptr;
  result<any_message> (*decode)(std::string_view) = nullptr;
  /// An answer is {"value":..., "replayed":...} or {"problem":..., "replayed":...}.
  std::string (*encode_answer)(const answer&) = nullptr;
  result<answer> (*decode_answer)(std::string_view) = nullptr;
  /// route_of the message's routing key; null when it has none.
  std::uint64_t (*route)(const any_message&) = nullptr;
  /// False: the message may go to any partition.
  bool routed = false;
};

/// The route of a command: that of its routing key, else of its idempotency key, so that repeats
/// meet in one partition. Nothing: any partition will do.
std::optional<std::uint64_t> route_of(const message_codec* codec, const any_message& m,
                                      const call_context& context);

/// All commands and queries of the services added. What is read from the wire and refused is
/// problem `malformed`: `unknown_message` for a name that is not here (a newer version's, an
/// effect's), `malformed_message` for anything else.
class codec_table {
 public:
  /// Adds S::commands, S::queries and `dead_letters`. The routing key of a message is the member
  /// that it names (`static constexpr auto route = &M::member`), else its first member that is an
  /// id. Instantiated in <service>_codec.cpp, as it is slow to compile (codec_service.hpp).
  template <class S>
  void add_service();

  /// The codec of that message; a null pointer when there is none. Valid as long as the table.
  const message_codec* find(std::string_view name) const;
  result<std::string> encode(const any_message& message) const;
  result<any_message> decode(std::string_view name, std::string_view text) const;
  std::size_t size() const { return codecs_.size(); }

 private:
  template <class M>
  void add(bool query);

  std::unordered_map<std::string_view, message_codec> codecs_;
};

std::string encode_context(const call_context& context);
result<call_context> decode_context(std::string_view text);
std::string encode_event(const event& e);
result<event> decode_event(std::string_view text);
/// An event as relays send it, with the run that it comes from; null: it does not tell.
struct sent_event {
  event_ptr what;
  run_ptr from;
};
std::string encode_sent(const sent_event& e);
result<sent_event> decode_sent(std::string_view text);
/// The answer that holds a problem: what it is in place of need not be known.
std::string encode_refusal(const problem& why, bool replayed);

/// Problem `malformed` `malformed_message` that says of what.
problem malformed_message(std::string_view what, const problem& cause);

}  // namespace stoa::kernel
