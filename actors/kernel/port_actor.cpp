#include "actors/kernel/directory.hpp"

#include <algorithm>

namespace stoa::kernel {

namespace {

/// What a request without a deadline gets.
constexpr milliseconds default_timeout{30000};
constexpr milliseconds least_timeout{1};
/// A reply may come this much after the deadline, when the service itself answers that it was too
/// late.
constexpr milliseconds grace{250};

milliseconds time_left(const call_context& context) {
  if (context.deadline.us == 0) return default_timeout;
  auto left = std::chrono::duration_cast<milliseconds>(context.deadline - system_time().now());
  return std::max(left, least_timeout) + grace;
}

answer overloaded(std::string_view service) {
  return {nullptr,
          problem{503,
                  "overloaded",
                  "The " + std::string(service) + " service has too many requests in flight.",
                  {}},
          false};
}

answer answer_of(const caf::error& e) {
  if (e == caf::sec::request_timeout) {
    return {nullptr,
            problem{504,
                    "deadline_exceeded",
                    "No answer came in time. The request may still take effect: repeat it with the "
                    "same Idempotency-Key.",
                    {}},
            false};
  }
  return {nullptr, unavailable("The service is not available."), false};
}

class actor_port final : public node_port {
 public:
  explicit actor_port(directory& all) : all_(all) {}

  void start(caf::actor_system& system) {
    handle_ = system.spawn([this](caf::event_based_actor* self) -> caf::behavior {
      self_ = self;
      return {[](const task_box& box) { box.run(); }, [](sync_atom) -> bool { return true; }};
    });
  }

  void post(std::function<void()> task) override {
    if (handle_) caf::anon_send(handle_, task_box{std::move(task)});
  }

  void close() override {
    caf::anon_send_exit(handle_, caf::exit_reason::user_shutdown);
    handle_ = nullptr;
  }

  void command(std::string_view service, any_message m, call_context context,
               answer_callback then) override {
    auto* entry = all_.find(service);
    if (!entry) return then({nullptr, unavailable("The service does not run here."), false});
    ask(*entry, entry->commands_in_flight, entry->writer(), std::move(m), std::move(context), then);
  }

  void query(std::string_view service, any_message m, call_context context,
             answer_callback then) override {
    auto* entry = all_.find(service);
    if (!entry) return then({nullptr, unavailable("The service does not run here."), false});
    ask(*entry, entry->queries_in_flight, entry->reader(), std::move(m), std::move(context), then);
  }

  void replay(std::string_view service, stoa::event_id id, answer_callback then) override {
    auto* entry = all_.find(service);
    if (!entry) return then({nullptr, not_found("service"), false});
    self_->request(entry->writer(), default_timeout, job_box{job_kind::replay, id})
        .then([then](answer_box& box) { then(std::move(box.content)); },
              [then](const caf::error& e) { then(answer_of(e)); });
  }

  void watch(std::string_view service, uuid aggregate, std::vector<std::string> types,
             milliseconds timeout, watch_callback then) override {
    auto* entry = all_.find(service);
    if (!entry) return then(nullptr);
    watch_box box{aggregate, std::move(types), system_time().now() + timeout};
    self_->request(entry->relay(), timeout + grace, std::move(box))
        .then([then](event_box& found) { then(std::move(found.content)); },
              [then](const caf::error&) { then(nullptr); });
  }

  void after(milliseconds wait, std::function<void()> then) override {
    self_->delayed_send(self_, wait, task_box{std::move(then)});
  }

 private:
  void ask(service_entry& entry, std::atomic<std::int64_t>& in_flight, const caf::actor& target,
           any_message m, call_context context, const answer_callback& then) {
    auto limit = static_cast<std::int64_t>(all_.options.in_flight_max);
    if (in_flight.fetch_add(1, std::memory_order_relaxed) >= limit || all_.stopping) {
      in_flight.fetch_sub(1, std::memory_order_relaxed);
      all_.metrics->overloaded(entry.definition.name);
      return then(overloaded(entry.definition.name));
    }
    auto timeout = time_left(context);
    self_->request(target, timeout, request_box{std::move(context), std::move(m)})
        .then(
            [then, &in_flight](answer_box& box) {
              in_flight.fetch_sub(1, std::memory_order_relaxed);
              then(std::move(box.content));
            },
            [then, &in_flight](const caf::error& e) {
              in_flight.fetch_sub(1, std::memory_order_relaxed);
              then(answer_of(e));
            });
  }

  directory& all_;
  caf::actor handle_;
  caf::event_based_actor* self_ = nullptr;
};

}  // namespace

std::shared_ptr<node_port> make_port_actor(caf::actor_system& system, directory& all) {
  auto p = std::make_shared<actor_port>(all);
  p->start(system);
  return p;
}

}  // namespace stoa::kernel
