// One event as one line, as JSON or text.

#include "config/log_level.hpp"
#include "config/mask.hpp"
#include "storage/base/card_number.hpp"
#include "storage/base/time.hpp"
#include "storage/base/utf8.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <iterator>

namespace stoa::log {
namespace {

constexpr std::string_view redacted = "[redacted]";
constexpr std::string_view card_removed = "[card number removed]";
constexpr std::size_t text_bytes_max = 8192;  // of one value; the rest is cut

constexpr std::array<std::string_view, 7> level_names = {"trace", "debug", "info", "warn",
                                                         "error", "fatal", "off"};
constexpr std::array<std::string_view, 7> level_colors = {
    "\x1B[90m", "\x1B[36m", "\x1B[32m", "\x1B[33m", "\x1B[31m", "\x1B[1;31m", ""};

/// Appends the text escaped for JSON (RFC 8259, section 7), with malformed UTF-8 replaced by
/// U+FFFD. C1 controls are escaped too, because terminals interpret some of them.
void append_escaped(std::string& out, std::string_view text, bool quotes) {
  const bool is_cut = text.size() > text_bytes_max;
  text = text.substr(0, text_bytes_max);
  while (!text.empty()) {
    const auto c = static_cast<std::uint8_t>(text.front());
    const std::size_t size = utf8_sequence_size(text);
    if (size == 0) {
      out += "\xEF\xBF\xBD";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else if (control_size(text) > 0) {
      // The last byte is the code point, of C1 as well.
      fmt::format_to(std::back_inserter(out), "\\u{:04x}",
                     static_cast<std::uint8_t>(text[size - 1]));
    } else {
      if (quotes && (c == '"' || c == '\\')) out += '\\';
      out += text.substr(0, size);
    }
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  if (is_cut) out += "...";
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  append_escaped(out, text, true);
  out += '"';
}

/// The text, or its replacement if it contains a card number.
std::string_view masked(std::string_view text) {
  return card::holds_number(text) ? card_removed : text;
}

/// Whether the value needs no quotes in the text format.
bool is_one_word(std::string_view text) {
  return !text.empty() && text.find_first_of(" \t\r\n\"\\=") == std::string_view::npos;
}

class value_writer {
 public:
  value_writer(std::string& to, bool always) : out_(to), always_quote_(always) {}

  void operator()(bool v) const { out_ += v ? "true" : "false"; }
  void operator()(std::int64_t v) const {
    if (card::holds_number(v)) return (*this)(card_removed);
    fmt::format_to(std::back_inserter(out_), "{}", v);
  }
  void operator()(std::uint64_t v) const {
    if (card::holds_number(v)) return (*this)(card_removed);
    fmt::format_to(std::back_inserter(out_), "{}", v);
  }
  void operator()(double v) const {
    // JSON has no infinities and no NaN.
    if (!std::isfinite(v)) return (*this)(std::isnan(v) ? "nan" : v > 0 ? "inf" : "-inf");
    fmt::format_to(std::back_inserter(out_), "{}", v);
  }
  void operator()(const char* v) const { (*this)(std::string_view(v)); }
  void operator()(std::string_view v) const {
    if (v.find("://") != std::string_view::npos) return plain(masked_urls(v));
    plain(v);
  }

 private:
  void plain(std::string_view v) const {
    const auto text = masked(v);
    if (always_quote_ || !is_one_word(text)) return append_quoted(out_, text);
    append_escaped(out_, text, false);
  }

  std::string& out_;
  bool always_quote_;
};

void append_value(std::string& out, const field& f, bool always_quote) {
  const value_writer write(out, always_quote);
  if (is_secret_name(f.name)) return write(redacted);
  std::visit(write, f.held.held());
}

std::string render_json(level l, std::int64_t ts_us, std::string_view message,
                        std::span<const field> f) {
  std::string out = R"({"ts":")";
  out += timestamp{ts_us}.str();
  out += R"(","level":")";
  out += level_names[static_cast<std::size_t>(l)];
  out += R"(","msg":)";
  append_quoted(out, masked(message));
  for (const auto& one : f) {
    // A field must not replace a member of the event.
    const bool is_taken = one.name == "ts" || one.name == "level" || one.name == "msg";
    out += ",\"";
    append_escaped(out, one.name, true);
    out += is_taken ? "_\":" : "\":";
    append_value(out, one, true);
  }
  return out + "}";
}

std::string render_text(bool color, level l, std::int64_t ts_us, std::string_view message,
                        std::span<const field> f) {
  const auto time = timestamp{ts_us}.str();
  const auto index = static_cast<std::size_t>(l);
  std::string out = time.substr(11, 12);  // the time of day to the millisecond
  fmt::format_to(std::back_inserter(out), " {}{:<5}{} ", color ? level_colors[index] : "",
                 level_names[index], color ? "\x1B[0m" : "");
  append_escaped(out, masked(message), false);
  for (const auto& one : f) {
    out += color ? "  \x1B[90m" : "  ";
    append_escaped(out, one.name, false);
    out += color ? "=\x1B[0m" : "=";
    append_value(out, one, false);
  }
  return out;
}

}  // namespace

std::string_view name_of(level l) noexcept {
  return level_names[static_cast<std::size_t>(l)];
}

std::optional<level> level_named(std::string_view name) {
  for (std::size_t i = 0; i < level_names.size(); ++i) {
    if (level_names[i] == name) return static_cast<level>(i);
  }
  return std::nullopt;
}

std::string render(format form, bool color, level l, std::int64_t ts_us, std::string_view message,
                   std::span<const field> f) {
  return form == format::json ? render_json(l, ts_us, message, f)
                              : render_text(color, l, ts_us, message, f);
}

}  // namespace stoa::log
