#pragma once
// UUIDs (RFC 9562) and strongly typed ids.

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace stoa {

/// 128 bits, network byte order; the nil UUID when default-constructed.
struct uuid {
  std::array<std::uint8_t, 16> bytes{};

  auto operator<=>(const uuid&) const = default;
  bool is_nil() const noexcept { return *this == uuid{}; }

  /// 8-4-4-4-12 lower-case hexadecimal text.
  std::string str() const;
  /// Accepts only the 36-character form, in either case.
  static std::optional<uuid> parse(std::string_view text) noexcept;
};

/// Source of identifiers. The simulator uses a seeded one.
class id_source {
 public:
  virtual ~id_source() = default;
  /// UUIDv7: ordered by time, for keys of rows.
  virtual uuid next_v7() = 0;
  /// UUIDv4: unguessable, for ids that serve as credentials.
  virtual uuid next_v4() = 0;
};

/// UUIDv7 with the millisecond clock and a 74-bit random part, monotonic within one source
/// (RFC 9562, section 6.2, method 2). Thread-safe.
id_source& system_ids();

/// Builds a v7 UUID from the millisecond `unix_ms` and the given random bits.
uuid make_uuid_v7(std::uint64_t unix_ms, std::uint64_t random_high,
                  std::uint64_t random_low) noexcept;

/// A UUID of one kind of resource: an id<order_tag> does not convert to an id<user_tag>.
template <class Tag>
struct id {
  uuid value;

  auto operator<=>(const id&) const = default;
  bool is_nil() const noexcept { return value.is_nil(); }
  std::string str() const { return value.str(); }
  static std::optional<id> parse(std::string_view text) noexcept {
    if (auto parsed = uuid::parse(text)) return id{*parsed};
    return std::nullopt;
  }
};

template <class T>
inline constexpr bool is_id = false;
template <class Tag>
inline constexpr bool is_id<id<Tag>> = true;

using user_id = id<struct user_tag>;
using profile_id = id<struct profile_tag>;
using product_id = id<struct product_tag>;
using category_id = id<struct category_tag>;
using image_id = id<struct image_tag>;
using cart_id = id<struct cart_tag>;
using cart_item_id = id<struct cart_item_tag>;
using order_id = id<struct order_tag>;
using order_item_id = id<struct order_item_tag>;
using history_id = id<struct history_tag>;
using payment_id = id<struct payment_tag>;
using log_id = id<struct log_tag>;
using notification_id = id<struct notification_tag>;
using event_id = id<struct event_tag>;
using ledger_id = id<struct ledger_tag>;
using session_id = id<struct session_tag>;

}  // namespace stoa

template <>
struct std::hash<stoa::uuid> {
  std::size_t operator()(const stoa::uuid& u) const noexcept {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    std::memcpy(&high, u.bytes.data(), 8);
    std::memcpy(&low, u.bytes.data() + 8, 8);
    return static_cast<std::size_t>(high * 0x9E3779B97F4A7C15ULL ^ low);
  }
};
template <class Tag>
struct std::hash<stoa::id<Tag>> {
  std::size_t operator()(const stoa::id<Tag>& i) const noexcept {
    return std::hash<stoa::uuid>{}(i.value);
  }
};
