#pragma once
// What the imports of all formats have in common on the command line.

#include "config/load.hpp"
#include "net/cli/import_report.hpp"
#include "net/cli/subcommands.hpp"
#include "net/shopify/catalog_loader.hpp"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <istream>
#include <optional>
#include <string>

namespace stoa::cli {

/// Prints why the import of the file has failed. Returns exit_failed.
int import_failed(const std::string& file, const std::string& why);
/// Opens the file. Returns the reason on failure, empty on success.
std::string open_import(const std::string& file, std::ifstream& in, std::uint64_t& size);

/// A temporary directory, removed by the destructor.
class scratch_folder {
 public:
  explicit scratch_folder(const char* what);
  ~scratch_folder();
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// An empty temporary store for the dry run of an import into a store that does not exist yet.
class scratch_store {
 public:
  explicit scratch_store(settings& s);

 private:
  std::optional<scratch_folder> folder_;
};

/// A file that can be read twice; input that is not a regular file is copied.
class rereadable_file {
 public:
  /// Returns the reason on failure, empty on success.
  std::string open_file(const std::string& file, bool from_stdin);
  std::istream& from_start();
  std::uint64_t size() const { return size_; }

 private:
  std::optional<scratch_folder> folder_;
  std::ifstream in_;
  std::uint64_t size_ = 0;
};

/// What was read and imported, for the summary.
struct import_totals {
  shopify::load_counts counts;
  std::size_t rows = 0;
  std::size_t rows_rejected = 0;
  std::uint64_t bytes = 0;
  double seconds = 0;
};

/// Prints the summary. Returns the exit code.
int end_import(const std::string& name, const import_options& o, const import_totals& totals,
               const import_report& report);

}  // namespace stoa::cli
