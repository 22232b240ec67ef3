#pragma once
// The messages of the Catalog service about images and categories. The structs with rules are also
// the request bodies of its routes.

#include "actors/catalog/catalog_views.hpp"
#include "actors/catalog/import_messages.hpp"
#include "actors/kernel/precondition.hpp"

namespace stoa::catalog {

inline constexpr std::size_t categories_max = 10'000;  ///< of the store
inline constexpr std::size_t category_description_length_max = 10'000;

// --- images --------------------------------------------------------------------------------------

struct new_image {
  static constexpr std::string_view schema_name = "new_product_image";
  std::string image_url;
  std::string alt_text;
  std::optional<std::int64_t> position;  ///< default: after the others

  static constexpr json::rule rules[] = {
      {.field = "image_url", .form = json::format::uri},
      {.field = "alt_text", .length_max = alt_text_length_max, .form = json::format::text},
      {.field = "position", .value_min = 1, .value_max = image_position_max},
  };
  static constexpr std::string_view defaults[] = {"alt_text"};
};
BOOST_DESCRIBE_STRUCT(new_image, (), (image_url, alt_text, position))

struct add_image {
  static constexpr std::string_view name = "catalog.add_image";
  using reply = image_view;
  stoa::product_id product_id;
  new_image image;
};
BOOST_DESCRIBE_STRUCT(add_image, (), (product_id, image))

struct image_change {
  static constexpr std::string_view schema_name = "product_image_change";
  std::optional<std::string> image_url;
  std::optional<std::string> alt_text;
  std::optional<std::int64_t> position;

  static constexpr json::rule rules[] = {
      {.field = "image_url", .form = json::format::uri},
      {.field = "alt_text", .length_max = alt_text_length_max, .form = json::format::text},
      {.field = "position", .value_min = 1, .value_max = image_position_max},
  };
};
BOOST_DESCRIBE_STRUCT(image_change, (), (image_url, alt_text, position))

struct change_image {
  static constexpr std::string_view name = "catalog.change_image";
  using reply = image_view;
  stoa::product_id product_id;
  stoa::image_id image_id;
  image_change change;
  std::optional<kernel::precondition> precondition = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(change_image, (), (product_id, image_id, change, precondition))

struct remove_image {
  static constexpr std::string_view name = "catalog.remove_image";
  using reply = kernel::nothing;
  stoa::product_id product_id;
  stoa::image_id image_id;
  std::optional<kernel::precondition> precondition = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(remove_image, (), (product_id, image_id, precondition))

// --- categories ----------------------------------------------------------------------------------

struct new_category {
  static constexpr std::string_view schema_name = "new_category";
  std::string name;
  std::optional<std::string> description;
  std::optional<stoa::category_id> parent_category_id;
  std::optional<std::string> handle = std::nullopt;

  static constexpr json::rule rules[] = {
      {.field = "name", .length_min = 1, .length_max = 255, .form = json::format::line},
      {.field = "description",
       .length_max = category_description_length_max,
       .form = json::format::text},
      {.field = "handle",
       .length_min = 1,
       .length_max = 255,
       .form = json::format::line,
       .description = "The category's name in URLs, unique in the store. Default: one made from "
                      "the name."},
  };
};
BOOST_DESCRIBE_STRUCT(new_category, (), (name, description, parent_category_id, handle))

/// conflict category_exists when the parent has a category of that name; handle_taken.
struct create_category {
  static constexpr std::string_view name = "catalog.create_category";
  using reply = category_view;
  new_category category;
};
BOOST_DESCRIBE_STRUCT(create_category, (), (category))

struct category_change {
  static constexpr std::string_view schema_name = "category_change";
  std::optional<std::string> name;
  patch<std::string> description;
  patch<stoa::category_id> parent_category_id;
  patch<std::string> handle = {};

  static constexpr json::rule rules[] = {
      {.field = "name", .length_min = 1, .length_max = 255, .form = json::format::line},
      {.field = "description",
       .length_max = category_description_length_max,
       .form = json::format::text},
      {.field = "handle", .length_min = 1, .length_max = 255, .form = json::format::line},
  };
};
BOOST_DESCRIBE_STRUCT(category_change, (), (name, description, parent_category_id, handle))

/// validation category_cycle, category_depth; conflict category_exists, handle_taken.
struct change_category {
  static constexpr std::string_view name = "catalog.change_category";
  using reply = category_view;
  stoa::category_id category_id;
  category_change change;
  std::optional<kernel::precondition> precondition = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(change_category, (), (category_id, change, precondition))

/// conflict category_in_use while it has products or subcategories, or is in a collection's rule.
struct delete_category {
  static constexpr std::string_view name = "catalog.delete_category";
  using reply = kernel::nothing;
  stoa::category_id category_id;
  std::optional<kernel::precondition> precondition = std::nullopt;
};
BOOST_DESCRIBE_STRUCT(delete_category, (), (category_id, precondition))

}  // namespace stoa::catalog
