#include "bench/load_engine.hpp"

#include <algorithm>
#include <sys/prctl.h>
#include <thread>
#include <zlib.h>

namespace stoa::bench {

using std::chrono::microseconds;
using std::chrono::seconds;

namespace {

constexpr microseconds pause_after_rejection{20'000};
constexpr int attempts_max = 200;
constexpr std::size_t sample_bytes = 300;
constexpr unsigned long timer_slack_ns = 1000;
constexpr std::size_t unpacked_bytes_max = std::size_t{1} << 20;
constexpr int begun_at_once_max = 1000;
/// An operation of the period may start this much after its end, because a timer was late.
constexpr std::chrono::milliseconds start_grace{50};
/// A shorter interval at the end is not shown.
constexpr double shortest_s = 0.5;
/// After the period, for operations that have begun.
constexpr seconds end_limit{60};

double seconds_between(load_clock::time_point from, load_clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

/// A gzip body; "" when it is damaged or too large.
std::string unpacked(std::string_view packed) {
  z_stream stream{};
  // With the window bits of zlib, and 16 for the header of gzip.
  if (::inflateInit2(&stream, 15 + 16) != Z_OK) return {};
  std::string out(unpacked_bytes_max, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int code = ::inflate(&stream, Z_FINISH);
  out.resize(code == Z_STREAM_END ? stream.total_out : 0);
  ::inflateEnd(&stream);
  return out;
}

bool may_repeat(const test::load_answer& a) {
  return a.status == 0 || a.status == 503 || a.status == 504 ||
         (a.status == 409 && test::text_member(a.body, "code") == "idempotency_in_progress");
}

}  // namespace

user::user(test::load_loop& loop, const load_plan& plan, load_recorder& to, std::uint64_t of)
    : random(plan.seed * 1'000'003 + of),
      results(to),
      number(of),
      plan_(plan),
      loop_(loop),
      connection_(loop, plan.targets[of % plan.targets.size()].server, plan.timeout),
      fields_(host_field(plan.targets[of % plan.targets.size()].authority) + plan.fields) {}

/// Of a request: now, or, of an operation's first one, the operation's intended start.
load_clock::time_point user::send_time() {
  const auto intended = std::exchange(start_, {});
  return intended == load_clock::time_point{} ? load_clock::now() : intended;
}

void user::take(test::load_answer a) {
  last_ = a;
  if (a.status == 0 || test::field_of(a.head, "Content-Encoding") != "gzip") return;
  plain_ = unpacked(a.body);
  last_.body = plain_;
}

lazy user::ask(std::string_view step, std::string request, std::span<const int> statuses) {
  request = with_fields(std::move(request), fields_);
  for (int attempt = 1;; ++attempt) {
    const auto from = send_time();
    auto exchange = connection_.request(request);
    take(co_await exchange);
    const bool ok = std::ranges::find(statuses, last_.status) != statuses.end();
    results.step(step, load_clock::now() - from, ok);
    if (ok) co_return true;
    const auto code = last_.status == 0 ? std::string(last_.body)
                                        : std::to_string(last_.status) + " " +
                                              std::string(test::text_member(last_.body, "code"));
    const bool repeats = plan_.repeats && may_repeat(last_) && attempt < attempts_max;
    if (!repeats) {
      results.error(std::string(step) + ": " + code,
                    std::string(last_.body.substr(0, sample_bytes)));
      co_return false;
    }
    results.fact("repeated: " + code);
    co_await loop_.sleep(pause_after_rejection);
  }
}

lazy user::get_many(std::string_view step, std::string requests, std::size_t many) {
  const auto from = send_time();
  auto exchange = connection_.requests(with_fields(std::move(requests), fields_), many);
  take(co_await exchange);
  const auto failed = connection_.earlier_failures() + (last_.status == 200 ? 0 : 1);
  results.step(step, load_clock::now() - from, failed == 0, many);
  if (failed > 0) {
    results.error(std::string(step) + ": " + std::to_string(last_.status),
                  std::string(last_.body.substr(0, sample_bytes)));
  }
  co_return failed == 0;
}

bool user::has(std::string_view step, std::initializer_list<std::string_view> members) {
  for (const auto name : members) {
    const std::string key = "\"" + std::string(name) + "\":";
    if (last_.body.find(key) != std::string_view::npos) continue;
    results.error(std::string(step) + ": no " + std::string(name),
                  std::string(last_.body.substr(0, sample_bytes)));
    return false;
  }
  return true;
}

std::string_view user::member(std::string_view name) const {
  return test::text_member(last_.body, name);
}

lazy user::think() {
  if (plan_.think.count() > 0) {
    std::exponential_distribution<double> pauses(1 / static_cast<double>(plan_.think.count()));
    co_await loop_.sleep(microseconds{static_cast<std::int64_t>(pauses(random) * 1000)});
  }
  co_return true;
}

lazy user::pause(microseconds time) {
  co_await loop_.sleep(time);
  co_return true;
}

/// A loop with a part of the users, and a part of the rate.
class load_thread {
 public:
  load_thread(const load_plan& plan, const operation& what, int index)
      : plan_(plan),
        what_(what),
        index_(index),
        random_(plan.seed + static_cast<unsigned>(index)) {}

  void start(load_clock::time_point began) {
    results.begins = began + plan_.warmup;
    results.ends = results.begins + plan_.duration;
    // The threads' arrivals follow each other.
    next_ = began + interval() * index_ / plan_.threads;
    thread_ = std::thread([this] { run(); });
  }
  void join() { thread_.join(); }
  bool is_over() const { return over_; }

  load_recorder results;
  std::uint64_t late = 0;

 private:
  load_clock::duration interval() const {
    if (plan_.rate <= 0) return {};
    return std::chrono::duration_cast<load_clock::duration>(
        std::chrono::duration<double>(plan_.threads / plan_.rate));
  }
  int users_here() const {
    return plan_.connections / plan_.threads + (index_ < plan_.connections % plan_.threads ? 1 : 0);
  }

  void run() {
    // The kernel's default delays timers by up to 50 us.
    ::prctl(PR_SET_TIMERSLACK, timer_slack_ns);
    loop_.after(microseconds{0}, [this] {
      if (plan_.rate > 0) return begin_due();
      for (int i = 0; i < users_here(); ++i) run_closed(make_user());
    });
    loop_.at(results.ends + end_limit, [this] { loop_.stop(); });
    loop_.run();
    over_ = true;
  }

  user& make_user() {
    const auto number = static_cast<std::uint64_t>(index_) +
                        users_.size() * static_cast<std::uint64_t>(plan_.threads);
    users_.push_back(std::make_unique<user>(loop_, plan_, results, number));
    return *users_.back();
  }

  /// Starts the operations that are due, as far as users are free. One that fails at once ends in
  /// this call: then the loop continues, not the end of the operation.
  void begin_due() {
    if (std::exchange(is_beginning_, true)) return;
    const bool is_full = !begin_all_due();
    is_beginning_ = false;
    if (is_full) return;
    if (next_ >= results.ends) {
      if (busy_ == 0) loop_.stop();
      return;
    }
    if (!std::exchange(is_waiting_, true)) {
      loop_.at(next_, [this] {
        is_waiting_ = false;
        begin_due();
      });
    }
  }

  /// False when all users are busy. Others on the loop have turns, too.
  bool begin_all_due() {
    for (int i = 0; i < begun_at_once_max; ++i) {
      const auto now = load_clock::now();
      if (now > results.ends + start_grace) count_late();
      if (next_ > now || next_ >= results.ends) return true;
      if (idle_.empty() && users_.size() >= static_cast<std::size_t>(users_here())) return false;
      auto& u = idle_.empty() ? make_user() : *idle_.back();
      if (!idle_.empty()) idle_.pop_back();
      const auto intended = next_;
      advance();
      ++busy_;
      run_open(u, intended);
    }
    return true;
  }

  /// Of random arrivals the expected number.
  void count_late() {
    if (next_ >= results.ends) return;
    late += 1 + static_cast<std::uint64_t>((results.ends - next_ - load_clock::duration{1}) /
                                           std::max(interval(), load_clock::duration{1}));
    next_ = results.ends;
  }

  void advance() {
    if (plan_.spacing == arrivals::constant) {
      next_ += interval();
      return;
    }
    std::exponential_distribution<double> pauses(plan_.rate / plan_.threads);
    next_ += std::chrono::duration_cast<load_clock::duration>(
        std::chrono::duration<double>(pauses(random_)));
  }

  test::load_task run_open(user& u, load_clock::time_point intended) {
    co_await once(u, intended);
    // Arrivals that no user could take before the end are not made up for.
    const bool all_were_busy =
        idle_.empty() && users_.size() >= static_cast<std::size_t>(users_here());
    if (all_were_busy && load_clock::now() >= results.ends) {
      count_late();
    }
    idle_.push_back(&u);
    --busy_;
    begin_due();
  }

  test::load_task run_closed(user& u) {
    ++busy_;
    do {
      const bool ok = co_await once(u, load_clock::now());
      if (!ok) co_await loop_.sleep(pause_after_rejection);
    } while (!plan_.once && load_clock::now() < results.ends);
    if (--busy_ == 0) loop_.stop();
  }

  lazy once(user& u, load_clock::time_point intended) {
    u.start_ = plan_.rate > 0 ? intended : load_clock::time_point{};
    ++u.operations;
    std::string_view name = "operation";
    const bool ok = co_await what_(u, name);
    const auto now = load_clock::now();
    results.operation(name, now - intended, ok, plan_.rate > 0 ? intended : now, u.weight);
    co_return ok;
  }

  const load_plan& plan_;
  const operation& what_;
  const int index_;
  std::mt19937_64 random_;
  test::load_loop loop_;
  std::vector<std::unique_ptr<user>> users_;
  std::vector<user*> idle_;
  load_clock::time_point next_;  ///< intended start of the next operation
  int busy_ = 0;
  bool is_waiting_ = false;
  bool is_beginning_ = false;
  std::thread thread_;
  std::atomic<bool> over_{false};
};

namespace {

/// Reports each second of a run until all threads have ended.
class second_watch {
 public:
  second_watch(const load_plan& plan, const load_watch& watch, load_clock::time_point began)
      : plan_(plan), watch_(watch), began_(began) {
    if (watch_.server) before_ = watch_.server();
  }

  void run(std::span<const std::unique_ptr<load_thread>> threads, load_result& result) {
    for (auto next = began_ + seconds{1};; next += seconds{1}) {
      while (load_clock::now() < next && !are_over(threads)) {
        std::this_thread::sleep_for(std::min<load_clock::duration>(
            next - load_clock::now() + microseconds{1}, std::chrono::milliseconds{20}));
      }
      const bool over = are_over(threads);
      note(threads, result);
      if (over) return;
    }
  }

 private:
  static bool are_over(std::span<const std::unique_ptr<load_thread>> threads) {
    return std::ranges::all_of(threads, [](const auto& t) { return t->is_over(); });
  }

  void note(std::span<const std::unique_ptr<load_thread>> threads, load_result& result) {
    interval all;
    for (const auto& t : threads) {
      const auto part = t->results.take_interval();
      all.times.add(part.times);
      all.failed += part.failed;
    }
    const auto now = load_clock::now();
    const auto length = seconds_between(noted_at_, now);
    second_of_run s;
    s.at = seconds_between(began_ + plan_.warmup, now);
    s.done = static_cast<double>(all.times.count()) / length;
    s.failed = static_cast<double>(all.failed) / length;
    s.p50_ms = all.times.percentile_ms(0.5);
    s.p99_ms = all.times.percentile_ms(0.99);
    s.max_ms = all.times.max_ms();
    s.times = all.times.encoded();
    if (watch_.server) {
      const auto use = watch_.server();
      s.cpu = (use.cpu_s - before_.cpu_s) / length;
      s.memory_mb = use.memory_mb;
      before_ = use;
    }
    noted_at_ = now;
    // The rest of the last second has a few operations only.
    if (length < shortest_s && !result.seconds.empty()) return;
    result.seconds.push_back(s);
    if (watch_.each_second) watch_.each_second(s, s.at < 0);
  }

  const load_plan& plan_;
  const load_watch& watch_;
  const load_clock::time_point began_;
  load_clock::time_point noted_at_ = began_;
  server_use before_;
};

}  // namespace

load_result run_load(const load_plan& plan, const operation& what, const load_watch& watch) {
  std::vector<std::unique_ptr<load_thread>> threads;
  threads.reserve(static_cast<std::size_t>(plan.threads));
  for (int i = 0; i < plan.threads; ++i) {
    threads.push_back(std::make_unique<load_thread>(plan, what, i));
  }
  const auto began = load_clock::now();
  for (auto& t : threads) t->start(began);
  load_result result;
  result.wanted_rate = plan.rate;
  result.took_s = std::chrono::duration<double>(plan.duration).count();
  second_watch(plan, watch, began).run(threads, result);
  for (auto& t : threads) {
    t->join();
    result.all.add(t->results.all());
    result.late += t->late;
  }
  return result;
}

}  // namespace stoa::bench
