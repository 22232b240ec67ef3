// main() of all test programs.
#include "tests/support/skip.hpp"

#define BOOST_TEST_NO_MAIN
#define BOOST_TEST_ALTERNATIVE_INIT_API
#include <boost/test/unit_test.hpp>

#include <iostream>

namespace stoa::test {

namespace {
bool skipped = false;
}

void skip(std::string_view why) {
  std::cout << "skipped: " << why << std::endl;
  skipped = true;
}

}  // namespace stoa::test

namespace {
bool no_more_init() {
  return true;
}
}  // namespace

int main(int argc, char** argv) {
  int code = boost::unit_test::unit_test_main(&no_more_init, argc, argv);
  return code == 0 && stoa::test::skipped ? stoa::test::exit_skipped : code;
}
