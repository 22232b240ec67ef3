#include "net/front/answer_cache.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <algorithm>
#include <utility>

namespace stoa::front {

namespace {

/// Of an entry besides its texts: the nodes of list and map, the response's fields.
constexpr std::size_t entry_overhead = 1024;
/// One response takes at most this part of the memory.
constexpr std::size_t answers_min = 16;

/// The value between the quotes of a strong tag; empty: none.
std::string_view tag_within(const http::response& r) {
  const auto field = std::ranges::find(r.headers, "ETag", [](const auto& h) { return h.first; });
  if (field == r.headers.end()) return {};
  const std::string_view value = field->second;
  if (value.size() < 3 || value.front() != '"' || value.back() != '"') return {};
  return value.substr(1, value.size() - 2);
}

std::size_t place_of(http::content_coding c) {
  return c == http::content_coding::gzip ? 0 : 1;
}

}  // namespace

kept_answer::kept_answer(http::response made)
    : made_(std::move(made)), opaque_tag_(tag_within(made_)) {
  std::erase_if(made_.headers, [](const auto& h) { return h.first == "ETag"; });
}

std::shared_ptr<const std::string> kept_answer::coded(http::content_coding c) const {
  std::scoped_lock lock(mutex_);
  return coded_[place_of(c)];
}

void kept_answer::keep_coded(http::content_coding c, std::shared_ptr<const std::string> body) {
  std::scoped_lock lock(mutex_);
  coded_[place_of(c)] = std::move(body);
}

struct answer_cache::counters {
  explicit counters(prometheus::Registry& r)
      : hits(prometheus::BuildCounter()
                 .Name("stoa_http_answer_cache_hits_total")
                 .Help("Responses from the answer cache")
                 .Register(r)
                 .Add({})),
        misses(prometheus::BuildCounter()
                   .Name("stoa_http_answer_cache_misses_total")
                   .Help("Requests that the answer cache had no current response for")
                   .Register(r)
                   .Add({})),
        bytes(prometheus::BuildGauge()
                  .Name("stoa_http_answer_cache_bytes")
                  .Help("Memory of the answer cache")
                  .Register(r)
                  .Add({})) {}

  prometheus::Counter& hits;
  prometheus::Counter& misses;
  prometheus::Gauge& bytes;
};

answer_cache::answer_cache(std::size_t bytes_max, prometheus::Registry* registry)
    : bytes_max_(bytes_max),
      counters_(registry != nullptr ? std::make_unique<counters>(*registry) : nullptr) {}
answer_cache::~answer_cache() = default;

std::shared_ptr<kept_answer> answer_cache::find(std::string_view target, std::uint64_t version,
                                                clock::time_point now) {
  std::scoped_lock lock(mutex_);
  const auto found = by_target_.find(target);
  const bool current = found != by_target_.end() && found->second->version == version &&
                       now - found->second->asked <= age_max;
  if (counters_) (current ? counters_->hits : counters_->misses).Increment();
  if (!current) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return entries_.front().answer;
}

std::shared_ptr<kept_answer> answer_cache::keep(std::string_view target, std::uint64_t version,
                                                http::response& made, clock::time_point asked) {
  // With two compressed bodies.
  const auto bytes = 2 * target.size() + 3 * made.content().size() + entry_overhead;
  if (bytes > bytes_max_ / answers_min || tag_within(made).empty()) return nullptr;
  if (!made.shared_body) {
    made.shared_body = std::make_shared<const std::string>(std::exchange(made.body, {}));
  }
  auto answer = std::make_shared<kept_answer>(made);
  std::scoped_lock lock(mutex_);
  if (const auto found = by_target_.find(target); found != by_target_.end()) {
    // Another request may have read later.
    if (found->second->version > version) return nullptr;
    remove(found->second);
  }
  while (!entries_.empty() && bytes_ + bytes > bytes_max_) remove(std::prev(entries_.end()));
  entries_.push_front({std::string(target), version, asked, bytes, answer});
  by_target_.emplace(entries_.front().target, entries_.begin());
  bytes_ += bytes;
  if (counters_) counters_->bytes.Set(static_cast<double>(bytes_));
  return answer;
}

void answer_cache::remove(std::list<entry>::iterator at) {
  bytes_ -= at->bytes;
  by_target_.erase(at->target);
  entries_.erase(at);
}

std::size_t answer_cache::bytes() const {
  std::scoped_lock lock(mutex_);
  return bytes_;
}

}  // namespace stoa::front
