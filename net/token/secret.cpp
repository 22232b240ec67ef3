#include "net/token/secret.hpp"

#include "net/token/private_file.hpp"
#include "storage/base/text.hpp"

namespace stoa::token {

result<server_secret> load_or_create_secret(const std::filesystem::path& directory) {
  constexpr std::size_t size = 32;
  const auto file = directory / "server.secret";
  auto bytes = load_or_create_private_file(
      file, size, []() -> result<std::string> { return text::random_bytes(size); });
  if (!bytes) return bytes.error();
  if (bytes->size() != size) {
    return problem{500, "secret_file", file.string() + ": it does not have exactly 32 bytes", {}};
  }
  return server_secret{std::move(*bytes)};
}

std::string store_id_of(const server_secret& secret) {
  constexpr std::size_t bytes = 16;
  return text::hex(text::keyed_hash(secret.bytes, "store id").substr(0, bytes));
}

result<std::string> load_or_create_cluster_secret(const std::filesystem::path& file) {
  static constexpr std::size_t least = 32;
  static constexpr std::size_t most = 4096;
  auto secret = load_or_create_private_file(file, most, []() -> result<std::string> {
    return text::hex(text::random_bytes(least)) + "\n";
  });
  if (!secret) return secret;
  while (secret->ends_with('\n') || secret->ends_with('\r')) secret->pop_back();
  if (secret->size() < least) {
    return problem{500,
                   "secret_file",
                   file.string() + ": a secret has at least " + std::to_string(least) +
                       " characters; `stoa keys create` makes one",
                   {}};
  }
  return secret;
}

}  // namespace stoa::token
