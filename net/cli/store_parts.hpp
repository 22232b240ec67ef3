#pragma once
// The parts of a store that are files, and whether they belong together. Looking changes nothing.

#include "config/settings.hpp"
#include "storage/base/result.hpp"

#include <boost/describe.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace stoa::cli {

enum class part_state {
  missing,
  empty,       ///< it has no bytes
  damaged,     ///< it is no database, or is cut off
  unreadable,  ///< its permissions, or the disk
  fresh,       ///< no service has written to it yet
  unmarked,    ///< it has been used, and no store's id is in it: a version before 0.2 made it
  marked       ///< it carries a store's id
};

/// A service's database in the data directory, the sandbox gateway's ledger, or the mail folder.
struct store_part {
  std::string name;  ///< "order.db", "ledger", "mail"
  std::filesystem::path path;
  part_state state = part_state::missing;
  std::string store_id{};  ///< of a marked one
  std::string error{};     ///< of a damaged or unreadable one

  /// Only one process has it: the data directory's.
  bool is_database() const { return path.extension() == ".db" && name != "ledger"; }
};

/// What the data directory's store.json says: which parts the store has had.
struct store_record {
  std::string store_id;
  std::string token_key_id;
  std::vector<std::string> parts;
  /// Parts that an earlier version has used and that get the store's id when they are next opened.
  std::vector<std::string> unmarked;
};
BOOST_DESCRIBE_STRUCT(store_record, (), (store_id, token_key_id, parts, unmarked))

/// A key file: its id when it is there and good.
struct key_view {
  std::filesystem::path path;
  bool is_there = false;
  std::string id{};
  std::string error{};
};

/// All that can be seen of a store before anything of it is opened.
struct store_view {
  std::filesystem::path record_path;
  std::optional<store_record> record{};
  std::string record_error{};  ///< store.json is there and cannot be used
  key_view secret{};           ///< its id is the store's
  key_view token_key{};
  std::vector<store_part> parts{};
};

/// Looks at the parts that belong to the settings.
store_view look_at_store(const settings& s);
/// The record and the keys alone, without the parts, which a server may be using.
store_view look_at_keys(const settings& s);

/// What keeps the store from being opened, a sentence each, naming the file; empty when it is
/// whole, new, or was interrupted while it was created. Pure.
std::vector<std::string> problems_of(const store_view& v);

/// The name of a service's database among the parts.
std::string part_of(std::string_view service);
/// The file in the mail folder that carries the store's id.
std::filesystem::path mail_mark_of(const settings& s);
/// The data directory's record of the store.
std::filesystem::path record_of(const settings& s);
/// Replaces the record, durably. Throws std::runtime_error.
void write_record(const std::filesystem::path& file, const store_record& record);
/// Writes the store's id into the mail folder. Throws std::runtime_error.
void mark_mail(const settings& s, const std::string& store_id);

}  // namespace stoa::cli
