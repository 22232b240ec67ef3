#include "storage/base/fault.hpp"

#ifdef STOA_FAULTS
#include <cstdlib>
#include <string>

namespace stoa {

namespace {

std::string& planted() {
  static std::string name = [] {
    const char* value = std::getenv("STOA_FAULT");
    return std::string(value ? value : "");
  }();
  return name;
}

}  // namespace

bool fault(std::string_view name) {
  return planted() == name;
}
void plant_fault(std::string_view name) {
  planted() = name;
}

}  // namespace stoa
#endif
