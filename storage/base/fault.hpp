#pragma once
// Planted faults: defects that the checkers of the crash test and the simulator must detect. They
// are placed at the boundaries of the services to the kernel, storage, the bus and effects, not in
// the services. They exist only in test programs (stoa_planted in tests/CMakeLists.txt); elsewhere
// the calls compile to nothing.

#include <string_view>

namespace stoa {

#ifdef STOA_FAULTS
/// True if the fault is enabled, by plant_fault() or the environment variable STOA_FAULT.
bool fault(std::string_view name);
/// The same for the fault "name:of", or "name:of:what", such as "lose:inventory".
bool fault(std::string_view name, std::string_view of, std::string_view what = {});
/// Enables one fault and disables all others; "" disables all.
void plant_fault(std::string_view name);
#else
constexpr bool fault(std::string_view) {
  return false;
}
constexpr bool fault(std::string_view, std::string_view, std::string_view = {}) {
  return false;
}
#endif

}  // namespace stoa
