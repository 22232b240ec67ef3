#include "tests/support/redis_server.hpp"

#include "tests/support/server.hpp"

#include <csignal>
#include <stdexcept>

namespace stoa::test {
bool redis_server::available() {
  return system_program("redis-server").has_value();
}

redis_server::redis_server(redis_server_options options) : options_(std::move(options)) {
  const auto file = system_program("redis-server");
  if (!file) throw std::runtime_error("redis-server is not installed");
  std::vector<std::string> words{
      "--bind",       "127.0.0.1",          "--port",        std::to_string(port_),
      "--dir",        dir_.path().string(), "--save",        "",
      "--appendonly", options_.appendonly,  "--appendfsync", options_.appendfsync};
  if (!options_.password.empty()) {
    words.insert(words.end(), {"--requirepass", options_.password});
  }
  if (options_.tls) {
    make_certificate(false);
    tls_port_ = free_port();
    words.insert(words.end(), {"--tls-port", std::to_string(tls_port_), "--tls-cert-file",
                               certificate().string(), "--tls-key-file", key().string(),
                               "--tls-auth-clients", "no"});
  }
  for (const auto& [name, set_to] : options_.settings) {
    words.insert(words.end(), {"--" + name, set_to});
  }
  prepare(*file, words);
  start();
}

void redis_server::start() {
  start_and_await([this] {
    const auto answer = first_bytes(port_, "PING\r\n", 5);
    return answer == "+PONG" || answer == "-NOAU";
  });
}

void redis_server::stop() {
  process_->stop(SIGTERM);
}

std::string redis_server::url(int number) const {
  return "redis://127.0.0.1:" + std::to_string(port_) + "/" + std::to_string(number);
}

}  // namespace stoa::test
