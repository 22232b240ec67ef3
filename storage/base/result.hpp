#pragma once
// A value or a problem.

#include "storage/base/problem.hpp"

#include <boost/system/result.hpp>

#include <stdexcept>

namespace stoa {

/// boost::system::result of a value or a problem: test it, then use *r or r.error().
template <class T>
using result = boost::system::result<T, problem>;

/// Called by boost::system::result when value() is called on a problem: a programming error.
[[noreturn]] inline void throw_exception_from_error(const problem& p,
                                                    const boost::source_location&) {
  throw std::logic_error("value() called on a problem: " + p.code + ": " + p.detail);
}

}  // namespace stoa
