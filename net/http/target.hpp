#pragma once
// The request target (RFC 9112, section 3.2): split, checked and decoded.

#include "net/http/problem.hpp"

#include <string>
#include <string_view>

namespace stoa::http {

struct target_parts {
  std::string path;   ///< decoded; "*" for OPTIONS *
  std::string query;  ///< raw
};

/// Splits and decodes an origin-form target, "/path?query". Each segment is decoded separately:
/// invalid escapes, control characters, an encoded '/' or '\', and the segments "." and ".." in any
/// spelling are problem 400 `malformed_target`, so that all readers interpret a path equally.
result<target_parts> split_target(std::string_view target);

/// Removes "http://host" from an absolute-form target when `host` is the value of the Host field; a
/// target with another host or scheme, or of another form, is problem 400. An origin-form target is
/// returned unchanged.
result<std::string_view> to_origin_form(std::string_view target, std::string_view host,
                                        std::string_view scheme = "http://");

}  // namespace stoa::http
