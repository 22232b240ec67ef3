#pragma once
// State shared by all tasks of a run: the measuring period and the counters.

#include "bench/figures.hpp"
#include "tests/support/load_loop.hpp"

#include <fmt/format.h>

namespace stoa::bench {

inline constexpr std::size_t errors_max = 5;

class crowd {
 public:
  crowd(const run_options& options, figures& result) : options_(options), result_(result) {}

  /// Runs until the period is over and every started task has called leave().
  void run(int tasks) {
    inside_ = tasks;
    began_ = load_clock::now() + std::chrono::seconds{options_.warmup_s};
    ends_ = began_ + std::chrono::seconds{options_.seconds};
    show();
    loop.run();
    if (options_.progress) end_progress();
    result_.seconds = options_.seconds;
  }
  void leave() {
    if (--inside_ == 0) loop.stop();
  }
  bool closing() const { return load_clock::now() >= ends_; }
  /// True if an operation that ends now is within the measuring period.
  bool counts() const {
    const auto now = load_clock::now();
    return now >= began_ && now < ends_;
  }
  void step(const std::string& name, load_clock::time_point since) {
    if (counts()) result_.steps[name].add(load_clock::now() - since);
  }
  void done(load_clock::time_point since) {
    ++shown_;
    if (!counts()) return;
    ++result_.done;
    result_.steps[result_.name].add(load_clock::now() - since);
  }
  void outcome(const std::string& what) { ++result_.outcomes[what]; }
  void error(const std::string& what) {
    if (result_.errors.size() < errors_max) result_.errors.push_back(what);
  }

  test::load_loop loop;

 private:
  void show() {
    if (!options_.progress) return;
    const auto now = load_clock::now();
    const auto left = std::chrono::duration<double>(ends_ - now).count();
    show_progress(fmt::format("{}{} {}/s, {:.0f} s left", now < began_ ? "warming up: " : "",
                              shown_, result_.name, std::max(left, 0.0)));
    shown_ = 0;
    loop.after(std::chrono::seconds{1}, [this] { show(); });
  }

  const run_options& options_;
  figures& result_;
  load_clock::time_point began_, ends_;
  int inside_ = 0;
  std::uint64_t shown_ = 0;
};

}  // namespace stoa::bench
