#include "actors/pricing/area_match.hpp"

#include "storage/base/text.hpp"

#include <algorithm>

namespace stoa::pricing {

namespace {

constexpr int region_fit = 1;
constexpr int postal_fit = 2;

bool is_in_range(const area& a, const std::string& code) {
  const auto from = text::plain_code(*a.postal_from);
  const auto to = text::plain_code(*a.postal_to);
  return code.size() >= std::max(from.size(), to.size()) &&
         code.compare(0, from.size(), from) >= 0 && code.compare(0, to.size(), to) <= 0;
}

}  // namespace

int fit_of(const area& a, const destination& d) {
  if (a.country != d.country) return 0;
  int fit = 1;
  if (a.region) {
    if (text::fold(*a.region) != text::fold(d.region)) return 0;
    fit += region_fit;
  }
  if (a.postal_from && a.postal_to) {
    if (!is_in_range(a, text::plain_code(d.postal_code))) return 0;
    fit += postal_fit;
  }
  return fit;
}

}  // namespace stoa::pricing
