#pragma once
// Line plots as SVG (https://www.w3.org/TR/SVG11/), without scripts.

#include <string>
#include <utility>
#include <vector>

namespace stoa::bench {

struct plot_line {
  std::string name;
  int color = 0;        ///< index of the style sheet's classes c0 to c5
  bool dashed = false;  ///< of the second of two runs
  std::vector<std::pair<double, double>> points;
};

struct plot {
  std::string title;
  std::string unit;    ///< of the values
  std::string x_unit;  ///< of the positions
  std::vector<plot_line> lines;
  bool log_values = false;
  /// Positions are percentiles (0..1), at the logarithm of 1 / (1 - percentile).
  bool percentiles = false;
};

std::string svg_of(const plot& p);

/// The text with the characters of HTML and XML escaped.
std::string escaped(std::string_view text);

}  // namespace stoa::bench
