#pragma once
// Products related to other resources: fields visible to staff only, and the queries for ?expand.

#include "actors/catalog/catalog_messages.hpp"
#include "net/front/exchange.hpp"

#include <array>
#include <map>
#include <set>

namespace stoa::front {

/// The paths of the staff-only fields of a product at that path.
std::vector<std::string> staff_product_fields(const std::string& at = {});

/// A product's category; the members from description on are present with ?expand=category.
struct category_resource : catalog::category_ref {
  static constexpr std::string_view schema_name = "category_ref_resource";
  std::optional<std::string> description;
  std::optional<stoa::category_id> parent_category_id;
};
BOOST_DESCRIBE_STRUCT(category_resource, (catalog::category_ref), (description, parent_category_id))

/// A product in responses to reads: the members of product_view, in their order, so that without
/// ?expand both have the same representation and ETag.
struct product_resource : catalog::product_view {
  static constexpr std::string_view schema_name = "product_resource";
  std::optional<category_resource> category;  ///< in place of that of product_view
};
BOOST_DESCRIBE_STRUCT(product_resource, (),
                      (product_id, parent_product_id, sku, handle, name, description, price,
                       compare_at_price, category_id, category, options, inventory_count, images,
                       variants, created_at, updated_at, on_hand, reserved, status, attributes,
                       available, track_inventory, allow_backorder, metadata, vendor, tags,
                       publish_at, archive_at, product_type, specifications, highlights,
                       quantity_min, quantity_max, quantity_step, low_stock_threshold))

struct product_resource_page {
  static constexpr std::string_view schema_name = "product_list";
  std::vector<product_resource> data;
  nullable<std::string> next_cursor;
  std::optional<std::int64_t> total;                       ///< of all pages, if requested
  std::optional<std::vector<catalog::facet_view>> facets;  ///< if requested
};
BOOST_DESCRIBE_STRUCT(product_resource_page, (), (data, next_cursor, total, facets))

/// Fails to compile when a resource omits a member of the view that it represents.
template <class Resource, class View>
consteval bool shows_all_of() {
  std::array<std::string_view, 64> shown{};
  std::size_t count = 0;
  boost::mp11::mp_for_each<members_of<Resource>>([&](auto d) { shown[count++] = d.name; });
  std::size_t at = 0;
  bool same = true;
  boost::mp11::mp_for_each<members_of<View>>([&](auto d) { same = same && shown[at++] == d.name; });
  return same;
}

/// ?expand=category.
expansion category_expansion();
/// The products with the related resources requested by ?expand, with one query.
task<std::vector<product_resource>> expanded(exchange& x,
                                             std::vector<catalog::product_view> products);

/// Maximum number of products that one request expands.
inline constexpr std::size_t expanded_products_max = 5 * catalog::lookup_ids_max;

/// The products that the caller may see, with one query per lookup_ids_max of them. 400 at ?expand
/// for more than expanded_products_max.
task<std::map<stoa::product_id, catalog::product_view>> products_by_id(
    exchange& x, std::set<stoa::product_id> ids, bool for_staff);

}  // namespace stoa::front
