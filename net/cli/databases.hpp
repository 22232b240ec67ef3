#pragma once
// Where each service's database is, according to the settings.

#include "config/settings.hpp"
#include "storage/db/database.hpp"
#include "storage/db/redis.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace stoa::cli {

/// The service's database, not opened. Throws std::runtime_error when a password file cannot be
/// read.
std::unique_ptr<db::database> database_of(const settings& s, const std::string& service);

/// Environment variables with which PostgreSQL's programs connect to the service's database. Throws
/// like database_of().
std::vector<std::pair<std::string, std::string>> postgres_environment_of(
    const settings& s, const std::string& service);

/// Connection options for Redis. Throws like database_of().
db::redis_options redis_options_of(const settings& s);

/// The content of a file without the trailing newline; empty for an empty path. Throws
/// std::runtime_error with the path when it cannot be read.
std::string read_secret_file(const std::string& path);

/// Locations of the keys, the sandbox gateway's ledger and the mail.
std::filesystem::path keys_dir_of(const settings& s);
std::filesystem::path ledger_of(const settings& s);
std::filesystem::path mail_dir_of(const settings& s);
/// The folder of uploaded files, for media.store = folder.
std::filesystem::path media_dir_of(const settings& s);

/// The settings that must be equal on all nodes of the store, by key, as far as this node uses
/// them.
std::map<std::string, std::string> common_settings_of(const settings& s);

}  // namespace stoa::cli
