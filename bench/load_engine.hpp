#pragma once
// Runs a scenario's operations against a server, at a rate that does not depend on the responses
// (open loop), or by a fixed number of users who wait for them (closed loop).
//
// In the open loop an operation has an intended start, and its duration is counted from there: a
// server that stalls delays the operations that follow, and these delays are a part of their
// durations (no coordinated omission).

#include "bench/lazy.hpp"
#include "bench/recorder.hpp"
#include "bench/target.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <random>
#include <span>

namespace stoa::bench {

enum class arrivals { constant, poisson };

struct load_plan {
  double rate = 0;  ///< operations per second; 0: closed loop
  arrivals spacing = arrivals::constant;
  int connections = 64;  ///< users of a closed loop; most operations at once of an open one
  int threads = 1;
  std::chrono::microseconds warmup{};
  std::chrono::microseconds duration{};
  std::vector<target> targets{};  ///< servers of one store; users are spread over them
  std::string fields{};  ///< of each request, with the ends of lines; empty: only the target's Host
  std::chrono::milliseconds timeout{30'000};  ///< of a request
  std::chrono::milliseconds think{0};         ///< mean pause between the steps of an operation
  bool once = false;                          ///< closed loop: each user runs one operation
  bool repeats = false;  ///< requests that were rejected for overload are repeated
  std::uint64_t seed = 1;
};

/// A simulated person with one connection. Runs one operation at a time.
class user {
 public:
  user(test::load_loop& loop, const load_plan& plan, load_recorder& results, std::uint64_t number);

  /// Sends the request and records it under the step's name. True if the response has one of the
  /// statuses; otherwise it is recorded as an error.
  lazy ask(std::string_view step, std::string request, std::span<const int> statuses);
  /// Sends the same GET several times at once, and records each under the step's name.
  lazy get_many(std::string_view step, std::string requests, std::size_t many);
  /// Whether the last response contains these members; otherwise an error is recorded.
  bool has(std::string_view step, std::initializer_list<std::string_view> members);
  /// The pause of a person between two steps.
  lazy think();
  lazy pause(std::chrono::microseconds time);

  int status() const { return last_.status; }
  std::string_view body() const { return last_.body; }
  std::string_view member(std::string_view name) const;
  /// A field of the last response; "": it has none.
  std::string_view field(std::string_view name) const { return test::field_of(last_.head, name); }

  std::mt19937_64 random;
  load_recorder& results;
  const std::uint64_t number;    ///< unique in the run
  std::uint64_t operations = 0;  ///< begun
  /// Set by a scenario: kept between the user's operations.
  std::string cart{};
  std::string token{};
  bool sold_out = false;
  /// The operations as which the present one is counted.
  std::uint64_t weight = 1;

 private:
  friend class load_thread;

  load_clock::time_point send_time();
  void take(test::load_answer a);

  const load_plan& plan_;
  test::load_loop& loop_;
  test::load_connection connection_;
  test::load_answer last_{};
  std::string fields_;
  std::string plain_{};  ///< the last body, decompressed
  /// Counts the first request of an operation from the operation's intended start.
  load_clock::time_point start_{};
};

/// One operation. Sets `name` to the name under which it is counted.
using operation = std::function<lazy(user&, std::string_view& name)>;

/// One second of a run.
struct second_of_run {
  double at = 0;  ///< seconds since the measuring period began; negative: warm-up
  double done = 0;
  double failed = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  double max_ms = 0;
  double cpu = 0;        ///< of the server, in cores; 0: not known
  double memory_mb = 0;  ///< of the server; 0: not known
  std::string times;     ///< a histogram, encoded: a run may last for a day
};

/// CPU time in seconds and memory in MB that the server uses now.
struct server_use {
  double cpu_s = 0;
  double memory_mb = 0;
};

struct load_result {
  measurements all;
  std::vector<second_of_run> seconds;
  double took_s = 0;       ///< the measuring period
  std::uint64_t late = 0;  ///< arrivals of the period that were not started, as all users were busy
  double wanted_rate = 0;  ///< 0: closed loop
  double rate() const { return took_s > 0 ? static_cast<double>(all.done()) / took_s : 0; }
};

struct load_watch {
  std::function<server_use()> server{};  ///< empty: not known
  std::function<void(const second_of_run&, bool is_warmup)> each_second{};
};

/// Runs until the period is over and all operations have ended.
load_result run_load(const load_plan& plan, const operation& what, const load_watch& watch = {});

}  // namespace stoa::bench
