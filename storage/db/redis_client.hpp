#pragma once
// One connection to a Redis server: commands in pipelines, deadlines, reconnecting, TLS 1.2 or
// newer.

#include "storage/db/redis.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace stoa::db {

/// A command's words. Scripts are sent whole (EVAL); the server compiles each text once.
using redis_command = std::vector<std::string>;

/// One answer; an error is an answer too.
struct redis_answer {
  enum class type { nil, integer, text, list, error };
  type kind = type::nil;
  std::int64_t integer = 0;
  std::string text;  ///< also the error's
  std::vector<redis_answer> items;

  bool failed() const { return kind == type::error; }
};

/// What a redis:// or rediss:// URL says. Throws error(programming) for any other text.
struct redis_address {
  bool tls = false;
  std::string host;
  std::string port = "6379";
  std::string number = "0";
};
redis_address redis_address_of(const std::string& url);

/// The error that an answer of the server means: out of memory, loading, read-only replica, ...
error redis_error(const std::string& what, const redis_answer& answer);

/// Used by one thread at a time.
class redis_client {
 public:
  /// Connects to nothing yet.
  explicit redis_client(redis_options options);
  ~redis_client();

  /// Makes the connection when there is none, or when the server has closed it. Throws unavailable
  /// when that fails, and at once during the pause after a failed attempt. True when it is new.
  /// With TLS the server's certificate must be valid for the host, by the system's authorities (or
  /// those in the file that the environment variable SSL_CERT_FILE names).
  bool ensure();
  bool connected() const { return link_ != nullptr; }
  /// Ends the connection when the server has closed it meanwhile; true when it still stands.
  bool alive();
  /// Ends the connection.
  void close() noexcept;

  /// Sends all commands and returns their answers in order. Throws unavailable when the connection
  /// is lost, or the answers are not there in time: the commands may have run or not.
  std::vector<redis_answer> run(std::span<const redis_command> commands);
  redis_answer run(const redis_command& one);

 private:
  struct link;

  std::string name() const { return "redis " + address_.host + ":" + address_.port; }
  void greet();
  std::vector<redis_answer> exchange(std::span<const redis_command> commands);

  redis_options options_;
  redis_address address_;
  std::unique_ptr<link> link_;
  int failures_ = 0;  ///< to connect, one after the other
  std::chrono::steady_clock::time_point next_attempt_{};
  std::string last_failure_;
};

}  // namespace stoa::db
