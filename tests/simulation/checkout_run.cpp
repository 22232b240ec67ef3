#include "tests/simulation/checkout_run.hpp"

#include "tests/simulation/world.hpp"

#include <algorithm>

namespace stoa::simulation {

using kernel::answer;
using kernel::any_message;
using kernel::event_ptr;

checkout_run::checkout_run(world& w, kernel::call_context c, checkout::checkout_request request,
                           std::function<void(const cart::cart_content&)> on_cart,
                           done_callback done)
    : world_(w),
      request_(std::move(request)),
      on_cart_(std::move(on_cart)),
      done_(std::move(done)) {
  context = std::move(c);
}

void checkout_run::start() {
  task_.emplace(drive());
  task_->await_suspend(std::noop_coroutine()).resume();
}

kernel::task<bool> checkout_run::drive() {
  answer a;
  try {
    auto order = co_await checkout::check_out(*this, std::move(request_));
    a.value = std::make_shared<order::order_view>(std::move(order));
  } catch (kernel::problem_error& e) {
    a.error = std::move(e.content);
  }
  a.replayed = replayed;
  finished_ = true;
  done_(a);
  co_return true;
}

timestamp checkout_run::now() const {
  return world_.time.now();
}

void checkout_run::send(const std::string& service, any_message m, kernel::call_context c,
                        std::function<void(answer)> then) {
  auto& w = world_;
  w.inside.push_back(
      {"checkout calls " + service,
       [&w, service, m = std::move(m), c = std::move(c), then = std::move(then)] {
         kernel::job j;
         j.context = c;
         j.message = m;
         j.done = [&w, then](answer a) {
           w.inside.push_back({"answer to a checkout", [then, a = std::move(a)] { then(a); }});
         };
         w.at(service).writer->add(std::move(j));
       }});
}

kernel::pending<answer> checkout_run::start_now(const std::string& service, any_message m) {
  auto aside = context;
  aside.idempotency_scope.clear();
  aside.fingerprint.clear();
  kernel::pending<answer> pending;
  send(service, std::move(m), std::move(aside), pending.setter());
  return pending;
}

kernel::callback_wait<answer> checkout_run::wait_command(std::string service, any_message m) {
  return kernel::callback_wait<answer>(
      [this, service = std::move(service), m = std::move(m)](auto then) {
        send(service, m, context, std::move(then));
      });
}

kernel::callback_wait<answer> checkout_run::wait_query(std::string service, any_message m) {
  return kernel::callback_wait<answer>([this, service = std::move(service),
                                        m = std::move(m)](auto then) {
    world_.inside.push_back(
        {"checkout reads from " + service, [this, service, m, then = std::move(then)] {
           auto& h = world_.at(service);
           auto a = h.definition.read(m, context, *h.database);
           if (!a.error && m.kind() == &kernel::kind_of<cart::get_cart>()) {
             on_cart_(*static_cast<const cart::cart_content*>(a.value.get()));
           }
           world_.inside.push_back({"answer to a checkout", [then, a = std::move(a)] { then(a); }});
         }});
  });
}

kernel::pending<event_ptr> checkout_run::watch_now(const std::string& service,
                                                   kernel::awaited_event what) {
  kernel::pending<event_ptr> outcome;
  world_.watch(service, std::move(what), outcome.setter());
  return outcome;
}

kernel::pending<event_ptr> checkout_run::applied_now(const std::string&, const uuid&) {
  kernel::pending<event_ptr> applied;
  world_.inside.push_back({"applied", [then = applied.setter()] { then(nullptr); }});
  return applied;
}

kernel::callback_wait<std::pair<answer, event_ptr>> checkout_run::wait_outcome(
    std::string service, any_message m, kernel::awaited_event what) {
  return kernel::callback_wait<std::pair<answer, event_ptr>>(
      [this, service = std::move(service), m = std::move(m), what = std::move(what)](auto then) {
        struct outcome {
          std::optional<answer> replied;
          std::optional<event_ptr> seen;
        };
        auto both = std::make_shared<outcome>();
        const auto finish = [both, then] {
          const bool settled = both->replied && (both->replied->error || both->replied->replayed);
          if (settled) both->seen.emplace(nullptr);
          if (both->replied && both->seen) then({*both->replied, *both->seen});
        };
        world_.watch(service, what, [both, finish](event_ptr e) {
          if (both->seen) return;
          both->seen = std::move(e);
          finish();
        });
        send(service, m, context, [both, finish](answer a) {
          both->replied = std::move(a);
          finish();
        });
      });
}

void world::begin(std::shared_ptr<checkout_run> run) {
  std::erase_if(checkouts_, [](const auto& c) { return c->finished(); });
  checkouts_.push_back(run);
  run->start();
}

void world::watch(const std::string& service, kernel::awaited_event what,
                  kernel::watch_callback then) {
  auto once = std::make_shared<kernel::watch_callback>(std::move(then));
  const auto notify = [once](kernel::event_ptr e) {
    if (auto f = std::exchange(*once, {})) f(std::move(e));
  };
  watchers_.push_back({service, std::move(what), notify});
  inside.push_back({"a watch ends", [notify] { notify(nullptr); }});
}

void world::notify_watchers(const std::string& service,
                            const std::vector<kernel::event_ptr>& events) {
  for (const auto& e : events) {
    std::erase_if(watchers_, [&](const watcher& w) {
      const auto& types = w.what.types;
      const bool awaited = w.service == service && w.what.aggregate == e->aggregate_id &&
                           std::find(types.begin(), types.end(), e->type) != types.end();
      if (awaited)
        inside.push_back({"a watch sees " + e->type, [notify = w.notify, e] { notify(e); }});
      return awaited;
    });
  }
}

}  // namespace stoa::simulation
