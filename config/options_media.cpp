// Settings: uploaded files.

#include "config/option_forms.hpp"
#include "config/option_rows.hpp"

#include <algorithm>
#include <charconv>

namespace stoa::config {
namespace {

constexpr std::int64_t width_min = 16;
constexpr std::int64_t width_max = 4096;

bool is_thumbnail_width(std::string_view text) {
  std::int64_t width = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), width);
  return error == std::errc{} && end == text.data() + text.size() && text.front() != '0' &&
         width >= width_min && width <= width_max;
}

bool is_lower_or(char c, std::string_view others) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || others.find(c) != others.npos;
}

/// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
bool is_bucket_or_empty(std::string_view text) {
  if (text.empty()) return true;
  return text.size() >= 3 && text.size() <= 63 && is_lower_or(text.front(), "") &&
         is_lower_or(text.back(), "") && text.find("..") == text.npos &&
         std::ranges::all_of(text, [](char c) { return is_lower_or(c, ".-"); });
}

bool is_prefix_or_empty(std::string_view text) {
  if (text.empty()) return true;
  return text.size() <= 200 && text.front() != '/' && text.ends_with('/') &&
         text.find("//") == text.npos && text.find("..") == text.npos &&
         std::ranges::all_of(
             text, [](char c) { return is_lower_or(c, "/_.-") || (c >= 'A' && c <= 'Z'); });
}

bool is_visible_or_empty(std::string_view text) {
  return text.size() <= 128 && std::ranges::all_of(text, [](char c) {
           return c > ' ' && c <= '~' && c != ',' && c != '/';
         });
}

constexpr option media_rows[] = {
    {.key = "media.store",
     .at = &at<&S::media, &media_settings::store>,
     .help = "Where uploaded images are stored: a folder, or a bucket with an S3-compatible API.",
     .allowed = "folder|s3"},
    {.key = "media.dir",
     .at = &at<&S::media, &media_settings::dir>,
     .help = "Folder of uploaded images; empty = media in data.dir. All nodes of a cluster must "
             "share it.",
     .form = "a path, or empty"},
    {.key = "media.public_url",
     .at = &at<&S::media, &media_settings::public_url>,
     .help = "URL of uploaded images, such as that of a CDN or of the bucket; empty = /media at "
             "this server. The same on all nodes.",
     .form = "an http:// or https:// URL without a trailing slash, or empty",
     .check = &is_base_url_or_empty},
    {.key = "media.image_bytes_max",
     .at = &at<&S::media, &media_settings::image_bytes_max>,
     .help = "Maximum size of an uploaded image; larger ones get 413.",
     .min = 65'536,
     .max = 64 << 20},
    {.key = "media.image_pixels_max",
     .at = &at<&S::media, &media_settings::image_pixels_max>,
     .help = "Maximum pixels of an uploaded image, all frames together.",
     .min = 10'000,
     .max = 1'000'000'000},
    {.key = "media.thumbnail_widths",
     .at = &at<&S::media, &media_settings::thumbnail_widths>,
     .help = "Widths of thumbnails in pixels, at most 8; empty = none. They need vipsthumbnail.",
     .form = "a list of numbers from 16 to 4096",
     .check = &is_thumbnail_width},
    {.key = "media.thumbnail_timeout_ms",
     .at = &at<&S::media, &media_settings::thumbnail_timeout_ms>,
     .help = "Time limit for a thumbnail.",
     .min = 1000,
     .max = 600'000},
    {.key = "media.thumbnail_memory_bytes_max",
     .at = &at<&S::media, &media_settings::thumbnail_memory_bytes_max>,
     .help = "Memory limit of the process that makes thumbnails.",
     .min = 256 << 20,
     .max = 16LL << 30},
    {.key = "media.unused_s",
     .at = &at<&S::media, &media_settings::unused_s>,
     .help = "A stored file without an image is deleted after this time, at most twice as long.",
     .min = 3600,
     .max = s_max},
    {.key = "media.s3_endpoint",
     .at = &at<&S::media, &media_settings::s3_endpoint>,
     .help = "URL of the S3-compatible server.",
     .form = "an http:// or https:// URL without a trailing slash, or empty",
     .check = &is_base_url_or_empty},
    {.key = "media.s3_region",
     .at = &at<&S::media, &media_settings::s3_region>,
     .help = "Region, for signatures.",
     .form = "1 to 32 of a-z, 0-9, _ and -",
     .check = &is_plain_name},
    {.key = "media.s3_bucket",
     .at = &at<&S::media, &media_settings::s3_bucket>,
     .help = "Bucket of uploaded images.",
     .form = "a bucket name, or empty",
     .check = &is_bucket_or_empty},
    {.key = "media.s3_prefix",
     .at = &at<&S::media, &media_settings::s3_prefix>,
     .help = "Beginning of the names in the bucket.",
     .form = "letters, digits, / _ . and -, ending in /, or empty",
     .check = &is_prefix_or_empty},
    {.key = "media.s3_access_key",
     .at = &at<&S::media, &media_settings::s3_access_key>,
     .help = "Id of the access key.",
     .form = "up to 128 visible characters",
     .check = &is_visible_or_empty},
    {.key = "media.s3_secret_file",
     .at = &at<&S::media, &media_settings::s3_secret_file>,
     .help = "File with the secret of the access key, mode 0600.",
     .form = "a path, or empty"},
    {.key = "media.s3_path_style",
     .at = &at<&S::media, &media_settings::s3_path_style>,
     .help = "The bucket is the first part of the path rather than of the host name."},
    {.key = "media.s3_timeout_ms",
     .at = &at<&S::media, &media_settings::s3_timeout_ms>,
     .help = "Time limit of one request to the server; failed requests are retried twice.",
     .min = 100,
     .max = 60'000},
};

}  // namespace

std::span<const option> media_options() {
  return media_rows;
}

}  // namespace stoa::config
