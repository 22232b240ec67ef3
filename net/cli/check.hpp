#pragma once
// `stoa check`.

#include "config/settings.hpp"
#include "net/cli/check_findings.hpp"

namespace stoa::cli {

struct check_choices {
  std::int64_t overdue_s = 60;  ///< an event that has been in an outbox for longer is a finding
  std::vector<std::string> ignored;  ///< codes
};

struct check_options {
  check_choices choices;
  std::int64_t shown_max = 20;  ///< findings listed per code
  bool json = false;
};

/// Reads all records and adds counts to the report. Throws db::error when a database cannot be
/// read.
finding_list check_books(const settings& s, const check_choices& choices, check_report& report);

}  // namespace stoa::cli
