#pragma once
// The changes of an import, for the report of a dry run.

#include "actors/catalog/catalog_messages.hpp"

#include <string>
#include <string_view>

namespace stoa::catalog {

class change_list {
 public:
  static constexpr std::size_t listed_max = 100;       ///< per product; others are only counted
  static constexpr std::size_t value_bytes_max = 160;  ///< longer values are truncated

  /// Collects nothing unless `wanted`.
  explicit change_list(bool wanted) : wanted_(wanted) {}

  bool wanted() const { return wanted_; }
  /// Equal values are ignored. `variant` is the variant's name, or absent for the product.
  void add(const std::optional<std::string>& variant, std::string_view field,
           std::string_view before, std::string_view after);
  /// Adds the members of a product or variant that differ, except its category.
  void add_row(const product_row* before, const product_row& after);
  void move_to(import_answer& answer);

 private:
  bool wanted_;
  std::vector<import_change> changes_;
  std::int64_t not_listed_ = 0;
};

}  // namespace stoa::catalog
