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

/// Splits and decodes an origin-form target, "/path?query". Each segment is decoded by itself: bad
/// escapes, control characters, an encoded '/' or '\', and the segments "." and ".." in any
/// spelling are problem 400 `malformed_target`, so that a path means one thing to everybody who
/// reads it.
result<target_parts> split_target(std::string_view target);

/// Takes "http://host" off an absolute-form target when `host` is the Host field's value; a target
/// that names another host or scheme, or has another form, is problem 400. Origin-form is returned
/// as it is.
result<std::string_view> to_origin_form(std::string_view target, std::string_view host,
                                        std::string_view scheme = "http://");

}  // namespace stoa::http
