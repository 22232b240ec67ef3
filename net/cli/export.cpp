// `stoa export`: what is the same for all formats.

#include "actors/kernel/node.hpp"
#include "net/cli/commands.hpp"
#include "net/cli/databases.hpp"
#include "net/cli/file_commands.hpp"
#include "net/cli/remote_catalog.hpp"
#include "net/cli/server_session.hpp"
#include "net/shopify/file_formats.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>

namespace stoa::cli {

namespace {

/// Writes a temporary file first, so that a failed export leaves the old file intact.
int write_file(const std::string& file, const std::function<void(std::ostream&)>& write) {
  std::string part = file + ".part";
  std::ofstream out(part, std::ios::binary | std::ios::trunc);
  if (!out) {
    std::fprintf(stderr, "stoa: cannot write %s\n", printable(part).c_str());
    return exit_failed;
  }
  std::error_code error;
  try {
    write(out);
  } catch (...) {
    std::filesystem::remove(part, error);
    throw;
  }
  out.close();
  if (out) std::filesystem::rename(part, file, error);
  if (!out || error) {
    std::fprintf(stderr, "stoa: cannot write %s%s%s\n", printable(file).c_str(), error ? ": " : "",
                 error ? error.message().c_str() : "");
    std::filesystem::remove(part, error);
    return exit_failed;
  }
  return exit_done;
}

int write_output(const std::string& file, const std::function<void(std::ostream&)>& write) {
  if (file != "-") return write_file(file, write);
  write(std::cout);
  std::cout.flush();
  if (std::cout) return exit_done;
  std::fprintf(stderr, "stoa: cannot write to standard output\n");
  return exit_failed;
}

int say_exported(const export_options& o, const export_counts& counts) {
  std::fprintf(stderr, "%zu %s exported", counts.written,
               std::string(shopify::traits_of(o.format).objects).c_str());
  if (counts.left_out > 0) std::fprintf(stderr, ", %zu not", counts.left_out);
  std::fputs("\n", stderr);
  return counts.whole() ? exit_done : exit_partly;
}

}  // namespace

int run_export(const settings& s, const export_options& o) {
  std::unique_ptr<server_session> session;
  if (!o.server.url.empty()) {
    auto opened = open_session(o.server);
    if (!opened) {
      std::fprintf(stderr, "stoa: %s\n", opened.error().detail.c_str());
      return exit_usage;
    }
    session = std::move(*opened);
  } else if (s.data.store == "sqlite" &&
             !std::filesystem::exists(kernel::database_path(s.data.dir, "catalog"))) {
    std::fprintf(stderr, "stoa: no store in %s\n", printable(s.data.dir).c_str());
    return exit_failed;
  }
  export_counts counts;
  const int code = write_output(o.file, [&](std::ostream& out) {
    counts = session ? export_from_server(*session, o, out)
                     : command_of(o.format).export_file(s, o, out);
  });
  return code == exit_done ? say_exported(o, counts) : code;
}

}  // namespace stoa::cli
