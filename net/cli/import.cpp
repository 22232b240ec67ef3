// `stoa import`: what is the same for all formats.

#include "net/cli/commands.hpp"
#include "net/cli/file_commands.hpp"
#include "net/cli/import_file.hpp"
#include "net/cli/remote_catalog.hpp"

#include <array>
#include <iostream>

namespace stoa::cli {

namespace {

/// The largest catalog.import_bytes_max.
constexpr std::size_t upload_bytes_max = std::size_t{128} << 20;

/// Uploads the file as a request body; the server enforces the limit of its settings.
int import_through_server(const import_options& o) {
  const bool from_stdin = o.file == "-";
  const std::string name = printable(from_stdin ? "standard input" : o.file);
  std::ifstream opened;
  std::uint64_t size = 0;
  if (!from_stdin) {
    if (auto why = open_import(o.file, opened, size); !why.empty()) {
      return import_failed(o.file, why);
    }
  }
  std::istream& in = from_stdin ? std::cin : opened;
  std::string text;
  std::array<char, 65'536> piece{};
  while (in.read(piece.data(), piece.size()) || in.gcount() > 0) {
    text.append(piece.data(), static_cast<std::size_t>(in.gcount()));
    if (text.size() > upload_bytes_max)
      return import_failed(name, "the file exceeds 128 MiB, the maximum of any server");
  }
  if (in.bad()) return import_failed(name, "read error");
  if (text.empty()) return import_failed(name, "the file is empty");
  return import_at_server(o, name, std::move(text));
}

}  // namespace

int run_import(const settings& s, const import_options& o) {
  if (!o.server.url.empty()) return import_through_server(o);
  const bool from_stdin = o.file == "-";
  const std::string name = printable(from_stdin ? "standard input" : o.file);
  rereadable_file file;
  if (auto why = file.open_file(o.file, from_stdin); !why.empty()) return import_failed(name, why);
  return command_of(o.format).import_file(s, o, name, file);
}

}  // namespace stoa::cli
