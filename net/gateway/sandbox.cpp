#include "net/gateway/sandbox.hpp"

#include <utility>

namespace stoa::gateways {

using payment::gateway_status;

result<std::unique_ptr<sandbox>> sandbox::open(const sandbox_options& options, const clock& time) {
  auto books = ledger::open(options.ledger_file, options.store_id);
  if (!books) return books.error();
  return std::unique_ptr<sandbox>(new sandbox(std::move(*books), options, time));
}

sandbox::sandbox(ledger books, const sandbox_options& options, const clock& time)
    : books_(std::move(books)),
      records_(options.ledger_file),
      time_(time),
      worker_(options.queue_max, options.batch_max, [this](auto& batch) { work(batch); }) {}

void sandbox::stop() {
  worker_.stop();
}

void sandbox::authorize(payment::authorize_request request, callback done) {
  enqueue({std::move(request), std::move(done)});
}
void sandbox::capture(payment::capture_request request, callback done) {
  enqueue({std::move(request), std::move(done)});
}
void sandbox::void_authorization(payment::void_request request, callback done) {
  enqueue({std::move(request), std::move(done)});
}
void sandbox::refund(payment::refund_request request, callback done) {
  enqueue({std::move(request), std::move(done)});
}
void sandbox::look_up(payment::lookup_request request, callback done) {
  enqueue({std::move(request), std::move(done)});
}

void sandbox::read_activity(payment::authorization_reference authorization,
                            activity_callback done) {
  queued q(reading{std::move(authorization), std::move(done)});
  if (worker_.offer(q) == offered::taken) return;
  std::get<activity_callback>(std::get<reading>(q).done)({false, "overloaded", {}, {}});
}
void sandbox::list(payment::list_request request, list_callback done) {
  queued q(reading{std::move(request), std::move(done)});
  if (worker_.offer(q) == offered::taken) return;
  std::get<list_callback>(std::get<reading>(q).done)({false, "overloaded", {}, {}, {}});
}

void sandbox::enqueue(job made) {
  queued q(std::move(made));
  const auto outcome = worker_.offer(q);
  if (outcome == offered::taken) return;
  auto& j = std::get<job>(q);
  j.done({gateway_status::unknown, "", outcome == offered::full ? "overloaded" : "stopping",
          "The gateway cannot accept further requests now."});
}

void sandbox::work(std::vector<queued>& batch) {
  settle(batch);
  for (auto& q : batch) {
    if (auto* r = std::get_if<reading>(&q)) {
      answer(*r);
    } else if (auto& j = std::get<job>(q); !j.silent) {
      j.done(std::move(j.answer));
    }
  }
}

void sandbox::settle(std::vector<queued>& batch) {
  try {
    books_.begin();
    for (auto& q : batch) {
      if (auto* j = std::get_if<job>(&q)) decide(*j);
    }
    books_.commit();
  } catch (const std::exception& e) {
    books_.rollback();
    for (auto& q : batch) {
      auto* j = std::get_if<job>(&q);
      if (j == nullptr) continue;
      j->answer = {gateway_status::unknown, "", "unavailable", e.what()};
      j->silent = false;
    }
  }
}

void sandbox::answer(reading& r) {
  if (const auto* list = std::get_if<payment::list_request>(&r.request)) {
    payment::list_page page;
    try {
      page = records_.list(*list);
    } catch (const ledger_failure&) {
      page = {false, "unavailable", {}, {}, {}};
    }
    return std::get<list_callback>(r.done)(std::move(page));
  }
  payment::gateway_activity found;
  try {
    found = records_.activity_of(std::get<payment::authorization_reference>(r.request).key);
  } catch (const ledger_failure&) {
    found = {false, "unavailable", {}, {}};
  }
  std::get<activity_callback>(r.done)(std::move(found));
}

void sandbox::decide(job& j) {
  const auto now = time_.now();
  const auto& r = j.request;
  if (const auto* authorize = std::get_if<payment::authorize_request>(&r)) {
    auto outcome = books_.authorize(*authorize, now);
    j.answer = std::move(outcome.answer);
    j.silent = outcome.silent;
  } else if (const auto* capture = std::get_if<payment::capture_request>(&r)) {
    j.answer = books_.capture(*capture, now);
  } else if (const auto* voided = std::get_if<payment::void_request>(&r)) {
    j.answer = books_.void_authorization(voided->authorization.key, now);
  } else if (const auto* refund = std::get_if<payment::refund_request>(&r)) {
    j.answer = books_.refund(*refund, now);
  } else {
    j.answer = books_.look_up(std::get<payment::lookup_request>(r).key, now);
  }
}

}  // namespace stoa::gateways
