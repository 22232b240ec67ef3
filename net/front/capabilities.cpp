#include "net/front/capabilities.hpp"

#include "config/log.hpp"

#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <algorithm>

namespace stoa::front {

namespace {

constexpr milliseconds look_interval{1000};

/// Calls f with each word of the text.
template <class F>
void for_each_word(std::string_view text, F&& f) {
  while (!text.empty()) {
    const auto end = text.find(' ');
    f(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

void add_word(std::string& list, std::string_view word) {
  if (!list.empty()) list += ", ";
  list += word;
}

/// Changes between two checks.
struct changes {
  std::string gone;
  std::string back;
  std::string reason;  ///< of an unavailable capability
};

void log_changes(const changes& news) {
  if (!news.gone.empty()) {
    log::warn("capabilities not available", {{"capabilities", news.gone}, {"reason", news.reason}});
  }
  if (!news.back.empty()) {
    log::info_limited("capabilities available again", {{"capabilities", news.back}});
  }
}

}  // namespace

std::string lacking(const config::capability& c,
                    const std::vector<kernel::service_health>& services) {
  std::string reasons;
  const auto check = [&](std::string_view name, bool writes) {
    const auto found = std::ranges::find(services, name, &kernel::service_health::service);
    if (found == services.end() || (writes ? found->missing.empty() : found->readable)) return;
    if (!reasons.empty()) reasons += "; ";
    reasons += found->service + ": " + found->missing;
  };
  for_each_word(c.reads, [&](auto name) { check(name, false); });
  for_each_word(c.writes, [&](auto name) { check(name, true); });
  return reasons;
}

struct capability_watch::metrics {
  explicit metrics(prometheus::Registry& r)
      : ready(prometheus::BuildGauge()
                  .Name("stoa_capability_ready")
                  .Help("Whether the capability is available at this node (1) or not (0)")
                  .Register(r)) {}
  prometheus::Family<prometheus::Gauge>& ready;
};

capability_watch::capability_watch(prometheus::Registry* registry)
    : metrics_(registry ? std::make_unique<metrics>(*registry) : nullptr) {}
capability_watch::~capability_watch() = default;

std::vector<capability_state> capability_watch::look(
    const std::vector<kernel::service_health>& services) {
  const auto now = system_time().now();
  const auto all = config::capabilities();
  std::lock_guard lock(mutex_);
  if (states_.empty()) {
    for (const auto& c : all) states_.push_back({std::string(c.name), true, false, {}, now});
  }
  changes news;
  for (std::size_t i = 0; i < all.size(); ++i) {
    auto& s = states_[i];
    auto why = lacking(all[i], services);
    const bool available = why.empty();
    if (s.available != available) {
      add_word(available ? news.back : news.gone, s.capability);
      s.available = available;
      s.since = now;
    }
    if (!available) news.reason = why;
    s.reason = available ? std::nullopt : std::optional(std::move(why));
    if (metrics_) metrics_->ready.Add({{"capability", s.capability}}).Set(available ? 1 : 0);
  }
  log_changes(news);
  return states_;
}

void capability_watch::follow(std::shared_ptr<kernel::port> port, const kernel::node& node) {
  look(node.health());
  auto* raw = port.get();
  raw->after(look_interval, [me = shared_from_this(), port = std::move(port), &node]() mutable {
    me->follow(std::move(port), node);
  });
}

}  // namespace stoa::front
