#include "net/outbound/http_client.hpp"

#include "config/log.hpp"
#include "net/outbound/client_metrics.hpp"
#include "net/outbound/waiting_requests.hpp"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <unordered_map>

namespace stoa::outbound {

namespace {

using multi_handle = std::unique_ptr<CURLM, decltype(&curl_multi_cleanup)>;

multi_handle make_multi(const client_config& c) {
  multi_handle multi(init_curl() ? curl_multi_init() : nullptr, &curl_multi_cleanup);
  if (!multi) throw std::runtime_error("libcurl cannot be initialized");
  const auto connections_max = static_cast<long>(c.in_flight_max);
  curl_multi_setopt(multi.get(), CURLMOPT_MAX_TOTAL_CONNECTIONS, connections_max);
  curl_multi_setopt(multi.get(), CURLMOPT_MAXCONNECTS, connections_max);
  curl_multi_setopt(multi.get(), CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
  return multi;
}

}  // namespace

std::string_view name_of(outcome o) {
  constexpr std::array<std::string_view, outcome_count> names{
      "completed",       "invalid_request",  "not_allowed", "overloaded",
      "unresolved",      "unreachable",      "tls_failed",  "timed_out",
      "connection_lost", "invalid_response", "too_large",   "canceled"};
  return names.at(static_cast<std::size_t>(o));
}

std::string response::header(std::string_view name) const {
  for (const auto& [n, value] : headers) {
    if (n.size() == name.size() && curl_strnequal(n.data(), name.data(), n.size()) != 0) {
      return value;
    }
  }
  return {};
}

class http_client::impl {
 public:
  explicit impl(client_config c)
      : config_(std::move(c)),
        authorities_(config_.ca_file),
        metrics_(config_.metrics, config_.name),
        multi_(make_multi(config_)),
        waiting_(std::max<std::size_t>(config_.in_flight_per_host_max, 1)) {
    // Block all signals in the thread; writes of OpenSSL and libcurl may raise SIGPIPE.
    sigset_t all{};
    sigset_t before{};
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] { run(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  ~impl() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    curl_multi_wakeup(multi_.get());
    thread_.join();
  }
  impl(const impl&) = delete;
  impl& operator=(const impl&) = delete;

  id submit(request r, callback done) {
    auto to = check_request(r, config_);
    const auto verdict = to.verdict;
    auto detail = std::move(to.detail);
    auto t = std::make_unique<transfer>(++last_id_, std::move(r), std::move(to), std::move(done));
    const auto made = t->id();
    if (verdict != outcome::completed) {
      end(*t, t->conclude(verdict, std::move(detail)));
    } else if (const auto refusal = enqueue(t); refusal != outcome::completed) {
      end(*t, t->conclude(refusal, refusal == outcome::canceled ? "the client is stopping"
                                                                : "the request queue is full"));
    }
    return made;
  }

  void cancel(id of) {
    {
      const std::lock_guard lock(mutex_);
      if (!open_.contains(of)) return;
      canceled_.insert(of);
    }
    curl_multi_wakeup(multi_.get());
  }

 private:
  /// Moves from the transfer when it is accepted.
  outcome enqueue(transfer_ptr& t) {
    const auto bytes = t->body_bytes();
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return outcome::canceled;
      if (queued_ >= config_.queued_max || queued_bytes_ + bytes > config_.queued_bytes_max) {
        return outcome::overloaded;
      }
      ++queued_;
      queued_bytes_ += bytes;
      open_.insert(t->id());
      inbox_.push_back(std::move(t));
      if (inbox_.size() > 1) return outcome::completed;  // already notified
    }
    curl_multi_wakeup(multi_.get());
    return outcome::completed;
  }

  void run() {
    while (take_inbox()) {
      for (auto& t : waiting_.take_expired(steady::now())) {
        leave_queue(*t);
        end(*t, t->conclude(outcome::timed_out, "timed out in the queue"));
      }
      start_waiting();
      int running = 0;
      curl_multi_perform(multi_.get(), &running);
      if (!collect_ended()) wait();
    }
    end_all();
  }

  /// Takes the requests of other threads; false when the client is stopping.
  bool take_inbox() {
    std::vector<transfer_ptr> arrived;
    std::set<id> canceled;
    bool stopping = false;
    {
      const std::lock_guard lock(mutex_);
      arrived.swap(inbox_);
      canceled.swap(canceled_);
      stopping = stopping_;
    }
    for (auto& t : arrived) waiting_.push(std::move(t));
    for (const auto of : canceled) {
      if (const auto t = waiting_.remove(of)) {
        leave_queue(*t);
        end(*t, t->conclude(outcome::canceled, "canceled"));
      } else if (const auto at = in_flight_.find(of); at != in_flight_.end()) {
        end_in_flight(at, at->second->conclude(outcome::canceled, "canceled"));
      }
    }
    return !stopping;
  }

