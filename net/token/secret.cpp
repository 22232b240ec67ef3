#include "net/token/secret.hpp"

#include "net/token/private_file.hpp"
#include "storage/base/text.hpp"

#include <algorithm>

namespace stoa::token {

namespace {

constexpr std::size_t cluster_secret_min = 32;
constexpr std::size_t cluster_file_bytes_max = 4096;

}  // namespace

result<server_secret> load_or_create_secret(const std::filesystem::path& directory) {
  constexpr std::size_t size = 32;
  const auto file = directory / "server.secret";
  auto bytes = load_or_create_private_file(
      file, size, []() -> result<std::string> { return text::random_bytes(size); });
  if (!bytes) return bytes.error();
  if (bytes->size() != size) {
    return problem{problem_kind::internal,
                   "secret_file",
                   file.string() + ": it must have exactly 32 bytes",
                   {}};
  }
  return server_secret{std::move(*bytes)};
}

std::string store_id_of(const server_secret& secret) {
  constexpr std::size_t bytes = 16;
  return text::hex(text::keyed_hash(secret.bytes, "store id").substr(0, bytes));
}

std::string make_cluster_secret() {
  return text::hex(text::random_bytes(cluster_secret_min));
}

result<std::string> load_or_create_cluster_secret(const std::filesystem::path& file) {
  const auto made = load_or_create_private_file(
      file, cluster_file_bytes_max,
      []() -> result<std::string> { return make_cluster_secret() + "\n"; });
  if (!made) return made.error();
  return read_cluster_secrets(file);
}

result<std::string> read_cluster_secrets(const std::filesystem::path& file) {
  const auto content = read_private_file(file, cluster_file_bytes_max);
  if (!content) return content.error();
  const auto bad = [&](const std::string& why) {
    return problem{problem_kind::internal, "secret_file", file.string() + ": " + why, {}};
  };
  std::string secrets;
  std::string_view rest = *content;
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    auto line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    while (line.ends_with('\r')) line.remove_suffix(1);
    if (text::trim(line).empty()) continue;
    if (line.size() < cluster_secret_min) {
      return bad("a secret must have at least " + std::to_string(cluster_secret_min) +
                 " characters; copy the file of another node");
    }
    secrets.append(secrets.empty() ? "" : "\n").append(line);
  }
  if (secrets.empty()) return bad("it contains no secret; copy the file of another node");
  return secrets;
}

}  // namespace stoa::token
