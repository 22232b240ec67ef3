#include "net/front/shared_limits.hpp"

#include "config/log.hpp"
#include "storage/db/connection.hpp"
#include "storage/db/redis_client.hpp"

#include <string>

namespace stoa::front {

namespace {

/// Changes within this time are sent to Redis together: one command per client.
constexpr milliseconds gather_time{10};
constexpr std::size_t commands_max = 512;  ///< in one pipeline
constexpr std::int64_t us_ns = 1000;

/// KEYS: one key; ARGV: microseconds to add, and the maximum distance from now. The value is a
/// point in the server's time, so that the nodes' clocks do not matter. Returns the distance from
/// now. The key expires when that reaches 0.
constexpr const char* add_script = R"lua(#!lua
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local value = tonumber(redis.call('GET', KEYS[1]) or '0')
if value < now then value = now end
value = math.min(value + ARGV[1], now + ARGV[2])
if value <= now then
  redis.call('DEL', KEYS[1])
  return 0
end
if tonumber(ARGV[1]) ~= 0 then
  redis.call('SET', KEYS[1], string.format('%.0f', value), 'PX', math.ceil((value - now) / 1000))
end
return value - now
)lua";

std::string name_of(const shared_key& k) {
  return "stoa:limit:" + std::to_string(static_cast<int>(k.kind)) + ":" + std::to_string(k.key);
}

std::int64_t us_away_from_zero(std::int64_t ns) {
  return ns >= 0 ? (ns + us_ns - 1) / us_ns : -((us_ns - 1 - ns) / us_ns);
}

}  // namespace

shared_limits::shared_limits(db::redis_options options, std::size_t queue_max)
    : options_(std::move(options)), queue_max_(queue_max) {
  db::redis_address_of(options_.url);  // an invalid URL fails at startup
}

shared_limits::~shared_limits() {
  stop();
}

void shared_limits::start(merge_function merge) {
  merge_ = std::move(merge);
  thread_ = std::thread([this] { run(); });
}

void shared_limits::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void shared_limits::add(shared_key key, std::int64_t by_ns, std::int64_t cap_ns) {
  {
    const std::scoped_lock lock(mutex_);
    auto found = waiting_.find(key);
    if (found == waiting_.end()) {
      if (waiting_.size() >= queue_max_) {
        dropped_.fetch_add(1, std::memory_order_relaxed);
        return;
      }
      found = waiting_.try_emplace(key).first;
    }
    found->second.by_ns += by_ns;
    found->second.cap_ns = cap_ns;
    if (waiting_.size() > 1) return;  // the thread has been notified already
  }
  wake_.notify_one();
}

/// Waits for changes and collects them for gather_time; false when stopping.
bool shared_limits::next(changes& all) {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
  wake_.wait_for(lock, gather_time, [this] { return stopping_; });
  all.clear();
  all.swap(waiting_);
  return !stopping_;
}

void shared_limits::run() {
  db::redis_client client(options_);
  bool failure_logged = false;
  changes all;
  while (next(all)) {
    try {
      client.ensure();
      send(client, all);
      connected_ = true;
      if (std::exchange(failure_logged, false)) log::info("limits are shared through Redis again");
    } catch (const db::error& e) {
      connected_ = false;
      failed_.fetch_add(all.size(), std::memory_order_relaxed);
      if (!std::exchange(failure_logged, true)) {
        log::warn("Redis is unreachable: rate limits are local to this node",
                  {{"error", std::string(e.what())}});
      }
    }
  }
}

void shared_limits::send(db::redis_client& client, const changes& all) {
  std::vector<db::redis_command> commands;
  std::vector<shared_key> keys;
  const auto flush = [&] {
    const auto answers = client.run(commands);
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (answers[i].failed()) throw db::redis_error("limits", answers[i]);
      merge_(keys[i], answers[i].integer * us_ns);
    }
    commands.clear();
    keys.clear();
  };
  for (const auto& [key, c] : all) {
    commands.push_back({"EVAL", add_script, "1", name_of(key),
                        std::to_string(us_away_from_zero(c.by_ns)),
                        std::to_string(us_away_from_zero(c.cap_ns))});
    keys.push_back(key);
    if (commands.size() == commands_max) flush();
  }
  if (!commands.empty()) flush();
}

}  // namespace stoa::front
