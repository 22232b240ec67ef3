#pragma once
// How a route fails, and the mapping of service errors to HTTP statuses.

#include "net/http/problem.hpp"

namespace stoa::front {

/// The HTTP status of a kind of error.
constexpr int status_of(problem_kind kind) noexcept {
  switch (kind) {
    case problem_kind::malformed:
      return 400;
    case problem_kind::unauthenticated:
      return 401;
    case problem_kind::payment_declined:
      return 402;
    case problem_kind::forbidden:
      return 403;
    case problem_kind::not_found:
      return 404;
    case problem_kind::conflict:
      return 409;
    case problem_kind::precondition_failed:
      return 412;
    case problem_kind::too_large:
      return 413;
    case problem_kind::validation:
      return 422;
    case problem_kind::limit_reached:
      return 429;
    case problem_kind::internal:
      return 500;
    case problem_kind::unavailable:
    case problem_kind::partition_moved:
      return 503;
    case problem_kind::timeout:
      return 504;
  }
  return 500;
}

/// A service's error as an HTTP problem.
inline http::problem http_problem(problem p) {
  return {status_of(p.kind), std::move(p.code), std::move(p.detail), std::move(p.errors)};
}

/// Thrown by a route: the request fails with this problem.
struct problem_error {
  http::problem content;
};
[[noreturn]] inline void fail(http::problem p) {
  throw problem_error{std::move(p)};
}
[[noreturn]] inline void fail(problem p) {
  fail(http_problem(std::move(p)));
}

}  // namespace stoa::front
