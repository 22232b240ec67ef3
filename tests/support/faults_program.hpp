#pragma once
// Tests of planted faults: in the `faults` preset the real thing; elsewhere a case that starts that
// preset's program of the same name.

#include "tests/support/skip.hpp"

#include <cstdlib>
#include <filesystem>
#include <string>

namespace stoa::test {

/// True when the program of that name in STOA_TEST_FAULTS_DIR passes; also when there is none, and
/// then this test is skipped.
inline bool passes_in_faults_preset(const std::string& name) {
  const char* folder = std::getenv("STOA_TEST_FAULTS_DIR");
  auto program = std::filesystem::path(folder ? folder : "") / "tests" / name;
  if (!folder || !std::filesystem::exists(program)) {
    skip("needs the faults preset (./dev test builds it)");
    return true;
  }
  auto command = "'" + program.string() + "' --log_level=message --report_level=no";
  return std::system(command.c_str()) == 0;
}

}  // namespace stoa::test
