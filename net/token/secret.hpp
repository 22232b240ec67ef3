#pragma once
// The server's secret: 32 random bytes that key the hashes of what it hands out (refresh tokens,
// order tokens, cursors).

#include "storage/base/result.hpp"

#include <filesystem>
#include <string>

namespace stoa::token {

/// `bytes` has exactly 32 bytes. Never log it.
struct server_secret {
  std::string bytes;
};

/// The secret in `directory`/server.secret, made when there is none. Errors: as of
/// read_private_file, and a file of another size.
result<server_secret> load_or_create_secret(const std::filesystem::path& directory);

}  // namespace stoa::token
