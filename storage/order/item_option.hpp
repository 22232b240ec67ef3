#pragma once

#include "storage/base/describe.hpp"

#include <string>

namespace stoa::order {

/// A selected option of a variant, such as a size.
struct item_option {
  std::string name;
  std::string value;
  bool operator==(const item_option&) const = default;
};
BOOST_DESCRIBE_STRUCT(item_option, (), (name, value))

}  // namespace stoa::order
