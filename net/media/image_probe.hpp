#pragma once
// Type and dimensions of an image, from its bytes alone. The structure is checked as far as that
// needs no decoding: a file that is cut off, or has another file behind its end, is rejected.

#include "net/http/problem.hpp"

#include <boost/system/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace stoa::media {

struct image_facts {
  std::string_view content_type;  ///< image/jpeg, image/png, image/webp, image/gif or image/avif
  std::int64_t width = 0;         ///< pixels, as displayed: an orientation in EXIF is applied
  std::int64_t height = 0;
  std::int64_t frames = 1;  ///< of an animation

  /// Pixels of all frames.
  std::int64_t pixels() const { return width * height * frames; }
};

/// Problems: 415 image_type_unsupported for any other type, such as SVG; 422 image_damaged; 422
/// image_too_large for more than `pixels_max` pixels.
http::result<image_facts> probe_image(std::string_view bytes, std::int64_t pixels_max);

}  // namespace stoa::media
