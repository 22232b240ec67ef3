#include "net/media/image_probe.hpp"

#include "net/media/image_formats.hpp"

#include <array>

namespace stoa::media {

namespace {

using namespace std::string_view_literals;

/// No format has more pixels on a side that programs can display.
constexpr std::int64_t side_max = 65'535;

struct image_format {
  bool (*is_it)(std::string_view bytes);
  std::optional<image_facts> (*probe)(std::string_view bytes);
};

bool is_riff_webp(std::string_view b) {
  return b.starts_with("RIFF"sv) && b.size() >= 12 && b.substr(8, 4) == "WEBP"sv;
}

bool is_avif_brand(std::string_view b) {
  return b.size() >= 12 && b.substr(4, 4) == "ftyp"sv && b.substr(8, 4) == "avif"sv;
}

constexpr std::array formats{
    image_format{[](std::string_view b) { return b.starts_with("\xFF\xD8\xFF"sv); }, &probe_jpeg},
    image_format{[](std::string_view b) { return b.starts_with("\x89PNG\r\n\x1A\n"sv); },
                 &probe_png},
    image_format{
        [](std::string_view b) { return b.starts_with("GIF87a"sv) || b.starts_with("GIF89a"sv); },
        &probe_gif},
    image_format{&is_riff_webp, &probe_webp},
    image_format{&is_avif_brand, &probe_avif},
};

}  // namespace

http::result<image_facts> probe_image(std::string_view bytes, std::int64_t pixels_max) {
  for (const auto& format : formats) {
    if (!format.is_it(bytes)) continue;
    const auto facts = format.probe(bytes);
    if (!facts || facts->width < 1 || facts->height < 1) {
      return http::problem{
          422, "image_damaged", "The image is damaged, incomplete, or followed by other data.", {}};
    }
    // The sides are checked first, so that their product cannot overflow.
    if (facts->width > side_max || facts->height > side_max || facts->frames > pixels_max ||
        facts->pixels() > pixels_max) {
      return http::problem{
          422,
          "image_too_large",
          "The image has more than " + std::to_string(pixels_max) + " pixels, all frames together.",
          {}};
    }
    return *facts;
  }
  return http::problem{415,
                       "image_type_unsupported",
                       "The file is not a JPEG, PNG, WebP, GIF or AVIF image. The type is detected "
                       "from the content.",
                       {}};
}

}  // namespace stoa::media
