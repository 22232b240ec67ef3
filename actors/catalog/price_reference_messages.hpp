#pragma once
// What an import and an export of price lists ask the Catalog service: the products that the lines
// of a file name, and the progress of the import. The prices are in the Pricing service's database
// (actors/pricing/price_line_messages.hpp).

#include "actors/catalog/catalog_messages.hpp"

namespace stoa::catalog {

/// A product without variants, or a variant: by its product and its options, or by its SKU.
struct product_reference {
  std::optional<std::string> product;  ///< a handle, or the id of a product without one
  std::optional<std::vector<option_value>> options;
  std::optional<std::string> sku;
};
BOOST_DESCRIBE_STRUCT(product_reference, (), (product, options, sku))

/// One of both is present.
struct found_reference {
  std::optional<stoa::product_id> product_id;
  std::optional<field_error> error;  ///< with a pointer to the member of the reference
};
BOOST_DESCRIBE_STRUCT(found_reference, (), (product_id, error))

struct found_references {
  std::vector<found_reference> data;  ///< in the order of the references
  std::vector<std::int64_t> counted;  ///< those of the numbers that a run has counted
};
BOOST_DESCRIBE_STRUCT(found_references, (), (data, counted))

/// The products of lines of prices, at most price_items_max. With a step, whose own number is
/// ignored: conflict import_finished when the import has ended or another run owns it.
struct find_references {
  static constexpr std::string_view name = "catalog.find_references";
  using reply = found_references;
  std::vector<product_reference> references;
  std::optional<import_step> step;
  std::vector<std::int64_t> numbers;  ///< of the lines in their file
};
BOOST_DESCRIBE_STRUCT(find_references, (), (references, step, numbers))

struct counted_line {
  std::int64_t number = 0;  ///< in its file
  import_outcome outcome = import_outcome::unchanged;
};
BOOST_DESCRIBE_STRUCT(counted_line, (), (number, outcome))

/// Counts lines whose objects another service has stored, each once. conflict import_finished as in
/// find_references.
struct count_lines {
  static constexpr std::string_view name = "catalog.count_lines";
  using reply = kernel::nothing;
  import_step step;  ///< its own number is ignored
  std::vector<counted_line> lines;
};
BOOST_DESCRIBE_STRUCT(count_lines, (), (step, lines))

struct named_product {
  stoa::product_id product_id;
  std::string product;                ///< the handle or id of it, or of the product of a variant
  std::vector<option_value> options;  ///< of a variant
};
BOOST_DESCRIBE_STRUCT(named_product, (), (product_id, product, options))

struct named_products {
  std::vector<named_product> data;
};
BOOST_DESCRIBE_STRUCT(named_products, (), (data))

/// The names of products and variants that can be sold, at most price_items_max; others are left
/// out.
struct name_products {
  static constexpr std::string_view name = "catalog.name_products";
  using reply = named_products;
  std::vector<stoa::product_id> product_ids;
};
BOOST_DESCRIBE_STRUCT(name_products, (), (product_ids))

}  // namespace stoa::catalog
