#pragma once
// Text tables and compact formats of numbers and durations.

#include "net/cli/top_screen.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace stoa::cli {

using table_row = std::vector<std::string>;

/// Adds the rows as aligned columns, the first row as heading. Columns from `right_from` on, except
/// the last, are right-aligned.
void add_table(std::vector<screen_line>& to, const std::vector<table_row>& rows,
               std::size_t right_from);

/// "0.7", "12".
std::string count_of(double x);
/// Of seconds: "59s", "12m", "2h5m", "3d4h".
std::string duration_of(std::int64_t s);
/// Of microseconds: "0", "2.5ms", "1.5s".
std::string lag_of(std::int64_t us);

}  // namespace stoa::cli
