// CSV reading and writing: every form in RFC 4180, every error, and what remains readable after
// one.
#include "net/shopify/csv.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <random>
#include <sstream>

using namespace stoa;

namespace {

using rows = std::vector<std::vector<std::string>>;

struct outcome_of {
  rows good;
  std::vector<std::size_t> lines;
  std::vector<csv::error> errors;
};

outcome_of read_all(std::istream& in, csv::limits bounds = {}, std::size_t fields = 0) {
  outcome_of all;
  csv::reader reader(in, bounds);
  reader.expect_fields(fields);
  for (;;) {
    csv::outcome what = reader.next();
    if (what == csv::outcome::end) return all;
    if (what == csv::outcome::bad_row) {
      all.errors.push_back(reader.last_error());
      continue;
    }
    std::vector<std::string> fields_read;
    for (std::size_t i = 0; i < reader.current().size(); ++i) {
      fields_read.emplace_back(reader.current()[i]);
    }
    all.good.push_back(std::move(fields_read));
    all.lines.push_back(reader.current().line());
  }
}

outcome_of read_text(const std::string& text, csv::limits bounds = {}, std::size_t fields = 0) {
  std::istringstream in(text);
  return read_all(in, bounds, fields);
}

void check_rows(const std::string& text, const rows& expected) {
  outcome_of got = read_text(text);
  BOOST_TEST(got.errors.empty());
  BOOST_TEST((got.good == expected), "rows differ for: " << text);
}

void check_error(const std::string& text, std::size_t line, std::size_t column, std::size_t field,
                 const std::string& reason, const rows& still_read) {
  outcome_of got = read_text(text, {}, 3);
  BOOST_TEST_REQUIRE(got.errors.size() == 1U);
  const csv::error& e = got.errors[0];
  BOOST_TEST(e.line == line);
  BOOST_TEST(e.column == column);
  BOOST_TEST(e.field == field);
  BOOST_TEST(e.reason.find(reason) != std::string::npos, e.reason);
  BOOST_TEST((got.good == still_read), "rows differ for: " << text);
}

/// Repeats a text without storing the result: a file of any length.
class repeating : public std::streambuf {
 public:
  repeating(std::string text, std::size_t bytes) : text_(std::move(text)), left_(bytes) {}

 protected:
  std::streamsize xsgetn(char* to, std::streamsize wanted) override {
    std::streamsize given = 0;
    while (given < wanted && left_ > 0) {
      std::size_t n =
          std::min({static_cast<std::size_t>(wanted - given), left_, text_.size() - at_});
      std::copy_n(text_.data() + at_, n, to + given);
      at_ = (at_ + n) % text_.size();
      left_ -= n;
      given += static_cast<std::streamsize>(n);
    }
    return given;
  }
  int_type underflow() override { return traits_type::eof(); }

