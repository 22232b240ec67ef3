// The load generator's histogram, against exact percentiles and another implementation.

#include "bench/histogram.hpp"

#include "tests/support/server.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <random>

using namespace stoa;
using bench::histogram;

namespace {

/// Durations of 1 us to 100 s, most of them short.
std::vector<std::int64_t> durations(std::size_t many, unsigned seed) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> powers(0, 8);
  std::vector<std::int64_t> all(many);
  for (auto& d : all) d = static_cast<std::int64_t>(std::pow(10, powers(random)));
  return all;
}

histogram histogram_of(const std::vector<std::int64_t>& all) {
  histogram h;
  for (const auto us : all) h.add(std::chrono::microseconds{us});
  return h;
}

/// argv: the encoding, the durations, the percentile text. hdrhistogram must decode the encoding to
/// the counts of the durations, and each row of the text must have its values.
constexpr const char* judge = R"(import bisect, sys
from hdrh.histogram import HdrHistogram
decoded = HdrHistogram.decode(open(sys.argv[1]).read().strip())
own = HdrHistogram(1, 3600000000, 3)
durations = [int(line) for line in open(sys.argv[2])]
for d in durations: own.record_value(d)
assert decoded.total_count == own.total_count
for i in range(own.counts_len): assert decoded.get_count_at_index(i) == own.get_count_at_index(i), i
highest = sorted(own.get_highest_equivalent_value(d) for d in durations)
rows = 0
for line in open(sys.argv[3]):
    words = line.split()
    if not words or not words[0][0].isdigit(): continue
    value, part, total = round(float(words[0]) * 1000), float(words[1]), int(words[2])
    assert bisect.bisect_right(highest, value) == total, line
    below = bisect.bisect_left(highest, value)
    assert total >= part * len(highest) - 1e-6 and below <= part * len(highest) + 1e-6, line
    rows += 1
mean = float(open(sys.argv[3]).read().split("#[Mean    =")[1].split(",")[0])
assert abs(mean - own.get_mean_value() / 1000) < 0.001 * mean + 0.001
print("rows:", rows)
)";

}  // namespace

BOOST_AUTO_TEST_SUITE(histograms)

BOOST_AUTO_TEST_CASE(percentiles_have_three_digits) {
  auto all = durations(20'000, 1);
  const auto h = histogram_of(all);
  std::ranges::sort(all);
  for (const double part : {0.0, 0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999, 1.0}) {
    const auto rank = std::max<std::size_t>(
        1, static_cast<std::size_t>(std::ceil(part * static_cast<double>(all.size()))));
    const auto exact = static_cast<double>(all[rank - 1]) / 1000;
    BOOST_TEST(h.percentile_ms(part) >= exact);
    BOOST_TEST(h.percentile_ms(part) <= exact * 1.001 + 0.001);
  }
  BOOST_TEST(h.count() == 20'000);
  BOOST_TEST(histogram().percentile_ms(0.99) == 0);
}

BOOST_AUTO_TEST_CASE(sums_lose_nothing) {
  const auto all = durations(5000, 2);
  histogram sum;
  for (std::size_t part = 0; part < 5; ++part) {
    const auto first = all.begin() + static_cast<std::ptrdiff_t>(part * 1000);
    sum.add(histogram_of({first, first + 1000}));
  }
  BOOST_TEST((sum == histogram_of(all)));
}

BOOST_AUTO_TEST_CASE(durations_outside_its_range_count_at_its_ends) {
  histogram h;
  h.add(std::chrono::nanoseconds{0});
  h.add(std::chrono::hours{30});
  BOOST_TEST(h.percentile_ms(0.5) == 0.001);
  BOOST_TEST(h.max_ms() >= 3'600'000.0);
  BOOST_TEST(h.max_ms() < 3'605'000.0);
}

BOOST_AUTO_TEST_CASE(an_encoding_is_decoded) {
  for (const std::size_t many : {0U, 1U, 5000U}) {
    const auto h = histogram_of(durations(many, 3));
    const auto again = histogram::decode(h.encoded());
    BOOST_REQUIRE(again.has_value());
    BOOST_TEST((*again == h));
  }
  histogram large;
  large.add_us(77, std::int64_t{1} << 50);
  BOOST_TEST((histogram::decode(large.encoded()) == large));
}

BOOST_AUTO_TEST_CASE(malformed_encodings_are_rejected) {
  const auto good = histogram_of(durations(100, 4)).encoded();
  for (const std::string& bad :
       {std::string(), std::string("x"), std::string("===="), good.substr(0, good.size() - 4),
        good + "AAAA", "AAAA" + good.substr(4), std::string(1 << 21, 'A')}) {
    BOOST_TEST(!histogram::decode(bad).has_value());
  }
  std::mt19937 random(5);
  for (int i = 0; i < 2000; ++i) {
    auto changed = good;
    changed[random() % changed.size()] = static_cast<char>('A' + random() % 26);
    histogram::decode(changed);  // It may be valid; it must not crash.
  }
}

BOOST_AUTO_TEST_CASE(another_implementation_reads_it) {
  if (test::run_program("/usr/bin/env", {"python3", "-c", "import hdrh"}).exit_code != 0) {
    BOOST_TEST_MESSAGE("no python3 with hdrhistogram (PyPI): not read by another implementation");
    return;
  }
  const test::temp_dir dir;
  for (const std::size_t many : {1U, 7U, 30'000U}) {
    const auto all = durations(many, 6);
    const auto h = histogram_of(all);
    std::ofstream(dir / "judge.py") << judge;
    std::ofstream(dir / "encoded") << h.encoded();
    std::ofstream durations_file(dir / "durations");
    for (const auto us : all) durations_file << us << "\n";
    durations_file.close();
    std::ofstream(dir / "text") << h.text();
    const auto judged = test::run_program(
        "/usr/bin/env", {"python3", (dir / "judge.py").string(), (dir / "encoded").string(),
                         (dir / "durations").string(), (dir / "text").string()});
    BOOST_TEST_REQUIRE(judged.exit_code == 0, judged.output);
    BOOST_TEST(judged.output.starts_with("rows: "), judged.output);
  }
}

BOOST_AUTO_TEST_SUITE_END()
