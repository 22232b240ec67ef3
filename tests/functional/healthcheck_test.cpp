// `stoa healthcheck` and `stoa keys create`, as containers use them.

#include "tests/support/server.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <filesystem>
#include <sys/stat.h>

using namespace stoa;
using namespace stoa::test;

namespace {

finished_program healthcheck(const std::string& listen, std::vector<std::string> more = {}) {
  std::vector<std::string> arguments{"healthcheck", "--listen", listen};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run_program(stoa_binary(), arguments);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_healthcheck_says_yes_of_a_running_server_and_no_of_others) {
  const temp_dir dir;
  server_options options;
  options.data = dir / "data";
  server running(options);
  running.start();
  const auto port = std::to_string(running.port());
  for (const auto& host : {"127.0.0.1:", "0.0.0.0:"}) {
    for (const auto& more : {std::vector<std::string>{}, std::vector<std::string>{"--live"}}) {
      const auto done = healthcheck(host + port, more);
      BOOST_TEST(done.exit_code == 0, done.output);
    }
  }

  // A stopped process does not answer; the wait is bounded.
  ::kill(running.pid(), SIGSTOP);
  const auto silent = healthcheck("127.0.0.1:" + port, {"--timeout-ms", "300"});
  ::kill(running.pid(), SIGCONT);
  BOOST_TEST(silent.exit_code == 1);
  BOOST_TEST(silent.output.find("timed out") != std::string::npos, silent.output);

  running.kill();
  const auto gone = healthcheck("127.0.0.1:" + port);
  BOOST_TEST(gone.exit_code == 1);
  BOOST_TEST(gone.output.find("cannot connect to http://127.0.0.1:" + port) != std::string::npos,
             gone.output);
  BOOST_TEST(healthcheck("127.0.0.1:0").exit_code == 1);
  BOOST_TEST(healthcheck("127.0.0.1:8080", {"--timeout-ms", "0"}).exit_code == 2);
}

BOOST_AUTO_TEST_CASE(keys_are_created_once) {
  const temp_dir dir;
  const auto keys = (dir / "keys").string();
  const auto create = [&] {
    return run_program(stoa_binary(), {"keys", "create", "--auth-keys-dir", keys}).exit_code;
  };
  BOOST_TEST(create() == 0);
  const auto file = dir / "keys/token-key.json";
  BOOST_TEST(std::filesystem::exists(dir / "keys/server.secret"));
  const auto made = std::filesystem::last_write_time(file);
  BOOST_TEST(create() == 0);
  BOOST_TEST((std::filesystem::last_write_time(file) == made));
  ::chmod(file.c_str(), 0644);
  BOOST_TEST(create() == 1);
}
