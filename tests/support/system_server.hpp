#pragma once
// What the servers that tests start have in common: a port and a folder of their own, a process
// that can be killed and frozen, a certificate.

#include "tests/support/child_process.hpp"
#include "tests/support/temp_dir.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace stoa::test {

/// The program of Debian's package, if it is installed.
std::optional<std::filesystem::path> system_program(const std::string& name);
/// The first bytes that whoever listens at the port of 127.0.0.1 says, after it was told `word`;
/// fewer than `count` when no more came within a second.
std::string first_bytes(std::uint16_t port, const std::string& word, std::size_t count);

/// Runs on the same port of 127.0.0.1 after each start. Start it in the main thread: it ends with
/// the thread.
class system_server {
 public:
  system_server(const system_server&) = delete;
  system_server& operator=(const system_server&) = delete;

  /// SIGKILL to all its processes at once.
  void kill() { process_->kill(); }
  /// SIGSTOP to all its processes, as a machine that hangs.
  void freeze();
  void thaw();
  bool running() { return process_->running(); }

  std::uint16_t port() const { return port_; }
  /// The file with the certificate to trust, of a server that offers TLS.
  std::filesystem::path certificate() const { return dir_ / "server.crt"; }
  std::string log_end() const { return process_->log_end(); }

 protected:
  /// `user`: as in child_options.
  explicit system_server(std::string user = {});
  ~system_server();

  /// `end_signal`: as in child_options.
  void prepare(const std::filesystem::path& program, std::vector<std::string> arguments,
               int end_signal = SIGKILL);
  /// Starts the process and waits; throws with the end of its log when it is not ready in time.
  void start_and_await(const std::function<bool()>& ready);
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
