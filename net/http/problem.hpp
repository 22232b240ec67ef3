#pragma once
// An HTTP error before it is written as problem+json (RFC 9457).

#include "storage/base/result.hpp"

namespace stoa::http {

/// An HTTP error: `status` is the HTTP status, `code` is stable and for programs, `detail` is for
/// display.
struct problem {
  int status = 500;
  std::string code;
  std::string detail;
  std::vector<field_error> errors;

  bool operator==(const problem&) const = default;
};

inline problem unavailable(std::string detail) {
  return {503, "unavailable", std::move(detail), {}};
}

/// A value or an HTTP error.
template <class T>
using result = boost::system::result<T, problem>;

/// Called by boost::system::result when value() is called on an error: a programming error.
[[noreturn]] inline void throw_exception_from_error(const problem& p,
                                                    const boost::source_location&) {
  throw std::logic_error("value() called on a problem: " + p.code + ": " + p.detail);
}

}  // namespace stoa::http
