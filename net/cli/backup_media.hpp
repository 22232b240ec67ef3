#pragma once
// The uploaded files in a backup: a copy of the media folder, with a list of checksums in the
// format of sha256sum(1).

#include "config/settings.hpp"
#include "net/cli/backup_folder.hpp"

namespace stoa::cli {

/// The folder within the backup, and its list of checksums.
inline constexpr const char* media_folder_name = "media";
inline constexpr const char* media_list_name = "media/SHA256SUMS";

/// Bytes of all files in the store's media folder; 0 if there is none.
std::uint64_t media_bytes(const settings& s);
/// Copies the media folder into the backup. Call it after the databases' snapshots were taken: a
/// file that an image has at that moment is not deleted before media.unused_s has passed. Nothing
/// if the store has no folder. Throws std::runtime_error.
std::optional<backup_part> copy_media(const settings& s, const std::filesystem::path& backup);
/// Compares all files with the list, whose own checksum was verified. Throws std::runtime_error.
void verify_media(const std::filesystem::path& backup);
/// Copies the files into the store's media folder. Existing ones are kept: the content of a name
/// never changes. Returns the number of copied files. Throws std::runtime_error.
std::int64_t restore_media(const settings& s, const std::filesystem::path& backup);

}  // namespace stoa::cli
