// The lines of a JSON Lines file: their ends, and bounded memory.

#include "net/shopify/line_loader.hpp"

#include <boost/test/unit_test.hpp>

#include <sstream>

using namespace stoa;
using stoa::shopify::line_splitter;

namespace {

/// "number:text" of all lines; those that are too long without their text.
std::string lines_in(const std::string& file) {
  std::istringstream in(file);
  line_splitter from(in);
  std::string all;
  std::string text;
  bool too_long = false;
  while (from.next(text, too_long)) {
    BOOST_TEST(text.size() <= catalog::line_bytes_max + 1);
    all +=
        (all.empty() ? "" : " ") + std::to_string(from.number()) + ":" + (too_long ? "long" : text);
  }
  BOOST_TEST(from.bytes() == file.size());
  return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE(lines_end_in_any_way) {
  BOOST_TEST(lines_in("").empty());
  BOOST_TEST(lines_in("\xEF\xBB\xBF\n\r\n \t\n").empty());
  BOOST_TEST(lines_in("\xEF\xBB\xBF"
                      "a\r\n\nb\n\tc\r") == "1:a 3:b 4:\tc");
  // Only at the beginning of the file, and only at the end of a line.
  BOOST_TEST(lines_in("a\rb\n\xEF\xBB\xBF"
                      "c") ==
             "1:a\rb 2:\xEF\xBB\xBF"
             "c");
  BOOST_TEST(lines_in(std::string("a\0b\n", 4)) == std::string("1:a\0b", 5));
}

BOOST_AUTO_TEST_CASE(only_the_beginning_of_a_long_line_is_kept) {
  const std::string most(catalog::line_bytes_max, 'x');
  BOOST_TEST((lines_in(most + "\na") == "1:" + most + " 2:a"));
  BOOST_TEST(lines_in(most + "x\na") == "1:long 2:a");
  BOOST_TEST(lines_in(most + most + most) == "1:long");
}
