#pragma once
// Images made for tests: real PNG files, and the headers of other formats without pixels.

#include <cstdint>
#include <string>
#include <string_view>
#include <zlib.h>

namespace stoa::test {

inline std::string big_endian(std::uint32_t n, int bytes = 4) {
  std::string out;
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(n >> (8 * i) & 0xFFU);
  return out;
}
inline std::string little_endian(std::uint32_t n, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(n >> (8 * i) & 0xFFU);
  return out;
}

inline std::string png_chunk(std::string_view type, std::string_view content) {
  std::string checked = std::string(type) + std::string(content);
  const auto sum =
      ::crc32(0, reinterpret_cast<const Bytef*>(checked.data()), static_cast<uInt>(checked.size()));
  return big_endian(static_cast<std::uint32_t>(content.size())) + checked +
         big_endian(static_cast<std::uint32_t>(sum));
}

inline std::string png_header(std::uint32_t width, std::uint32_t height) {
  return std::string("\x89PNG\r\n\x1A\n") +
         png_chunk("IHDR",
                   big_endian(width) + big_endian(height) + std::string("\x08\x02\0\0\0", 5));
}

/// A PNG that programs can read. Images of other seeds differ.
inline std::string png_image(std::uint32_t width, std::uint32_t height, unsigned seed = 1) {
  std::string rows;
  for (std::uint32_t y = 0; y < height; ++y) {
    rows += '\0';
    for (std::uint32_t x = 0; x < 3 * width; ++x) {
      rows += static_cast<char>((x / 16 * 5 + y / 8 * 3 + seed * 17) & 0xFFU);
    }
  }
  uLongf size = ::compressBound(static_cast<uLong>(rows.size()));
  std::string packed(size, '\0');
  ::compress(reinterpret_cast<Bytef*>(packed.data()), &size,
             reinterpret_cast<const Bytef*>(rows.data()), static_cast<uLong>(rows.size()));
  packed.resize(size);
  return png_header(width, height) + png_chunk("IDAT", packed) + png_chunk("IEND", "");
}

/// A JPEG without decodable pixels. `orientation`: of EXIF; 0: without EXIF.
inline std::string jpeg_header(std::uint32_t width, std::uint32_t height, int orientation = 0) {
  std::string image("\xFF\xD8");
  if (orientation > 0) {
    const std::string exif =
        std::string("Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0", 25) +
        static_cast<char>(orientation) + std::string(2, '\0') + std::string(4, '\0');
    image += "\xFF\xE1" + big_endian(static_cast<std::uint32_t>(exif.size() + 2), 2) + exif;
  }
  image += std::string("\xFF\xC0\0\x11\x08", 5) + big_endian(height, 2) + big_endian(width, 2) +
           std::string("\x03\x01\x22\0\x02\x11\x01\x03\x11\x01", 10);
  return image + std::string("\xFF\xDA\0\x02", 4) + "pixels" + "\xFF\xD9";
}

inline std::string gif_frame(std::uint32_t width, std::uint32_t height) {
  return "," + std::string(4, '\0') + little_endian(width, 2) + little_endian(height, 2) +
         std::string("\0\x02\x02\x44\x01\0", 6);
}
inline std::string gif_image(std::uint32_t width, std::uint32_t height, int frames = 1) {
  std::string image = "GIF89a" + little_endian(width, 2) + little_endian(height, 2) +
                      std::string("\x80\0\0\0\0\0\xFF\xFF\xFF", 9);
  for (int i = 0; i < frames; ++i) {
    image += std::string("!\xF9\x04\0\x0A\0\0\0", 8) + gif_frame(width, height);
  }
  return image + ";";
}

inline std::string riff(std::string_view chunks) {
  return "RIFF" + little_endian(static_cast<std::uint32_t>(chunks.size() + 4), 4) + "WEBP" +
         std::string(chunks);
}
inline std::string riff_chunk(std::string_view type, std::string_view content) {
  auto chunk = std::string(type) + little_endian(static_cast<std::uint32_t>(content.size()), 4) +
               std::string(content);
  if (content.size() % 2 != 0) chunk += '\0';
  return chunk;
}
inline std::string webp_lossy(std::uint32_t width, std::uint32_t height) {
  return riff(riff_chunk("VP8 ", std::string("\0\0\0\x9D\x01\x2A", 6) + little_endian(width, 2) +
                                     little_endian(height, 2) + "pixels"));
}
inline std::string webp_lossless(std::uint32_t width, std::uint32_t height) {
  return riff(
      riff_chunk("VP8L", "\x2F" + little_endian((width - 1) | (height - 1) << 14U, 4) + "pixels"));
}
inline std::string webp_animation(std::uint32_t width, std::uint32_t height, int frames) {
  auto chunks = riff_chunk("VP8X", std::string("\x02\0\0\0", 4) + little_endian(width - 1, 3) +
                                       little_endian(height - 1, 3));
  for (int i = 0; i < frames; ++i) chunks += riff_chunk("ANMF", std::string(16, '\0'));
  return riff(chunks);
}

inline std::string iso_box(std::string_view type, std::string_view content) {
  return big_endian(static_cast<std::uint32_t>(content.size() + 8)) + std::string(type) +
         std::string(content);
}
inline std::string avif_image(std::uint32_t width, std::uint32_t height, bool is_turned = false) {
  auto properties = iso_box("ispe", std::string(4, '\0') + big_endian(width) + big_endian(height));
  if (is_turned) properties += iso_box("irot", "\x01");
  const auto meta = std::string(4, '\0') + iso_box("hdlr", std::string(24, '\0')) +
                    iso_box("iprp", iso_box("ipco", properties));
  return iso_box("ftyp", "avif" + std::string(4, '\0') + "avifmif1") + iso_box("meta", meta) +
         iso_box("mdat", "pixels");
}

}  // namespace stoa::test
