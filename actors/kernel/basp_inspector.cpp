#include "actors/kernel/basp_inspector.hpp"

#include "actors/kernel/wire.hpp"

#include <algorithm>
#include <cstring>

namespace stoa::kernel {

namespace {

// BASP's operations (CAF 0.17, basp/message_type.hpp).
constexpr std::uint8_t op_server_handshake = 0;
constexpr std::uint8_t op_client_handshake = 1;
constexpr std::uint8_t op_direct_message = 2;
constexpr std::uint8_t op_monitor_message = 4;
constexpr std::uint8_t op_down_message = 5;
constexpr std::uint8_t op_heartbeat = 6;

// BASP's flags.
constexpr std::uint8_t flag_named_receiver = 1;
constexpr std::uint8_t flag_select_connection = 2;

/// In the message id, which is the operation's data.
constexpr std::uint64_t response_flag = 1ULL << 63;

constexpr std::uint32_t list_max = 1U << 16;
constexpr std::uint32_t names_max = 64;  ///< of applications and interfaces in a handshake

std::uint64_t big_endian(const char* at, std::size_t size) {
  std::uint64_t n = 0;
  for (std::size_t i = 0; i < size; ++i) n = (n << 8) | static_cast<unsigned char>(at[i]);
  return n;
}

}  // namespace

/// Parses a payload without storing it. As a CAF inspector of wire.hpp's messages it visits the
/// same members that CAF will deserialize.
class basp_reader {
 public:
  using result_type = bool;

  basp_reader(std::span<const char> bytes, basp_inspector& owner)
      : at_(bytes.data()), end_(bytes.data() + bytes.size()), owner_(owner) {}

  template <class... Members>
  bool operator()(Members&&... members) {
    return (read(members) && ...);
  }

  bool at_end() const { return at_ == end_; }
  /// Why parsing failed.
  basp_fault fault() const { return fault_; }

  bool skip(std::size_t size) {
    if (static_cast<std::size_t>(end_ - at_) < size) return fail(basp_fault::payload);
    at_ += size;
    return true;
  }
  bool number(std::size_t size, std::uint64_t& n) {
    const char* const from = at_;
    if (!skip(size)) return false;
    n = big_endian(from, size);
    return true;
  }
  bool text(std::string_view& t) {
    std::uint32_t size = 0;
    if (!length(size)) return false;
    const char* const from = at_;
    if (!skip(size)) return false;
    t = {from, size};
    return true;
  }
  bool texts(std::uint32_t count_max) {
    std::uint32_t count = 0;
    if (!length(count)) return false;
    if (count > count_max) return fail(basp_fault::payload);
    std::string_view ignored;
    for (std::uint32_t i = 0; i < count; ++i) {
      if (!text(ignored)) return false;
    }
    return true;
  }
  bool node(std::string_view& id) {
    const char* const from = at_;
    if (!skip(basp_inspector::node_id_size)) return false;
    id = {from, basp_inspector::node_id_size};
    return true;
  }
  /// A length in CAF's encoding: seven bits per byte, lowest first.
  bool length(std::uint32_t& n) {
    std::uint64_t sum = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
      std::uint64_t byte = 0;
      if (!number(1, byte)) return false;
      sum |= (byte & 0x7fU) << shift;
      if ((byte & 0x80U) != 0) continue;
      if (sum > UINT32_MAX) break;
      n = static_cast<std::uint32_t>(sum);
      return true;
    }
    return fail(basp_fault::payload);
  }
  /// The start of a message: the types of its elements.
  bool types(std::string_view& names) {
    std::uint64_t kind = 0;
    if (!number(2, kind)) return false;
    return kind == 0 ? text(names) : fail(basp_fault::payload);
  }
  bool fail(basp_fault f) {
    fault_ = f;
    return false;
  }

 private:
  static bool read(const caf::meta::annotation& /*no data*/) { return true; }
  bool read(const std::string& /*type*/) {
    std::string_view ignored;
    return text(ignored);
  }
  bool read(std::uint64_t /*type*/) { return skip(8); }
  bool read(std::int64_t /*type*/) { return skip(8); }
  bool read(bool /*type*/) {
    std::uint64_t byte = 0;
    if (!number(1, byte)) return false;
    return byte <= 1 || fail(basp_fault::payload);
  }
  bool read(const caf::actor& /*type*/) {
    std::uint64_t actor = 0;
    std::string_view node_id;
    // A null handle has a shorter node id.
    if (!number(8, actor)) return false;
    if (actor == 0) return fail(basp_fault::handle);
    if (!node(node_id)) return false;
    if (node_id != owner_.there_) return fail(basp_fault::handle);
    const auto known = owner_.track(actor);
    return known == basp_fault::none || fail(known);
  }
  template <class T>
  bool read(const std::vector<T>& /*type*/) {
    std::uint32_t count = 0;
    if (!length(count)) return false;
    if (count > list_max) return fail(basp_fault::payload);
    for (std::uint32_t i = 0; i < count; ++i) {
      if (!read(T{})) return false;
    }
    return true;
  }
  template <class T>
  requires(std::is_class_v<T> &&
           !std::is_base_of_v<caf::meta::annotation, T>) bool read(T message) {
    return inspect(*this, message);
  }

