#pragma once
// The directory that `stoa backup` writes and `stoa restore` reads: a manifest, SHA-256 sums, and
// the copied files. Documented in docs/backup.md.

#include <boost/describe.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace stoa::cli {

/// Format version of the directory.
inline constexpr std::int64_t backup_format = 1;
inline constexpr const char* manifest_name = "manifest.json";
/// In the format of sha256sum(1).
inline constexpr const char* sums_name = "SHA256SUMS";

/// Counters of a partition as of the backup.
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
  std::string program;       ///< version that wrote it
  std::string store;         ///< data.store: "sqlite" or "postgres"
  std::string cart_store;    ///< where carts were stored; Redis is not part of the backup
  std::string store_id;      ///< of the server's secret
  std::string token_key_id;  ///< of the key that signed tokens at that time
  std::string moment;        ///< the point in time of all databases; RFC 3339
  std::int64_t held_us = 0;  ///< how long writers were paused
  std::vector<backup_part> services;
  std::optional<backup_part> ledger;  ///< the sandbox gateway's
  std::vector<backup_part> keys;      ///< empty: without keys
  std::optional<backup_part> media;   ///< the list of uploaded files (backup_media.hpp)
};
BOOST_DESCRIBE_STRUCT(backup_manifest, (),
                      (format, program, store, cart_store, store_id, token_key_id, moment, held_us,
                       services, ledger, keys, media))

/// A backup in progress, in DIR.unfinished until it is complete. Only this user can read its files.
class unfinished_folder {
 public:
  /// Creates DIR.unfinished; replaces the one of a process that has ended. Throws
  /// std::runtime_error: DIR exists and is not empty; another process is writing it.
  explicit unfinished_folder(std::filesystem::path dir);
  /// Removes an incomplete directory.
  ~unfinished_folder();
  unfinished_folder(const unfinished_folder&) = delete;
  unfinished_folder& operator=(const unfinished_folder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// Writes manifest and checksums, syncs everything, and renames the directory to DIR.
  void finish(const backup_manifest& manifest);

 private:
  std::filesystem::path dir_;
  std::filesystem::path path_;
  int lock_ = -1;
  bool is_finished_ = false;
};

/// Reads the manifest and verifies the checksum of every file. Throws std::runtime_error: not a
/// backup, a newer format, or a file that is missing, not listed, or different.
backup_manifest read_backup(const std::filesystem::path& dir);

/// All files listed in the manifest.
std::vector<backup_part> all_parts(const backup_manifest& m);

/// Copies into a new file (0600) and syncs it. Throws std::runtime_error with the path.
void copy_file_synced(const std::filesystem::path& from, const std::filesystem::path& to);
/// Syncs a directory's entries. Throws std::runtime_error.
void sync_folder(const std::filesystem::path& folder);

}  // namespace stoa::cli
