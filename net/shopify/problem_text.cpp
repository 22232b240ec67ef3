#include "net/shopify/problem_text.hpp"

namespace stoa::shopify {

std::string reason_of(const problem& p) {
  std::string text = p.errors.empty() ? p.detail : "";
  for (const auto& e : p.errors) text += (text.empty() ? "" : " ") + e.detail;
  return text;
}

std::vector<field_error> errors_of(const problem& p) {
  if (p.errors.empty()) return {{"", p.code, p.detail}};
  auto all = p.errors;
  // Only this code's detail says nothing.
  if (p.code == "validation_failed") return all;
  for (auto& e : all) e.detail = p.detail + " (" + e.detail + ")";
  return all;
}

}  // namespace stoa::shopify
