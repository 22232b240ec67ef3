#include "actors/catalog/facet_filter.hpp"

#include "storage/base/text.hpp"
#include "storage/catalog/facets.hpp"

#include <algorithm>

namespace stoa::catalog {

namespace {

problem bad_filter(const std::string& code, const std::string& why) {
  return {problem_kind::malformed,
          "invalid_request",
          "The query string is invalid.",
          {{"?filter", code, why}}};
}

/// Splits the filter at separators that no backslash precedes.
class filter_reader {
 public:
  explicit filter_reader(std::string_view text) : text_(text) {}

  bool at_end() const { return text_.empty(); }
  /// The text up to one of the separators, which is removed and stored; 0 at the end.
  std::string next(std::string_view separators) {
    std::string part;
    while (!text_.empty()) {
      const char c = text_.front();
      text_.remove_prefix(1);
      if (c == '\\' && !text_.empty()) {
        part += text_.front();
        text_.remove_prefix(1);
      } else if (separators.find(c) != separators.npos) {
        separator_ = c;
        return part;
      } else {
        part += c;
      }
    }
    separator_ = 0;
    return part;
  }
  char separator() const { return separator_; }

 private:
  std::string_view text_;
  char separator_ = 0;
};

}  // namespace

bool is_facet_of_products(std::string_view facet) {
  const auto is_one_of = [&](std::string_view group) {
    return facet.starts_with(group) && facet.size() > group.size();
  };
  return facet == vendor_facet || facet == tag_facet || is_one_of(option_facet) ||
         is_one_of(attribute_facet);
}

result<std::vector<facet_filter>> parse_filter(std::string_view text) {
  if (text.size() > filter_bytes_max) {
    return bad_filter("too_long",
                      "This must have at most " + std::to_string(filter_bytes_max) + " bytes.");
  }
  if (!text::is_utf8(text)) return bad_filter("encoding", "This must be UTF-8.");
  std::vector<facet_filter> filter;
  filter_reader reader(text);
  while (!reader.at_end()) {
    facet_filter one;
    one.facet = text::fold(text::trim(reader.next(":;|")));
    if (reader.separator() != ':') {
      return bad_filter("format",
                        "Each facet is followed by a colon and values: vendor:Acme|Nord.");
    }
    if (!is_facet_of_products(one.facet)) {
      return bad_filter(
          "value",
          "A facet is vendor, tag, option. with the name of an option, or attribute. with "
          "the key of an attribute.");
    }
    do {
      auto value = text::fold(text::trim(reader.next(";|")));
      if (value.empty()) return bad_filter("format", "A value is empty.");
      if (std::ranges::find(one.values, value) == one.values.end()) {
        one.values.push_back(std::move(value));
      }
    } while (reader.separator() == '|');
    if (one.values.size() > filter_values_max) {
      return bad_filter("too_many",
                        "A facet has at most " + std::to_string(filter_values_max) + " values.");
    }
    if (std::ranges::find(filter, one.facet, &facet_filter::facet) != filter.end()) {
      return bad_filter("duplicate", "A facet is given once; its values are separated by |.");
    }
    filter.push_back(std::move(one));
    if (filter.size() > facet_filters_max) {
      return bad_filter("too_many",
                        "At most " + std::to_string(facet_filters_max) + " facets are given.");
    }
  }
  return filter;
}

product_filter without_facet(product_filter filter, std::string_view facet) {
  if (facet == "category") filter.category_id.reset();
  if (facet == "availability") filter.in_stock.reset();
  if (facet == "price") {
    filter.min_price.reset();
    filter.max_price.reset();
  }
  std::erase_if(filter.facets, [&](const auto& f) { return f.facet == facet; });
  return filter;
}

std::int64_t band_width(std::int64_t least, std::int64_t greatest, std::int64_t most) {
  const auto range = greatest - least;
  for (std::int64_t ten = 1; ten <= range; ten *= 10) {
    for (const std::int64_t times : {1, 2, 5}) {
      if (range / (ten * times) < most) return ten * times;
    }
  }
  return std::max<std::int64_t>(range, 1);
}

}  // namespace stoa::catalog
