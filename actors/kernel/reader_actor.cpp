// Answers queries, many in one round trip where they allow it.

#include "actors/kernel/asking.hpp"
#include "actors/kernel/directory.hpp"
#include "config/log.hpp"

#include <algorithm>

namespace stoa::kernel {

namespace {

/// So many are asked at once; the others wait for the next round trip.
constexpr std::size_t asked_at_once_max = 64;

class reader {
 public:
  reader(caf::event_based_actor* self, service_entry& service)
      : self_(self), service_(service), connection_(service.database->open(db::access::read)) {}

  /// The look message queues up behind all that is in the mailbox already: what has gathered is
  /// asked together.
  void request(request_box& r, promised_ptr<answer_box> promise) {
    waiting_.push_back({std::move(r), std::move(promise), {}});
    if (!std::exchange(scheduled_, true)) self_->send(self_, look_atom::value);
  }

  void look() {
    scheduled_ = false;
    auto all = std::exchange(waiting_, {});
    const std::span everybody(all);
    for (std::size_t at = 0; at < all.size(); at += asked_at_once_max) {
      answer_all(everybody.subspan(at, std::min(asked_at_once_max, all.size() - at)));
    }
  }

 private:
  struct query {
    request_box asked;
    promised_ptr<answer_box> promise;
    pending_answer later;
  };

  void answer_all(std::span<query> all) {
    const auto first_latest = std::stable_partition(
        all.begin(), all.end(), [this](const query& q) { return !is_latest(q.asked); });
    answer_some({all.begin(), first_latest}, connection_);
    answer_some({first_latest, all.end()}, latest_);
  }

  bool is_latest(const request_box& r) const {
    return service_.definition.latest.contains(r.message.kind());
  }

  void answer_some(std::span<query> all, std::unique_ptr<db::connection>& connection) {
    if (all.empty()) return;
    bool asked = true;
    try {
      if (!connection) connection = service_.database->open(db::access::latest);
      db::gathering questions;
      for (auto& q : all) {
        const auto& m = q.asked.message;
        if (is_late(q.asked.context) || !service_.definition.gathered.contains(m.kind())) continue;
        q.later = service_.definition.gather(m, q.asked.context, questions);
      }
      questions.run(*connection);
    } catch (const std::exception& e) {
      asked = false;  // One of them may be guilty, or the connection was lost: each by itself.
      if (!connection) {
        log::error("cannot connect to the primary",
                   {{"service", service_.definition.name}, {"error", std::string(e.what())}});
      }
    }
    for (auto& q : all) {
      auto later = asked ? std::move(q.later) : pending_answer{};
      q.promise->deliver(answer_box{answer_one(q.asked, later, connection.get())});
    }
  }

  static bool is_late(const call_context& context) {
    return context.deadline.us != 0 && system_time().now() > context.deadline;
  }

  answer answer_one(const request_box& r, const pending_answer& later, db::connection* c) {
    if (!c) return {nullptr, unavailable("The data cannot be read now."), false};
    if (is_late(r.context)) {
      return {nullptr, unavailable("The request waited for longer than its deadline."), false};
    }
    try {
      return later ? later(*c) : service_.definition.read(r.message, r.context, *c);
    } catch (const db::error& e) {
      complain(r, e);
      return {nullptr, unavailable("The data cannot be read now."), false};
    } catch (const std::exception& e) {
      complain(r, e);
      return {nullptr, problem{500, "internal_error", "The query failed.", {}}, false};
    }
  }

  void complain(const request_box& r, const std::exception& e) const {
    log::error("query failed", {{"service", service_.definition.name},
                                {"message", r.message.name()},
                                {"error", std::string(e.what())}});
  }

  caf::event_based_actor* self_;
  service_entry& service_;
  std::unique_ptr<db::connection> connection_;
  std::unique_ptr<db::connection> latest_;  ///< to the primary; opened when it is first needed
  std::vector<query> waiting_;
  bool scheduled_ = false;
};

}  // namespace

caf::behavior reader_actor(caf::event_based_actor* self, directory&, service_entry& service) {
  auto r = std::make_shared<reader>(self, service);
  return {
      [=](request_box& box) -> caf::result<answer_box> {
        r->request(box, promise_of<answer_box>(self));
        return caf::delegated<answer_box>{};
      },
      [=](look_atom) { r->look(); },
      [](sync_atom) -> bool { return true; },
  };
}

}  // namespace stoa::kernel
