// The demo store: deterministic by seed, valid like a merchant's file, and fast to create.
#include "net/shopify/demo.hpp"

#include "tests/support/shopify_files.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <set>
#include <stdexcept>

using namespace stoa::shopify;
using namespace stoa::shopify::test;

namespace {

std::vector<import_product> make(std::size_t products, std::uint64_t seed,
                                 const char* currency = "EUR", std::int64_t stock = 50) {
  std::vector<import_product> all;
  demo_store store(products, stock, seed, currency);
  while (auto product = store.next()) all.push_back(std::move(*product));
  BOOST_TEST(store.made() == products);
  BOOST_TEST(!store.next());
  return all;
}

/// A product file generated while it is read, so that a large one needs no memory.
class product_stream : public std::streambuf {
 public:
  product_stream(demo_store& store, std::size_t bytes)
      : store_(store), bytes_(bytes), writer_(out_, "EUR") {
    writer_.write_header();
  }
  std::size_t given() const { return given_; }

 protected:
  int_type underflow() override {
    while (given_ < bytes_ && out_.tellp() < (1 << 18)) {
      auto product = store_.next();
      if (!product) break;
      writer_.write_product(*product);
    }
    block_ = out_.str();
    out_.str("");
    given_ += block_.size();
    setg(block_.data(), block_.data(), block_.data() + block_.size());
    return block_.empty() ? traits_type::eof() : traits_type::to_int_type(block_[0]);
  }

 private:
  demo_store& store_;
  std::size_t bytes_;
  std::size_t given_ = 0;
  std::ostringstream out_;
  writer writer_;
  std::string block_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(demo)

BOOST_AUTO_TEST_CASE(the_seed_decides) {
  auto first = make(500, 7);
  BOOST_TEST((first == make(500, 7)));
  BOOST_TEST((first != make(500, 8)));
  auto more = make(600, 7);
  more.resize(500);
  BOOST_TEST((first == more));
  // Published measurements refer to the demo store's seed: its products must not change.
  BOOST_TEST(first[0].handle == "onyx-brass-saucepan-1");
}

BOOST_AUTO_TEST_CASE(products_are_sound) {
  auto all = make(5000, 1);
  std::set<std::string> handles;
  std::set<std::string> skus;
  std::set<std::string> types;
  std::size_t with_variants = 0;
  for (const import_product& p : all) {
    BOOST_TEST(handles.insert(p.handle).second);
    BOOST_TEST(check_line(p.handle, name_length_max).empty());
    BOOST_TEST(!p.title.empty());
    BOOST_TEST(p.body_html.find('%') == std::string::npos);
    BOOST_TEST(!p.images.empty());
    BOOST_TEST(
        (p.variants.size() == 1U || (p.variants.size() <= 3U && p.option_names.size() == 1U)));
    with_variants += p.variants.size() > 1 ? 1 : 0;
    types.insert(p.type);
    for (const import_variant& v : p.variants) {
      BOOST_TEST(skus.insert(v.sku).second);
      BOOST_TEST(v.inventory_qty == 50);
      BOOST_TEST(v.price > 0);
      BOOST_TEST((!v.compare_at_price || *v.compare_at_price > v.price));
      BOOST_TEST(v.option_values.size() == p.option_names.size());
    }
  }
  BOOST_TEST(types.size() == 13U);
  BOOST_TEST(types.count("Home > Furniture") == 1U);
  BOOST_TEST(with_variants > 1000U);
  BOOST_TEST(with_variants < 1500U);
}

BOOST_AUTO_TEST_CASE(it_reads_back_as_a_file) {
  for (const char* currency : {"EUR", "JPY", "KWD"}) {
    read_result got;
    got.products = make(300, 3, currency);
    check_round_trip(got, currency);
  }
}

BOOST_AUTO_TEST_CASE(bad_settings) {
  BOOST_CHECK_THROW(demo_store(1, 1, 1, "XYZ"), std::invalid_argument);
  BOOST_CHECK_THROW(demo_store(1, -1, 1, "EUR"), std::invalid_argument);
  BOOST_TEST(make(0, 1).empty());
  BOOST_TEST(make(1, 1, "EUR", 0)[0].variants[0].inventory_qty == 0);
}

BOOST_AUTO_TEST_CASE(hundred_megabytes_through_the_product_reader) {
  demo_store store(1'000'000, 5, 11, "EUR");
  product_stream source(store, std::size_t{100} << 20);
  std::istream in(&source);
  auto start = std::chrono::steady_clock::now();
  reader file(in, "EUR");
  std::size_t products = 0;
  while (file.next()) ++products;
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  double mb = static_cast<double>(source.given()) / 1e6;
  BOOST_TEST_MESSAGE("demo: " << products << " products, made, written and read at "
                              << static_cast<int>(mb / took.count()) << " MB/s");
  BOOST_TEST(file.errors().empty());
  BOOST_TEST(products == store.made());
  BOOST_TEST(mb >= 100.0);
  BOOST_TEST(mb / took.count() > 2.0);
}

BOOST_AUTO_TEST_SUITE_END()
