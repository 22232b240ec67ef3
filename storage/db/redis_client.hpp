#pragma once
// One connection to a Redis server: commands in pipelines, scripts, deadlines, reconnecting. The
// protocol's answers are read by hiredis; the socket is our own, for hiredis' blocking one has no
// deadline for a whole answer, no TLS in the version at hand, and raises SIGPIPE.

#include "storage/db/redis.hpp"
#include "storage/db/redis_socket.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::db {

/// A Lua script. Its address is its identity: it must live as long as the program.
struct redis_script {
  const char* text;
};

/// A command's words; those of a script are what follows EVALSHA and its hash.
struct redis_command {
  std::vector<std::string> words;
  const redis_script* script = nullptr;
};

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
  /// Connects to nothing yet. The scripts are loaded with each connection.
  redis_client(redis_options options, std::vector<const redis_script*> scripts);
  ~redis_client();
  redis_client(const redis_client&) = delete;
  redis_client& operator=(const redis_client&) = delete;

  /// Makes the connection when there is none, or when the server has closed it. Throws unavailable
  /// when that fails, and at once during the pause after a failed attempt. True when it is new.
  bool ensure();
  bool connected() const { return socket_ != nullptr; }
  /// Ends the connection when the server has closed it meanwhile; true when it still stands.
  bool alive();
  /// Ends the connection.
  void close() noexcept;

  /// Sends all commands and returns their answers in order. Throws unavailable when the connection
  /// is lost, or the answers are not there in time: the commands may have run or not. Scripts that
  /// the server has forgotten are loaded again.
  std::vector<redis_answer> run(std::span<const redis_command> commands);
  redis_answer run(redis_command one);

 private:
  using time_point = std::chrono::steady_clock::time_point;
  struct reader_deleter {
    void operator()(void* reader) const;
  };

  [[noreturn]] void failed(const std::string& why);
  std::string name() const;
  void greet();
  void load_scripts();
  void append(const redis_command& command);
  std::vector<redis_answer> exchange(std::size_t count);
  redis_answer receive(time_point until);

  redis_options options_;
  redis_address address_;
  std::vector<const redis_script*> scripts_;
  std::vector<std::string> hashes_;  ///< of the scripts, in their order
  std::unique_ptr<redis_socket> socket_;
  std::unique_ptr<void, reader_deleter> reader_;
  std::string output_;
  int failures_ = 0;  ///< to connect, one after the other
  time_point next_attempt_{};
  std::string last_failure_;
};

}  // namespace stoa::db
