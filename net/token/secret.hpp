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

/// The id of the store that has this secret: 32 hexadecimal digits, from which the secret cannot be
/// found. All parts of a store carry it, so that parts of two stores are distinguished and a secret
/// that was lost and created again is noticed.
std::string store_id_of(const server_secret& secret);

/// The secrets by which the nodes of a cluster know each other: the file's lines but for the blank
/// ones, one secret made when there is no file. Never log them. Errors: as of read_private_file, a
/// secret of fewer than 32 characters, and a file without any.
result<std::string> load_or_create_cluster_secret(const std::filesystem::path& file);
/// The same of a file that must be there.
result<std::string> read_cluster_secrets(const std::filesystem::path& file);
/// A new secret of 64 characters.
std::string make_cluster_secret();

}  // namespace stoa::token
