#include "tests/support/redis_server.hpp"

#include "tests/support/server.hpp"

#include <arpa/inet.h>
#include <array>
#include <csignal>
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

std::optional<fs::path> program() {
  for (const char* folder : {"/usr/bin", "/usr/sbin", "/usr/local/bin"}) {
    auto file = fs::path(folder) / "redis-server";
    if (fs::is_regular_file(file)) return file;
  }
  return std::nullopt;
}

}  // namespace

bool redis_server::available() {
  return program().has_value();
}

redis_server::redis_server(redis_server_options options)
    : options_(std::move(options)), port_(free_port()) {
  const auto file = program();
  if (!file) throw std::runtime_error("redis-server is not installed");
  std::vector<std::string> words{
      "--bind",       "127.0.0.1",          "--port",        std::to_string(port_),
      "--dir",        dir_.path().string(), "--save",        "",
      "--appendonly", options_.appendonly,  "--appendfsync", options_.appendfsync};
  if (!options_.password.empty()) {
    words.insert(words.end(), {"--requirepass", options_.password});
  }
  if (options_.tls) {
    make_certificate();
    tls_port_ = free_port();
    words.insert(words.end(), {"--tls-port", std::to_string(tls_port_), "--tls-cert-file",
                               certificate().string(), "--tls-key-file",
                               (dir_ / "server.key").string(), "--tls-auth-clients", "no"});
  }
  for (const auto& [name, set_to] : options_.settings) {
    words.insert(words.end(), {"--" + name, set_to});
  }
  process_ = std::make_unique<child_process>(child_options{*file, words, dir_ / "log", ""});
  start();
}

redis_server::~redis_server() {
  process_->kill();
}

void redis_server::make_certificate() {
  run_to_end(
      {"/usr/bin/openssl",
       {"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
        "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
        "-keyout", (dir_ / "server.key").string(), "-out", certificate().string()},
       dir_ / "openssl.log",
       ""});
}

bool redis_server::answers() const {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval limit{1, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  constexpr std::string_view ping = "PING\r\n";
  std::array<char, 5> word{};
  bool ready = false;
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      ::send(fd, ping.data(), ping.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(ping.size()) &&
      ::recv(fd, word.data(), word.size(), MSG_WAITALL) == static_cast<ssize_t>(word.size())) {
    const std::string_view answer(word.data(), word.size());
    ready = answer == "+PONG" || answer == "-NOAU";
  }
  ::close(fd);
  return ready;
}

void redis_server::start() {
  process_->start();
  const auto until = steady_clock::now() + start_limit;
  while (!answers()) {
    if (!process_->running() || steady_clock::now() > until) {
      throw std::runtime_error("redis-server does not start:\n" + process_->log_end());
    }
    std::this_thread::sleep_for(milliseconds{5});
  }
}

void redis_server::stop() {
  process_->stop(SIGTERM);
}

void redis_server::kill() {
  process_->kill();
}

void redis_server::freeze() {
  process_->signal_all(SIGSTOP);
}

void redis_server::thaw() {
  process_->signal_all(SIGCONT);
}

std::string redis_server::url(int number) const {
  return "redis://127.0.0.1:" + std::to_string(port_) + "/" + std::to_string(number);
}

}  // namespace stoa::test
