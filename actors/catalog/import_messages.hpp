#pragma once
// The import messages of the Catalog service, and the limits of products shared with the API.

#include "actors/catalog/catalog_views.hpp"

namespace stoa::catalog {

inline constexpr std::int64_t stock_max = 1'000'000'000;  ///< units of one product
inline constexpr std::size_t variants_max = 2048;         ///< of one product
inline constexpr std::size_t images_max = 250;            ///< of one product
inline constexpr std::size_t category_depth_max = 16;     ///< levels of the tree
inline constexpr std::size_t name_length_max = 255;       ///< of products, options, categories
inline constexpr std::size_t alt_text_length_max = 2048;
inline constexpr std::int64_t image_position_max = 1'000'000;
inline constexpr std::size_t description_length_max = 524'288;
inline constexpr std::size_t attributes_bytes_max = 65'536;

/// The member of `attributes` with unused columns. An import omits it if the attributes would
/// exceed attributes_bytes_max.
inline constexpr std::string_view columns_member = "columns";
/// The member of `attributes` in which earlier versions stored a SKU that another product had.
inline constexpr std::string_view sku_member = "sku";
/// The member of `attributes` with the reason, and its only value, for a draft that the file wanted
/// to publish: an import that sets a price publishes it.
inline constexpr std::string_view draft_reason_member = "draft_reason";
inline constexpr std::string_view no_price_reason = "no_price";
/// The member of `attributes` with variant values, for a product without variants.
inline constexpr std::string_view own_variant_member = "variant";

// Absent values are unchanged. A new or previously deleted product or variant starts from the
// defaults: no SKU, no stock; a variant with its product's price; a product without a price as a
// draft.

struct imported_variant {
  stoa::product_id product_id;
  std::optional<std::string> sku;  ///< "": none
  std::vector<option_value> options;
  std::optional<money> price;
  patch<money> compare_at_price;
  std::optional<std::int64_t> on_hand;
  json::raw attributes{"{}"};           ///< a merge patch, as import_product::attributes
  std::optional<bool> track_inventory;  ///< as in new_product
  std::optional<bool> allow_backorder;
  std::optional<std::string> title;  ///< "": derived from its product's title and its options
  std::optional<stoa::metadata> metadata;
};
BOOST_DESCRIBE_STRUCT(imported_variant, (),
                      (product_id, sku, options, price, compare_at_price, on_hand, attributes,
                       track_inventory, allow_backorder, title, metadata))

struct imported_image {
  stoa::image_id image_id;
  std::string image_url;
  std::optional<std::string> alt_text;
  std::int64_t position = 0;
  /// False: an existing image keeps its position.
  bool set_position = true;

  static constexpr std::string_view defaults[] = {"set_position"};
};
BOOST_DESCRIBE_STRUCT(imported_image, (), (image_id, image_url, alt_text, position, set_position))

/// The product of an import over HTTP that a command is for. It is counted once, with the change.
struct import_step {
  stoa::import_id import_id;
  std::string run;          ///< as in begin_import
  std::int64_t number = 0;  ///< of the product in its file, from 0
};
BOOST_DESCRIBE_STRUCT(import_step, (), (import_id, run, number))

/// Updates the product to match a file, under the given ids; idempotent. Variants and images that
/// the file does not contain are removed. The stock is set when a product or variant is created or
/// restored, otherwise only with set_stock. An existing category with the same name and parent is
/// used.
struct import_product {
  static constexpr std::string_view name = "catalog.import_product";
  using reply = import_answer;
  stoa::product_id product_id;
  std::optional<std::string> handle;
  std::string title;
  std::optional<std::string> description;
  std::optional<std::string> keywords;  ///< searched, not displayed: vendor, tags
  std::optional<product_status> status;
  std::optional<std::vector<category_ref>> category_path;  ///< from the root; empty: none
  std::optional<std::vector<imported_image>> images;
  /// A merge patch of the stored attributes (RFC 7396); an object that it empties is removed.
  json::raw attributes{"{}"};
  // Of a product without variants:
  std::optional<std::string> sku;  ///< "": none
  std::optional<money> price;
  patch<money> compare_at_price;
  std::optional<std::int64_t> on_hand;
  std::optional<bool> track_inventory;
  std::optional<bool> allow_backorder;

  std::optional<std::vector<imported_variant>> variants;  ///< empty: a product without variants
  std::optional<stoa::metadata> metadata;                 ///< replaces the existing metadata
  bool set_stock = false;
  bool dry_run = false;  ///< changes nothing; the answer lists the changes
  /// conflict import_finished when the import has ended or another run owns it. The stock of a
  /// product that an earlier run has counted is not set again.
  std::optional<import_step> step;

  static constexpr std::string_view defaults[] = {"dry_run"};
};
BOOST_DESCRIBE_STRUCT(import_product, (),
                      (product_id, handle, title, description, keywords, status, category_path,
                       images, attributes, sku, price, compare_at_price, on_hand, track_inventory,
                       allow_backorder, variants, metadata, set_stock, dry_run, step))

/// Sets a SKU listed in import_answer::skus_left_out, after the rest of the file has been imported.
/// conflict sku_taken while another product has it.
struct import_sku {
  static constexpr std::string_view name = "catalog.import_sku";
  using reply = kernel::nothing;
  stoa::product_id product_id;
  std::string sku;
  /// Removes the product's SKU, so that products can exchange theirs.
  bool release = false;

  static constexpr std::string_view defaults[] = {"release"};
};
BOOST_DESCRIBE_STRUCT(import_sku, (), (product_id, sku, release))

}  // namespace stoa::catalog
