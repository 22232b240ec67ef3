#include "tests/support/system_server.hpp"

#include "tests/support/server.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <csignal>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/time.h>
#include <thread>
#include <unistd.h>

namespace stoa::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

constexpr std::chrono::milliseconds pause{10};

}  // namespace

std::optional<fs::path> system_program(const std::string& name) {
  for (const char* folder : {"/usr/bin", "/usr/sbin", "/usr/local/bin"}) {
    auto file = fs::path(folder) / name;
    if (fs::is_regular_file(file)) return file;
  }
  return std::nullopt;
}

std::string first_bytes(std::uint16_t port, const std::string& word, std::size_t count) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval limit{1, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string said(count, '\0');
  ssize_t got = 0;
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      ::send(fd, word.data(), word.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(word.size())) {
    got = ::recv(fd, said.data(), count, MSG_WAITALL);
  }
  ::close(fd);
  said.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  return said;
}

system_server::system_server(std::string user) : port_(free_port()), user_(std::move(user)) {
  if (!user_.empty()) give_to_server_user(dir_.path());
}

system_server::~system_server() {
  if (process_) process_->end();
}

void system_server::freeze() {
  process_->signal_all(SIGSTOP);
}

void system_server::thaw() {
  process_->signal_all(SIGCONT);
}

void system_server::prepare(const fs::path& program, std::vector<std::string> arguments,
                            int end_signal) {
  process_ = std::make_unique<child_process>(
      child_options{program, std::move(arguments), dir_ / "log", user_, end_signal});
}

void system_server::start_and_await(const std::function<bool()>& ready,
                                    std::chrono::seconds limit) {
  process_->start();
  const auto until = steady_clock::now() + limit;
  while (!ready()) {
    if (!process_->running() || steady_clock::now() > until) {
      throw std::runtime_error("the server does not start:\n" + process_->log_end());
    }
    std::this_thread::sleep_for(pause);
  }
}

void system_server::make_certificate(bool with_address) {
  const std::string names =
      with_address ? "subjectAltName=DNS:localhost,IP:127.0.0.1" : "subjectAltName=DNS:localhost";
  run_to_end({"/usr/bin/openssl",
              {"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
               "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", names, "-keyout",
               key().string(), "-out", certificate().string()},
              dir_ / "openssl.log",
              user_});
  fs::permissions(key(), fs::perms::owner_read | fs::perms::owner_write);
}

}  // namespace stoa::test