  const char* at_;
  const char* end_;
  basp_inspector& owner_;
  basp_fault fault_ = basp_fault::none;
};

namespace {

template <class Message>
bool whole(basp_reader& r) {
  Message m;
  return inspect(r, m) && (r.at_end() || r.fail(basp_fault::payload));
}

/// An error in CAF's encoding: a code, its category, and explanatory texts.
bool error_value(basp_reader& r) {
  if (!r.skip(1 + 8)) return false;
  std::string_view types;
  if (!r.types(types)) return false;
  static constexpr std::string_view none = "@<>";
  static constexpr std::string_view one = "+@str";
  if (!types.starts_with(none)) return r.fail(basp_fault::payload);
  types.remove_prefix(none.size());
  std::string_view ignored;
  while (types.starts_with(one)) {
    if (!r.text(ignored)) return false;
    types.remove_prefix(one.size());
  }
  return (types.empty() && r.at_end()) || r.fail(basp_fault::payload);
}

struct basp_message_kind {
  std::string_view types;
  std::uint32_t size_max;
  bool (*read)(basp_reader&);
  bool proves;           ///< proves that the sender is a Stoa node
  bool answers = false;  ///< accepted only as the response to a request
};

constexpr basp_message_kind kinds[] = {
    {"@<>+stoa.requests", basp_inspector::message_max, &whole<wire_requests>, true},
    {"@<>+stoa.answers", basp_inspector::message_max, &whole<wire_answers>, true},
    {"@<>+stoa.deliveries", basp_inspector::message_max, &whole<wire_deliveries>, true},
    {"@<>+stoa.verdicts", basp_inspector::message_max, &whole<wire_verdicts>, true},
    {"@<>+stoa.event_verdicts", basp_inspector::message_max, &whole<wire_event_verdicts>, true},
    {"@<>+stoa.state", basp_inspector::small_message_max, &whole<wire_state>, true},
    {"@<>+stoa.hello", basp_inspector::small_message_max, &whole<wire_hello>, true},
    {"@<>+stoa.welcome", basp_inspector::small_message_max, &whole<wire_welcome>, true},
    {"@<>+stoa.replay", basp_inspector::small_message_max, &whole<wire_replay>, true},
    // The answer to a request whose receiver has ended.
    {"@<>+@error", basp_inspector::small_message_max, &error_value, false, true},
};

/// The types in the response of CAF's spawn server.
constexpr std::string_view spawn_server_answer = "@<>+@atom+@str+@strong_actor_ptr+@str";
/// Prefix of message types added by later versions.
constexpr std::string_view own_prefix = "@<>+stoa.";

}  // namespace

std::string_view text_of(basp_fault f) {
  switch (f) {
    case basp_fault::none:
      return "none";
    case basp_fault::header:
      return "malformed header";
    case basp_fault::order:
      return "unexpected message";
    case basp_fault::payload:
      return "malformed payload";
    case basp_fault::type:
      return "unknown message type";
    case basp_fault::handle:
      return "invalid actor handle";
    case basp_fault::actors:
      return "too many actors";
    case basp_fault::itself:
      return "connection to itself";
  }
  return "unknown";
}

basp_fault basp_inspector::header(std::span<const char> bytes) {
  const char* const at = bytes.data();
  header_ = {static_cast<std::uint8_t>(at[0]),
             static_cast<std::uint8_t>(at[3]),
             static_cast<std::uint32_t>(big_endian(at + 4, 4)),
             big_endian(at + 8, 8),
             big_endian(at + 16, 8),
             big_endian(at + 24, 8)};
  dropped_ = false;
  const auto& h = header_;
  const bool is_met = !there_.empty();
  switch (h.operation) {
    case op_server_handshake:
      if (h.operation_data == 0 || h.payload_size == 0 || h.payload_size > handshake_max) break;
      return side_ == opened_by::us && !is_met ? basp_fault::none : basp_fault::order;
    case op_client_handshake:
      if (h.source != 0 || h.destination != 0) break;
      if (h.payload_size != node_id_size) break;
      if (side_ != opened_by::peer) return basp_fault::order;
      // Repeated to select this connection.
      return !is_met || (h.flags & flag_select_connection) != 0 ? basp_fault::none
                                                                : basp_fault::order;
    case op_direct_message:
      if (h.destination == 0 || h.payload_size == 0 || h.payload_size > message_max) break;
      return is_met ? basp_fault::none : basp_fault::order;
    case op_monitor_message:
      if (h.destination == 0 || h.operation_data != 0) break;
      if (h.payload_size != 2 * node_id_size) break;
      return is_met ? basp_fault::none : basp_fault::order;
    case op_down_message:
      if (h.source == 0 || h.destination != 0 || h.operation_data != 0) break;
      if (h.payload_size <= 2 * node_id_size || h.payload_size > handshake_max) break;
      return is_met ? basp_fault::none : basp_fault::order;
    case op_heartbeat:
      if (h.source != 0 || h.destination != 0 || h.operation_data != 0) break;
      if (h.payload_size != 0) break;
      return is_met ? basp_fault::none : basp_fault::order;
    default:
      break;  // Includes routed messages: nodes are connected directly.
  }
  return basp_fault::header;
}

