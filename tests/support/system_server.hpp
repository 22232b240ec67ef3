#pragma once
// Common parts of the servers that tests start: a port and a folder, a process that can be killed
// and frozen, a certificate.

#include "tests/support/child_process.hpp"
#include "tests/support/temp_dir.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace stoa::test {

/// The program of Debian's package, if installed.
std::optional<std::filesystem::path> system_program(const std::string& name);
/// The first bytes that the server at the port of 127.0.0.1 sends after it received `word`; fewer
/// than `count` when no more arrived within a second.
std::string first_bytes(std::uint16_t port, const std::string& word, std::size_t count);

/// Uses the same port of 127.0.0.1 after each start. Start it in the main thread: it ends with the
/// thread.
class system_server {
 public:
  system_server(const system_server&) = delete;
  system_server& operator=(const system_server&) = delete;

  /// SIGKILL to all its processes at once.
  void kill() { process_->kill(); }
  /// SIGSTOP to all its processes, to simulate a hung machine.
  void freeze();
  void thaw();
  bool running() { return process_->running(); }

  std::uint16_t port() const { return port_; }
  /// The certificate to trust, when the server offers TLS.
  std::filesystem::path certificate() const { return dir_ / "server.crt"; }
  std::string log_end() const { return process_->log_end(); }

 protected:
  /// `user`: as in child_options.
  explicit system_server(std::string user = {});
  ~system_server();

  /// `end_signal`: as in child_options.
  void prepare(const std::filesystem::path& program, std::vector<std::string> arguments,
               int end_signal = SIGKILL);
  /// Starts the process and waits until it is ready; throws with the end of its log on timeout.
  void start_and_await(const std::function<bool()>& ready,
                       std::chrono::seconds limit = std::chrono::seconds{20});
  /// For 127.0.0.1 and localhost, or for localhost only.
  void make_certificate(bool with_address = true);
  std::filesystem::path key() const { return dir_ / "server.key"; }

  temp_dir dir_;
  std::uint16_t port_;
  std::unique_ptr<child_process> process_;

 private:
  std::string user_;
};

}  // namespace stoa::test
