// Names in the media store: only names of the two forms are looked up.

#include "actors/catalog/image_name.hpp"

#include "net/media/folder_store.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::catalog;

namespace {
const std::string hash(64, 'a');
const timestamp noon{1'700'000'000'000'000};
}  // namespace

BOOST_AUTO_TEST_CASE(names_contain_hash_and_time) {
  const auto name = image_name(hash, noon, extension_of("image/jpeg"));
  BOOST_TEST(name == hash + "-6553f100.jpg");
  BOOST_TEST(is_media_name(name));
  BOOST_TEST(type_of_name(name) == "image/jpeg");
  BOOST_TEST(std::string(hash_in(name).value()) == hash);
  const auto small = thumbnail_name(name, 160);
  BOOST_TEST(small == hash + "-6553f100-160.webp");
  BOOST_TEST(is_media_name(small));
  BOOST_TEST(type_of_name(small) == "image/webp");
  BOOST_TEST(!hash_in(small).has_value());
  BOOST_TEST(extension_of("image/svg+xml").empty());
}

BOOST_AUTO_TEST_CASE(other_names_are_not_names_of_files) {
  const auto good = hash + "-6553f100.jpg";
  BOOST_REQUIRE(is_media_name(good));
  for (const auto& bad :
       {std::string(), std::string(".."), std::string("../") + good, good + "/..", "/" + good,
        hash + "-6553f100.svg", hash + "-6553f100.", hash + "-6553f100", hash + "-6553F100.jpg",
        hash.substr(1) + "-6553f100.jpg", hash + "-6553f100-.webp", hash + "-6553f100-1x.webp",
        hash + "-6553f100-160.jpg", hash + "-6553f100-123456.webp", hash + "-6553f100.jpg.part",
        hash + "-6553f100.jpg\n", hash + "-6553f100." + std::string("jpg\0", 4),
        std::string("../../../../../../etc/passwd"), std::string(200, '.')}) {
    BOOST_TEST(!is_media_name(bad), bad);
    BOOST_TEST(media::folder_store::path_in(bad).empty(), bad);
  }
}
