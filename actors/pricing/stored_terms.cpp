#include "actors/pricing/stored_terms.hpp"

#include "storage/base/blank.hpp"

namespace stoa::pricing {

namespace {

void trim_line(std::string& line) {
  line = std::string(text::without_white_ends(line));
}

}  // namespace

promotion_terms as_stored(promotion_terms terms) {
  trim_line(terms.name);
  return terms;
}

tax_terms as_stored(tax_terms terms) {
  trim_line(terms.name);
  return terms;
}

shipping_terms as_stored(shipping_terms terms) {
  trim_line(terms.name);
  for (auto& method : terms.methods) trim_line(method.name);
  return terms;
}

price_list_terms as_stored(price_list_terms terms) {
  trim_line(terms.name);
  if (terms.key) trim_line(*terms.key);
  return terms;
}

}  // namespace stoa::pricing
