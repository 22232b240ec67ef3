// `stoa`: one binary, its subcommands.

#include "config/log.hpp"
#include "config/mask.hpp"
#include "net/cli/build_commit.hpp"
#include "net/cli/command_line.hpp"

#include <sodium.h>

#include <cstdio>

int main(int argc, char** argv) {
  using namespace stoa;
  if (sodium_init() < 0) {
    std::fputs("stoa: libsodium cannot be initialised\n", stderr);
    return cli::exit_failed;
  }
  try {
    return cli::command_line(cli::build_commit()).run({argv + 1, argv + argc});
  } catch (const std::exception& e) {
    log::flush();
    std::fprintf(stderr, "stoa: %s\n", log::masked_urls(e.what()).c_str());
    return cli::exit_failed;
  }
}
