#pragma once
// Messages about uploaded images. An upload is stored in this order: prepare_image_file records the
// file, the front stores it, add_image_file adds the image. So each stored file has a record, by
// which it is found and deleted if no image refers to it.

#include "actors/catalog/catalog_views.hpp"

namespace stoa::catalog {

inline constexpr std::size_t file_id_length = 64;   ///< SHA-256 in hexadecimal
inline constexpr std::size_t media_files_max = 64;  ///< of one check
inline constexpr std::int64_t thumbnails_max = 8;   ///< of an image

/// Where to store a file.
struct media_place {
  std::string name;
};
BOOST_DESCRIBE_STRUCT(media_place, (), (name))

/// Records a file that will be stored. `file.name` is ignored. Idempotent. unavailable while a file
/// of the same content is being deleted.
struct prepare_image_file {
  static constexpr std::string_view name = "catalog.prepare_image_file";
  using reply = media_place;
  std::string file_id;
  image_file file;
};
BOOST_DESCRIBE_STRUCT(prepare_image_file, (), (file_id, file))

/// Adds an image whose file is stored. conflict too_many_images; unavailable if the file has been
/// deleted in the meantime.
struct add_image_file {
  static constexpr std::string_view name = "catalog.add_image_file";
  using reply = image_view;
  stoa::product_id product_id;
  std::string file_id;
  std::string alt_text;
  std::optional<std::int64_t> position;  ///< default: after the others
};
BOOST_DESCRIBE_STRUCT(add_image_file, (), (product_id, file_id, alt_text, position))

/// By the sweep: deletes files that no image has referred to for the time of media.unused_s.
struct check_media_files {
  static constexpr std::string_view name = "catalog.check_media_files";
  using reply = kernel::nothing;
  std::vector<std::string> file_ids;
};
BOOST_DESCRIBE_STRUCT(check_media_files, (), (file_ids))

/// The outcome of the effect make_thumbnails.
enum class thumbnail_outcome {
  made,
  impossible,  ///< the image cannot be read, or a limit was exceeded: no further attempt
  failed       ///< the files could not be read or stored: retried
};
BOOST_DESCRIBE_ENUM(thumbnail_outcome, made, impossible, failed)

struct record_thumbnails {
  static constexpr std::string_view name = "catalog.record_thumbnails";
  using reply = kernel::nothing;
  std::string file_id;
  std::string file_name;  ///< of the image that the thumbnails were made of
  thumbnail_outcome outcome = thumbnail_outcome::made;
  std::vector<image_thumbnail> thumbnails;
};
BOOST_DESCRIBE_STRUCT(record_thumbnails, (), (file_id, file_name, outcome, thumbnails))

/// The effect delete_media_file has deleted the file and its thumbnails.
struct forget_media_file {
  static constexpr std::string_view name = "catalog.forget_media_file";
  using reply = kernel::nothing;
  std::string file_id;
  std::string file_name;
};
BOOST_DESCRIBE_STRUCT(forget_media_file, (), (file_id, file_name))

// --- effects -------------------------------------------------------------------------------------

struct make_thumbnails {
  static constexpr std::string_view name = "catalog.make_thumbnails";
  std::string file_id;
  image_file file;
};
BOOST_DESCRIBE_STRUCT(make_thumbnails, (), (file_id, file))

struct delete_media_file {
  static constexpr std::string_view name = "catalog.delete_media_file";
  std::string file_id;
  image_file file;  ///< with the thumbnails
};
BOOST_DESCRIBE_STRUCT(delete_media_file, (), (file_id, file))

}  // namespace stoa::catalog
