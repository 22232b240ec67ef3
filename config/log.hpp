#pragma once
// Logging: one event per line, as JSON or as text for a terminal. Callers never wait for the
// output: lines go through a bounded queue, which drops the oldest when it is full, and the number
// of dropped lines is logged. Fields whose names denote a secret and values that contain a card
// number (card_number.hpp) are masked.
//
// Repeated lines are collapsed: warnings, errors and info_limited() lines of one kind are written
// five times, then counted. Every `repeat_interval_ms` one line summarises them: same level and
// message, the fields of the first counted line, and `"repeated": count`. Two lines are of one kind
// if level, message and these fields are equal: service, code, message, actor, event, route,
// effect, node. Put ids and addresses into other fields. Other lines of info and below are always
// written.

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace stoa::log {

enum class level { trace, debug, info, warn, error, fatal, off };
enum class format { json, text };

/// The value of a field. Text is referenced only during the call.
class value {
 public:
  template <std::same_as<bool> T>
  value(T v) : held_(v) {}
  template <std::signed_integral T>
  value(T v) : held_(static_cast<std::int64_t>(v)) {}
  template <std::unsigned_integral T>
  requires(!std::same_as<T, bool>) value(T v) : held_(static_cast<std::uint64_t>(v)) {}
  template <std::floating_point T>
  value(T v) : held_(static_cast<double>(v)) {}
  template <std::convertible_to<std::string_view> T>
  value(const T& v) : held_(std::string_view(v)) {}

  const auto& held() const { return held_; }

 private:
  std::variant<bool, std::int64_t, std::uint64_t, double, std::string_view> held_;
};

struct field {
  std::string_view name;
  value held;
};
using fields = std::initializer_list<field>;

/// How and where to log.
struct options {
  level least = level::info;
  format form = format::json;
  bool color = false;
  std::size_t queue_max = 2048;                    ///< lines waiting for the output, 400 bytes each
  std::int64_t repeat_interval_ms = 10'000;        ///< between summaries of repeats; 0: write all
  std::function<void(std::string_view)> output{};  ///< gets whole lines; empty: standard error
};

/// The level of that name ("info"), if any.
std::optional<level> level_named(std::string_view name);
/// Options for the settings log.level and log.format; "auto" is text on a terminal, JSON otherwise.
options options_for(std::string_view level_name, std::string_view format_name);

/// Starts logging and replaces a running log. Before the first call, warnings and above are written
/// to standard error synchronously, as text.
void start(options o);
/// Writes the queued lines and restores the state before start().
void stop();
/// Waits until all lines logged before the call are written, for at most `timeout_ms`.
void flush(std::int64_t timeout_ms = 2000);
/// True if events of the level are written.
bool enabled(level l) noexcept;

void write(level l, std::string_view message, fields f = {});
inline void trace(std::string_view message, fields f = {}) {
  write(level::trace, message, f);
}
inline void debug(std::string_view message, fields f = {}) {
  write(level::debug, message, f);
}
inline void info(std::string_view message, fields f = {}) {
  write(level::info, message, f);
}
/// Like info, but collapsed like a warning: for lines that clients can cause without limit, such as
/// rejected requests.
void info_limited(std::string_view message, fields f = {});
inline void warn(std::string_view message, fields f = {}) {
  write(level::warn, message, f);
}
inline void error(std::string_view message, fields f = {}) {
  write(level::error, message, f);
}
/// Logs and flushes; for events right before the end of the process.
void fatal(std::string_view message, fields f = {});

/// Formats one event as a line without line end. `ts_us`: microseconds since 1970.
std::string render(format form, bool color, level l, std::int64_t ts_us, std::string_view message,
                   std::span<const field> f);
inline std::string render(format form, bool color, level l, std::int64_t ts_us,
                          std::string_view message, fields f) {
  return render(form, color, l, ts_us, message, std::span(f.begin(), f.size()));
}

}  // namespace stoa::log
