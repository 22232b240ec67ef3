#pragma once
// Makes thumbnails with vipsthumbnail, the command of libvips, in a limited process.

#include "net/media/limited_program.hpp"
#include "storage/catalog/image_file.hpp"

#include <optional>

namespace stoa::media {

struct thumbnail_options {
  std::vector<std::int64_t> widths;  ///< pixels
  program_limits limits;             ///< for each thumbnail
  std::string program = "vipsthumbnail";
};

struct made_thumbnail {
  std::int64_t wanted = 0;  ///< the width of the options
  std::int64_t width = 0;   ///< less for an image that is much higher than wide
  std::string bytes;        ///< WebP
};

struct thumbnails_made {
  program_end end = program_end::done;
  std::vector<made_thumbnail> all;  ///< empty unless `end` is done
};

class thumbnail_maker {
 public:
  explicit thumbnail_maker(thumbnail_options options) : options_(std::move(options)) {}

  /// Whether vipsthumbnail is installed.
  bool is_there() const { return !find_program(options_.program).empty(); }
  /// Thumbnails of each width that is smaller than the image, in a private temporary folder, which
  /// is removed. Throws std::runtime_error if that folder cannot be used.
  thumbnails_made make(const catalog::image_file& image, std::string_view bytes,
                       const std::function<bool()>& is_stopping) const;

 private:
  thumbnail_options options_;
};

}  // namespace stoa::media
