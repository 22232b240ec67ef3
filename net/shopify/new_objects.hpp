#pragma once
// What the lines of a file create, for its dry run: nothing is stored, so a line that refers to an
// object of an earlier line would be rejected.

#include "net/shopify/file_lines.hpp"

#include <set>
#include <string>
#include <string_view>

namespace stoa::shopify {

class new_objects {
 public:
  /// The line is accepted: it creates its object, or changes it.
  void add(const file_line& line);
  /// Whether the line is rejected only because it refers to objects of earlier lines. `text`: its
  /// JSON.
  bool explain(const problem& why, std::string_view text) const;

 private:
  void add(const catalog::import_line& m);
  void add(const catalog::product_line& product);
  void add_path(const catalog::category_names& path);

  std::set<std::string> keys_;
};

}  // namespace stoa::shopify
