#pragma once
// Errors of messages, which the HTTP front end returns as problem details (RFC 9457).

#include <boost/describe.hpp>

#include <string>
#include <utility>
#include <vector>

namespace stoa {

/// The closed set of error kinds. The kind determines how a caller can react;
/// net/front/failure.hpp maps it to an HTTP status.
enum class problem_kind {
  malformed,            ///< the message or request cannot be read
  unauthenticated,      ///< the credentials are missing or wrong
  payment_declined,     ///< the payment was declined
  forbidden,            ///< the caller may not do this
  not_found,            ///< does not exist, or the caller may not see it
  conflict,             ///< not allowed in the resource's current state
  precondition_failed,  ///< the entity tag given by the caller does not match
  too_large,            ///< a size limit is exceeded
  validation,           ///< readable, but with invalid values
  limit_reached,        ///< a limit of the caller is reached; retry later
  internal,             ///< a defect or unreadable data
  unavailable,          ///< temporarily impossible; a retry is safe
  timeout,              ///< no reply before the deadline: the outcome is unknown
  partition_moved,      ///< this node does not own the partition: nothing was done, ask the owner
};
BOOST_DESCRIBE_ENUM(problem_kind, malformed, unauthenticated, payment_declined, forbidden,
                    not_found, conflict, precondition_failed, too_large, validation, limit_reached,
                    internal, unavailable, timeout, partition_moved)

/// An invalid field. `pointer` is a JSON pointer (RFC 6901) into the request body, or '?' or '#'
/// and the name of the query parameter or header.
struct field_error {
  std::string pointer;
  std::string code;    ///< stable: required, unknown, type, too_long, too_short, range, format, ...
  std::string detail;  ///< for people

  bool operator==(const field_error&) const = default;
};
BOOST_DESCRIBE_STRUCT(field_error, (), (pointer, code, detail))

/// The error of a message: a stable `code` for programs and a `detail` for humans.
struct problem {
  problem_kind kind = problem_kind::internal;
  std::string code;
  std::string detail;
  std::vector<field_error> errors;

  bool operator==(const problem&) const = default;
};
BOOST_DESCRIBE_STRUCT(problem, (), (kind, code, detail, errors))

inline problem not_found(std::string what) {
  return {problem_kind::not_found, "not_found", "There is no such " + std::move(what) + ".", {}};
}
inline problem conflict(std::string code, std::string detail) {
  return {problem_kind::conflict, std::move(code), std::move(detail), {}};
}
inline problem invalid(std::vector<field_error> errors) {
  return {problem_kind::validation, "validation_failed", "The request contains invalid values.",
          std::move(errors)};
}
inline problem invalid_field(std::string pointer, std::string code, std::string detail) {
  return invalid({{std::move(pointer), std::move(code), std::move(detail)}});
}
inline problem unavailable(std::string detail) {
  return {problem_kind::unavailable, "unavailable", std::move(detail), {}};
}

/// True if nothing was done and a retry may succeed.
inline bool is_transient(const problem& p) {
  return p.kind == problem_kind::unavailable || p.kind == problem_kind::partition_moved;
}

}  // namespace stoa
