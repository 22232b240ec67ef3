// `stoa`: one binary, its subcommands.

#include "config/log.hpp"
#include "config/mask.hpp"
#include "net/cli/build_commit.hpp"
#include "net/cli/command_line.hpp"

#include <sodium.h>

#include <cstdio>
#include <fcntl.h>
#include <filesystem>

namespace {

using namespace stoa;

/// Opens standard descriptors that the caller has closed, in a mode in which using them fails.
/// Otherwise a database file could get the descriptor of standard output.
void fill_standard_descriptors() {
  for (int fd = 0; fd < 3; ++fd) {
    if (::fcntl(fd, F_GETFD) < 0) ::open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
  }
}

int failed(const std::string& what) {
  log::flush();
  std::fprintf(stderr, "stoa: %s\n", log::masked_urls(what).c_str());
  return cli::exit_failed;
}

/// Fails the command when its output could not be written, for example because the disk is full.
int with_output_written(int code) {
  const bool is_written = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
  const bool is_done = code == cli::exit_done || code == cli::exit_partly;
  return is_written || !is_done ? code : failed("cannot write to standard output");
}

}  // namespace

int main(int argc, char** argv) {
  fill_standard_descriptors();
  if (sodium_init() < 0) return failed("libsodium cannot be initialised");
  try {
    return with_output_written(cli::command_line(cli::build_commit()).run({argv + 1, argv + argc}));
  } catch (const std::filesystem::filesystem_error& e) {
    return failed(e.path1().string() + ": " + e.code().message());
  } catch (const std::exception& e) {
    return failed(e.what());
  }
}
