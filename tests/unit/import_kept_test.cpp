// What an import keeps in the store when rows of a product cannot be read.

#include "tests/support/import_prices.hpp"

using namespace stoa;
using namespace stoa::test;

BOOST_AUTO_TEST_SUITE(import_kept)

BOOST_AUTO_TEST_CASE(prices_of_some_variants_publish_nothing) {
  import_store s;
  s.load_text(no_price);
  s.load_bad_text(with_options + ",Variant Price\na,A,Size,S,9.99\na,,,M,x\n", 1);
  BOOST_TEST(!is_active(s));
  check_prices(s, {"A - M 0", "A - S 999"});
}

BOOST_AUTO_TEST_CASE(a_row_that_cannot_be_read_removes_nothing) {
  const std::string header = with_options + ",Variant SKU,Variant Price,Image Src\n";
  const std::string first = "a,A,Size,S,SKU-S,1,https://x.example/1.jpg\n";
  const std::string other = "b,B,Title,Default Title,,3,\n";
  const std::string full = header + first + "a,,,M,SKU-M,2,https://x.example/2.jpg\n" + other;
  // A bad price, an empty one, a bad SKU, no handle, no UTF-8, too many fields.
  for (const std::string bad :
       {"a,,,M,SKU-M,x,https://x.example/2.jpg", "a,,,M,SKU-M,,https://x.example/2.jpg",
        "a,,,M,\"a\nb\",2,https://x.example/2.jpg", ",,,M,SKU-M,2,", "a,,,\xff,SKU-M,2,",
        "a,,,M,SKU-M,2,,,x"}) {
    import_store s;
    s.load_text(full, true);
    s.load_bad_text(header + first + bad + "\n" + other, 1);
    check_prices(s, {"A - M 200", "A - S 100"});
    BOOST_TEST(s.by_handle("a").images.size() == 2U, bad);
    BOOST_TEST(s.by_handle("b").price.amount == 300);
    BOOST_TEST_REQUIRE(s.notes.size() == 1U);
    BOOST_TEST(s.notes[0] ==
               "a: some of its rows are invalid: variants missing from the other rows are kept");
    check_unchanged(s.load_text(full, true), 2);
    // A fully readable file removes them.
    s.load_text(header + first + other);
    check_prices(s, {"A - S 100"});
    BOOST_TEST(s.by_handle("a").images.size() == 1U);
  }
  // Variants with different options cannot coexist with those of the file.
  import_store s;
  s.load_text(full);
  s.load_bad_text(header + "a,A,Colour,Red,,4,\na,,,Blue,,x,\n", 1);
  check_prices(s, {"A - Red 400"});
}

BOOST_AUTO_TEST_SUITE_END()
