#include "storage/db/cut.hpp"

#include "storage/base/fault.hpp"
#include "storage/db/value.hpp"

#include <algorithm>
#include <thread>

namespace stoa::db {

namespace {

using std::chrono::steady_clock;

/// Releases the locks at the end of the attempt.
class attempt {
 public:
  explicit attempt(std::span<cut_member* const> members) : members_(members) {}
  ~attempt() {
    for (auto* m : members_) m->release();
  }
  attempt(const attempt&) = delete;
  attempt& operator=(const attempt&) = delete;

  bool hold_all(milliseconds most) {
    const auto until = steady_clock::now() + most;
    return std::ranges::all_of(members_, [until](auto* m) { return m->hold(until); });
  }
  /// False if the snapshots may be of different moments.
  bool keep_all() {
    for (auto* m : members_) m->keep();
    return std::ranges::all_of(members_, [](auto* m) { return m->is_held(); });
  }

 private:
  std::span<cut_member* const> members_;
};

/// Planted fault: the snapshots are taken at different moments.
void keep_one_by_one(std::span<cut_member* const> members, const cut_limits& limits) {
  for (auto* m : members) {
    attempt alone(std::span(&m, 1));
    while (!alone.hold_all(limits.hold_max)) std::this_thread::sleep_for(limits.pause);
    alone.keep_all();
    std::this_thread::sleep_for(limits.pause);
  }
}

}  // namespace

cut_report cut(std::span<cut_member* const> members, const cut_limits& limits) {
  cut_report report;
  if (fault("cut_between_files")) {
    keep_one_by_one(members, limits);
    report.moment = system_time().now();
    return report;
  }
  for (report.attempts = 1; report.attempts <= limits.attempts_max; ++report.attempts) {
    if (report.attempts > 1) std::this_thread::sleep_for(limits.pause);
    const auto began = steady_clock::now();
    bool is_kept = false;
    {
      attempt all(members);
      is_kept = all.hold_all(limits.hold_max);
      if (is_kept) {
        report.moment = system_time().now();
        is_kept = all.keep_all();
      }
    }
    report.held = std::chrono::duration_cast<microseconds>(steady_clock::now() - began);
    if (is_kept) return report;
  }
  throw error(error_kind::busy, "",
              "the databases are too busy: other programs had open transactions in " +
                  std::to_string(limits.attempts_max) + " attempts of " +
                  std::to_string(limits.hold_max.count()) + " ms each");
}

}  // namespace stoa::db
