#pragma once
// Planted faults: mistakes that the checkers of the crash test and the simulator must catch. They
// exist only in the tests' programs (stoa_planted in tests/CMakeLists.txt); elsewhere the calls
// compile to nothing.

#include <string_view>

namespace stoa {

#ifdef STOA_FAULTS
/// True when the fault of that name is switched on, by plant_fault() or the variable STOA_FAULT.
bool fault(std::string_view name);
/// Switches on one fault and all others off; "" for none.
void plant_fault(std::string_view name);
#else
constexpr bool fault(std::string_view) {
  return false;
}
#endif

}  // namespace stoa
