#pragma once
// A folder as a media store. A file is in the subfolder of its first two characters.

#include "net/media/media_store.hpp"

#include <filesystem>
#include <vector>

namespace stoa::media {

class folder_store final : public media_store {
 public:
  /// Deletes parts of files that a process has left in the folder more than an hour ago. The folder
  /// is created with the first file.
  explicit folder_store(const std::filesystem::path& folder);

  void put(const std::string& name, std::string_view content_type, std::string_view bytes) override;
  std::optional<std::string> get(const std::string& name, std::size_t bytes_max) override;
  void remove(const std::string& name) override;
  bool is_served_here() const override { return true; }

  /// The path of the name within the folder; empty if it is not a name of a media file.
  static std::filesystem::path path_in(const std::string& name);

 private:
  std::filesystem::path place_of(const std::string& name) const;

  std::filesystem::path folder_;
};

/// Writes the file durably: to a temporary file in the same folder, which is synced and renamed.
/// The folder is created if it is missing. Throws store_error.
void write_media_file(const std::filesystem::path& file, std::string_view bytes);

}  // namespace stoa::media
