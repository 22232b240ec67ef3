// Types and dimensions of uploaded images, from their bytes: good files, and hostile ones.

#include "net/media/image_probe.hpp"

#include "tests/support/sample_images.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::test;
using namespace std::string_literals;

namespace {

constexpr std::int64_t pixels_max = 1'000'000;

/// "image/png 3x2", or the code of the problem.
std::string seen(const std::string& bytes) {
  const auto facts = media::probe_image(bytes, pixels_max);
  if (!facts) return facts.error().code;
  auto text = std::string(facts->content_type) + " " + std::to_string(facts->width) + "x" +
              std::to_string(facts->height);
  if (facts->frames != 1) text += " " + std::to_string(facts->frames) + " frames";
  return text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(formats_are_recognised_by_their_content) {
  BOOST_TEST(seen(png_image(3, 2)) == "image/png 3x2");
  BOOST_TEST(seen(jpeg_header(640, 480)) == "image/jpeg 640x480");
  BOOST_TEST(seen(gif_image(10, 20)) == "image/gif 10x20");
  BOOST_TEST(seen(gif_image(10, 20, 3)) == "image/gif 10x20 3 frames");
  BOOST_TEST(seen(webp_lossy(320, 200)) == "image/webp 320x200");
  BOOST_TEST(seen(webp_lossless(321, 201)) == "image/webp 321x201");
  BOOST_TEST(seen(webp_animation(100, 50, 4)) == "image/webp 100x50 4 frames");
  BOOST_TEST(seen(avif_image(64, 32)) == "image/avif 64x32");
}

BOOST_AUTO_TEST_CASE(turned_images_have_the_dimensions_as_displayed) {
  BOOST_TEST(seen(jpeg_header(640, 480, 1)) == "image/jpeg 640x480");
  BOOST_TEST(seen(jpeg_header(640, 480, 3)) == "image/jpeg 640x480");
  BOOST_TEST(seen(jpeg_header(640, 480, 6)) == "image/jpeg 480x640");
  BOOST_TEST(seen(jpeg_header(640, 480, 8)) == "image/jpeg 480x640");
  BOOST_TEST(seen(jpeg_header(640, 480, 99)) == "image/jpeg 640x480");
  BOOST_TEST(seen(avif_image(64, 32, true)) == "image/avif 32x64");
}

BOOST_AUTO_TEST_CASE(other_files_are_rejected_whatever_they_claim) {
  for (const auto& other :
       {"<svg xmlns=\"http://www.w3.org/2000/svg\"><script/></svg>"s,
        "<?xml version=\"1.0\"?><svg/>"s, "<!doctype html><script>alert(1)</script>"s, "%PDF-1.7"s,
        "BM\x10\0\0\0"s, "PK\x03\x04"s, "II*\0"s, "MZ"s, ""s, "x"s, "\xFF\xD8"s,
        iso_box("ftyp", "mp42"), "RIFF\x04\0\0\0WAVE"s}) {
    BOOST_TEST(seen(other) == "image_type_unsupported", other);
  }
}

BOOST_AUTO_TEST_CASE(truncated_files_are_rejected_at_every_length) {
  for (const auto& whole :
       {png_image(30, 20), jpeg_header(640, 480, 6), gif_image(10, 20, 2), webp_lossy(32, 20),
        webp_lossless(32, 20), webp_animation(10, 5, 2), avif_image(64, 32)}) {
    BOOST_REQUIRE(seen(whole).starts_with("image/"));
    for (std::size_t length = 1; length < whole.size(); ++length) {
      const auto is = seen(whole.substr(0, length));
      BOOST_TEST((is == "image_damaged" || is == "image_type_unsupported"),
                 seen(whole) << " of " << length << " bytes: " << is);
    }
  }
}

BOOST_AUTO_TEST_CASE(files_with_other_data_behind_the_image_are_rejected) {
  for (const auto& whole : {png_image(3, 2), gif_image(10, 20), webp_lossy(32, 20),
                            webp_lossless(32, 20), avif_image(64, 32)}) {
    BOOST_TEST(seen(whole + "<script>alert(1)</script>") == "image_damaged", seen(whole));
    BOOST_TEST(seen(whole + "PK\x03\x04") == "image_damaged", seen(whole));
  }
  // A script that begins like a GIF.
  BOOST_TEST(seen("GIF89a/*\0\0\0\0\0*/=1;alert(1)//"s) == "image_damaged");
}

BOOST_AUTO_TEST_CASE(huge_dimensions_are_rejected_without_decoding) {
  const auto huge_png =
      png_header(4'000'000'000U, 4'000'000'000U) + png_chunk("IDAT", "x") + png_chunk("IEND", "");
  BOOST_TEST(seen(huge_png) == "image_too_large");
  BOOST_TEST(seen(png_header(1001, 1000) + png_chunk("IDAT", "x") + png_chunk("IEND", "")) ==
             "image_too_large");
  BOOST_TEST(seen(png_header(1000, 1000) + png_chunk("IDAT", "x") + png_chunk("IEND", "")) ==
             "image/png 1000x1000");
  BOOST_TEST(seen(jpeg_header(65'535, 65'535)) == "image_too_large");
  BOOST_TEST(seen(avif_image(4'000'000'000U, 1)) == "image_too_large");
  BOOST_TEST(seen(webp_animation(16'000'000, 16'000'000, 1)) == "image_too_large");
  // All frames count: each is decoded.
  BOOST_TEST(seen(gif_image(100, 100, 100)) == "image/gif 100x100 100 frames");
  BOOST_TEST(seen(gif_image(100, 100, 101)) == "image_too_large");
  BOOST_TEST(seen(webp_animation(1000, 1000, 2)) == "image_too_large");
  const auto animated = png_header(1000, 1000) +
                        png_chunk("acTL", big_endian(4'000'000'000U) + big_endian(0)) +
                        png_chunk("IDAT", "x") + png_chunk("IEND", "");
  BOOST_TEST(seen(animated) == "image_too_large");
}

BOOST_AUTO_TEST_CASE(contradicting_headers_are_rejected) {
  BOOST_TEST(seen(png_header(0, 5) + png_chunk("IDAT", "x") + png_chunk("IEND", "")) ==
             "image_damaged");
  BOOST_TEST(seen(png_header(5, 5) + png_chunk("IEND", "")) == "image_damaged");
  BOOST_TEST(seen(jpeg_header(0, 480)) == "image_damaged");
  BOOST_TEST(seen(gif_image(10, 20, 0)) == "image_damaged");
  // A frame outside the screen.
  auto outside = gif_image(10, 20);
  outside.replace(outside.find(",\0\0"s), 3, ",\xFF\0"s);
  BOOST_TEST(seen(outside) == "image_damaged");
  // The extended header and the image differ.
  const auto two =
      riff_chunk("VP8X", std::string(4, '\0') + little_endian(9, 3) + little_endian(9, 3)) +
      webp_lossy(2000, 2000).substr(12);
  BOOST_TEST(seen(riff(two)) == "image_damaged");
  BOOST_TEST(seen("\xFF\xD8\xFF\xE0\0\x01"s + jpeg_header(640, 480).substr(2)) == "image_damaged");
}
