#pragma once
// Checks what another node sends before CAF reads it: CAF 0.17 trusts the other side of a
// connection. It dereferences payloads that are not there, takes handles of its own actors for
// those of proxies, recurses into nested messages, forwards what is addressed to third nodes, and
// keeps a route and an actor for each node name that a peer sends. What passes here is a message
// that the nodes of this program send (wire.hpp), whole and well-formed, with handles of the
// sending node only. Pure: no I/O, no CAF objects. For actors/kernel/*.cpp only.

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>

namespace stoa::kernel {

/// Why a connection to another node is closed.
enum class basp_fault {
  none,
  header,   ///< no valid header of CAF's protocol (BASP)
  order,    ///< valid, but not at this point of the conversation
  payload,  ///< not what the header announces
  type,     ///< a message that nodes do not send
  handle,   ///< an actor that is missing or not of the sending node
  actors,   ///< more than actors_max live actors of one node
  itself,   ///< a connection of this node to itself
};
/// As a field of the log: a constant, short.
std::string_view text_of(basp_fault f);

/// One connection's conversation, from this node's side. Feed it a header, then the payload that
/// the header announces, and so on.
class basp_inspector {
 public:
  /// Who has opened the connection.
  enum class opened_by { peer, us };
  static constexpr std::size_t header_size = 32;
  /// A node's id as CAF serialises it: kind, process, host.
  static constexpr std::size_t node_id_size = 32;
  static constexpr std::uint32_t handshake_max = 64U << 10;
  /// Messages that do not grow with the load.
  static constexpr std::uint32_t small_message_max = 1U << 20;
  static constexpr std::uint32_t message_max = 128U << 20;
  /// For each of them CAF keeps a proxy. Nodes show others a few tens.
  static constexpr std::size_t actors_max = 4096;

  /// `here`: this node's id, serialised.
  basp_inspector(std::string here, opened_by side) : here_(std::move(here)), side_(side) {}

  /// Takes header_size bytes. `none`: payload_size() bytes of payload follow.
  basp_fault header(std::span<const char> bytes);
  std::size_t payload_size() const { return header_.payload_size; }
  /// Takes payload_size() bytes, which are not 0.
  basp_fault payload(std::span<const char> bytes);
  /// True when CAF need not see the message that has just been completed: it asks for what nodes do
  /// not offer each other, or is of a newer version of the program.
  bool to_be_dropped() const { return dropped_; }
  /// True once the other side has sent a message of a node: what comes before is only CAF's.
  bool is_proven() const { return proven_; }
  std::size_t live_actors() const { return actors_.size(); }

 private:
  struct header_fields {
    std::uint8_t operation = 0;
    std::uint8_t flags = 0;
    std::uint32_t payload_size = 0;
    std::uint64_t operation_data = 0;
    std::uint64_t source = 0;
    std::uint64_t destination = 0;
  };
  friend class basp_reader;

  basp_fault server_handshake(std::span<const char> bytes);
  basp_fault client_handshake(std::span<const char> bytes);
  basp_fault direct_message(std::span<const char> bytes);
  basp_fault monitor_message(std::span<const char> bytes) const;
  basp_fault down_message(std::span<const char> bytes);
  basp_fault meet(std::string_view node);
  /// An actor of the other node, which CAF makes a proxy for.
  basp_fault know(std::uint64_t actor);

  std::string here_;
  opened_by side_;
  std::string there_;  ///< the other node's id, empty until its handshake
  header_fields header_;
  bool dropped_ = false;
  bool proven_ = false;
  std::unordered_set<std::uint64_t> actors_;
};

}  // namespace stoa::kernel
