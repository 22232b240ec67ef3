#include "net/cli/import_file.hpp"

#include "actors/kernel/node.hpp"
#include "net/cli/commands.hpp"
#include "net/cli/progress.hpp"
#include "net/shopify/file_formats.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <stdexcept>

namespace stoa::cli {

int import_failed(const std::string& file, const std::string& why) {
  std::fprintf(stderr, "stoa: %s: %s\n", printable(file).c_str(), printable(why).c_str());
  return exit_failed;
}

std::string open_import(const std::string& file, std::ifstream& in, std::uint64_t& size) {
  std::error_code error;
  if (std::filesystem::is_directory(file, error)) return "this is a directory";
  in.open(file, std::ios::binary);
  if (!in) return std::strerror(errno);
  auto bytes = std::filesystem::file_size(file, error);
  size = error ? 0 : bytes;  // A pipe has no size.
  return {};
}

scratch_folder::scratch_folder(const char* what) {
  const auto path = std::filesystem::temp_directory_path() / (std::string(what) + "-XXXXXX");
  std::string name = path.string();
  if (::mkdtemp(name.data()) == nullptr) {
    throw std::runtime_error("cannot create a temporary directory: " +
                             std::string(std::strerror(errno)));
  }
  path_ = name;
}

scratch_folder::~scratch_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

scratch_store::scratch_store(settings& s) {
  if (s.data.store != "sqlite" ||
      std::filesystem::exists(kernel::database_path(s.data.dir, "catalog"))) {
    return;
  }
  folder_.emplace("stoa-dry-run");
  s.data.dir = folder_->path().string();
  s.auth.keys_dir.clear();
}

std::string rereadable_file::open_file(const std::string& file, bool from_stdin) {
  if (!from_stdin) {
    if (auto why = open_import(file, in_, size_); !why.empty()) return why;
    if (std::filesystem::is_regular_file(file)) return {};
  }
  folder_.emplace("stoa-import");
  const auto copy = folder_->path() / "file";
  std::ofstream out(copy, std::ios::binary);
  std::istream& from = from_stdin ? std::cin : in_;
  if (from.peek() != std::istream::traits_type::eof()) out << from.rdbuf();
  out.close();
  if (from.bad()) return "read error";
  if (!out) return "cannot write the temporary copy: " + std::string(std::strerror(errno));
  in_.close();
  in_.clear();
  return open_import(copy.string(), in_, size_);
}

std::istream& rereadable_file::from_start() {
  in_.clear();
  in_.seekg(0);
  return in_;
}

int end_import(const std::string& name, const import_options& o, const import_totals& totals,
               const import_report& report) {
  const auto& counts = totals.counts;
  const auto& format = shopify::traits_of(o.format);
  const double seconds = std::max(totals.seconds, 0.001);
  const auto per_second = static_cast<double>(totals.bytes) / seconds;
  const std::string objects(format.objects);
  std::printf("%s: %s%zu created, %zu updated, %zu unchanged; %zu %s read, %zu not imported",
              name.c_str(), o.dry_run ? "dry run: " : "", counts.created, counts.updated,
              counts.unchanged, totals.rows, std::string(format.rows).c_str(),
              totals.rows_rejected);
  if (counts.refused > 0) std::printf(", %zu %s rejected", counts.refused, objects.c_str());
  if (report.warnings() > 0) std::printf(", %zu warnings", report.warnings());
  std::printf("; %s in %.1f s (%.0f %s/s, %s/s)\n", megabytes(totals.bytes).c_str(), seconds,
              static_cast<double>(counts.all()) / seconds, objects.c_str(),
              megabytes(static_cast<std::uint64_t>(per_second)).c_str());
  if (report.errors() == 0) return exit_done;
  return counts.all() == counts.refused ? exit_failed : exit_partly;
}

}  // namespace stoa::cli
