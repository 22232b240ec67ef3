#pragma once
// A value or the problem that stands in its place.

#include "storage/base/problem.hpp"

#include <boost/system/result.hpp>

#include <stdexcept>

namespace stoa {

/// boost::system::result of a value or a problem: test it, then take *r or r.error().
template <class T>
using result = boost::system::result<T, problem>;

/// What boost::system::result calls when value() is asked of a problem: a programming error.
[[noreturn]] inline void throw_exception_from_error(const problem& p,
                                                    const boost::source_location&) {
  throw std::logic_error("value taken of a problem: " + p.code + ": " + p.detail);
}

}  // namespace stoa
