// `stoa node` and `stoa log-level` against a running server.

#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::test;
using strings = std::vector<std::string>;

namespace {

finished_program operate(const storefront& shop, std::vector<std::string> words,
                         const std::string& user = "root") {
  words.insert(words.end(),
               {"--url", "http://127.0.0.1:" + std::to_string(shop.port()), "--user", user});
  return run_program(stoa_binary(), words, {{"STOA_PASSWORD", std::string(shared_password)}});
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_operator_changes_a_running_node) {
  storefront shop({.settings = {{"STOA_NODE_NAME", "one"}, {"STOA_LOG_LEVEL", "info"}}});
  visitor v(shop.port());
  const auto root = v.log_in("root");
  v.sign_up("ada");
  const auto state = [&] { return at(v.client.get("/admin/v1/nodes", root).json(), "/data/0"); };
  const auto ready = [&] { return text_at(v.client.get("/readyz").json(), "/status"); };
  const auto does = [&](std::vector<std::string> words) {
    const auto done = operate(shop, std::move(words));
    BOOST_TEST(done.exit_code == 0, done.output);
  };

  does({"node", "drain", "one"});
  BOOST_TEST(ready() == "draining");
  BOOST_TEST(*at(state(), "/drained").if_bool());
  v.bought(v.goods().front().id);  // The only node keeps its partitions.
  does({"node", "cordon", "one"});
  BOOST_TEST(ready() == "ready");
  BOOST_TEST(*at(state(), "/cordoned").if_bool());
  does({"node", "uncordon", "one"});
  BOOST_TEST(!*at(state(), "/cordoned").if_bool());

  does({"log-level", "debug", "one", "--for-s", "600"});
  BOOST_TEST(text_at(state(), "/log_level") == "debug");
  does({"log-level", "info", "one"});
  BOOST_TEST(text_at(state(), "/log_level") == "info");

  for (const auto* name : {"two", "", "a b", "one?", "../../readyz", "one#", "%6fne", "\xff"}) {
    for (const strings& words : {strings{"node", "cordon", name}, {"log-level", "debug", name}}) {
      const auto done = operate(shop, words);
      BOOST_TEST(done.exit_code == 1, done.output);
      BOOST_TEST(done.output.find("must be encoded") == std::string::npos, done.output);
    }
  }
  const auto refused = operate(shop, {"log-level", "debug", "one"}, "ada");
  BOOST_TEST(refused.exit_code == 1);
  BOOST_TEST(operate(shop, {"log-level", "loud", "one"}).exit_code == 2);
  BOOST_TEST(text_at(state(), "/log_level") == "info");
  BOOST_TEST(shop.log().find("node operated") != std::string::npos);
}
