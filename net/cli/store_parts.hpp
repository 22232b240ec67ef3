#pragma once
// Inspects the parts of a store that are files, without changing anything.

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
  damaged,     ///< not a database, or truncated
  unreadable,  ///< not readable: permissions or an I/O error
  fresh,       ///< not yet written by any service
  unmarked,    ///< used, but without a store id: created by a version before 0.2
  marked       ///< contains a store id
};

/// A service's database in the data directory, the sandbox gateway's ledger, or the mail folder.
struct store_part {
  std::string name;  ///< "order.db", "ledger", "mail"
  std::filesystem::path path;
  part_state state = part_state::missing;
  std::string store_id{};  ///< if marked
  std::string error{};     ///< if damaged or unreadable

  /// True for a service's database, which only the holder of the data directory opens.
  bool is_database() const { return path.extension() == ".db" && name != "ledger"; }
};

/// The content of store.json: the parts that the store is known to have.
struct store_record {
  std::string store_id;
  std::string token_key_id;
  std::vector<std::string> parts;
  /// Parts used by an earlier version, which receive the store's id when they are next opened.
  std::vector<std::string> unmarked;
};
BOOST_DESCRIBE_STRUCT(store_record, (), (store_id, token_key_id, parts, unmarked))

/// A key file, with its id if it exists and is valid.
struct key_view {
  std::filesystem::path path;
  bool is_there = false;
  std::string id{};
  std::string error{};
};

/// The state of a store's files before any of them is opened.
struct store_view {
  std::filesystem::path record_path;
  std::optional<store_record> record{};
  std::string record_error{};  ///< store.json exists but is not usable
  key_view secret{};           ///< its id identifies the store
  key_view token_key{};
  std::vector<store_part> parts{};
};

/// Inspects the parts that the settings use.
store_view inspect_store(const settings& s);
/// Inspects only the record and the keys, without the parts, which a server may be using.
store_view inspect_keys(const settings& s);

/// Reasons not to open the store, one sentence each with the file name. Empty when the store is
/// complete, new, or its creation was interrupted. Pure.
std::vector<std::string> problems_of(const store_view& v);

/// The part name of a service's database.
std::string part_of(std::string_view service);
/// The file in the mail folder that contains the store's id.
std::filesystem::path mail_mark_of(const settings& s);
/// The path of the store record, in the data directory.
std::filesystem::path record_of(const settings& s);
/// Replaces the record durably. Throws std::runtime_error.
void write_record(const std::filesystem::path& file, const store_record& record);
/// Writes the store's id into the mail folder. Throws std::runtime_error.
void mark_mail(const settings& s, const std::string& store_id);

}  // namespace stoa::cli
