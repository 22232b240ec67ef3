#include "storage/catalog/image_file.hpp"

#include "storage/db/columns.hpp"

namespace stoa::catalog {

namespace {

/// One statement, because the sweep runs it every second. The file is empty where a check is due.
const db::sql due_files{
    "due media files",
    "SELECT file_id, file FROM (SELECT file_id, '' AS file FROM media_files WHERE check_at<=$1"
    " ORDER BY check_at LIMIT $2) c"
    " UNION ALL SELECT file_id, file FROM (SELECT file_id, file FROM media_files"
    " WHERE thumbs_at<=$1 ORDER BY thumbs_at LIMIT $2) t"};

}  // namespace

const db::sql change_image_files{"change image files",
                                 "UPDATE product_images SET file=$2 WHERE file_id=$1"};
const db::sql touch_image_products{
    "touch products of an image file",
    "UPDATE products SET updated_at=$2, version=version+1 WHERE product_id IN"
    " (SELECT product_id FROM product_images WHERE file_id=$1)"};

due_media read_due_media(db::connection& c, timestamp now, std::size_t limit) {
  due_media due;
  c.query({&due_files, db::params(now, static_cast<std::int64_t>(limit))}, [&](db::row r) {
    auto id = std::get<std::string>(r[0]);
    const auto& text = std::get<std::string>(r[1]);
    if (text.empty()) return due.to_check.push_back(std::move(id));
    auto file = json::read_lenient<image_file>(text);
    if (file) due.thumbnails.push_back({std::move(id), std::move(*file)});
  });
  return due;
}

}  // namespace stoa::catalog
