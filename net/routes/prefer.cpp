#include "net/routes/prefer.hpp"

#include "config/settings.hpp"
#include "storage/base/text.hpp"

#include <algorithm>
#include <charconv>

namespace stoa::front {

wait_preference wait_preference_of(const exchange& x) {
  const auto& config = x.shared->config->order;
  wait_preference wait;
  wait.time = milliseconds{config.checkout_wait_ms};
  auto field = x.request->header("Prefer");
  if (!field) return wait;
  std::string_view rest = *field;
  while (!rest.empty()) {
    auto end = std::min(rest.find(','), rest.size());
    std::string one = text::trim(rest.substr(0, std::min(rest.find(';'), end)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    std::int64_t seconds_wanted = 0;
    if (http::equals_ignoring_case(one, "respond-async")) {
      wait.async = true;
      wait.applied = true;
    } else if (one.starts_with("wait=")) {
      auto [stop, error] = std::from_chars(one.data() + 5, one.data() + one.size(), seconds_wanted);
      if (error != std::errc{} || stop != one.data() + one.size() || seconds_wanted < 0) continue;
      wait.time = std::min(milliseconds{std::min<std::int64_t>(seconds_wanted, 3600) * 1000},
                           milliseconds{config.checkout_wait_ms_max});
      wait.applied = true;
    }
  }
  return wait;
}

}  // namespace stoa::front