  void start_waiting() {
    while (in_flight_.size() < std::max<std::size_t>(config_.in_flight_max, 1)) {
      auto t = waiting_.next();
      if (!t) break;
      leave_queue(*t);
      if (!t->prepare(config_, authorities_) ||
          curl_multi_add_handle(multi_.get(), t->handle()) != CURLM_OK) {
        waiting_.ended(t->to().origin);
        end(*t, t->conclude(outcome::overloaded, "out of memory"));
        continue;
      }
      in_flight_.emplace(t->id(), std::move(t));
    }
    report_load();
  }

  /// True when a transfer has ended and others may start.
  bool collect_ended() {
    bool any = false;
    int left = 0;
    while (const auto* const message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      any = true;
      transfer* t = nullptr;
      curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &t);
      const auto code = message->data.result;
      end_in_flight(in_flight_.find(t->id()), t->conclude(code));
    }
    return any;
  }

  void wait() {
    using std::chrono::milliseconds;
    milliseconds limit{60'000};
    if (const auto first = waiting_.first_deadline()) {
      const auto left = std::chrono::ceil<milliseconds>(*first - steady::now());
      limit = std::clamp(left, milliseconds{0}, limit);
    }
    curl_multi_poll(multi_.get(), nullptr, 0, static_cast<int>(limit.count()), nullptr);
  }

  using in_flight_map = std::unordered_map<id, transfer_ptr>;
  void end_in_flight(in_flight_map::iterator at, completion c) {
    const auto t = std::move(at->second);
    in_flight_.erase(at);
    metrics_.connections_opened(t->connects());
    curl_multi_remove_handle(multi_.get(), t->handle());
    waiting_.ended(t->to().origin);
    end(*t, std::move(c));
  }

  void end_all() {
    while (!in_flight_.empty()) {
      const auto first = in_flight_.begin();
      end_in_flight(first, first->second->conclude(outcome::canceled, "the client is stopping"));
    }
    for (const auto& t : waiting_.take_all()) {
      leave_queue(*t);
      end(*t, t->conclude(outcome::canceled, "the client is stopping"));
    }
    report_load();
  }

  void leave_queue(const transfer& t) {
    const std::lock_guard lock(mutex_);
    --queued_;
    queued_bytes_ -= t.body_bytes();
  }

  void report_load() {
    std::size_t queued = 0;
    {
      const std::lock_guard lock(mutex_);
      queued = queued_;
    }
    metrics_.load(in_flight_.size(), queued);
  }

  void end(transfer& t, completion c) {
    {
      const std::lock_guard lock(mutex_);
      open_.erase(t.id());
    }
    const auto duration = steady::now() - t.begun();
    metrics_.ended(c.how, duration);
    if (c.how != outcome::completed && c.how != outcome::canceled) {
      // No path and no headers: they may contain secrets.
      log::info_limited(
          "outbound request failed",
          {{"client", config_.name},
           {"server.address", t.to().host},
           {"http.request.method", t.method()},
           {"error.type", name_of(c.how)},
           {"detail", c.detail},
           {"duration_ms",
            std::chrono::duration_cast<std::chrono::milliseconds>(duration).count()}});
    }
    t.finish(std::move(c));
  }

  const client_config config_;
  authorities authorities_;  ///< used by the thread only
  client_metrics metrics_;
  const multi_handle multi_;
  std::atomic<id> last_id_{0};

  std::mutex mutex_;
  std::vector<transfer_ptr> inbox_;
  std::set<id> canceled_;
  std::set<id> open_;
  std::size_t queued_ = 0;  ///< in the inbox or waiting
  std::size_t queued_bytes_ = 0;
  bool stopping_ = false;

  // Used by the thread only.
  waiting_requests waiting_;
  in_flight_map in_flight_;
  std::thread thread_;
};

http_client::http_client(client_config config) : impl_(std::make_unique<impl>(std::move(config))) {}
http_client::~http_client() = default;
http_client::id http_client::submit(request r, callback done) {
  return impl_->submit(std::move(r), std::move(done));
}
void http_client::cancel(id of) {
  impl_->cancel(of);
}

}  // namespace stoa::outbound
