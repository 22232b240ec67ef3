#include "config/settings.hpp"

namespace stoa {

retry_schedule retry_schedule_of(const notification_settings& s) {
  auto schedule =
      s.email == "smtp" ? retry_schedule{30'000, 3'600'000, 30} : retry_schedule{500, 300'000, 8};
  if (s.retry_ms_min > 0) schedule.ms_min = s.retry_ms_min;
  if (s.retry_ms_max > 0) schedule.ms_max = s.retry_ms_max;
  if (s.attempts_max > 0) schedule.attempts_max = s.attempts_max;
  return schedule;
}

}  // namespace stoa
