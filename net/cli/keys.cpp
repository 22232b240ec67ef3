// `stoa keys create`: the keys that all nodes of a cluster share, made before the first of them
// starts.

#include "net/cli/commands.hpp"
#include "net/cli/databases.hpp"
#include "net/cli/subcommands.hpp"
#include "net/token/access_token.hpp"
#include "net/token/secret.hpp"

#include <cstdio>

namespace stoa::cli {

int run_keys_create(const settings& s) {
  const auto directory = keys_dir_of(s);
  const auto secret = token::load_or_create_secret(directory);
  const auto key = token::token_keys::load_or_create(directory);
  const auto cluster = token::load_or_create_cluster_secret(directory / "cluster.secret");
  if (!secret) std::fprintf(stderr, "stoa: %s\n", secret.error().detail.c_str());
  if (!key) std::fprintf(stderr, "stoa: %s\n", key.error().detail.c_str());
  if (!cluster) std::fprintf(stderr, "stoa: %s\n", cluster.error().detail.c_str());
  if (!secret || !key || !cluster) return exit_failed;
  std::printf("the keys are in %s\n", directory.c_str());
  return exit_done;
}

}  // namespace stoa::cli
