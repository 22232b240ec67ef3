// Every write fails (disk full, I/O error, failing sync): the node is not ready until a commit
// succeeds again, reports that to operators, and does not fill the log.

#include "tests/support/skip.hpp"
#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <fstream>

using namespace stoa;
using namespace stoa::test;
using std::chrono::milliseconds;

namespace {

constexpr int log_lines_max = 100;

/// The file that selects how the preloaded library fails.
class disk {
 public:
  disk() { is("good"); }
  void is(const std::string& how) const {
    const auto part = file().string() + ".part";
    std::ofstream(part) << how;
    std::filesystem::rename(part, file());
  }
  environment settings() const {
    return {{"LD_PRELOAD", STOA_BAD_DISK}, {"STOA_TEST_BAD_DISK", file().string()}};
  }

 private:
  std::filesystem::path file() const { return dir_ / "disk"; }
  temp_dir dir_;
};

struct readiness {
  int status = 0;
  std::string missing;  ///< of the cart service
};
readiness cart_of(visitor& v) {
  const auto answer = v.client.get("/readyz?require=cart");
  readiness r{answer.status, {}};
  const auto document = answer.json();
  for (std::size_t i = 0; i < size_at(document, "/services"); ++i) {
    const auto at = "/services/" + std::to_string(i);
    if (text_at(document, at + "/service") != "cart") continue;
    if (has(document, at + "/missing")) r.missing = text_at(document, at + "/missing");
  }
  return r;
}

std::int64_t lines_of(const std::string& log) {
  return std::count(log.begin(), log.end(), '\n');
}

/// Fails every write for a while under retrying customers, then repairs the disk.
void fail_and_recover(const std::string& how) {
  const disk state;
  auto settings = state.settings();
  settings.emplace_back("STOA_LOG_FORMAT", "json");
  settings.emplace_back("STOA_LOG_REPEAT_INTERVAL_MS", "2000");
  storefront shop({.products = 5, .stock = 1000, .settings = settings});
  visitor v(shop.port());
  const auto product = v.goods().front().id;
  v.bought(product);
  BOOST_TEST(cart_of(v).status == 200);
  const auto lines_before = lines_of(shop.log());

  state.is(how);
  BOOST_TEST(v.client.post("/store/v1/carts", "").status == 503);
  const auto first = cart_of(v);  // from the first failed commit on
  BOOST_TEST(first.status == 503);
  BOOST_TEST(first.missing.find("commits fail since ") == 0U, first.missing);
  BOOST_TEST(first.missing.find("the database cannot be written") != std::string::npos);
  const auto reported = v.client.get("/readyz");  // products are served
  BOOST_TEST(reported.status == 200, reported.body);
  BOOST_TEST(text_at(reported.json(), "/status") == "degraded", reported.body);
  for (int i = 0; i < 400; ++i) {
    BOOST_TEST(v.client.post("/store/v1/carts", "").status == 503);
  }
  BOOST_TEST(v.client.get("/store/v1/products/" + product).status == 200);  // reads still work
  BOOST_TEST(cart_of(v).status == 503);
  BOOST_TEST(v.client.get("/metrics").body.find("stoa_commits_failed_total{service=\"cart\"} ") !=
             std::string::npos);

  state.is("good");
  // Without a customer who writes.
  BOOST_TEST(eventually([&] { return cart_of(v).status == 200; }, milliseconds{10'000}));
  v.bought(product);
  BOOST_TEST(shop.process().stop().value_or(-1) == 0, shop.process().log_end());
  const auto log = shop.log();
  BOOST_TEST(log.find("commits fail, the service is not ready") != std::string::npos);
  BOOST_TEST(log.find("commits succeed again") != std::string::npos);
  BOOST_TEST(log.find("\"repeated\":") != std::string::npos);
  BOOST_TEST(lines_of(log) - lines_before < log_lines_max, log);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(failing_disk)

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
BOOST_AUTO_TEST_CASE(no_library_can_be_preloaded) {
  skip("a sanitizer's runtime must be the first library");
}
#else
BOOST_AUTO_TEST_CASE(a_full_disk) {
  fail_and_recover("full");
}

BOOST_AUTO_TEST_CASE(an_input_output_error) {
  fail_and_recover("broken");
}

BOOST_AUTO_TEST_CASE(a_sync_that_fails) {
  fail_and_recover("unsynced");
}
#endif

BOOST_AUTO_TEST_SUITE_END()
