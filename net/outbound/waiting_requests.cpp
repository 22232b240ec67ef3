#include "net/outbound/waiting_requests.hpp"

#include <algorithm>

namespace stoa::outbound {

void waiting_requests::push(transfer_ptr t) {
  const auto& origin = t->to().origin;
  auto& q = origins_[origin];
  q.ids.push_back(t->id());
  schedule(origin, q);
  deadlines_.emplace(t->deadline(), t->id());
  waiting_.emplace(t->id(), std::move(t));
}

void waiting_requests::schedule(const std::string& origin, origin_queue& q) {
  if (q.in_turn || q.ids.empty() || q.in_flight >= in_flight_max_) return;
  q.in_turn = true;
  turns_.push_back(origin);
}

transfer_ptr waiting_requests::next() {
  if (turns_.empty()) return nullptr;
  const auto origin = std::move(turns_.front());
  turns_.pop_front();
  auto& q = origins_.at(origin);
  q.in_turn = false;
  const auto id = q.ids.front();
  ++q.in_flight;
  auto t = remove(id);
  schedule(origin, q);
  return t;
}

void waiting_requests::ended(const std::string& origin) {
  const auto at = origins_.find(origin);
  --at->second.in_flight;
  schedule(origin, at->second);
  if (at->second.in_flight == 0 && at->second.ids.empty()) origins_.erase(at);
}

transfer_ptr waiting_requests::remove(http_client::id id) {
  const auto at = waiting_.find(id);
  if (at == waiting_.end()) return nullptr;
  auto t = std::move(at->second);
  waiting_.erase(at);
  deadlines_.erase({t->deadline(), id});
  const auto origin = origins_.find(t->to().origin);
  auto& q = origin->second;
  q.ids.erase(std::find(q.ids.begin(), q.ids.end(), id));
  if (q.ids.empty() && q.in_turn) {
    std::erase(turns_, origin->first);
    q.in_turn = false;
  }
  if (q.ids.empty() && q.in_flight == 0) origins_.erase(origin);
  return t;
}

std::vector<transfer_ptr> waiting_requests::take_expired(steady::time_point now) {
  std::vector<transfer_ptr> expired;
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    expired.push_back(remove(deadlines_.begin()->second));
  }
  return expired;
}

std::vector<transfer_ptr> waiting_requests::take_all() {
  std::vector<transfer_ptr> all;
  while (!waiting_.empty()) all.push_back(remove(waiting_.begin()->first));
  return all;
}

std::optional<steady::time_point> waiting_requests::first_deadline() const {
  if (deadlines_.empty()) return std::nullopt;
  return deadlines_.begin()->first;
}

}  // namespace stoa::outbound
