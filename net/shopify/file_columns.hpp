#pragma once
// The columns of a file. An import does not change stored values without a column.

#include "net/shopify/columns.hpp"

#include <bitset>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::shopify {

class file_columns {
 public:
  /// All columns except those named "Stoa ...".
  static file_columns all();

  void add(column which) { known_.set(static_cast<std::size_t>(which)); }
  /// Adds a column that Stoa does not use, by its canonical name.
  void add_extra(std::string name);

  bool has(column which) const { return known_.test(static_cast<std::size_t>(which)); }
  /// Takes the canonical name, in any case.
  bool has_extra(std::string_view name) const;
  /// In file order.
  const std::vector<std::string>& extras() const noexcept { return extras_; }
  /// Number of options that the file can specify: 0 to 10.
  std::size_t options() const;

  /// Names of the columns that an import updates, in Shopify's order, unused ones last.
  std::vector<std::string> updated() const;
  /// Names of Shopify's columns missing from the file, whose stored values are kept.
  std::vector<std::string> kept() const;

 private:
  std::bitset<column_count> known_;
  std::vector<std::string> extras_;
};

}  // namespace stoa::shopify
