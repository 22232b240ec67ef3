#include "net/gateway/sandbox.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace stoa::gateways {

using payment::gateway_status;

result<std::unique_ptr<sandbox>> sandbox::open(const sandbox_options& options, const clock& time) {
  auto books = ledger::open(options.ledger_file);
  if (!books) return books.error();
  return std::unique_ptr<sandbox>(new sandbox(std::move(*books), options, time));
}

sandbox::sandbox(ledger books, const sandbox_options& options, const clock& time)
    : books_(std::move(books)), options_(options), time_(time), thread_([this] { work(); }) {}

sandbox::~sandbox() {
  stop();
}

void sandbox::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  std::call_once(joined_, [this] { thread_.join(); });
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
  auto take = [this](job& offered) -> const char* {
    const std::scoped_lock lock(mutex_);
    if (stopping_) return "stopping";
    if (queue_.size() >= options_.queue_max) return "overloaded";
    queue_.push_back(std::move(offered));
    return nullptr;
  };
  const char* refused = take(j);
  if (refused) {
    j.done({gateway_status::unknown, "", refused, "The gateway takes no more requests now."});
  } else {
    wake_.notify_one();
  }
}

void sandbox::work() {
  std::vector<job> batch;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      const auto count = static_cast<std::ptrdiff_t>(std::min(queue_.size(), options_.batch_max));
      batch.assign(std::make_move_iterator(queue_.begin()),
                   std::make_move_iterator(queue_.begin() + count));
      queue_.erase(queue_.begin(), queue_.begin() + count);
    }
    settle(batch);
    for (auto& j : batch) {
      if (!j.silent) j.done(std::move(j.answer));
    }
    batch.clear();
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
