#pragma once
// What went wrong, in the form of RFC 9457, before it becomes an HTTP answer.

#include <boost/describe.hpp>

#include <string>
#include <utility>
#include <vector>

namespace stoa {

/// One field that is wrong. `pointer` is a JSON pointer (RFC 6901) into the request body, or the
/// name of the query parameter or header behind '?' or '#'.
struct field_error {
  std::string pointer;
  std::string code;    ///< stable: required, unknown, type, too_long, too_short, range, format, ...
  std::string detail;  ///< for people

  bool operator==(const field_error&) const = default;
};
BOOST_DESCRIBE_STRUCT(field_error, (), (pointer, code, detail))

/// An answer that is not the wanted one. `status` is the HTTP status, `code` stable and for
/// programs, `detail` for people.
struct problem {
  int status = 500;
  std::string code;
  std::string detail;
  std::vector<field_error> errors;

  bool operator==(const problem&) const = default;
};
BOOST_DESCRIBE_STRUCT(problem, (), (status, code, detail, errors))

inline problem not_found(std::string what) {
  return {404, "not_found", "There is no such " + std::move(what) + ".", {}};
}
inline problem conflict(std::string code, std::string detail) {
  return {409, std::move(code), std::move(detail), {}};
}
inline problem invalid(std::vector<field_error> errors) {
  return {422, "validation_failed", "The request is understood but its values are not acceptable.",
          std::move(errors)};
}
inline problem invalid_field(std::string pointer, std::string code, std::string detail) {
  return invalid({{std::move(pointer), std::move(code), std::move(detail)}});
}
inline problem unavailable(std::string detail) {
  return {503, "unavailable", std::move(detail), {}};
}

}  // namespace stoa
