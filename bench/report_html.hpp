#pragma once
// The report of one run, or of several to compare, as one HTML file without scripts and outside
// requests.

#include "bench/report.hpp"

#include <span>

namespace stoa::bench {

/// `runs` has one or two reports.
std::string html_of(std::span<const run_report> runs);

}  // namespace stoa::bench
