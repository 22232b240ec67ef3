#include "net/cli/text_table.hpp"

#include "storage/base/text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace stoa::cli {

namespace {

constexpr std::size_t gap = 2;

template <class... Values>
std::string formatted(const char* form, Values... values) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), form, values...);
  return text.data();
}

}  // namespace

std::string count_of(double x) {
  return formatted(x < 9.95 ? "%.1f" : "%.0f", x);
}

std::string duration_of(std::int64_t s) {
  constexpr std::int64_t minute = 60;
  constexpr std::int64_t hour = 60 * minute;
  constexpr std::int64_t day = 24 * hour;
  if (s < minute) return std::to_string(s) + "s";
  if (s < hour) return std::to_string(s / minute) + "m";
  if (s < day) return std::to_string(s / hour) + "h" + std::to_string(s % hour / minute) + "m";
  return std::to_string(s / day) + "d" + std::to_string(s % day / hour) + "h";
}

std::string lag_of(std::int64_t us) {
  if (us == 0) return "0";
  const auto ms = static_cast<double>(us) / 1e3;
  return ms < 1000 ? formatted("%.1fms", ms) : formatted("%.1fs", ms / 1e3);
}

void add_table(std::vector<screen_line>& to, const std::vector<table_row>& rows,
               std::size_t right_from) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& r : rows) {
    for (std::size_t i = 0; i < r.size(); ++i) {
      widths[i] = std::max(widths[i], text::code_points(r[i]));
    }
  }
  for (const auto& r : rows) {
    std::string line;
    for (std::size_t i = 0; i < r.size(); ++i) {
      const std::string blanks(widths[i] - text::code_points(r[i]), ' ');
      const bool right = i >= right_from && i + 1 < r.size();
      line += right ? blanks + r[i] : r[i] + blanks;
      line += std::string(gap, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    to.push_back({std::move(line), &r == &rows.front()});
  }
}

}  // namespace stoa::cli
