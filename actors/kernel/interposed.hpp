#pragma once
// For functions of this program that interpose a library function of the same name.

#include <cstring>
#include <dlfcn.h>

namespace stoa::kernel {

/// The interposed library function; null when there is none.
template <class Function>
Function* next_function(const char* name) {
  void* found = ::dlsym(RTLD_NEXT, name);
  Function* function = nullptr;
  static_assert(sizeof(function) == sizeof(found));
  std::memcpy(&function, &found, sizeof(found));
  return function;
}

}  // namespace stoa::kernel
