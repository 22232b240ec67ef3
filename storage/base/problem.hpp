#pragma once
// Why a message was not carried out, before the HTTP front end answers with it (RFC 9457).

#include <boost/describe.hpp>

#include <string>
#include <utility>
#include <vector>

namespace stoa {

/// The kinds of errors, a closed set: what a caller can do about an error follows from its kind.
/// net/front/failure.hpp maps each to an HTTP status.
enum class problem_kind {
  malformed,            ///< the message or request cannot be read
  unauthenticated,      ///< the credentials are missing or wrong
  payment_declined,     ///< the payment was declined
  forbidden,            ///< the caller may not do this
  not_found,            ///< there is no such thing, or the caller may not see it
  conflict,             ///< the state of a resource does not allow it
  precondition_failed,  ///< the entity tag that the caller named has changed
  too_large,            ///< beyond a size limit
  validation,           ///< readable, but with values that are not acceptable
  limit_reached,        ///< a limit of the caller is reached; possible again later
  internal,             ///< a defect or unreadable data
  unavailable,          ///< not possible at the moment; a retry is safe
  timeout,              ///< no answer by the deadline: the outcome is unknown
  partition_moved,      ///< this node does not have the partition: nothing was done, ask its owner
};
BOOST_DESCRIBE_ENUM(problem_kind, malformed, unauthenticated, payment_declined, forbidden,
                    not_found, conflict, precondition_failed, too_large, validation, limit_reached,
                    internal, unavailable, timeout, partition_moved)

/// One field that is wrong. `pointer` is a JSON pointer (RFC 6901) into the request body, or the
/// name of the query parameter or header behind '?' or '#'.
struct field_error {
  std::string pointer;
  std::string code;    ///< stable: required, unknown, type, too_long, too_short, range, format, ...
  std::string detail;  ///< for people

  bool operator==(const field_error&) const = default;
};
BOOST_DESCRIBE_STRUCT(field_error, (), (pointer, code, detail))

/// The error of a message: `code` is stable and for programs, `detail` for people.
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
  return {problem_kind::validation, "validation_failed",
          "The request is understood but its values are not acceptable.", std::move(errors)};
}
inline problem invalid_field(std::string pointer, std::string code, std::string detail) {
  return invalid({{std::move(pointer), std::move(code), std::move(detail)}});
}
inline problem unavailable(std::string detail) {
  return {problem_kind::unavailable, "unavailable", std::move(detail), {}};
}

/// True when nothing was done and the same message may succeed in a moment.
inline bool is_transient(const problem& p) {
  return p.kind == problem_kind::unavailable || p.kind == problem_kind::partition_moved;
}

}  // namespace stoa
