#include "bench/svg_plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

namespace stoa::bench {
namespace {

constexpr double width = 640;
constexpr double height = 260;
constexpr double left = 62;
constexpr double right = 12;
constexpr double top = 12;
constexpr double bottom = 34;
constexpr int ticks_wanted = 5;
/// The percentile curve ends here.
constexpr double percentile_max = 0.99999;
constexpr std::array percentile_ticks{0.0, 0.5, 0.9, 0.99, 0.999, 0.9999};
/// Smaller values are drawn at this one in a logarithmic plot.
constexpr double log_min = 0.001;

/// Positions of one axis on the drawing.
class scale {
 public:
  scale(double least, double most, double from, double to, bool is_log)
      : is_log_(is_log), least_(least), most_(most), from_(from), to_(to) {
    if (is_log_) {
      least_ = std::log10(std::max(least, log_min));
      most_ = std::log10(std::max(most, log_min));
    }
    if (most_ <= least_) most_ = least_ + 1;
  }
  double at(double value) const {
    const double v = is_log_ ? std::log10(std::max(value, log_min)) : value;
    return from_ + (std::clamp(v, least_, most_) - least_) / (most_ - least_) * (to_ - from_);
  }
  std::vector<double> ticks() const {
    std::vector<double> all;
    if (is_log_) {
      for (int power = static_cast<int>(std::ceil(least_ - 1e-9)); power <= most_ + 1e-9; ++power) {
        all.push_back(std::pow(10, power));
      }
      return all;
    }
    const double rough = (most_ - least_) / ticks_wanted;
    const double power = std::pow(10, std::floor(std::log10(rough)));
    double step = power;
    for (const double factor : {2.0, 5.0, 10.0}) {
      if (step < rough) step = power * factor;
    }
    for (auto n = static_cast<std::int64_t>(std::ceil(least_ / step));
         static_cast<double>(n) * step <= most_ + step * 1e-9; ++n) {
      all.push_back(static_cast<double>(n) * step);
    }
    return all;
  }

 private:
  bool is_log_;
  double least_, most_, from_, to_;
};

double place_of(const plot& p, double x) {
  return p.percentiles ? std::log10(1 / (1 - std::min(x, percentile_max))) : x;
}

std::string line_svg(const plot& p, const plot_line& l, const scale& xs, const scale& ys) {
  std::string points;
  for (const auto& [x, y] : l.points) {
    points += fmt::format("{:.1f},{:.1f} ", xs.at(place_of(p, x)), ys.at(y));
  }
  return fmt::format(R"(<polyline class="line c{}{}" points="{}"><title>{}</title></polyline>)",
                     l.color, l.dashed ? " dashed" : "", points, escaped(l.name));
}

std::string axes_svg(const plot& p, const scale& xs, const scale& ys) {
  std::string out;
  for (const double v : ys.ticks()) {
    const double y = ys.at(v);
    out += fmt::format(R"(<line class="grid" x1="{0}" x2="{1}" y1="{2:.1f}" y2="{2:.1f}"/>)", left,
                       width - right, y);
    out +=
        fmt::format(R"(<text class="tick end" x="{}" y="{:.1f}">{:g}</text>)", left - 6, y + 4, v);
  }
  const auto mark = [&](double place, const std::string& text) {
    out += fmt::format(R"(<text class="tick mid" x="{:.1f}" y="{}">{}</text>)", xs.at(place),
                       height - bottom + 16, text);
  };
  if (p.percentiles) {
    for (const double q : percentile_ticks) mark(place_of(p, q), fmt::format("{:g}%", q * 100));
  } else {
    for (const double x : xs.ticks()) mark(x, fmt::format("{:g}", x));
  }
  out += fmt::format(R"(<text class="tick end" x="{}" y="{}">{}</text>)", width - right, height - 4,
                     escaped(p.x_unit));
  return out;
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string svg_of(const plot& p) {
  double x_min = 0;
  double x_max = p.percentiles ? place_of(p, percentile_max) : 1;
  double y_min = p.log_values ? 1e300 : 0;
  double y_max = 0;
  bool is_first = true;
  for (const auto& l : p.lines) {
    for (const auto& [x, y] : l.points) {
      if (!p.percentiles) {
        x_min = is_first ? x : std::min(x_min, x);
        x_max = is_first ? x : std::max(x_max, x);
      }
      is_first = false;
      if (p.log_values && y > 0) y_min = std::min(y_min, y);
      y_max = std::max(y_max, y);
    }
  }
  if (p.log_values) {
    y_min = std::pow(10, std::floor(std::log10(std::clamp(y_min, log_min, 1e6))));
    y_max = std::pow(10, std::ceil(std::log10(std::max(y_max, y_min * 10))));
  }
  const scale xs(x_min, x_max, left, width - right, false);
  const scale ys(y_min, y_max > 0 ? y_max * (p.log_values ? 1 : 1.05) : 1, height - bottom, top,
                 p.log_values);
  std::string out = fmt::format(
      R"(<figure><figcaption>{}{}</figcaption><svg viewBox="0 0 {} {}" role="img" aria-label="{}">)",
      escaped(p.title), p.unit.empty() ? "" : " (" + escaped(p.unit) + ")", width, height,
      escaped(p.title));
  out += axes_svg(p, xs, ys);
  for (const auto& l : p.lines) out += line_svg(p, l, xs, ys);
  out += "</svg><p class=\"legend\">";
  for (const auto& l : p.lines) {
    out += fmt::format(R"(<span class="key c{}{}">{}</span> )", l.color, l.dashed ? " dashed" : "",
                       escaped(l.name));
  }
  return out + "</p></figure>\n";
}

}  // namespace stoa::bench
