#pragma once
// Where the goods go, for an external provider of taxes. No names, phone numbers or email
// addresses.

#include "storage/base/address.hpp"

namespace stoa::checkout {

struct tax_address {
  std::string country;
  std::string state;
  std::string postal_code;
  std::string city;
  std::string address_line1;
  std::string address_line2;
  bool operator==(const tax_address&) const = default;
};
BOOST_DESCRIBE_STRUCT(tax_address, (),
                      (country, state, postal_code, city, address_line1, address_line2))

tax_address tax_address_of(const address& a);

}  // namespace stoa::checkout
