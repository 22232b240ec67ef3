// PayPal's official Node SDK drives the simulator, so that the responses that the gateway is tested
// with are those that PayPal's own client accepts. Skipped without npm, or if the package cannot be
// installed.

#include "tests/support/child_process.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::test;

namespace {

const std::string sdk = "@paypal/paypal-server-sdk@2.5.0";

finished_program shell(const std::string& line) {
  return run_program("/bin/sh", {"-c", line}, {}, seconds{300});
}

bool listens(std::uint16_t port) {
  try {
    return http_client(port).get("/v2/checkout/orders/X").status != 0;
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(paypal_judges)

BOOST_AUTO_TEST_CASE(the_official_sdk_accepts_the_simulator) {
  const temp_dir dir;
  const auto installed =
      shell("cd " + dir.path().string() + " && npm install --no-audit --no-fund " + sdk);
  if (installed.exit_code != 0) return skip("npm cannot install " + sdk);
  const auto port = free_port();
  child_process simulator({stoa_binary(),
                           {"gateway-simulator", "--listen", "127.0.0.1:" + std::to_string(port),
                            "--data", (dir / "bank").string()},
                           dir / "log"});
  simulator.start();
  BOOST_REQUIRE_MESSAGE(eventually([&] { return listens(port); }), simulator.log_end());
  const auto judged = shell("node " STOA_SOURCE_DIR "/tests/functional/paypal_sdk.mjs " +
                            dir.path().string() + " " + std::to_string(port));
  BOOST_TEST(judged.exit_code == 0, judged.output);
}

BOOST_AUTO_TEST_SUITE_END()
