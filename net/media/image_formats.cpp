// PNG, GIF and JPEG.

#include "net/media/image_formats.hpp"

#include "net/media/byte_reader.hpp"

#include <algorithm>

namespace stoa::media {

namespace {

using namespace std::string_view_literals;

/// Skips the sub-blocks of a GIF up to their terminator.
void skip_sub_blocks(byte_reader& in) {
  while (!in.is_short()) {
    const auto length = in.byte();
    if (length == 0) return;
    in.skip(length);
  }
}

/// Bytes of a GIF's colour table, from the flags of its descriptor.
std::size_t colour_table_bytes(unsigned flags) {
  return (flags & 0x80U) != 0 ? std::size_t{3} << ((flags & 0x07U) + 1U) : 0;
}

bool is_frame_header(unsigned marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

bool has_no_length(unsigned marker) {
  return marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8);
}

/// The orientation in the content of an APP1 segment, 1 to 8; 1 if it has none.
std::uint32_t orientation_in(std::string_view segment) {
  constexpr auto mark = "Exif\0\0"sv;
  if (!segment.starts_with(mark)) return 1;
  const auto tiff = segment.substr(mark.size());
  const bool is_little = tiff.starts_with("II*\0"sv);
  if (!is_little && !tiff.starts_with("MM\0*"sv)) return 1;
  byte_reader in(tiff);
  const auto number = [&](std::size_t bytes) {
    return is_little ? in.little_endian(bytes) : in.big_endian(bytes);
  };
  in.skip(4);
  const auto directory = number(4);
  if (directory < 8) return 1;
  in.skip(directory - 8);
  for (auto entries = number(2); entries > 0 && !in.is_short(); --entries) {
    const auto tag = number(2);
    in.skip(6);
    const auto value = number(2);
    in.skip(2);
    if (tag == 0x0112) return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}

}  // namespace

std::optional<image_facts> probe_png(std::string_view bytes) {
  byte_reader in(bytes);
  in.skip(8);
  image_facts facts{"image/png"};
  bool has_data = false;
  for (bool is_first = true; !in.is_short(); is_first = false) {
    const auto length = in.big_endian(4);
    const auto type = in.take(4);
    const auto content = in.take(length);
    in.skip(4);  // the checksum
    if (in.is_short() || is_first != (type == "IHDR"sv)) return std::nullopt;
    byte_reader values(content);
    if (is_first) {
      if (length != 13) return std::nullopt;
      facts.width = values.big_endian(4);
      facts.height = values.big_endian(4);
    } else if (type == "acTL"sv) {
      facts.frames = std::max<std::int64_t>(1, values.big_endian(4));
    } else if (type == "IDAT"sv) {
      has_data = true;
    } else if (type == "IEND"sv) {
      if (!has_data || in.left() > 0) return std::nullopt;
      return facts;
    }
  }
  return std::nullopt;
}

std::optional<image_facts> probe_gif(std::string_view bytes) {
  byte_reader in(bytes);
  in.skip(6);
  image_facts facts{"image/gif"};
  facts.width = in.little_endian(2);
  facts.height = in.little_endian(2);
  const auto screen = in.byte();
  in.skip(2 + colour_table_bytes(screen));
  facts.frames = 0;
  while (!in.is_short()) {
    const auto kind = in.byte();
    if (kind == 0x3B) {
      if (facts.frames == 0 || in.left() > 0) return std::nullopt;
      return facts;
    }
    if (kind == 0x21) {  // an extension
      in.skip(1);
      skip_sub_blocks(in);
    } else if (kind == 0x2C) {  // a frame
      const auto left = in.little_endian(2);
      const auto top = in.little_endian(2);
      const auto width = in.little_endian(2);
      const auto height = in.little_endian(2);
      if (left + width > facts.width || top + height > facts.height) return std::nullopt;
      const auto frame = in.byte();
      in.skip(colour_table_bytes(frame));
      in.skip(1);  // the code size
      skip_sub_blocks(in);
      ++facts.frames;
    } else {
      return std::nullopt;
    }
  }
  return std::nullopt;
}

std::optional<image_facts> probe_jpeg(std::string_view bytes) {
  byte_reader in(bytes);
  in.skip(2);
  image_facts facts{"image/jpeg"};
  std::uint32_t orientation = 1;
  while (!in.is_short()) {
    if (in.byte() != 0xFF) return std::nullopt;
    unsigned marker = in.byte();
    while (marker == 0xFF) marker = in.byte();  // fill bytes
    if (has_no_length(marker)) continue;
    const auto length = in.big_endian(2);
    if (length < 2) return std::nullopt;
    const auto segment = in.take(length - 2);
    if (in.is_short()) return std::nullopt;
    if (marker == 0xE1 && orientation == 1) orientation = orientation_in(segment);
    if (is_frame_header(marker)) {
      byte_reader values(segment);
      values.skip(1);
      facts.height = values.big_endian(2);
      facts.width = values.big_endian(2);
      if (values.is_short()) return std::nullopt;
    }
    if (marker != 0xDA) continue;
    // The scans follow. Cameras append further images and data behind the end.
    const bool ends = bytes.find("\xFF\xD9"sv, in.at()) != bytes.npos;
    if (!ends || facts.width == 0) return std::nullopt;
    if (orientation > 4) std::swap(facts.width, facts.height);
    return facts;
  }
  return std::nullopt;
}

}  // namespace stoa::media
