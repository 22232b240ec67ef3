#include "net/shopify/service_calls.hpp"

#include "storage/base/backoff.hpp"
#include "storage/base/service_clock.hpp"

#include <string>
#include <thread>

namespace stoa::shopify {

namespace {

constexpr milliseconds answer_limit{20'000};
constexpr milliseconds look_interval{50};
constexpr milliseconds pause_min{200};
constexpr milliseconds pause_max{12'800};

}  // namespace

service_calls::pending service_calls::start(kernel::any_message m, bool is_command) {
  auto promised = std::make_shared<std::promise<kernel::answer>>();
  auto answer = promised->get_future();
  kernel::call_context context;
  context.who = who_;
  context.deadline = process_time().now() + answer_limit;
  std::string service(m.name().substr(0, m.name().find('.')));
  port_->post([port = port_, service = std::move(service), m = std::move(m),
               context = std::move(context), promised, is_command]() mutable {
    auto then = [promised](kernel::answer a) { promised->set_value(std::move(a)); };
    if (is_command) {
      port->command(service, std::move(m), std::move(context), then);
    } else {
      port->query(service, std::move(m), std::move(context), then);
    }
  });
  return answer;
}

kernel::answer service_calls::wait(pending& p) {
  // The port answers by the deadline, unless it was closed.
  const auto until = std::chrono::steady_clock::now() + 2 * answer_limit;
  while (p.wait_for(look_interval) != std::future_status::ready) {
    if (stopping_) throw stopped{};
    if (std::chrono::steady_clock::now() > until) {
      kernel::answer none;
      none.error =
          problem{problem_kind::unavailable, "unavailable", "The service does not respond.", {}};
      return none;
    }
  }
  return p.get();
}

bool service_calls::is_passing(const kernel::answer& a) {
  return a.error && (is_transient(*a.error) || a.error->kind == problem_kind::timeout);
}

void service_calls::pause(int attempt) const {
  const auto until = std::chrono::steady_clock::now() + backoff(attempt, pause_min, pause_max);
  while (std::chrono::steady_clock::now() < until) {
    if (stopping_) throw stopped{};
    std::this_thread::sleep_for(look_interval);
  }
}

kernel::answer service_calls::call_with_retry(const kernel::any_message& m, bool is_command) {
  for (int attempt = 1;; ++attempt) {
    auto p = start(m, is_command);
    auto a = wait(p);
    if (!is_passing(a) || attempt == attempts_max) return a;
    pause(attempt);
  }
}

}  // namespace stoa::shopify
