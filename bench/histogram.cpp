#include "bench/histogram.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <zlib.h>

namespace stoa::bench {
namespace {

constexpr std::int64_t longest_us = 3'600'000'000;
constexpr std::int64_t digits = 3;
// 2048 linear sub-buckets; each further bucket has 1024 of twice the width.
constexpr int half_magnitude = 10;
constexpr std::int64_t half_count = std::int64_t{1} << half_magnitude;
constexpr std::int64_t sub_bucket_mask = 2 * half_count - 1;

constexpr std::uint32_t encoding_cookie = 0x1c849313;     // V2, LEB128
constexpr std::uint32_t compression_cookie = 0x1c849314;  // V2, zlib
constexpr std::size_t encoding_header_bytes = 40;
constexpr int leb_bytes_max = 9;
/// Of the counts of a histogram; more is not such a histogram.
constexpr std::size_t decoded_bytes_max = std::size_t{1} << 20;
constexpr double us_per_ms = 1000;
constexpr int ticks_per_half_distance = 5;

std::size_t index_of(std::int64_t us) {
  const auto bits = 64 - std::countl_zero(static_cast<std::uint64_t>(us | sub_bucket_mask));
  const int bucket = bits - (half_magnitude + 1);
  const auto sub_bucket = us >> bucket;
  return static_cast<std::size_t>(((std::int64_t{bucket} + 1) << half_magnitude) + sub_bucket -
                                  half_count);
}

const std::size_t indexes = index_of(longest_us) + 1;

/// The values that are counted at the index.
struct range {
  std::int64_t lowest;
  std::int64_t size;
  std::int64_t highest() const { return lowest + size - 1; }
  std::int64_t middle() const { return lowest + (size >> 1); }
};

range range_at(std::size_t index) {
  const auto i = static_cast<std::int64_t>(index);
  const auto bucket = std::max<std::int64_t>((i >> half_magnitude) - 1, 0);
  const auto sub_bucket = (i & (half_count - 1)) + (i >= half_count ? half_count : 0);
  return {sub_bucket << bucket, std::int64_t{1} << bucket};
}

template <class T>
void put(std::string& out, T value) {
  for (std::size_t i = sizeof(T); i > 0; --i) {
    out.push_back(static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * (i - 1)) & 0xFFU));
  }
}

template <class T>
bool take(std::string_view& from, T& value) {
  if (from.size() < sizeof(T)) return false;
  std::uint64_t read = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    read = read << 8U | static_cast<unsigned char>(from[i]);
  }
  value = static_cast<T>(read);
  from.remove_prefix(sizeof(T));
  return true;
}

/// ZigZag LEB128; the ninth byte has eight bits of the value.
void put_leb(std::string& out, std::int64_t value) {
  auto rest = static_cast<std::uint64_t>(value) << 1U ^ static_cast<std::uint64_t>(value >> 63);
  for (int i = 1; i < leb_bytes_max && rest > 0x7F; ++i, rest >>= 7U) {
    out.push_back(static_cast<char>((rest & 0x7FU) | 0x80U));
  }
  out.push_back(static_cast<char>(rest));
}

bool take_leb(std::string_view& from, std::int64_t& value) {
  std::uint64_t read = 0;
  for (int i = 0; i < leb_bytes_max; ++i) {
    if (from.empty()) return false;
    const auto byte = static_cast<unsigned char>(from.front());
    from.remove_prefix(1);
    const bool is_last = i == leb_bytes_max - 1;
    read |= static_cast<std::uint64_t>(is_last ? byte : byte & 0x7FU)
            << (7U * static_cast<unsigned>(i));
    if (is_last || (byte & 0x80U) == 0) break;
  }
  value = static_cast<std::int64_t>(read >> 1U) ^ -static_cast<std::int64_t>(read & 1U);
  return true;
}

std::string base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                     reinterpret_cast<const unsigned char*>(bytes.data()),
                                     static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::optional<std::string> from_base64(std::string_view encoded) {
  if (encoded.empty() || encoded.size() % 4 != 0 || encoded.size() > decoded_bytes_max) {
    return std::nullopt;
  }
  std::string out(encoded.size() / 4 * 3, '\0');
  const int size = ::EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                     reinterpret_cast<const unsigned char*>(encoded.data()),
                                     static_cast<int>(encoded.size()));
  if (size < 0) return std::nullopt;
  out.resize(static_cast<std::size_t>(size) - (encoded.ends_with("==") ? 2U : 0U) -
             (encoded.ends_with("=") && !encoded.ends_with("==") ? 1U : 0U));
  return out;
}

}  // namespace

void histogram::add_us(std::int64_t us, std::int64_t times) {
  const auto index = index_of(std::clamp<std::int64_t>(us, 1, longest_us));
  if (index >= counts_.size()) counts_.resize(index + 1);
  counts_[index] += times;
  total_ += times;
}

void histogram::add(const histogram& other) {
  if (other.counts_.size() > counts_.size()) counts_.resize(other.counts_.size());
  for (std::size_t i = 0; i < other.counts_.size(); ++i) counts_[i] += other.counts_[i];
  total_ += other.total_;
}

double histogram::percentile_ms(double part) const {
  if (total_ == 0) return 0;
  const auto wanted = std::max<std::int64_t>(
      1, static_cast<std::int64_t>(std::ceil(part * static_cast<double>(total_) - 1e-9)));
  std::int64_t seen = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (seen >= wanted) return static_cast<double>(range_at(i).highest()) / us_per_ms;
  }
  return static_cast<double>(longest_us) / us_per_ms;
}

