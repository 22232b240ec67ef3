#pragma once
// The columns of Stoa's product CSV. They are named like the members of the API.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::product_csv {

enum class column_kind {
  type,
  currency,
  member,  ///< of the product or variant, by `form`
  option_name,
  option_value,
  image,                   ///< image_url, image_alt_text, image_position
  translated_name,         ///< name.LANGUAGE
  translated_description,  ///< description.LANGUAGE
  attribute,               ///< attributes.KEY
  metadata,                ///< metadata.KEY
  others,                  ///< attributes, metadata, translations: what has no column, as JSON
};

/// How the cell of a member is read.
enum class cell_form { text, word, status, integer, boolean, price, path, list };

/// Which rows a member applies to.
enum class row_use { product, both };

struct member_column {
  std::string_view name;
  cell_form form = cell_form::text;
  row_use use = row_use::both;
  bool removable = true;  ///< an empty cell removes the value; otherwise it is kept
};

struct column {
  column_kind kind = column_kind::member;
  std::string name;
  /// The key of an attribute or of metadata, the language, or the member of an image.
  std::string key{};
  std::size_t number = 0;                 ///< of an option, from 0
  const member_column* member = nullptr;  ///< of kind member
};

inline constexpr std::size_t options_max = 10;
/// Further attributes, metadata and languages are in the columns for others.
inline constexpr std::size_t own_columns_max = 500;

/// The header of a file.
class header {
 public:
  /// The columns, or why the file cannot be imported.
  static std::optional<std::string> read(const std::vector<std::string>& names, header& into);

  const std::vector<column>& columns() const { return columns_; }
  std::vector<std::string> names() const;
  bool has(std::string_view name) const;

 private:
  std::vector<column> columns_;
};

/// The members in the order of an export.
const std::vector<member_column>& member_columns();

}  // namespace stoa::product_csv
