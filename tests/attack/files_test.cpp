// Files that disappear while the program runs, and before its restart.

#include "tests/support/attack.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <thread>

using namespace stoa::test;
using std::chrono::milliseconds;
namespace fs = std::filesystem;

BOOST_AUTO_TEST_SUITE(files)

BOOST_AUTO_TEST_CASE(missing_files) {
  attack_ground g;
  const auto data = g.shop().data();
  g.withstand("the mail folder disappears", [&](const std::atomic<bool>& over) {
    while (!over) {
      std::error_code ignored;
      fs::remove_all(data / "mail", ignored);
      std::this_thread::sleep_for(milliseconds{100});
    }
  });
  BOOST_TEST(g.shop().process().stop().value_or(-1) == 0);
  // A missing database is not replaced by an empty one.
  fs::remove(data / "payment.db");
  const auto done =
      run_program(stoa_binary(), {"serve", "--data", data.string(), "--listen", "127.0.0.1:0"}, {},
                  milliseconds{5000});
  BOOST_TEST(done.exit_code == 1);
  BOOST_TEST(done.output.find("payment.db") != std::string::npos, done.output);
  BOOST_TEST(!fs::exists(data / "payment.db"));
}

BOOST_AUTO_TEST_SUITE_END()
