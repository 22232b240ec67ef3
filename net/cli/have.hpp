#pragma once
// Unwraps results, throwing when there is no value.

#include "storage/base/result.hpp"

#include <stdexcept>
#include <string>

namespace stoa::cli {

/// The value; throws std::runtime_error with `what` and the problem's detail if there is none.
template <class T>
T have(result<T> r, const std::string& what) {
  if (!r) throw std::runtime_error(what + ": " + r.error().detail);
  return std::move(*r);
}
/// The same, with only the problem's detail.
template <class T>
T have(result<T> r) {
  if (!r) throw std::runtime_error(r.error().detail);
  return std::move(*r);
}

}  // namespace stoa::cli
