#include "actors/kernel/define_service.hpp"
#include "actors/notification/notification_service.hpp"
#include "storage/notification/notification_store.hpp"

namespace stoa::notification {

namespace {

/// Failed is final: operators watch those of a day.
constexpr microseconds failures_watched = std::chrono::hours{24};

}  // namespace

kernel::service_definition definition_of(const notification_service& service) {
  auto d = kernel::define_service(service);
  d.set_expensive<list_notifications_query>();
  d.set_may_lag<list_notifications_query>();
  d.measure = [](db::connection& c, timestamp now, kernel::service_figures& f) {
    f.oldest_pending_s = kernel::age_s(oldest_pending(c), now);
    f.failed = failed_since(c, now - failures_watched);
  };
  return d;
}

}  // namespace stoa::notification
