#pragma once
// What a client has asked of the present state of a resource that it changes.

#include <boost/describe.hpp>

#include <optional>
#include <string>
#include <vector>

namespace stoa::kernel {

/// If-Match and If-None-Match (RFC 9110, sections 13.1.1 and 13.1.2) of a request that changes a
/// resource. Tags are opaque tags without their quotes. `If-Match: *` asks nothing of a resource
/// that exists, so it does not stand here.
struct precondition {
  /// If-Match: the resource must have one of them. Only strong ones are here, for the comparison is
  /// strong: an empty list matches nothing.
  std::optional<std::vector<std::string>> match;
  std::vector<std::string> differ;  ///< If-None-Match: the resource must have none of them
  bool absent = false;              ///< If-None-Match: *, which fails where there is a resource

  bool operator==(const precondition&) const = default;
};
BOOST_DESCRIBE_STRUCT(precondition, (), (match, differ, absent))

}  // namespace stoa::kernel
