#pragma once
// Export and import of the catalogue through a running server's API.

#include "net/cli/file_commands.hpp"
#include "net/cli/server_session.hpp"
#include "net/cli/subcommands.hpp"

#include <ostream>
#include <string>

namespace stoa::cli {

/// GET /admin/v1/export, page by page. Throws std::runtime_error with the server's reason, or on a
/// failed request.
export_counts export_from_server(server_session& session, const export_options& o,
                                 std::ostream& out);

/// POST /admin/v1/imports, then polls the job: progress on standard error, then the same report as
/// an offline import. Returns the exit code. The job continues after Ctrl-C.
int import_at_server(const import_options& o, const std::string& file_name, std::string text);

}  // namespace stoa::cli