basp_fault basp_inspector::payload(std::span<const char> bytes) {
  if (bytes.size() != header_.payload_size) return basp_fault::payload;
  switch (header_.operation) {
    case op_server_handshake:
      return server_handshake(bytes);
    case op_client_handshake:
      return client_handshake(bytes);
    case op_direct_message:
      return direct_message(bytes);
    case op_monitor_message:
      return monitor_message(bytes);
    case op_down_message:
      return down_message(bytes);
    default:
      return basp_fault::header;
  }
}

basp_fault basp_inspector::identify(std::string_view node) {
  // The id must be of the same kind as this node's, with non-zero process and host.
  static constexpr std::size_t kind = 8;
  static constexpr std::size_t process = 4;
  const auto zero = [](char c) { return c == 0; };
  const auto number = node.substr(kind, process);
  const auto host = node.substr(kind + process);
  if (node.substr(0, kind) != std::string_view(here_).substr(0, kind) ||
      std::ranges::all_of(number, zero) || std::ranges::all_of(host, zero)) {
    return basp_fault::payload;
  }
  if (there_.empty()) there_ = node;
  return there_ == node ? basp_fault::none : basp_fault::order;
}

basp_fault basp_inspector::track(std::uint64_t actor) {
  if (actor == 0) return basp_fault::none;
  actors_.insert(actor);
  return actors_.size() <= actors_max ? basp_fault::none : basp_fault::actors;
}

basp_fault basp_inspector::server_handshake(std::span<const char> bytes) {
  basp_reader r(bytes, *this);
  std::string_view node;
  std::uint64_t actor = 0;
  if (!(r.node(node) && r.texts(names_max) && r.number(8, actor) && r.texts(names_max))) {
    return r.fault();
  }
  if (!r.at_end()) return basp_fault::payload;
  if (const auto met = identify(node); met != basp_fault::none) return met;
  return track(actor);
}

basp_fault basp_inspector::client_handshake(std::span<const char> bytes) {
  const std::string_view node(bytes.data(), bytes.size());
  // CAF would add a route to itself over this connection.
  if (node == here_) return basp_fault::itself;
  return identify(node);
}

basp_fault basp_inspector::direct_message(std::span<const char> bytes) {
  if ((header_.flags & flag_named_receiver) != 0) {
    // A request for the spawn server, sent by CAF's own broker in earlier versions of this program.
    dropped_ = true;
    return bytes.size() <= handshake_max ? basp_fault::none : basp_fault::type;
  }
  basp_reader r(bytes, *this);
  std::uint32_t stages = 0;
  std::string_view types;
  if (!r.length(stages)) return r.fault();
  if (stages != 0) return basp_fault::payload;
  if (!r.types(types)) return r.fault();
  const auto* const kind = std::ranges::find(kinds, types, &basp_message_kind::types);
  if (kind == std::end(kinds)) {
    const bool is_own = types.starts_with(own_prefix) &&
                        types.find('+', own_prefix.size()) == std::string_view::npos;
    dropped_ = is_own || types == spawn_server_answer;
    return dropped_ ? basp_fault::none : basp_fault::type;
  }
  if (bytes.size() > kind->size_max) return basp_fault::payload;
  // An unsolicited error would end the receiving actor.
  if (kind->answers && (header_.operation_data & response_flag) == 0) return basp_fault::type;
  if (!kind->read(r)) return r.fault();
  proven_ = proven_ || kind->proves;
  return track(header_.source);
}

basp_fault basp_inspector::monitor_message(std::span<const char> bytes) const {
  const std::string_view both(bytes.data(), bytes.size());
  const bool is_between_us =
      both.substr(0, node_id_size) == there_ && both.substr(node_id_size) == here_;
  return is_between_us ? basp_fault::none : basp_fault::handle;
}

basp_fault basp_inspector::down_message(std::span<const char> bytes) {
  const std::string_view both(bytes.data(), 2 * node_id_size);
  if (both.substr(0, node_id_size) != there_ || both.substr(node_id_size) != here_) {
    return basp_fault::handle;
  }
  basp_reader r(bytes.subspan(2 * node_id_size), *this);
  if (!error_value(r)) return r.fault();
  actors_.erase(header_.source);
  return basp_fault::none;
}

}  // namespace stoa::kernel
