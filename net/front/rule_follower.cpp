#include "net/front/rule_follower.hpp"

#include "config/log.hpp"
#include "storage/base/service_clock.hpp"

namespace stoa::front {

namespace {

constexpr milliseconds rules_interval{250};
constexpr milliseconds rules_limit{1000};

}  // namespace

void rule_follower::start() {
  port_->post([me = shared_from_this()] { me->tick(); });
}

void rule_follower::tick() {
  if (!is_asking_) poll();
  report();
  port_->after(rules_interval, [me = shared_from_this()] { me->tick(); });
}

void rule_follower::poll() {
  kernel::call_context context;
  context.who.kind = kernel::caller_kind::system;
  context.deadline = process_time().now() + rules_limit;
  is_asking_ = true;
  port_->query(
      "pricing", kernel::any_message::of(pricing::get_rules{rules_->known()}), std::move(context),
      [me = shared_from_this(), asked = price_rules::clock::now()](const kernel::answer& a) {
        me->is_asking_ = false;
        if (a.error) return;
        me->rules_->take(std::move(*static_cast<pricing::get_rules::answer*>(a.value.get())),
                         asked);
      });
}

void rule_follower::report() {
  const auto now = price_rules::clock::now();
  const bool is_current = rules_->current(now) != nullptr;
  if (is_current == is_current_) return;
  is_current_ = is_current;
  if (is_current) {
    log::info("rules of prices are up to date");
  } else {
    log::warn("rules of prices are out of date: each cart and checkout asks the pricing service",
              {{"age_ms", std::chrono::duration_cast<milliseconds>(rules_->age(now)).count()}});
  }
}

}  // namespace stoa::front
