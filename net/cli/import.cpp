// `stoa import shopify`.

#include "actors/kernel/node.hpp"
#include "net/cli/commands.hpp"
#include "net/cli/import_report.hpp"
#include "net/cli/offline_catalog.hpp"
#include "net/cli/progress.hpp"
#include "net/cli/remote_catalog.hpp"
#include "net/cli/subcommands.hpp"
#include "net/shopify/shopify_csv.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <stdexcept>

namespace stoa::cli {

namespace {

/// The largest catalog.import_bytes_max.
constexpr std::size_t upload_bytes_max = std::size_t{128} << 20;

int fail(const std::string& file, const std::string& why) {
  std::fprintf(stderr, "stoa: %s: %s\n", printable(file).c_str(), printable(why).c_str());
  return exit_failed;
}

/// Opens the file. Returns the reason on failure, empty on success.
std::string open(const std::string& file, std::ifstream& in, std::uint64_t& size) {
  std::error_code error;
  if (std::filesystem::is_directory(file, error)) return "this is a directory";
  in.open(file, std::ios::binary);
  if (!in) return std::strerror(errno);
  auto bytes = std::filesystem::file_size(file, error);
  size = error ? 0 : bytes;  // A pipe has no size.
  return {};
}

void take_errors(shopify::reader& from, import_report& into) {
  for (const auto& e : from.errors()) into.add(e);
  from.errors().clear();
}

/// A temporary directory, removed by the destructor.
class scratch_folder {
 public:
  explicit scratch_folder(const char* what) {
    const auto path = std::filesystem::temp_directory_path() / (std::string(what) + "-XXXXXX");
    std::string name = path.string();
    if (::mkdtemp(name.data()) == nullptr) {
      throw std::runtime_error("cannot create a temporary directory: " +
                               std::string(std::strerror(errno)));
    }
    path_ = name;
  }
  ~scratch_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// An empty temporary store for the dry run of an import into a store that does not exist yet.
class scratch_store {
 public:
  explicit scratch_store(settings& s) {
    if (s.data.store != "sqlite" ||
        std::filesystem::exists(kernel::database_path(s.data.dir, "catalog"))) {
      return;
    }
    folder_.emplace("stoa-dry-run");
    s.data.dir = folder_->path().string();
    s.auth.keys_dir.clear();
  }

 private:
  std::optional<scratch_folder> folder_;
};

/// A file that can be read twice; input that is not a regular file is copied.
class rereadable_file {
 public:
  /// Returns the reason on failure, empty on success.
  std::string open_file(const std::string& file, bool from_stdin) {
    if (!from_stdin) {
      if (auto why = open(file, in_, size_); !why.empty()) return why;
      if (std::filesystem::is_regular_file(file)) return {};
    }
    folder_.emplace("stoa-import");
    const auto copy = folder_->path() / "file.csv";
    std::ofstream out(copy, std::ios::binary);
    std::istream& from = from_stdin ? std::cin : in_;
    if (from.peek() != std::istream::traits_type::eof()) out << from.rdbuf();
    out.close();
    if (from.bad()) return "read error";
    if (!out) return "cannot write the temporary copy: " + std::string(std::strerror(errno));
    in_.close();
    in_.clear();
    return open(copy.string(), in_, size_);
  }
  std::istream& from_start() {
    in_.clear();
    in_.seekg(0);
    return in_;
  }
  std::uint64_t size() const { return size_; }

