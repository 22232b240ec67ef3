#pragma once
// Recorded traffic from one node to another, and seeded mutations of it: for tests of the cluster
// port.

#include "actors/kernel/basp_inspector.hpp"

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::test {

/// Messages of CAF's protocol, each with its header, without the handshake.
struct basp_session {
  std::string sender;    ///< the id of the sending node
  std::string receiver;  ///< the id of the other node, empty when no message names it
  std::vector<std::string> messages;

  static constexpr std::size_t header_size = kernel::basp_inspector::header_size;
  static constexpr std::size_t id_size = kernel::basp_inspector::node_id_size;

  /// Splits the bytes sent by the node that opened the connection.
  static basp_session read(std::string_view bytes) {
    basp_session s;
    while (bytes.size() >= header_size) {
      const auto size = header_size + payload_size(bytes);
      if (bytes.size() < size) break;
      std::string message(bytes.substr(0, size));
      bytes.remove_prefix(size);
      const auto operation = static_cast<std::uint8_t>(message[0]);
      if (operation == client_handshake) {
        s.sender = message.substr(header_size, id_size);
        continue;
      }
      if (operation == monitor && s.receiver.empty()) {
        s.receiver = message.substr(header_size + id_size, id_size);
      }
      s.messages.push_back(std::move(message));
    }
    return s;
  }

  /// The same session between two other nodes.
  basp_session between(const std::string& from, const std::string& to) const {
    basp_session s{from, to, messages};
    for (auto& m : s.messages) {
      if (!receiver.empty()) replace(m, receiver, to);
      replace(m, sender, from);
    }
    return s;
  }

  /// The message that opens a session, as CAF's client sends it.
  static std::string handshake(const std::string& sender) {
    return header(client_handshake, static_cast<std::uint32_t>(sender.size())) + sender;
  }
  static std::string header(std::uint8_t operation, std::uint32_t payload_size,
                            std::uint64_t operation_data = 0, std::uint64_t source = 0,
                            std::uint64_t destination = 0) {
    std::string h{static_cast<char>(operation), 0, 0, 0};
    append(h, payload_size, 4);
    append(h, operation_data, 8);
    append(h, source, 8);
    append(h, destination, 8);
    return h;
  }
  static std::size_t payload_size(std::string_view header) {
    std::size_t n = 0;
    for (std::size_t i = 4; i < 8; ++i) n = (n << 8) | static_cast<unsigned char>(header[i]);
    return n;
  }
  static void append(std::string& to, std::uint64_t number, std::size_t size) {
    for (std::size_t i = size; i-- > 0;) to += static_cast<char>((number >> (8 * i)) & 0xffU);
  }

  static constexpr std::uint8_t client_handshake = 1;
  static constexpr std::uint8_t monitor = 4;

 private:
  static void replace(std::string& in, const std::string& what, const std::string& by) {
    for (auto at = in.find(what); at != std::string::npos; at = in.find(what, at + by.size())) {
      in.replace(at, what.size(), by);
    }
  }
};

/// Mutates bytes by a seed.
class mutator {
 public:
  explicit mutator(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t n) { return n == 0 ? 0 : random_() % n; }
  bool one_in(std::size_t n) { return below(n) == 0; }
  const std::string& any(const std::vector<std::string>& all) { return all[below(all.size())]; }

  /// A few bytes anywhere.
  std::string bytes(std::string s, std::size_t from = 0) {
    if (s.size() <= from) return s;
    for (std::size_t n = one_in(3) ? 1 + below(4) : 1; n > 0; --n) {
      auto& c = s[from + below(s.size() - from)];
      switch (below(4)) {
        case 0:
          c = static_cast<char>(c ^ (1 << below(8)));
          break;
        case 1:
          c = static_cast<char>(below(256));
          break;
        case 2:
          c = extremes[below(sizeof extremes)];
          break;
        default:
          c = static_cast<char>(c + 1);
          break;
      }
    }
    return s;
  }
  /// A message with a changed header or length.
  std::string structure(std::string m) {
    constexpr auto head = basp_session::header_size;
    switch (below(8)) {
      case 0:
        return basp_session::header(static_cast<std::uint8_t>(below(9)), 0);
      case 1:
        m[0] = static_cast<char>(below(256));
        break;
      case 2:
        return bytes(m.substr(0, head)) + m.substr(head);
      case 3:
        return with_size(m.substr(0, head + below(m.size() - head + 1)));
      case 4:
        return with_size(m + m.substr(below(m.size())));
      case 5:
        return with_size(inserted(std::move(m), head));
      case 6:
        return with_length(std::move(m), sizes[below(std::size(sizes))]);
      default:
        return random_message();
    }
    return m;
  }
  /// Random bytes that are not a handshake.
  std::string noise() {
    std::string s(1 + below(300), '\0');
    for (auto& c : s) c = static_cast<char>(below(256));
    return s;
  }

 private:
  std::string inserted(std::string m, std::size_t from) {
    std::string more = noise().substr(0, 1 + below(16));
    m.insert(from + below(m.size() - from + 1), more);
    return m;
  }
  /// Sets the payload length in the header.
  static std::string with_size(std::string m) {
    return with_length(m, static_cast<std::uint32_t>(m.size() - basp_session::header_size));
  }
  static std::string with_length(std::string m, std::uint32_t size) {
    std::string length;
    basp_session::append(length, size, 4);
    return m.replace(4, 4, length);
  }
  std::string random_message() {
    auto payload = noise();
    const auto size = static_cast<std::uint32_t>(payload.size());
    return basp_session::header(static_cast<std::uint8_t>(below(8)), size, below(3), below(3),
                                below(3)) +
           payload;
  }

  static constexpr char extremes[] = {0, 1, 127, -128, -1, '"', '{', '['};
  static constexpr std::uint32_t sizes[] = {0,      1,           31,         65'536,
                                            65'537, 134'217'728, 0x7fffffff, 0xffffffff};
  std::mt19937_64 random_;
};

}  // namespace stoa::test
