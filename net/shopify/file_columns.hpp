#pragma once
// The columns that a file has. An import leaves what a file has no column for as it is stored.

#include "net/shopify/columns.hpp"

#include <bitset>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::shopify {

class file_columns {
 public:
  /// Every column but those named "Stoa ...".
  static file_columns all();

  void add(column which) { known_.set(static_cast<std::size_t>(which)); }
  /// A column that Stoa does not use, by its canonical name.
  void add_extra(std::string name);

  bool has(column which) const { return known_.test(static_cast<std::size_t>(which)); }
  /// The canonical name, in any case.
  bool has_extra(std::string_view name) const;
  /// In the order of the file.
  const std::vector<std::string>& extras() const noexcept { return extras_; }
  /// How many options the file can give: 0 to 10.
  std::size_t options() const;

  /// Names of the columns whose values an import sets, in Shopify's order, those that Stoa does not
  /// use last.
  std::vector<std::string> updated() const;
  /// Names of Shopify's columns that the file does not have, whose values stay as they are stored.
  std::vector<std::string> kept() const;

 private:
  std::bitset<column_count> known_;
  std::vector<std::string> extras_;
};

}  // namespace stoa::shopify
