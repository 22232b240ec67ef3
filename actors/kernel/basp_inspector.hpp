#pragma once
// Validates what another node sends before CAF reads it, because CAF 0.17 trusts its peers: it
// dereferences missing payloads, accepts handles of local actors as those of proxies, recurses into
// nested messages, forwards messages to third nodes, and keeps a route and an actor for each node
// id that a peer sends. Only complete, well-formed messages of this program (wire.hpp) with handles
// of the sending node pass. Pure: no I/O, no CAF objects. For actors/kernel/*.cpp only.

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
  header,   ///< invalid header of CAF's protocol (BASP)
  order,    ///< valid, but not at this point of the protocol
  payload,  ///< does not match the header
  type,     ///< a message that nodes do not send
  handle,   ///< a missing actor handle, or one not of the sending node
  actors,   ///< more than actors_max live actors of one node
  itself,   ///< a connection of this node to itself
};
/// A short constant text for a log field.
std::string_view text_of(basp_fault f);

/// The incoming side of one connection. Feed it a header, then its payload, and so on.
class basp_inspector {
 public:
  /// The side that opened the connection.
  enum class opened_by { peer, us };
  static constexpr std::size_t header_size = 32;
  /// A node's id in CAF's serialization: kind, process, host.
  static constexpr std::size_t node_id_size = 32;
  static constexpr std::uint32_t handshake_max = 64U << 10;
  /// For messages whose size does not depend on the load.
  static constexpr std::uint32_t small_message_max = 1U << 20;
  static constexpr std::uint32_t message_max = 128U << 20;
  /// CAF keeps a proxy for each. Nodes normally expose a few tens.
  static constexpr std::size_t actors_max = 4096;

  /// `here`: this node's id, serialised.
  basp_inspector(std::string here, opened_by side) : here_(std::move(here)), side_(side) {}

  /// Checks header_size bytes. `none`: payload_size() bytes of payload follow.
  basp_fault header(std::span<const char> bytes);
  std::size_t payload_size() const { return header_.payload_size; }
  /// Checks payload_size() bytes, which must not be 0.
  basp_fault payload(std::span<const char> bytes);
  /// True when the completed message must not be passed to CAF: it requests a feature that nodes do
  /// not offer, or belongs to a newer version of the program.
  bool to_be_dropped() const { return dropped_; }
  /// True once the peer has sent a message of a node, not only CAF's own messages.
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
  basp_fault identify(std::string_view node);
  /// Counts an actor of the other node, for which CAF creates a proxy.
  basp_fault track(std::uint64_t actor);

  std::string here_;
  opened_by side_;
  std::string there_;  ///< the other node's id, empty until its handshake
  header_fields header_;
  bool dropped_ = false;
  bool proven_ = false;
  std::unordered_set<std::uint64_t> actors_;
};

}  // namespace stoa::kernel
