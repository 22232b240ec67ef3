// Prices of imported products when the file does not contain them.

#include "tests/support/import_prices.hpp"

using namespace stoa;
using namespace stoa::test;

namespace {

const std::string priced = with_options + ",Variant Price\na,A,Size,S,9.99\na,,,M,20\n";

}  // namespace

BOOST_AUTO_TEST_SUITE(import_prices)

BOOST_AUTO_TEST_CASE(a_price_that_no_variant_gets_publishes_nothing) {
  for (const char* file : {"Handle,Title,Variant Price\na,A,9.99\n",
                           "Handle,Title,Status,Variant Price\na,A,active,9.99\n"}) {
    import_store s;
    s.load_text(no_price);
    s.load_text(file);
    BOOST_TEST(!is_active(s), file);
    check_prices(s, {"A - M 0", "A - S 0"});
    s.load_text(priced);
    BOOST_TEST(is_active(s));
    check_prices(s, {"A - M 2000", "A - S 999"});
  }
}

BOOST_AUTO_TEST_CASE(what_replaces_variants_has_the_least_of_their_prices) {
  // Also when the product has never had a price without variants.
  for (const bool draft_before : {false, true}) {
    const auto store = [&](import_store& s) {
      if (draft_before) s.load_text(no_price);
      s.load_text(priced);
    };
    import_store variants;
    store(variants);
    variants.load_text(with_options + "\na,A,Colour,Red\na,,,Blue\n");
    BOOST_TEST(is_active(variants));
    check_prices(variants, {"A - Blue 999", "A - Red 999"});
    import_store more;
    store(more);
    more.load_text(with_options + ",Option2 Name,Option2 Value\na,A,Size,S,Colour,Red\n");
    check_prices(more, {"A - S / Red 999"});
    import_store itself;
    store(itself);
    itself.load_text(with_options + "\na,A,Title,Default Title\n");
    BOOST_TEST(is_active(itself));
    check_prices(itself, {"999"});
  }
}

BOOST_AUTO_TEST_CASE(variants_take_over_what_the_file_does_not_say) {
  const auto of = [](import_store& s, const std::string& name) {
    for (const auto& v : s.by_handle("a").variants) {
      if (v.name == name) return v.sku.value_or("none");
    }
    return std::string("no such variant");
  };
  import_store s;
  s.load_text(
      "Handle,Title,Variant SKU,Variant Price,Variant Compare At Price\na,A,S1,9.99,12.00\n");
  s.load_text(with_options + "\na,A,Size,S\na,,,M\n");
  check_prices(s, {"A - M 999", "A - S 999"});
  BOOST_TEST(of(s, "A - S") == "S1");
  BOOST_TEST(of(s, "A - M") == "none");
  for (const auto& v : s.by_handle("a").variants) {
    BOOST_REQUIRE(v.compare_at_price.has_value());
    BOOST_TEST(v.compare_at_price->amount == 1200);
  }
  // An empty cell is not a SKU.
  import_store empty;
  empty.load_text("Handle,Title,Variant SKU,Variant Price\na,A,S1,9.99\n");
  empty.load_text(with_options + ",Variant SKU\na,A,Size,S,\na,,,M,S1\n");
  BOOST_TEST(of(empty, "A - S") == "none");
  BOOST_TEST(of(empty, "A - M") == "S1");
}

BOOST_AUTO_TEST_SUITE_END()
