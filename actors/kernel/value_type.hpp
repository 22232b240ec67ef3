#pragma once
// The operations on the values of one type, for code that does not know the type: the compiler
// would otherwise generate that code for each type of message.

#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"

#include <memory>

namespace stoa::kernel {

struct value_type {
  std::shared_ptr<void> (*make)();  ///< a default value
  json::detail::reader read;
  json::detail::writer write;
};

template <class T>
std::shared_ptr<void> make_value() {
  return std::make_shared<T>();
}

template <class T>
inline constexpr value_type value_type_of{&make_value<T>, json::detail::reader_of<T>(),
                                          json::detail::writer_of<T>()};

/// The value as compact JSON.
inline std::string json_of(const value_type& type, const void* value) {
  std::string& out = json::detail::scratch();
  type.write(out, value);
  return out;
}

}  // namespace stoa::kernel
