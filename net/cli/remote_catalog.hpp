#pragma once
// Export and import of the catalogue through a running server's API.

#include "net/cli/server_session.hpp"
#include "net/cli/subcommands.hpp"

#include <cstddef>
#include <ostream>
#include <string>

namespace stoa::cli {

/// GET /admin/v1/export, page by page.
class remote_export {
 public:
  explicit remote_export(server_session& session) : session_(session) {}

  /// Throws std::runtime_error with the server's reason, or on a failed request.
  void write(std::ostream& out);
  std::size_t written() const { return written_; }
  std::size_t left_out() const { return left_out_; }
  /// False when a product or column was left out.
  bool whole() const { return left_out_ == 0 && columns_left_out_ == 0; }

 private:
  server_session& session_;
  std::size_t written_ = 0;
  std::size_t left_out_ = 0;
  std::size_t columns_left_out_ = 0;
};

/// POST /admin/v1/imports, then polls the job: progress on standard error, then the same report as
/// an offline import. Returns the exit code. The job continues after Ctrl-C.
int import_at_server(const import_options& o, const std::string& file_name, std::string csv);

}  // namespace stoa::cli