 private:
  std::optional<scratch_folder> folder_;
  std::ifstream in_;
  std::uint64_t size_ = 0;
};

void print_summary(const std::string& name, const shopify::load_counts& counts,
                   const shopify::read_statistics& read, const import_report& report,
                   double seconds, bool dry_run) {
  seconds = std::max(seconds, 0.001);
  std::printf("%s: %s%zu created, %zu updated, %zu unchanged; %zu rows read, %zu not imported",
              name.c_str(), dry_run ? "dry run: " : "", counts.created, counts.updated,
              counts.unchanged, read.rows, read.rows_skipped);
  if (counts.refused > 0) std::printf(", %zu products rejected", counts.refused);
  if (report.warnings() > 0) std::printf(", %zu warnings", report.warnings());
  std::printf(
      "; %s in %.1f s (%.0f products/s, %s/s)\n", megabytes(read.bytes).c_str(), seconds,
      static_cast<double>(counts.all()) / seconds,
      megabytes(static_cast<std::uint64_t>(static_cast<double>(read.bytes) / seconds)).c_str());
}

/// Loads the products of the reader. Returns the exit code.
int load(shopify::reader& reader, std::istream& in, const std::string& name, std::uint64_t size,
         const import_options& o, settings s,
         std::shared_ptr<const shopify::duplicate_skus> doubled) {
  std::optional<scratch_store> scratch;
  if (o.dry_run) scratch.emplace(s);
  offline_catalog catalog(s);
  progress_bar bar("importing", size, progress_bar::unit::bytes);
  import_report report(name, bar);
  report.columns(reader.columns(), o.set_stock);
  shopify::mapping_options mapping{s.store.currency, o.set_stock, o.dry_run, reader.columns()};
  mapping.doubled = std::move(doubled);
  shopify::catalog_loader loader(catalog, std::move(mapping), report);
  while (auto product = reader.next()) {
    take_errors(reader, report);
    loader.add(*product);
    bar.update(reader.statistics().bytes);
  }
  take_errors(reader, report);
  loader.finish();
  const auto& read = reader.statistics();
  report.add_unlisted(read.errors_lost);
  report.finish();
  const auto& counts = loader.counts();
  print_summary(name, counts, read, report, bar.seconds(), o.dry_run);
  if (in.bad()) return fail(name, "read error; the rest of the file is not imported");
  if (report.errors() == 0) return exit_done;
  return counts.all() == counts.refused ? exit_failed : exit_partly;
}

/// Uploads the file as a request body; the server enforces the limit of its settings.
int import_through_server(const import_options& o) {
  const bool from_stdin = o.file == "-";
  const std::string name = printable(from_stdin ? "standard input" : o.file);
  std::ifstream opened;
  std::uint64_t size = 0;
  if (!from_stdin) {
    if (auto why = open(o.file, opened, size); !why.empty()) return fail(o.file, why);
  }
  std::istream& in = from_stdin ? std::cin : opened;
  std::string csv;
  std::array<char, 65'536> piece{};
  while (in.read(piece.data(), piece.size()) || in.gcount() > 0) {
    csv.append(piece.data(), static_cast<std::size_t>(in.gcount()));
    if (csv.size() > upload_bytes_max)
      return fail(name, "the file exceeds 128 MiB, the maximum of any server");
  }
  if (in.bad()) return fail(name, "read error");
  if (csv.empty()) return fail(name, "the file is empty");
  return import_at_server(o, name, std::move(csv));
}

}  // namespace

int run_import_shopify(const settings& s, const import_options& o) {
  if (!o.server.url.empty()) return import_through_server(o);
  const bool from_stdin = o.file == "-";
  std::string name = printable(from_stdin ? "standard input" : o.file);
  rereadable_file file;
  if (auto why = file.open_file(o.file, from_stdin); !why.empty()) return fail(name, why);
  std::shared_ptr<const shopify::duplicate_skus> doubled;
  {
    shopify::reader first(file.from_start(), s.store.currency);
    if (first.fatal().empty()) doubled = std::make_shared<const shopify::duplicate_skus>(first);
  }
  auto& in = file.from_start();
  shopify::reader reader(in, s.store.currency);
  if (!reader.fatal().empty()) return fail(name, in.bad() ? "read error" : reader.fatal());
  return load(reader, in, name, file.size(), o, s, std::move(doubled));
}

}  // namespace stoa::cli
