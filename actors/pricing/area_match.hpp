#pragma once
// Whether an address is in an area. Pure.

#include "storage/pricing/area.hpp"

namespace stoa::pricing {

/// The parts of an address that decide areas.
struct destination {
  std::string country;  ///< ISO 3166-1 alpha-2
  std::string region;   ///< the state or province; empty if unknown
  std::string postal_code;
  bool operator==(const destination&) const = default;
};

/// How small the area is that contains the destination: 1 a country, more with a region, most with
/// a postal range; 0: it does not contain it.
int fit_of(const area& a, const destination& d);

}  // namespace stoa::pricing
