#pragma once
// An HTTP error before it is written as problem+json (RFC 9457).

#include "storage/base/result.hpp"

namespace stoa::http {

/// An answer that is not the wanted one: `status` is the HTTP status, `code` stable and for
/// programs, `detail` for people.
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

/// A value, or the HTTP error in its place.
template <class T>
using result = boost::system::result<T, problem>;

/// What boost::system::result calls when value() is asked of an error: a programming error.
[[noreturn]] inline void throw_exception_from_error(const problem& p,
                                                    const boost::source_location&) {
  throw std::logic_error("value taken of a problem: " + p.code + ": " + p.detail);
}

}  // namespace stoa::http
