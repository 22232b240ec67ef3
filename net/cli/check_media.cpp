// Checks of uploaded files for `stoa check`: each image's file is in the media folder, with its
// size.

#include "actors/catalog/image_name.hpp"
#include "net/cli/check_reader.hpp"
#include "net/cli/databases.hpp"
#include "net/media/folder_store.hpp"
#include "storage/catalog/image_file.hpp"
#include "storage/db/columns.hpp"

namespace stoa::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t file_rows = 200;

#define STOA_IMAGE_OF_FILE                                                             \
  "EXISTS(SELECT 1 FROM product_images i JOIN products p ON p.product_id=i.product_id" \
  " WHERE i.file_id=f.file_id AND p.status<>'Deleted')"
const db::sql next_media_files{
    "next media files",
    "SELECT f.file_id,f.file FROM media_files f WHERE f.file_id>$1 AND f.state='stored'"
    " AND " STOA_IMAGE_OF_FILE " ORDER BY f.file_id LIMIT $2"};
const db::sql one_media_file{
    "a media file in use",
    "SELECT f.file_id FROM media_files f WHERE f.file_id=$1 AND f.state='stored'"
    " AND " STOA_IMAGE_OF_FILE};
#undef STOA_IMAGE_OF_FILE
const db::sql images_without_file{
    "images without a stored file",
    "SELECT i.image_id,i.file_id FROM product_images i JOIN products p ON p.product_id=i.product_id"
    " LEFT JOIN media_files f ON f.file_id=i.file_id"
    " WHERE i.file_id IS NOT NULL AND p.status<>'Deleted'"
    " AND coalesce(f.state,'none')<>'stored' LIMIT $1"};
const db::sql known_media_file{"a known media file",
                               "SELECT file_id FROM media_files WHERE file_id=$1"};

bool has_row(db::connection& c, const db::sql& what, const std::string& id) {
  bool is_there = false;
  c.query({&what, db::params(id)}, [&](db::row) { is_there = true; });
  return is_there;
}

/// Why the file is not as recorded; empty if it is.
std::string fault_of(const fs::path& file, std::int64_t bytes) {
  std::error_code error;
  const auto size = fs::file_size(file, error);
  if (error) return file.string() + ": " + error.message();
  if (static_cast<std::int64_t>(size) == bytes) return {};
  return file.string() + ": " + std::to_string(size) + " of " + std::to_string(bytes) + " bytes";
}

void check_file(db::connection& catalog, const fs::path& folder, const std::string& id,
                const catalog::image_file& file, finding_list& out) {
  const auto path = folder / media::folder_store::path_in(file.name);
  const auto fault = fault_of(path, file.bytes);
  // Its last image may have been removed in the meantime.
  if (fault.empty() || !has_row(catalog, one_media_file, id)) return;
  out.add({"media_file_missing", "catalog", id, std::nullopt, fault});
}

/// Files are recorded before they are stored, and deleted before their record is.
void check_unknown(db::connection& catalog, const fs::path& folder, finding_list& out) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) return;
  for (const auto& sub : fs::directory_iterator(folder)) {
    if (!sub.is_directory()) continue;
    for (const auto& entry : fs::directory_iterator(sub.path())) {
      const auto name = entry.path().filename().string();
      const auto hash = catalog::hash_in(name);
      if (!hash || has_row(catalog, known_media_file, std::string(*hash))) continue;
      if (!fs::exists(entry.path(), error)) continue;
      out.add({"media_file_unknown", "catalog", std::string(*hash), std::nullopt,
               entry.path().string()});
    }
  }
}

}  // namespace

std::int64_t check_media(const settings& s, db::connection& catalog, check_report& report,
                         finding_list& out) {
  catalog.query({&images_without_file, db::params(file_rows)}, [&](db::row r) {
    out.add({"media_file_missing", "catalog", std::get<std::string>(r[1]), std::nullopt,
             "not recorded as stored; image " + std::get<uuid>(r[0]).str()});
  });
  const auto folder = media_dir_of(s);
  const bool in_folder = s.media.store == "folder";
  std::int64_t count = 0;
  std::string after;
  for (std::int64_t rows = file_rows; rows == file_rows;) {
    std::vector<std::pair<std::string, catalog::image_file>> page;
    rows = 0;
    catalog.query({&next_media_files, db::params(after, file_rows)}, [&](db::row r) {
      ++rows;
      after = std::get<std::string>(r[0]);
      auto file = json::read_lenient<catalog::image_file>(std::get<std::string>(r[1]));
      if (file) page.emplace_back(after, std::move(*file));
    });
    for (const auto& [id, file] : page) {
      if (in_folder) check_file(catalog, folder, id, file, out);
    }
    count += rows;
  }
  if (in_folder) {
    check_unknown(catalog, folder, out);
  } else if (count > 0) {
    report.not_checked.emplace_back("whether the bucket has the uploaded files");
  }
  return count;
}

}  // namespace stoa::cli
