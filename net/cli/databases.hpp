#pragma once
// Where the settings say that each service's database is.

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

/// The service's database; nothing is opened yet. Throws std::runtime_error when a password file
/// cannot be read.
std::unique_ptr<db::database> database_of(const settings& s, const std::string& service);

/// How PostgreSQL's own programs reach the service's database: environment variables. Throws like
/// database_of().
std::vector<std::pair<std::string, std::string>> postgres_environment_of(
    const settings& s, const std::string& service);

/// How to reach Redis. Throws like database_of().
db::redis_options redis_options_of(const settings& s);

/// The content of a file without the line's end; empty for no path. Throws std::runtime_error with
/// the path when it cannot be read.
std::string read_secret_file(const std::string& path);

/// Where the keys, the sandbox gateway's ledger and the mails are.
std::filesystem::path keys_dir_of(const settings& s);
std::filesystem::path ledger_of(const settings& s);
std::filesystem::path mail_dir_of(const settings& s);

/// The settings that all nodes of the store must have in common, by key, as far as they are
/// used here.
std::map<std::string, std::string> common_settings_of(const settings& s);

}  // namespace stoa::cli
