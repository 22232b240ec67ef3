#pragma once
// Entity tags in header fields (RFC 9110, sections 8.8.3 and 13.1).

#include "net/http/message.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::front {

struct entity_tag_field {
  bool weak = false;
  std::string opaque;   ///< without quotes and without the suffix of a content coding
  std::string written;  ///< with both
};

/// The value of If-Match or If-None-Match: "*" or a list of tags.
struct tag_list {
  bool any = false;
  std::vector<entity_tag_field> tags;

  /// Strong comparison, for If-Match.
  bool matches_strongly(std::string_view opaque) const;
  /// Weak comparison, for If-None-Match: the matching tag as the client sent it; `etag` for "*".
  std::optional<std::string> named(std::string_view opaque, const std::string& etag) const;
};

/// Nothing when the value is malformed.
std::optional<tag_list> parse_tags(std::string_view value);

/// The ETag field's value.
std::string quoted_tag(std::string_view opaque);
/// The ETag field's value of the same representation under a content coding: its bytes differ, and
/// so must its strong tag (RFC 9110, section 8.8.3.3).
std::string coded_tag(std::string_view etag, std::string_view coding);

}  // namespace stoa::front
