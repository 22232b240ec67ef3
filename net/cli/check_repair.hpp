#pragma once
// `stoa check --repair`.

#include "net/cli/check.hpp"
#include "net/cli/server_options.hpp"

namespace stoa::cli {

/// Which repairs are allowed, and the server that performs them.
struct repair_choices {
  bool wanted = false;
  bool refunds = false;  ///< also refund and restock orders that are not stored
  bool dry_run = false;
  server_options server{};
};

/// Asks the server for the allowed repairs and adds each to the report. Throws std::runtime_error
/// when the login fails or there is no response.
void repair_books(const repair_choices& choices, const finding_list& found, check_report& report);

/// `stoa check`. Returns exit_partly when findings remain unrepaired.
int run_check(const settings& s, const check_options& o, const repair_choices& repair);

}  // namespace stoa::cli