double histogram::mean_ms() const {
  double sum = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    sum += static_cast<double>(counts_[i]) * static_cast<double>(range_at(i).middle());
  }
  return total_ == 0 ? 0 : sum / static_cast<double>(total_) / us_per_ms;
}

double histogram::deviation_ms() const {
  const double mean = mean_ms();
  double sum = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    const double difference = static_cast<double>(range_at(i).middle()) / us_per_ms - mean;
    sum += static_cast<double>(counts_[i]) * difference * difference;
  }
  return total_ == 0 ? 0 : std::sqrt(sum / static_cast<double>(total_));
}

std::size_t histogram::last_used() const {
  std::size_t last = counts_.size();
  while (last > 0 && counts_[last - 1] == 0) --last;
  return last;
}

// The steps become smaller towards 100 per cent: five for each halving of the distance to it.
std::string histogram::text() const {
  std::string out = fmt::format("{:>12} {:>14} {:>10} {:>14}\n\n", "Value", "Percentile",
                                "TotalCount", "1/(1-Percentile)");
  const auto row = [&](std::int64_t us, double percentile, std::int64_t seen) {
    out += fmt::format("{:12.3f} {:2.12f} {:10d}", static_cast<double>(us) / us_per_ms,
                       percentile / 100, seen);
    if (percentile < 100) out += fmt::format(" {:14.2f}", 100 / (100 - percentile));
    out += "\n";
  };
  std::int64_t seen = 0;
  double next = 0;
  for (std::size_t i = 0; i < counts_.size() && seen < total_; ++i) {
    if (counts_[i] == 0) continue;
    seen += counts_[i];
    const double reached = 100.0 * static_cast<double>(seen) / static_cast<double>(total_);
    while (next <= reached && next < 100) {
      row(range_at(i).highest(), next, seen);
      const double halvings = std::floor(std::log2(100 / (100 - next))) + 1;
      next += 100 / (ticks_per_half_distance * std::pow(2, halvings));
      if (seen == total_) break;
    }
  }
  const auto last = last_used();
  const auto highest = last == 0 ? 0 : range_at(last - 1).highest();
  if (last > 0) row(highest, 100, total_);
  out +=
      fmt::format("#[Mean    = {:12.3f}, StdDeviation   = {:12.3f}]\n", mean_ms(), deviation_ms());
  out += fmt::format("#[Max     = {:12.3f}, Total count    = {:12}]\n",
                     static_cast<double>(highest) / us_per_ms, total_);
  return out + fmt::format("#[Buckets = {:12}, SubBuckets     = {:12}]\n",
                           (indexes - 1) / half_count, 2 * half_count);
}

std::string histogram::encoded() const {
  std::string counts;
  const auto end = last_used();
  for (std::size_t i = 0; i < end;) {
    std::int64_t zeros = 0;
    for (; counts_[i] == 0; ++i) ++zeros;
    put_leb(counts, zeros > 0 ? -zeros : counts_[i++]);
  }
  std::string plain;
  put(plain, encoding_cookie);
  put(plain, static_cast<std::uint32_t>(counts.size()));
  put(plain, std::uint32_t{0});  // the offset of the counts
  put(plain, static_cast<std::uint32_t>(digits));
  put(plain, std::uint64_t{1});
  put(plain, static_cast<std::uint64_t>(longest_us));
  put(plain, std::bit_cast<std::uint64_t>(1.0));  // the ratio of integers to values
  plain += counts;
  uLongf size = ::compressBound(plain.size());
  std::string packed(size, '\0');
  ::compress(reinterpret_cast<Bytef*>(packed.data()), &size,
             reinterpret_cast<const Bytef*>(plain.data()), plain.size());
  packed.resize(size);
  std::string out;
  put(out, compression_cookie);
  put(out, static_cast<std::uint32_t>(packed.size()));
  return base64(out + packed);
}

std::optional<histogram> histogram::decode(std::string_view encoded) {
  const auto bytes = from_base64(encoded);
  if (!bytes) return std::nullopt;
  std::string_view rest = *bytes;
  std::uint32_t cookie = 0;
  std::uint32_t size = 0;
  if (!take(rest, cookie) || !take(rest, size) || cookie != compression_cookie ||
      size != rest.size()) {
    return std::nullopt;
  }
  std::string plain(decoded_bytes_max, '\0');
  uLongf plain_size = plain.size();
  if (::uncompress(reinterpret_cast<Bytef*>(plain.data()), &plain_size,
                   reinterpret_cast<const Bytef*>(rest.data()), rest.size()) != Z_OK) {
    return std::nullopt;
  }
  rest = std::string_view(plain).substr(0, plain_size);
  std::uint32_t offset = 0;
  std::uint32_t precision = 0;
  std::uint64_t lowest = 0;
  if (!take(rest, cookie) || !take(rest, size) || !take(rest, offset) || !take(rest, precision) ||
      !take(rest, lowest) || cookie != encoding_cookie || offset != 0 || precision != digits ||
      lowest != 1 || plain_size < encoding_header_bytes) {
    return std::nullopt;
  }
  rest.remove_prefix(2 * sizeof(std::uint64_t));
  histogram h;
  for (std::size_t index = 0; !rest.empty();) {
    std::int64_t value = 0;
    if (!take_leb(rest, value)) return std::nullopt;
    const auto skipped = value < 0 ? static_cast<std::uint64_t>(-(value + 1)) + 1 : 1;
    if (skipped > indexes - index) return std::nullopt;
    if (value > 0) h.add_us(range_at(index).lowest, value);
    index += static_cast<std::size_t>(skipped);
  }
  return h;
}

}  // namespace stoa::bench