 private:
  std::string text_;
  std::size_t left_;
  std::size_t at_ = 0;
};

class failing : public std::streambuf {
 protected:
  std::streamsize xsgetn(char*, std::streamsize) override { throw std::runtime_error("disk"); }
};

std::size_t memory_kb() {
  std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen("/proc/self/statm", "r"), &std::fclose);
  unsigned long total = 0;
  unsigned long resident = 0;
  if (!file || std::fscanf(file.get(), "%lu %lu", &total, &resident) != 2) return 0;
  return resident * 4;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(csv_reader)

BOOST_AUTO_TEST_CASE(plain_rows_and_every_line_end) {
  rows expected{{"a", "b"}, {"c", "d"}};
  for (const char* end : {"\n", "\r\n", "\r"}) {
    check_rows(std::string("a,b") + end + "c,d" + end, expected);
    check_rows(std::string("a,b") + end + "c,d", expected);
    check_rows(std::string("a,b") + end + end + "c,d" + end + end, expected);
  }
  check_rows("", {});
  check_rows("\n\r\n\r", {});
  check_rows("a,b\r\nc,d\re,f\n", {{"a", "b"}, {"c", "d"}, {"e", "f"}});
}

BOOST_AUTO_TEST_CASE(quotes) {
  check_rows("\"a,b\",c\n", {{"a,b", "c"}});
  check_rows("\"say \"\"hi\"\"\",c\n", {{"say \"hi\"", "c"}});
  check_rows("\"\"\"\",\"\"\n", {{"\"", ""}});
  check_rows("\"two\r\nlines\n\",c\r\n", {{"two\r\nlines\n", "c"}});
  check_rows("\"\"\n", {{""}});
  check_rows("a,\"b\"", {{"a", "b"}});
}

BOOST_AUTO_TEST_CASE(empty_fields_and_white_space_stay) {
  check_rows(",,\n", {{"", "", ""}});
  check_rows(" a , \n", {{" a ", " "}});
  check_rows("a,", {{"a", ""}});
}

BOOST_AUTO_TEST_CASE(byte_order_mark) {
  check_rows("\xEF\xBB\xBFHandle,b\n", {{"Handle", "b"}});
  check_rows("\xEF\xBB\xBF\"Handle\",b\n", {{"Handle", "b"}});
  check_rows("\xEF\xBB\xBF", {});
  // Only the first one is a byte order mark.
  check_rows(
      "a\n\xEF\xBB\xBF"
      "b\n",
      {{"a"},
       {"\xEF\xBB\xBF"
        "b"}});
  outcome_of utf16 = read_text(std::string("\xFF\xFEH\0a\0", 6));
  BOOST_TEST_REQUIRE(utf16.errors.size() == 1U);
  BOOST_TEST(utf16.errors[0].reason.find("UTF-16") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(line_numbers_count_quoted_line_breaks) {
  outcome_of got = read_text("a\n\"b\nb\r\nb\"\n\nc\r\nd\re\n");
  BOOST_TEST((got.lines == std::vector<std::size_t>{1, 2, 6, 7, 8}));
}

BOOST_AUTO_TEST_CASE(missing_fields_read_as_empty_and_surplus_ones_are_an_error) {
  std::istringstream in("a\n");
  csv::reader reader(in);
  reader.expect_fields(3);
  BOOST_TEST((reader.next() == csv::outcome::row));
  BOOST_TEST(reader.current()[2].empty());
  BOOST_TEST(reader.current()[1000].empty());
  check_error("1,2,3\n1,2,3,4\nx,\"y\nz\"\n", 2, 1, 5, "4 fields",
              {{"1", "2", "3"}, {"x", "y\nz"}});
  // Spreadsheets append empty fields.
  std::istringstream empty("1,2,3,\n1,2,3, ,\"\",\n");
  BOOST_TEST(read_all(empty, {}, 3).errors.empty());
}

BOOST_AUTO_TEST_CASE(errors_name_the_place_and_the_rest_is_read) {
  check_error("a,b\nc,5\" pipe\nd,e\n", 2, 4, 2, "quote inside", {{"a", "b"}, {"d", "e"}});
  check_error("a,b\nc,\"x\"y\nd,e\n", 2, 6, 2, "after the closing quote", {{"a", "b"}, {"d", "e"}});
  check_error("a,b\nc,\"x\nd,e\nf,g\n", 2, 3, 2, "end of the file",
              {{"a", "b"}, {"d", "e"}, {"f", "g"}});
  check_error("a,b\nc,\xC3(\nd,e\n", 2, 3, 2, "UTF-8", {{"a", "b"}, {"d", "e"}});
  check_error("a,b\n\"c\nc\",\"x\n\xFF\"\nd,e\n", 4, 1, 2, "UTF-8", {{"a", "b"}, {"d", "e"}});
  check_error(std::string("a,b\nc,x\0y\nd,e\n", 14), 2, 4, 2, "NUL", {{"a", "b"}, {"d", "e"}});
  // The quote that starts a valid row ends the bad field: only the bad row is lost.
  check_error("c,\"x\nd,\"e\"\nf,g\n", 2, 4, 2, "after the closing quote",
              {{"d", "e"}, {"f", "g"}});
}

BOOST_AUTO_TEST_CASE(a_sequence_split_by_a_comma_is_not_utf8) {
  outcome_of got = read_text("\xC3,\xA9\n");
  BOOST_TEST(got.errors.size() == 1U);
}

BOOST_AUTO_TEST_CASE(bounds) {
  csv::limits small{10, 30, 4};
  rows rest{{"ok", "ok"}};
  for (const char* bad : {"12345678901,x", "\"12345678901\",x", "a,b,c,d,e", "\"1234567\n8901",
                          "\"\"\"\"\"\"\"\"\"\"\"\"\"\",x"}) {
    outcome_of got = read_text(std::string(bad) + "\nok,ok\n", small);
    BOOST_TEST(!got.errors.empty(), bad);
    BOOST_TEST_REQUIRE(!got.good.empty());
    BOOST_TEST((got.good.back() == rest[0]), bad);
  }
  BOOST_TEST(read_text("1234567890,1234567890,1234567890,x\n", small).errors.size() == 1U);
  BOOST_TEST(read_text("1234567890,1234567890\n", small).errors.empty());
}

BOOST_AUTO_TEST_CASE(an_open_quote_does_not_swallow_the_file) {
  std::string line = "handle,title,text,12.50\n";
  std::string text = "a,\"open,b,c\n";
  constexpr std::size_t good = 200'000;  // 4.8 MB after the open quote, beyond the limit of a field
  for (std::size_t i = 0; i < good; ++i) text += line;
  outcome_of got = read_text(text);
  BOOST_TEST(got.errors.size() == 1U);
  BOOST_TEST(got.errors[0].line == 1U);
  BOOST_TEST(got.good.size() == good);
  BOOST_TEST(got.lines.back() == good + 1);
}

BOOST_AUTO_TEST_CASE(a_line_without_end_is_passed_over) {
  repeating endless("abcdefgh", std::size_t{20} << 20);
  std::istream in(&endless);
  outcome_of got = read_all(in);
  BOOST_TEST(got.errors.size() == 1U);
  BOOST_TEST(got.good.empty());
}

BOOST_AUTO_TEST_CASE(a_stream_that_fails_is_an_error) {
  failing broken;
  std::istream in(&broken);
  outcome_of got = read_all(in);
  BOOST_TEST_REQUIRE(got.errors.size() == 1U);
  BOOST_TEST(got.errors[0].reason.find("read error") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(hundred_megabytes_in_constant_memory) {
  std::string sample =
      "mug-1,Stoneware Mug,\"<p>A mug, \"\"speckled\"\".</p>\n<p>Gr\xC3\xBC\xC3\x9F"
      "e</p>\",Common "
      "Goods,Home > Kitchen,\"mugs, "
      "gifts\",true,Size,Small,,,,,SKU-1,380,shopify,25,deny,manual,12.50,,"
      "true,true,,https://images.example/mug.jpg,1,,false,,,,,,,,,,,,,,,,,kg,\n";
  constexpr std::size_t bytes = std::size_t{100} << 20;
  repeating source(sample, bytes / sample.size() * sample.size());
  std::istream in(&source);
  std::size_t before_kb = memory_kb();
  auto start = std::chrono::steady_clock::now();
  csv::reader reader(in);
  std::size_t count = 0;
  std::size_t errors = 0;
  for (csv::outcome what = reader.next(); what != csv::outcome::end; what = reader.next()) {
    (what == csv::outcome::row ? count : errors) += 1;
  }
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  double mb_per_s = static_cast<double>(reader.bytes_read()) / 1e6 / took.count();
  BOOST_TEST_MESSAGE("csv: " << static_cast<int>(mb_per_s) << " MB/s");
  BOOST_TEST(errors == 0U);
  BOOST_TEST(count == bytes / sample.size());
  BOOST_TEST(memory_kb() < before_kb + 8 * 1024);
  // The target is 50 MB/s in a release build; sanitizers and busy machines get a tenth of it.
  BOOST_TEST(mb_per_s > 5.0);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(csv_writer)

std::string written(const rows& all) {
  std::ostringstream out;
  csv::writer writer(out);
  for (const auto& row : all) {
    for (const std::string& field : row) writer.field(field);
    writer.end_row();
  }
  return out.str();
}

BOOST_AUTO_TEST_CASE(quotes_only_what_needs_it) {
  BOOST_TEST(written({{"a", "b c", " d "}}) == "a,b c, d \n");
  BOOST_TEST(written({{"a,b", "c\"d", "e\nf", "g\rh"}}) ==
             "\"a,b\",\"c\"\"d\",\"e\nf\",\"g\rh\"\n");
  BOOST_TEST(written({{"", ""}}) == ",\n");
  BOOST_TEST(written({{""}}) == "\"\"\n");
}

BOOST_AUTO_TEST_CASE(what_is_written_reads_back_the_same) {
  auto seed = static_cast<unsigned>(std::chrono::steady_clock::now().time_since_epoch().count());
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937 random(seed);
  const std::vector<std::string> pieces{
      "a", "\"", ",", "\n",       "\r",           "\r\n",
      " ", "\t", ";", "\xC3\xA9", "\xEF\xBB\xBF", "\xF0\x9F\x8E\x81",
      "=1"};
  for (int round = 0; round < 3000; ++round) {
    rows all(1 + random() % 5);
    std::size_t width = 1 + random() % 5;
    for (auto& row : all) {
      for (std::size_t i = 0; i < width; ++i) {
        std::string& field = row.emplace_back();
        for (std::size_t n = random() % 6; n > 0; --n) field += pieces[random() % pieces.size()];
      }
    }
    outcome_of got = read_text(written(all), {}, width);
    BOOST_TEST_REQUIRE(got.errors.empty(), "seed " << seed << " round " << round);
    BOOST_TEST_REQUIRE((got.good == all), "seed " << seed << " round " << round);
  }
}

BOOST_AUTO_TEST_CASE(any_bytes_end_without_a_crash) {
  auto seed = static_cast<unsigned>(std::chrono::steady_clock::now().time_since_epoch().count());
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937 random(seed);
  const std::string alphabet("a,\"\n\r\xC3\xA9\xFF\0;", 10);
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (std::size_t n = random() % 40; n > 0; --n) text += alphabet[random() % alphabet.size()];
    outcome_of got = read_text(text, {6, 20, 4}, 3);
    auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n') +
                                          std::count(text.begin(), text.end(), '\r') + 1);
    BOOST_TEST_REQUIRE(got.good.size() + got.errors.size() <= lines, "seed " << seed);
    for (const csv::error& e : got.errors) {
      BOOST_TEST_REQUIRE((e.line >= 1 && e.line <= lines && e.column >= 1 && e.field >= 1),
                         "seed " << seed);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
