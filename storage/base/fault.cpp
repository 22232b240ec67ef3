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
bool fault(std::string_view name, std::string_view of, std::string_view what) {
  auto full = std::string(name) + ":" + std::string(of);
  if (!what.empty()) full += ":" + std::string(what);
  return planted() == full;
}
void plant_fault(std::string_view name) {
  planted() = name;
}

}  // namespace stoa
#endif
