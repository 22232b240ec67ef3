// WebP and AVIF, whose images are in chunks and boxes.

#include "net/media/byte_reader.hpp"
#include "net/media/image_formats.hpp"

#include <algorithm>
#include <functional>

namespace stoa::media {

namespace {

using namespace std::string_view_literals;

/// Width and height from a lossy frame (RFC 6386, section 9.1).
bool read_lossy(std::string_view chunk, image_facts& facts) {
  byte_reader in(chunk);
  in.skip(3);
  if (in.take(3) != "\x9D\x01\x2A"sv) return false;
  facts.width = in.little_endian(2) & 0x3FFFU;
  facts.height = in.little_endian(2) & 0x3FFFU;
  return !in.is_short();
}

bool read_lossless(std::string_view chunk, image_facts& facts) {
  byte_reader in(chunk);
  if (in.byte() != 0x2F) return false;
  const auto bits = in.little_endian(4);
  facts.width = (bits & 0x3FFFU) + 1;
  facts.height = (bits >> 14U & 0x3FFFU) + 1;
  return !in.is_short();
}

/// Size and content of a box at the reader; false at the end or if it is damaged.
bool next_box(byte_reader& in, std::string_view& type, std::string_view& content) {
  if (in.left() == 0) return false;
  const auto size = in.big_endian(4);
  type = in.take(4);
  std::size_t length = 0;
  if (size == 0) {
    length = in.left();  // up to the end of the file
  } else if (size >= 8) {
    length = size - 8;  // Sizes of 64 bits are not needed for files of this size.
  } else {
    return false;
  }
  content = in.take(length);
  return !in.is_short();
}

/// The content of the first box of the type; empty if there is none.
std::string_view find_box(std::string_view boxes, std::string_view wanted) {
  byte_reader in(boxes);
  std::string_view type;
  std::string_view content;
  while (next_box(in, type, content)) {
    if (type == wanted) return content;
  }
  return {};
}

}  // namespace

std::optional<image_facts> probe_webp(std::string_view bytes) {
  byte_reader in(bytes);
  in.skip(4);
  const std::size_t size = in.little_endian(4);
  if (size + 8 != bytes.size()) return std::nullopt;
  in.skip(4);
  image_facts facts{"image/webp"};
  std::int64_t frames = 0;
  bool is_extended = false;
  while (in.left() > 0) {
    const auto type = in.take(4);
    const std::size_t length = in.little_endian(4);
    const auto chunk = in.take(length);
    if (length % 2 != 0) in.skip(1);
    if (in.is_short()) return std::nullopt;
    image_facts frame;
    if (type == "VP8X"sv) {
      byte_reader values(chunk);
      values.skip(4);
      facts.width = std::int64_t{values.little_endian(3)} + 1;
      facts.height = std::int64_t{values.little_endian(3)} + 1;
      if (values.is_short()) return std::nullopt;
      is_extended = true;
    } else if (type == "VP8 "sv || type == "VP8L"sv) {
      if (!(type == "VP8 "sv ? read_lossy(chunk, frame) : read_lossless(chunk, frame))) {
        return std::nullopt;
      }
      if (is_extended && (frame.width != facts.width || frame.height != facts.height)) {
        return std::nullopt;
      }
      facts.width = frame.width;
      facts.height = frame.height;
      ++frames;
    } else if (type == "ANMF"sv) {
      ++frames;
    }
  }
  if (frames == 0) return std::nullopt;
  facts.frames = frames;
  return facts;
}

std::optional<image_facts> probe_avif(std::string_view bytes) {
  byte_reader in(bytes);
  std::string_view type;
  std::string_view content;
  std::string_view meta;
  bool has_data = false;
  while (next_box(in, type, content)) {
    if (type == "meta"sv) meta = content;
    if (type == "mdat"sv) has_data = true;
  }
  constexpr std::size_t version_bytes = 4;
  if (in.is_short() || in.left() > 0 || !has_data || meta.size() < version_bytes) {
    return std::nullopt;
  }
  const auto properties = find_box(find_box(meta.substr(version_bytes), "iprp"sv), "ipco"sv);
  // The displayed image is the largest: others are tiles, an alpha channel or a preview.
  image_facts facts{"image/avif"};
  byte_reader list(properties);
  bool is_turned = false;
  while (next_box(list, type, content)) {
    byte_reader values(content);
    if (type == "irot"sv) is_turned = (values.byte() & 1U) != 0;
    if (type != "ispe"sv) continue;
    values.skip(version_bytes);
    facts.width = std::max<std::int64_t>(facts.width, values.big_endian(4));
    facts.height = std::max<std::int64_t>(facts.height, values.big_endian(4));
    if (values.is_short()) return std::nullopt;
  }
  if (is_turned) std::swap(facts.width, facts.height);
  return facts;
}

}  // namespace stoa::media
