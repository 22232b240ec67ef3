// `stoa keys create`: creates the keys that all nodes of a cluster share, before the first start.
// `stoa keys rotate`: replaces a key in steps. `stoa keys list`: lists the keys in the files.

#include "actors/kernel/cluster_secrets.hpp"
#include "net/cli/commands.hpp"
#include "net/cli/databases.hpp"
#include "net/cli/key_rotation.hpp"
#include "net/cli/subcommands.hpp"
#include "net/messaging/vapid.hpp"
#include "net/nats/signing.hpp"
#include "net/token/access_token.hpp"
#include "net/token/private_file.hpp"
#include "net/token/secret.hpp"
#include "storage/base/text.hpp"

#include <algorithm>
#include <cstdio>

namespace stoa::cli {

namespace {

constexpr std::size_t key_file_bytes_max = 16'384;
constexpr std::size_t signing_key_bytes = 32;
/// Characters of the public key that identify it in a list.
constexpr std::size_t push_key_shown = 43;

int failed(const problem& reason) {
  std::fprintf(stderr, "stoa: %s\n", reason.detail.c_str());
  return exit_failed;
}

std::filesystem::path cluster_file_of(const settings& s) {
  if (!s.cluster.secret_file.empty()) return s.cluster.secret_file;
  return keys_dir_of(s) / "cluster.secret";
}

bool is_there(const std::filesystem::path& file) {
  std::error_code none;
  return std::filesystem::exists(std::filesystem::symlink_status(file, none));
}

/// Remaining lifetime in seconds of tokens signed by the previous key, which was in use until
/// token-key.json was replaced.
std::int64_t token_seconds_left(const settings& s, const std::filesystem::path& directory) {
  namespace fs = std::filesystem;
  const auto changed = fs::last_write_time(directory / "token-key.json");
  const auto age = std::chrono::floor<seconds>(fs::file_time_type::clock::now() - changed).count();
  return s.auth.access_token_ttl_s - std::max<std::int64_t>(age, 0);
}

int remove_old_token_key(const settings& s, const std::filesystem::path& old, bool now) {
  const auto left = token_seconds_left(s, old.parent_path());
  if (left > 0 && !now) {
    std::fprintf(stderr,
                 "stoa: access tokens signed by the previous key are valid for up to %lld s more.\n"
                 "Run this command again after that, or with --now to invalidate them.\n",
                 static_cast<long long>(left));
    return exit_failed;
  }
  std::error_code error;
  std::filesystem::remove(old, error);
  if (error)
    return failed(
        {problem_kind::internal, "secret_file", old.string() + ": " + error.message(), {}});
  std::printf("tokens: the previous key is removed. The rotation is complete.\n");
  return exit_done;
}

int rotate_token_key(const settings& s, bool now) {
  const auto directory = keys_dir_of(s);
  const auto key = token::token_keys::load_or_create(directory);
  if (!key) return failed(key.error());
  const auto old = directory / "token-key-old.json";
  if (is_there(old) && !is_there(directory / "token-key-next.json")) {
    return remove_old_token_key(s, old, now);
  }
  const auto done = token::change_token_key(directory);
  if (!done) return failed(done.error());
  if (*done == token::key_change::prepared) {
    std::printf(
        "tokens: the next key is in token-key-next.json. Wait until all nodes have read it and\n"
        "clients have fetched the key set, then run this command again.\n");
  } else {
    std::printf(
        "tokens: the next key signs; the previous key is in token-key-old.json. Run this command\n"
        "again to remove it after the last token signed by it has expired (%lld s).\n",
        static_cast<long long>(s.auth.access_token_ttl_s));
  }
  return exit_done;
}

void report(const char* kind, key_step done, const char* before_next) {
  switch (done) {
    case key_step::created:
      std::printf("%s: created the file with its first key.\n", kind);
      return;
    case key_step::added:
      std::printf(
          "%s: a new key is accepted. Wait until all nodes have read it, then run this\n"
          "command again.\n",
          kind);
      return;
    case key_step::used:
      std::printf("%s: the new key is used, and the previous one is accepted. %s\n", kind,
                  before_next);
      return;
    case key_step::removed:
      std::printf("%s: the previous key is removed. The rotation is complete.\n", kind);
      return;
  }
}

/// Rotates the keys in the file, which is valid or missing. Drops comments if the format has them.
result<key_step> rotate_file(const std::filesystem::path& file, const std::string& made,
                             bool has_comments) {
  std::vector<std::string> lines;
  if (is_there(file)) {
    const auto content = token::read_private_file(file, key_file_bytes_max);
    if (!content) return content.error();
    std::string_view rest = *content;
    while (!rest.empty()) {
      const auto end = std::min(rest.find('\n'), rest.size());
      const std::string line(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (text::trim(line).empty() || (has_comments && line.starts_with('#'))) continue;
      lines.push_back(line);
    }
  }
  const auto done = rotate_keys(lines, made);
  if (!done)
    return problem{
        problem_kind::malformed, "usage", file.string() + ": " + done.error().detail, {}};
  std::string content;
  for (const auto& line : lines) content.append(line).append("\n");
  if (*done == key_step::created) {
    const auto written = token::load_or_create_private_file(
        file, key_file_bytes_max, [&]() -> result<std::string> { return content; });
    if (!written) return written.error();
  } else if (auto put = token::replace_private_file(file, content); !put) {
    return put.error();
  }
  return *done;
}

std::string prefix_now() {
  return key_prefix(system_time().now().us / 1'000'000);
}

int rotate_cluster_secret(const settings& s) {
  const auto file = cluster_file_of(s);
  if (is_there(file)) {
    if (const auto now = token::read_cluster_secrets(file); !now) return failed(now.error());
  }
  const auto done = rotate_file(file, prefix_now() + token::make_cluster_secret(), false);
  if (!done) return failed(done.error());
  report("cluster", *done,
         "Wait until all nodes have\nread it, then run this command again to remove the previous "
         "key.");
  return exit_done;
}

int rotate_signing_key(const settings& s) {
  const std::filesystem::path file = s.nats.signing_key_file;
  if (file.empty()) {
    return failed({problem_kind::malformed,
                   "usage",
                   "nats.signing_key_file is not set: the key is derived from the server's secret",
                   {}});
  }
  auto made = prefix_now() + text::hex(text::random_bytes(4)) + " " +
              text::base64url(text::random_bytes(signing_key_bytes));
  if (!is_there(file)) {
    // Nodes without a file sign with the derived key.
    const auto secret = token::load_or_create_secret(keys_dir_of(s));
    if (!secret) return failed(secret.error());
    const auto derived = nats::derived_signing_key(secret->bytes);
    made = derived.id + " " + text::base64url(derived.bytes);
  } else if (const auto now = nats::read_signing_keys(file); !now) {
    return failed(now.error());
  }
  const auto done = rotate_file(file, made, true);
  if (!done) return failed(done.error());
  report("events", *done,
         "Wait a minute after all\nnodes have read it, then run this command again to remove the "
         "previous key.");
  return exit_done;
}

void list_one(const char* kind, const std::vector<std::string>& ids, const char* first,
              const char* other) {
  for (std::size_t i = 0; i < ids.size(); ++i) {
    std::printf("%-8s %-44s %s\n", kind, ids[i].c_str(), i == 0 ? first : other);
  }
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
  if (const auto push = messaging::vapid_key::load_or_create(directory); !push) {
    return failed(push.error());
  }
  std::printf("the keys are in %s\n", directory.c_str());
  return exit_done;
}

int run_keys_rotate(const settings& s, const rotate_options& o) {
  if (o.kind == "cluster") return rotate_cluster_secret(s);
  if (o.kind == "events") return rotate_signing_key(s);
  return rotate_token_key(s, o.now);
}

int run_keys_list(const settings& s) {
  const auto directory = keys_dir_of(s);
  int code = exit_done;  // An unreadable file does not hide the other kinds.
  if (is_there(directory / "token-key.json")) {
    const auto keys = token::token_keys::load_or_create(directory);
    if (keys) list_one("tokens", keys->key_ids(), "signs", "accepted");
    if (!keys) code = failed(keys.error());
  }
  if (const auto file = cluster_file_of(s); is_there(file)) {
    const auto secrets = token::read_cluster_secrets(file);
    if (secrets) {
      list_one("cluster", kernel::cluster_secrets(*secrets).ids(), "used", "accepted");
    } else {
      code = failed(secrets.error());
    }
  }
  if (is_there(directory / "vapid-key.json")) {
    const auto push = messaging::vapid_key::load_or_create(directory);
    if (push) list_one("push", {push->public_key().substr(0, push_key_shown)}, "signs", "");
    if (!push) code = failed(push.error());
  }
  if (!s.nats.signing_key_file.empty()) {
    const auto keys = nats::read_signing_keys(s.nats.signing_key_file);
    if (!keys) return failed(keys.error());
    std::vector<std::string> ids;
    for (const auto& key : *keys) ids.push_back(key.id);
    list_one("events", ids, "signs", "accepted");
  }
  return code;
}

}  // namespace stoa::cli
