// `stoa keys create`: the keys that all nodes of a cluster share, made before the first of them
// starts. `stoa keys rotate`: another key for access tokens, in two steps.

#include "net/cli/commands.hpp"
#include "net/cli/databases.hpp"
#include "net/cli/subcommands.hpp"
#include "net/token/access_token.hpp"
#include "net/token/secret.hpp"

#include <cstdio>

namespace stoa::cli {

namespace {

int failed(const problem& reason) {
  std::fprintf(stderr, "stoa: %s\n", reason.detail.c_str());
  return exit_failed;
}

}  // namespace

int run_keys_create(const settings& s) {
  const auto directory = keys_dir_of(s);
  const auto secret = token::load_or_create_secret(directory);
  if (!secret) return failed(secret.error());
  const auto key = token::token_keys::load_or_create(directory);
  if (!key) return failed(key.error());
  const auto cluster = token::load_or_create_cluster_secret(directory / "cluster.secret");
  if (!cluster) return failed(cluster.error());
  std::printf("the keys are in %s\n", directory.c_str());
  return exit_done;
}

int run_keys_rotate(const settings& s) {
  const auto directory = keys_dir_of(s);
  const auto key = token::token_keys::load_or_create(directory);
  if (!key) return failed(key.error());
  const auto done = token::change_token_key(directory);
  if (!done) return failed(done.error());
  if (*done == token::key_change::prepared) {
    std::printf(
        "the next key is in token-key-next.json: restart all nodes, so that it is published, wait "
        "until\nothers have fetched it, and run this command again\n");
  } else {
    std::printf(
        "the next key signs after a restart of all nodes; the key before it is in\n"
        "token-key-old.json: remove it when the last token that it signed has expired (%lld s)\n",
        static_cast<long long>(s.auth.access_token_ttl_s));
  }
  return exit_done;
}

}  // namespace stoa::cli
