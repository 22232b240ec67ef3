#pragma once
// The folder that `stoa backup` writes and `stoa restore` reads: a manifest, the checksums of all
// files, and the files themselves. docs/backup.md documents it.

#include <boost/describe.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace stoa::cli {

/// The newest form of the folder that this program reads and writes.
inline constexpr std::int64_t backup_format = 1;
inline constexpr const char* manifest_name = "manifest.json";
/// As sha256sum(1) writes and checks it.
inline constexpr const char* sums_name = "SHA256SUMS";

/// How far a partition of the service had come at the moment of the backup.
struct backup_partition {
  std::int64_t partition = 0;
  std::int64_t epoch = 0;
  std::int64_t last_seq = 0;
  std::int64_t batches = 0;
};
BOOST_DESCRIBE_STRUCT(backup_partition, (), (partition, epoch, last_seq, batches))

struct backup_part {
  std::string name;  ///< the service, "ledger", or a file of the keys directory
  std::string file;  ///< its path in the folder
  std::int64_t bytes = 0;
  std::optional<std::vector<backup_partition>> partitions;  ///< of a service
};
BOOST_DESCRIBE_STRUCT(backup_part, (), (name, file, bytes, partitions))

struct backup_manifest {
  std::int64_t format = backup_format;
  std::string program;       ///< version that has written it
  std::string store;         ///< data.store: "sqlite" or "postgres"
  std::string cart_store;    ///< where carts were; in Redis they are not part of the backup
  std::string store_id;      ///< of the server's secret
  std::string token_key_id;  ///< of the key that signed tokens then
  std::string moment;        ///< that all databases show; RFC 3339
  std::int64_t held_us = 0;  ///< how long writers were held for it
  std::vector<backup_part> services;
  std::optional<backup_part> ledger;  ///< the sandbox gateway's
  std::vector<backup_part> keys;      ///< empty: without keys
};
BOOST_DESCRIBE_STRUCT(backup_manifest, (),
                      (format, program, store, cart_store, store_id, token_key_id, moment, held_us,
                       services, ledger, keys))

/// A folder that is being written, beside its place: it gets its name when it is whole. Its files
/// are this user's alone.
class unfinished_folder {
 public:
  /// Creates DIR.unfinished, in place of one that a process left which has ended. Throws
  /// std::runtime_error: DIR exists and is not empty; another process is writing it.
  explicit unfinished_folder(std::filesystem::path dir);
  /// Removes what was not finished.
  ~unfinished_folder();
  unfinished_folder(const unfinished_folder&) = delete;
  unfinished_folder& operator=(const unfinished_folder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// Writes manifest and checksums, makes all of it durable, and gives the folder its name.
  void finish(const backup_manifest& manifest);

 private:
  std::filesystem::path dir_;
  std::filesystem::path path_;
  int lock_ = -1;
  bool is_finished_ = false;
};

/// Reads the manifest and compares every file with its checksum. Throws std::runtime_error: the
/// folder is no backup, is one of a newer version, a file is missing, not listed, or differs.
backup_manifest read_backup(const std::filesystem::path& dir);

/// All files of the manifest.
std::vector<backup_part> all_parts(const backup_manifest& m);

/// Copies a file into a new one (0600) and syncs it. Throws std::runtime_error with the path.
void copy_file_synced(const std::filesystem::path& from, const std::filesystem::path& to);
/// Makes a folder's entries durable. Throws std::runtime_error.
void sync_folder(const std::filesystem::path& folder);

}  // namespace stoa::cli
