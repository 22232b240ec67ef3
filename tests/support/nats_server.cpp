#include "tests/support/nats_server.hpp"

#include "tests/support/server.hpp"

#include <arpa/inet.h>
#include <array>
#include <csignal>
#include <cstdlib>
#include <netinet/in.h>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <sys/socket.h>
#include <sys/time.h>
#include <thread>
#include <unistd.h>

namespace stoa::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::chrono::seconds start_limit{20};

/// STOA_TEST_NATS_SERVER names another version's program, to try that.
std::optional<fs::path> program() {
  if (const char* named = std::getenv("STOA_TEST_NATS_SERVER")) return named;
  for (const char* folder : {"/usr/sbin", "/usr/bin", "/usr/local/bin"}) {
    auto file = fs::path(folder) / "nats-server";
    if (fs::is_regular_file(file)) return file;
  }
  return std::nullopt;
}

}  // namespace

bool nats_server::available() {
  return program().has_value();
}

nats_server::nats_server(nats_server_options options)
    : options_(std::move(options)), port_(free_port()) {
  const auto file = program();
  if (!file) throw std::runtime_error("nats-server is not installed");
  if (options_.tls) make_certificate();
  std::vector<std::string> words{"-js",       "-sd", (dir_ / "store").string(), "-a",
                                 "127.0.0.1", "-p",  std::to_string(port_)};
  if (options_.tls) {
    words.insert(words.end(), {"--tls", "--tlscert", certificate().string(), "--tlskey",
                               (dir_ / "server.key").string()});
  }
  if (!options_.user.empty()) {
    words.insert(words.end(), {"--user", options_.user, "--pass", options_.password});
  }
  words.insert(words.end(), options_.further_arguments.begin(), options_.further_arguments.end());
  process_ = std::make_unique<child_process>(child_options{*file, words, dir_ / "log", ""});
  start();
}

nats_server::~nats_server() {
  process_->kill();
}

void nats_server::make_certificate() {
  run_to_end({"/usr/bin/openssl",
              {"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
               "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
               "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout",
               (dir_ / "server.key").string(), "-out", certificate().string()},
              dir_ / "openssl.log",
              ""});
}

bool nats_server::greets() const {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval limit{1, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::array<char, 5> word{};
  const bool greeted =
      ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      ::recv(fd, word.data(), word.size(), MSG_WAITALL) == static_cast<ssize_t>(word.size()) &&
      std::string_view(word.data(), word.size()) == "INFO ";
  ::close(fd);
  return greeted;
}

void nats_server::start() {
  process_->start();
  const auto until = steady_clock::now() + start_limit;
  while (!greets()) {
    if (!process_->running() || steady_clock::now() > until) {
      throw std::runtime_error("nats-server does not start:\n" + process_->log_end());
    }
    std::this_thread::sleep_for(milliseconds{10});
  }
}

void nats_server::stop() {
  process_->stop(SIGTERM);
}

void nats_server::wipe() {
  kill();
  fs::remove_all(dir_ / "store");
}

std::string nats_server::url() const {
  const auto scheme = options_.tls ? "tls://" : "nats://";
  const auto who = options_.user.empty() ? "" : options_.user + ":" + options_.password + "@";
  return scheme + who + "127.0.0.1:" + std::to_string(port_);
}

}  // namespace stoa::test
