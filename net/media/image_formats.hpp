#pragma once
// The formats of images. Each function returns the facts, or nothing for a damaged file. Internal
// to net/media.

#include "net/media/image_probe.hpp"

#include <optional>

namespace stoa::media {

/// ITU-T T.81, with the orientation of EXIF 2.3.
std::optional<image_facts> probe_jpeg(std::string_view bytes);
/// https://www.w3.org/TR/png-3/
std::optional<image_facts> probe_png(std::string_view bytes);
/// https://www.w3.org/Graphics/GIF/spec-gif89a.txt
std::optional<image_facts> probe_gif(std::string_view bytes);
/// https://developers.google.com/speed/webp/docs/riff_container
std::optional<image_facts> probe_webp(std::string_view bytes);
/// ISO/IEC 14496-12 and https://aomediacodec.github.io/av1-avif/; still images only.
std::optional<image_facts> probe_avif(std::string_view bytes);

}  // namespace stoa::media
