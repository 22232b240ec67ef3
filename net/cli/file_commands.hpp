#pragma once
// `stoa import FORMAT` and `stoa export FORMAT`: a subcommand for each entry of file_commands().

#include "net/cli/import_file.hpp"
#include "net/cli/subcommands.hpp"

#include <ostream>
#include <span>

namespace stoa::cli {

struct export_counts {
  std::size_t written = 0;
  std::size_t left_out = 0;
  std::size_t columns_left_out = 0;
  /// False when a product or column was left out.
  bool whole() const { return left_out == 0 && columns_left_out == 0; }
};

struct file_command {
  catalog::file_format format;
  const char* import_help;
  const char* file_help;
  const char* import_footer;
  const char* export_help;
  const char* export_footer;
  /// Imports into the store's folder. Returns the exit code.
  int (*import_file)(const settings& s, const import_options& o, const std::string& name,
                     rereadable_file& file);
  /// Exports from the store's databases.
  export_counts (*export_file)(const settings& s, const export_options& o, std::ostream& out);
};

std::span<const file_command> file_commands();
const file_command& command_of(catalog::file_format format);

int import_shopify_file(const settings& s, const import_options& o, const std::string& name,
                        rereadable_file& file);
export_counts export_shopify_file(const settings& s, const export_options& o, std::ostream& out);
int import_lines_file(const settings& s, const import_options& o, const std::string& name,
                      rereadable_file& file);
export_counts export_lines_file(const settings& s, const export_options& o, std::ostream& out);
int import_csv_file(const settings& s, const import_options& o, const std::string& name,
                    rereadable_file& file);
export_counts export_csv_file(const settings& s, const export_options& o, std::ostream& out);

}  // namespace stoa::cli
