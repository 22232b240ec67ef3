#pragma once
// Planted faults: mistakes that the checkers of the crash test and the simulator must catch. They
// sit where services meet the kernel, storage, the bus and what effects call, not in the services.
// They exist only in the tests' programs (stoa_planted in tests/CMakeLists.txt); elsewhere the
// calls compile to nothing.

#include <string_view>

namespace stoa {

#ifdef STOA_FAULTS
/// True when the fault of that name is switched on, by plant_fault() or the variable STOA_FAULT.
bool fault(std::string_view name);
/// True for the fault "name:of", or "name:of:what", such as "lose:inventory".
bool fault(std::string_view name, std::string_view of, std::string_view what = {});
/// Switches on one fault and all others off; "" for none.
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
