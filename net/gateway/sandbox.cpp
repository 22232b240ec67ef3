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

void sandbox::charge(payment::charge_request request, callback done) {
  enqueue({std::move(request), std::move(done)});
}
void sandbox::cancel(std::string charge_key, callback done) {
  enqueue({cancel_request{std::move(charge_key)}, std::move(done)});
}
void sandbox::refund(payment::refund_request request, callback done) {
  enqueue({std::move(request), std::move(done)});
}

void sandbox::enqueue(job j) {
  const auto outcome = worker_.offer(j);
  if (outcome == offered::taken) return;
  j.done({gateway_status::unknown, "", outcome == offered::full ? "overloaded" : "stopping",
          "The gateway takes no more requests now."});
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
  if (const auto* charge = std::get_if<payment::charge_request>(&j.request)) {
    auto outcome = books_.charge(*charge, now);
    j.answer = std::move(outcome.answer);
    j.silent = outcome.silent;
  } else if (const auto* cancel = std::get_if<cancel_request>(&j.request)) {
    j.answer = books_.cancel(cancel->key, now);
  } else {
    j.answer = books_.refund(std::get<payment::refund_request>(j.request), now);
  }
}

}  // namespace stoa::gateways
