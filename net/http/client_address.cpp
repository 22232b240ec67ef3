#include "net/http/client_address.hpp"

#include "net/http/characters.hpp"
#include "storage/base/text.hpp"

#include <algorithm>
#include <optional>
#include <random>
#include <variant>

namespace stoa::http {

namespace {

struct no_address {};
/// The address in an entry; nothing when the entry is malformed.
using entry = std::optional<std::variant<no_address, ip_address>>;

problem invalid_field(std::string_view name) {
  return {400,
          "invalid_forwarded_field",
          "A proxy reported the client address in an invalid format.",
          {{"#" + std::string(name), "format", "IP addresses, with or without a port"}}};
}

/// RFC 7239, section 6.3.
bool is_node_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 && std::ranges::all_of(text, is_digit);
}

/// An address, with or without a port; an IPv6 address with a port is in brackets.
std::optional<ip_address> read_address(std::string_view text) {
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == text.npos) return std::nullopt;
    const auto rest = text.substr(close + 1);
    const auto inner = text.substr(1, close - 1);
    if (inner.find(':') == inner.npos) return std::nullopt;
    if (!rest.empty() && (rest.front() != ':' || !is_node_port(rest.substr(1))))
      return std::nullopt;
    return ip_address::parse(inner);
  }
  const auto colon = text.find(':');
  if (colon != text.npos && text.find(':', colon + 1) == text.npos) {
    if (!is_node_port(text.substr(colon + 1))) return std::nullopt;
    text = text.substr(0, colon);
  }
  return ip_address::parse(text);
}

/// RFC 7239, section 6: an address, "unknown" or an obfuscated identifier.
entry read_node(std::string_view text) {
  if (text.starts_with('_') || equals_ignoring_case(text, "unknown")) return no_address{};
  const auto address = read_address(text);
  if (!address) return std::nullopt;
  return *address;
}

/// Parses one line of the field of RFC 7239.
class forwarded_line {
 public:
  explicit forwarded_line(std::string_view text) : rest_(text) {}

  /// The entries of the line, in order; nothing when the line is malformed.
  std::optional<std::vector<entry>> read() {
    std::vector<entry> entries;
    entry current = no_address{};
    bool has_pair = false;
    bool has_for = false;
    for (;;) {
      skip_space();
      if (!rest_.empty() && rest_.front() != ',' && rest_.front() != ';') {
        if (!pair(current, has_for)) return std::nullopt;
        has_pair = true;
        skip_space();
      }
      const char next = rest_.empty() ? ',' : rest_.front();
      if (next != ',' && next != ';') return std::nullopt;
      if (next == ',') {
        if (has_pair) entries.push_back(current);
        current = no_address{};
        has_pair = has_for = false;
      }
      if (rest_.empty()) return entries;
      rest_.remove_prefix(1);
    }
  }

 private:
  bool pair(entry& into, bool& has_for) {
    const auto name = token();
    if (name.empty() || !rest_.starts_with('=')) return false;
    rest_.remove_prefix(1);
    const auto text = rest_.starts_with('"') ? quoted() : std::optional(std::string(token()));
    if (!text || text->empty()) return false;
    if (!equals_ignoring_case(name, "for")) return true;
    if (has_for) return false;
    has_for = true;
    into = read_node(*text);
    return true;
  }

  std::string_view token() {
    const auto end = std::ranges::find_if_not(rest_, is_token_character);
    const auto found = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    rest_.remove_prefix(found.size());
    return found;
  }

  std::optional<std::string> quoted() {
    std::string text;
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        rest_.remove_prefix(i + 1);
        return text;
      }
      if (rest_[i] == '\\' && ++i == rest_.size()) break;
      text += rest_[i];
    }
    return std::nullopt;
  }

  void skip_space() {
    while (rest_.starts_with(' ') || rest_.starts_with('\t')) rest_.remove_prefix(1);
  }

  std::string_view rest_;
};

/// The hops so far, from the server towards the client.
class walk {
 public:
  walk(const ip_address& hop, const address_rules& rules) : hop_(hop), rules_(rules) {}

  /// False when the walk has ended.
  bool step(const entry& next) {
    if (!next) {
      malformed_ = true;
      return false;
    }
    const auto* address = std::get_if<ip_address>(&*next);
    if (address == nullptr) return false;
    hop_ = *address;
    return contains(rules_.trusted_proxies, hop_);
  }
  void fail() { malformed_ = true; }

  bool malformed() const { return malformed_; }
  const ip_address& hop() const { return hop_; }

 private:
  ip_address hop_;
  const address_rules& rules_;
  bool malformed_ = false;
};

/// False when the walk has ended.
bool walk_list(std::string_view value, walk& w) {
  for (;;) {
    const auto comma = value.rfind(',');
    const auto text = text::trim_blanks(comma == value.npos ? value : value.substr(comma + 1));
    if (!text.empty() && !w.step(read_node(text))) return false;
    if (comma == value.npos) return true;
    value = value.substr(0, comma);
  }
}

bool walk_forwarded(std::string_view value, walk& w) {
  const auto entries = forwarded_line(value).read();
  if (!entries) {
    w.fail();
    return false;
  }
  for (auto e = entries->rbegin(); e != entries->rend(); ++e) {
    if (!w.step(*e)) return false;
  }
  return true;
}

}  // namespace

std::size_t client_key_hash::operator()(client_key key) const noexcept {
  static const std::uint64_t seed =
      static_cast<std::uint64_t>(std::random_device{}()) << 32 | std::random_device{}();
  auto mixed = static_cast<std::uint64_t>(key) ^ seed;
  mixed = (mixed ^ (mixed >> 32)) * 0xd6e8feb86659fd93ULL;
  mixed = (mixed ^ (mixed >> 32)) * 0xd6e8feb86659fd93ULL;
  return static_cast<std::size_t>(mixed ^ (mixed >> 32));
}

result<ip_address> find_client(const header_list& headers, const ip_address& hop,
                               const address_rules& rules) {
  if (rules.field == forwarded_field::none || !contains(rules.trusted_proxies, hop)) return hop;
  const bool is_list = rules.field == forwarded_field::x_forwarded_for;
  const std::string_view name = is_list ? "X-Forwarded-For" : "Forwarded";
  walk w(hop, rules);
  // Several lines of a field are one list (RFC 9110, section 5.3); proxies append to its end.
  for (std::size_t i = headers.size(); i-- > 0;) {
    if (!equals_ignoring_case(headers.name(i), name)) continue;
    const bool goes_on =
        is_list ? walk_list(headers.value(i), w) : walk_forwarded(headers.value(i), w);
    if (!goes_on) break;
  }
  if (w.malformed()) return invalid_field(name);
  return w.hop();
}

}  // namespace stoa::http
