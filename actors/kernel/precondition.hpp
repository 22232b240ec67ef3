#pragma once
// A client's precondition on the current state of a resource that it changes.

#include <boost/describe.hpp>

#include <optional>
#include <string>
#include <vector>

namespace stoa::kernel {

/// If-Match and If-None-Match (RFC 9110, sections 13.1.1 and 13.1.2) of a request that changes a
/// resource. Tags are opaque tags without quotes. `If-Match: *` is omitted, as it is true for every
/// existing resource.
struct precondition {
  /// If-Match: the resource must have one of these tags. Contains strong tags only, as the
  /// comparison is strong: an empty list matches nothing.
  std::optional<std::vector<std::string>> match;
  std::vector<std::string> differ;  ///< If-None-Match: the resource must have none of these tags
  bool absent = false;              ///< If-None-Match: *; fails if the resource exists

  bool operator==(const precondition&) const = default;
};
BOOST_DESCRIBE_STRUCT(precondition, (), (match, differ, absent))

}  // namespace stoa::kernel
