#include "tests/support/nats_server.hpp"

#include <csignal>
#include <cstdlib>
#include <stdexcept>

namespace stoa::test {
namespace {

namespace fs = std::filesystem;

/// STOA_TEST_NATS_SERVER selects the program of another version.
std::optional<fs::path> program() {
  if (const char* named = std::getenv("STOA_TEST_NATS_SERVER")) return named;
  return system_program("nats-server");
}

}  // namespace

bool nats_server::available() {
  return program().has_value();
}

nats_server::nats_server(nats_server_options options) : options_(std::move(options)) {
  const auto file = program();
  if (!file) throw std::runtime_error("nats-server is not installed");
  if (options_.tls) make_certificate();
  std::vector<std::string> words{"-js",       "-sd", store().string(),     "-a",
                                 "127.0.0.1", "-p",  std::to_string(port_)};
  if (options_.tls) {
    words.insert(words.end(),
                 {"--tls", "--tlscert", certificate().string(), "--tlskey", key().string()});
  }
  if (!options_.user.empty()) {
    words.insert(words.end(), {"--user", options_.user, "--pass", options_.password});
  }
  words.insert(words.end(), options_.further_arguments.begin(), options_.further_arguments.end());
  prepare(*file, words);
  start();
}

void nats_server::start() {
  start_and_await([this] { return first_bytes(port_, "", 5) == "INFO "; });
}

void nats_server::stop() {
  process_->stop(SIGTERM);
}

void nats_server::wipe() {
  kill();
  fs::remove_all(store());
}

std::string nats_server::url() const {
  const auto scheme = options_.tls ? "tls://" : "nats://";
  const auto who = options_.user.empty() ? "" : options_.user + ":" + options_.password + "@";
  return scheme + who + "127.0.0.1:" + std::to_string(port_);
}

}  // namespace stoa::test
