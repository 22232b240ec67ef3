#include "storage/pricing/area.hpp"

#include "storage/base/text.hpp"

#include <algorithm>

namespace stoa::pricing {

void area::check(std::vector<field_error>& errors) const {
  if (postal_from.has_value() != postal_to.has_value()) {
    errors.push_back({postal_from ? "/postal_to" : "/postal_from", "required",
                      "A range of postal codes has both ends."});
    return;
  }
  if (!postal_from) return;
  const auto from = text::plain_code(*postal_from);
  const auto to = text::plain_code(*postal_to);
  if (from.empty() || to.empty()) {
    errors.push_back({from.empty() ? "/postal_from" : "/postal_to", "format",
                      "A postal code has letters or digits."});
    return;
  }
  // The ends may have different lengths: "19" to "1" contains 19000 to 19999.
  const auto length = std::min(from.size(), to.size());
  if (from.compare(0, length, to, 0, length) > 0) {
    errors.push_back({"/postal_to", "range", "The last postal code is before the first one."});
  }
}

}  // namespace stoa::pricing
