#pragma once
// The server's secret: 32 random bytes that key the hashes of issued values (refresh tokens, order
// tokens, cursors).

#include "storage/base/result.hpp"

#include <filesystem>
#include <string>

namespace stoa::token {

/// `bytes` has exactly 32 bytes. Never log it.
struct server_secret {
  std::string bytes;
};

/// Loads the secret from `directory`/server.secret, creating it if missing. Errors: as of
/// read_private_file, and a file of another size.
result<server_secret> load_or_create_secret(const std::filesystem::path& directory);

/// The id of the store with this secret: 32 hexadecimal digits that do not reveal the secret. All
/// parts of a store contain it, to distinguish parts of two stores and to detect a secret that was
/// lost and created again.
std::string store_id_of(const server_secret& secret);

/// The secrets with which the nodes of a cluster authenticate each other, one per line; blank lines
/// are ignored. A missing file is created with one secret. Never log them. Errors: as of
/// read_private_file, a secret shorter than 32 characters, and a file without secrets.
result<std::string> load_or_create_cluster_secret(const std::filesystem::path& file);
/// The same for a file that must exist.
result<std::string> read_cluster_secrets(const std::filesystem::path& file);
/// A new secret of 64 characters.
std::string make_cluster_secret();

}  // namespace stoa::token
