#pragma once
// Names of files in the media store: <SHA-256>-<time>.<extension>, and
// <SHA-256>-<time>-<width>.webp for thumbnails. The time is that of the first upload: a file that
// was deleted and is uploaded again gets another name, so that a late deletion cannot reach it. The
// content of a name never changes.

#include "storage/base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stoa::catalog {

/// "jpg" for "image/jpeg"; empty for a type that is not stored.
std::string_view extension_of(std::string_view content_type);
/// "image/jpeg" for a name that ends in ".jpg"; empty for another extension.
std::string_view type_of_name(std::string_view name);

std::string image_name(std::string_view file_id, timestamp now, std::string_view extension);
std::string thumbnail_name(std::string_view image, std::int64_t width);

/// Whether the name has the form of those above: no other name is looked up in the media store.
bool is_media_name(std::string_view name);
/// The SHA-256 in the name of an image; nothing for a thumbnail, whose content is not hashed.
std::optional<std::string_view> hash_in(std::string_view name);

}  // namespace stoa::catalog
