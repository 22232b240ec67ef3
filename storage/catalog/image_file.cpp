#include "storage/catalog/image_file.hpp"

#include "storage/db/columns.hpp"

namespace stoa::catalog {

namespace {

const db::sql files_to_check{
    "media files to check",
    "SELECT file_id FROM media_files WHERE check_at<=$1 ORDER BY check_at LIMIT $2"};
const db::sql thumbnails_to_make{
    "thumbnails to make",
    "SELECT file_id, file FROM media_files WHERE thumbs_at<=$1 ORDER BY thumbs_at LIMIT $2"};

}  // namespace

const db::sql change_image_files{"change image files",
                                 "UPDATE product_images SET file=$2 WHERE file_id=$1"};
const db::sql touch_image_products{
    "touch products of an image file",
    "UPDATE products SET updated_at=$2, version=version+1 WHERE product_id IN"
    " (SELECT product_id FROM product_images WHERE file_id=$1)"};

due_media read_due_media(db::connection& c, timestamp now, std::size_t limit) {
  due_media due;
  const auto most = static_cast<std::int64_t>(limit);
  const std::vector<db::statement> both{{&files_to_check, db::params(now, most)},
                                        {&thumbnails_to_make, db::params(now, most)}};
  c.query(both, [&](std::size_t index, db::row r) {
    auto id = std::get<std::string>(r[0]);
    if (index == 0) return due.to_check.push_back(std::move(id));
    auto file = json::read_lenient<image_file>(std::get<std::string>(r[1]));
    if (file) due.thumbnails.push_back({std::move(id), std::move(*file)});
  });
  return due;
}

}  // namespace stoa::catalog
