// The reference library of Standard Webhooks (npm) verifies what the program sends. Skipped without
// npm, or if the package cannot be installed.

#include "tests/support/skip.hpp"
#include "tests/support/webhook_receiver.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>

using namespace stoa;
using namespace stoa::test;

namespace {

const std::string library = "standardwebhooks@1.0.0";

finished_program shell(const std::string& line) {
  return run_program("/bin/sh", {"-c", line}, {}, std::chrono::seconds{300});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(webhook_judges)

BOOST_AUTO_TEST_CASE(the_reference_library_verifies_every_message) {
  const temp_dir dir;
  const auto installed =
      shell("cd " + dir.path().string() + " && npm install --no-audit --no-fund " + library);
  if (installed.exit_code != 0) return skip("npm cannot install " + library);
  webhook_receiver receiver;
  storefront shop({.products = 1,
                   .stock = 10,
                   .settings = {{"STOA_WEBHOOKS_ALLOW_HTTP", "true"},
                                {"STOA_WEBHOOKS_ALLOWED_NETWORKS", "127.0.0.0/8"}}});
  visitor v(shop.port());
  const auto root = v.log_in("root");
  const auto made = v.client.post(
      "/admin/v1/webhooks", R"({"url":")" + receiver.url() + R"(","event_types":["*"]})", root);
  BOOST_TEST_REQUIRE(made.status == 201, made.body);
  const auto id = text_at(made.json(), "/webhook/webhook_id");
  v.bought(v.goods().at(0).id);
  BOOST_TEST_REQUIRE(eventually([&] { return receiver.accepted() == 1; }));
  const auto rotated = v.client.post("/admin/v1/webhooks/" + id + "/rotate-secret", "{}", root);
  BOOST_TEST_REQUIRE(rotated.status == 200, rotated.body);
  v.client.post("/admin/v1/webhooks/" + id + "/test", "{}", root);
  BOOST_TEST_REQUIRE(eventually([&] { return receiver.accepted() == 2; }));
  {
    std::ofstream messages(dir / "messages");
    for (const auto& r : receiver.received()) {
      messages << r.id << "\t" << r.field("webhook-timestamp") << "\t"
               << r.field("webhook-signature") << "\t" << r.body << "\n";
    }
  }
  const auto judged =
      shell("node " STOA_SOURCE_DIR "/tests/functional/webhook_judge.mjs " + dir.path().string() +
            " " + text_at(made.json(), "/secret") + " " + text_at(rotated.json(), "/secret"));
  BOOST_TEST(judged.exit_code == 0, judged.output);
}

BOOST_AUTO_TEST_SUITE_END()
