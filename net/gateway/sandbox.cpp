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

void sandbox::enqueue(job j) {
  const auto outcome = worker_.offer(j);
  if (outcome == offered::taken) return;
  j.done({gateway_status::unknown, "", outcome == offered::full ? "overloaded" : "stopping",
          "The gateway cannot accept further requests now."});
}

void sandbox::work(std::vector<job>& batch) {
  settle(batch);
  for (auto& j : batch) {
    if (!j.silent) j.done(std::move(j.answer));
  }
}

void sandbox::settle(std::vector<job>& batch) {
  try {
    books_.begin();
    for (auto& j : batch) decide(j);
    books_.commit();
  } catch (const std::exception& e) {
    books_.rollback();
    for (auto& j : batch) {
      j.answer = {gateway_status::unknown, "", "unavailable", e.what()};
      j.silent = false;
    }
  }
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
