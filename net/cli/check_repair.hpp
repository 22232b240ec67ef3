#pragma once
// `stoa check --repair`.

#include "net/cli/check.hpp"
#include "net/cli/server_options.hpp"

namespace stoa::cli {

/// What may be repaired, and by which server.
struct repair_choices {
  bool wanted = false;
  bool refunds = false;  ///< also money and goods of orders that are not stored
  bool dry_run = false;
  server_options server{};
};

/// Asks the server to repair what the choices allow, and adds each step to the report. Throws
/// std::runtime_error when there is no login or no answer.
void repair_books(const repair_choices& choices, const finding_list& found, check_report& report);

/// `stoa check`. exit_partly when something was found and not repaired.
int run_check(const settings& s, const check_options& o, const repair_choices& repair);

}  // namespace stoa::cli
