#pragma once
// `stoa check`.

#include "config/settings.hpp"
#include "net/cli/check_findings.hpp"

namespace stoa::cli {

struct check_choices {
  std::int64_t overdue_s = 60;       ///< an event that waits longer in an outbox is a finding
  std::vector<std::string> ignored;  ///< codes
};

struct check_options {
  check_choices choices;
  std::int64_t shown_max = 20;  ///< findings of one code
  bool json = false;
};

/// Reads all books, and adds to the report what was read. Throws db::error when a database cannot
/// be read.
finding_list check_books(const settings& s, const check_choices& choices, check_report& report);

}  // namespace stoa::cli
