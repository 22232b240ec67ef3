// SIGHUP reloads files if there are any; only the end of the terminal stops the server.

#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <pty.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

using namespace stoa;
using namespace stoa::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

bool answers(std::uint16_t port) {
  try {
    return http_client(port).get("/readyz").status == 200;
  } catch (const http_failure&) {
    return false;
  }
}

/// `stoa serve` as the session leader of a separate terminal, its log in a file.
class at_a_terminal {
 public:
  explicit at_a_terminal(bool nohup) : nohup_(nohup) {
    const auto command = "exec " + stoa_binary().string() +
                         " serve --listen 127.0.0.1:" + std::to_string(port_) + " --data " +
                         (dir_ / "data").string() + " 2>" + log_file().string();
    pid_ = ::forkpty(&terminal_, nullptr, nullptr, nullptr);
    if (pid_ == 0) {
      if (nohup_) std::signal(SIGHUP, SIG_IGN);
      ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
      ::_exit(127);
    }
    BOOST_TEST_REQUIRE(pid_ > 0);
  }
  ~at_a_terminal() {
    if (terminal_ >= 0) ::close(terminal_);
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  at_a_terminal(const at_a_terminal&) = delete;
  at_a_terminal& operator=(const at_a_terminal&) = delete;

  std::uint16_t port() const { return port_; }
  pid_t pid() const { return pid_; }
  void close_terminal() {
    ::close(terminal_);
    terminal_ = -1;
  }
  /// The exit code when it ends within the limit.
  std::optional<int> ends(milliseconds limit) {
    int status = 0;
    const bool ended = eventually([&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; }, limit);
    if (!ended) return std::nullopt;
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  std::string log() const {
    std::ifstream in(log_file());
    return {std::istreambuf_iterator<char>(in), {}};
  }

 private:
  std::filesystem::path log_file() const { return dir_ / "log"; }

  temp_dir dir_;
  const std::uint16_t port_ = free_port();
  const bool nohup_;
  int terminal_ = -1;
  pid_t pid_ = -1;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(hangup)

BOOST_AUTO_TEST_CASE(a_server_with_no_other_files_than_keys_lives_on) {
  storefront shop;
  visitor v(shop.port());
  for (int i = 0; i < 3; ++i) BOOST_TEST(::kill(shop.process().pid(), SIGHUP) == 0);
  BOOST_TEST(eventually(
      [&] { return shop.log().find("SIGHUP received; reloading files") != std::string::npos; }));
  v.bought(v.goods().front().id);
  BOOST_TEST(shop.process().stop().value_or(-1) == 0, shop.process().log_end());
}

BOOST_AUTO_TEST_CASE(the_end_of_the_terminal_drains) {
  at_a_terminal server(false);
  BOOST_TEST(eventually([&] { return answers(server.port()); }), server.log());
  BOOST_TEST(::kill(server.pid(), SIGHUP) == 0);  // The terminal is still open.
  BOOST_TEST(eventually([&] { return server.log().find("reloading files") != std::string::npos; }));
  BOOST_TEST(answers(server.port()));
  server.close_terminal();
  BOOST_TEST(server.ends(seconds{20}).value_or(-1) == 0, server.log());
  for (const auto* line : {"terminal closed; stopping", "draining", "stopped"}) {
    BOOST_TEST(server.log().find(line) != std::string::npos, line << " in " << server.log());
  }
}

BOOST_AUTO_TEST_CASE(a_server_that_is_to_outlive_its_terminal_does) {
  at_a_terminal server(true);
  BOOST_TEST(eventually([&] { return answers(server.port()); }), server.log());
  server.close_terminal();
  BOOST_TEST(!server.ends(milliseconds{1000}).has_value());
  BOOST_TEST(answers(server.port()));
  BOOST_TEST(::kill(server.pid(), SIGTERM) == 0);
  BOOST_TEST(server.ends(seconds{20}).value_or(-1) == 0, server.log());
}

BOOST_AUTO_TEST_SUITE_END()
