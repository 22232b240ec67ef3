#pragma once
// What a run has measured: how many, how long each, and with which outcome.

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::bench {

using load_clock = std::chrono::steady_clock;

/// Every single duration is kept, so that the percentiles are exact.
class latencies {
 public:
  void add(load_clock::duration d);
  void add(const latencies& others);
  std::size_t count() const { return us_.size(); }
  /// The duration in milliseconds that the given part (0..1) of all did not exceed.
  double percentile_ms(double part);

 private:
  std::vector<std::uint32_t> us_;
  bool sorted_ = false;
};

struct run_options {
  std::uint16_t port = 0;
  std::vector<std::uint16_t> other_ports{};  ///< of the same store: clients are dealt out to all
  int concurrency = 64;
  int seconds = 10;
  int warmup_s = 2;
  bool progress = false;  ///< a line each second on standard error

  std::uint16_t port_of(int client) const {
    const auto place = static_cast<std::size_t>(client) % (other_ports.size() + 1);
    return place == 0 ? port : other_ports[place - 1];
  }
};

/// The result of one run.
struct figures {
  std::string name;  ///< what was done: "purchases", "product reads"
  double seconds = 0;
  std::uint64_t done = 0;                         ///< within the time, without the warm-up
  std::map<std::string, latencies> steps;         ///< by name; the whole under `name`
  std::map<std::string, std::uint64_t> outcomes;  ///< of all, with the warm-up
  std::vector<std::string> errors;                ///< the first few answers that should not be

  double per_second() const { return seconds > 0 ? static_cast<double>(done) / seconds : 0; }
  std::string text();
  std::string json();
};

/// "2 cores of AMD ..., 7.8 GiB memory, Linux 6.1": where the figures were measured.
std::string machine();

/// One line that is written over again; ended by end_progress().
void show_progress(std::string_view line);
void end_progress();

}  // namespace stoa::bench
