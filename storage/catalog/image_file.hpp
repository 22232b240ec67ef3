#pragma once
// Uploaded image files: the catalogue records each one, so that a file without an image is found
// and deleted.

#include "storage/base/describe.hpp"
#include "storage/base/time.hpp"
#include "storage/db/connection.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace stoa::catalog {

/// A smaller copy of an image, in WebP.
struct image_thumbnail {
  std::int64_t width = 0;  ///< pixels
  std::string name;        ///< of the file in the media store

  bool operator==(const image_thumbnail&) const = default;
};
BOOST_DESCRIBE_STRUCT(image_thumbnail, (), (width, name))

/// An uploaded image as it is stored.
struct image_file {
  std::string name;          ///< of the file in the media store (image_name.hpp)
  std::string content_type;  ///< as detected
  std::int64_t bytes = 0;
  std::int64_t width = 0;   ///< pixels, as displayed
  std::int64_t height = 0;  ///< pixels, as displayed
  std::vector<image_thumbnail> thumbnails;

  static constexpr std::string_view defaults[] = {"thumbnails"};
  bool operator==(const image_file&) const = default;
};
BOOST_DESCRIBE_STRUCT(image_file, (), (name, content_type, bytes, width, height, thumbnails))

/// receiving: the file is being stored, no image refers to it yet. deleting: no image may refer to
/// it any more.
enum class media_state { receiving, stored, deleting };
BOOST_DESCRIBE_ENUM(media_state, receiving, stored, deleting)

struct media_file_row {
  static constexpr const char* table = "media_files";
  static constexpr std::size_t key_columns = 1;
  std::string file_id;  ///< SHA-256 of the content in hexadecimal
  media_state state = media_state::receiving;
  image_file file;
  timestamp created_at;
  timestamp check_at;                     ///< when its use is checked next
  std::optional<timestamp> unused_since;  ///< when a check found no image; none: it is in use
  std::optional<timestamp> thumbs_at;     ///< when thumbnails are made next; none: never
  std::int64_t thumb_attempts = 0;
  std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(media_file_row, (),
                      (file_id, state, file, created_at, check_at, unused_since, thumbs_at,
                       thumb_attempts, version))

/// A file whose thumbnails are due.
struct due_thumbnails {
  std::string file_id;
  image_file file;
};

/// What is due for the stored files.
struct due_media {
  std::vector<std::string> to_check;  ///< ids, the longest overdue first
  std::vector<due_thumbnails> thumbnails;
};
due_media read_due_media(db::connection& c, timestamp now, std::size_t limit);

/// Parameters: the id of a file, and its new image_file as JSON. Changes all images of the file.
extern const db::sql change_image_files;
/// Parameters: the id of a file, and the time. Changes updated_at of all products with the file.
extern const db::sql touch_image_products;

}  // namespace stoa::catalog
