// Descriptions of the members of the schemas of facets, collections, product types and
// translations.

#include "net/front/openapi_texts.hpp"

namespace stoa::front::openapi {

namespace {

constexpr member_text catalog_rows[] = {
    {"attribute_definition", "choices", "The allowed values of the type choice."},
    {"attribute_definition", "filterable", "Whether products are filtered by it."},
    {"attribute_definition", "name", "What customers read."},
    {"attribute_definition", "required", "Whether an active product must have it."},
    {"attribute_definition", "unit", "The unit of a number; absent when there is none."},
    {"collection", "collection_id", "The id of the collection."},
    {"collection", "created_at", "When the collection was created."},
    {"collection", "description", "Plain text; empty when there is none."},
    {"collection", "handle", "The name of the collection in URLs; absent when there is none."},
    {"collection", "name", "What customers read."},
    {"collection", "product_ids",
     "The products of one that is made by hand, in order. Staff only."},
    {"collection", "published", "Whether customers see it. Staff only."},
    {"collection", "rule", "What its products satisfy; absent for one made by hand. Staff only."},
    {"collection", "sort", "The order of its products; absent for the default."},
    {"collection", "updated_at", "When the collection was last changed."},
    {"collection_list", "data", "The collections, by name."},
    {"collection_rule", "in_stock", "Only products that are available, or with false the others."},
    {"collection_terms", "description", "Plain text."},
    {"collection_terms", "handle", "The name of the collection in URLs."},
    {"collection_terms", "name", "What customers read."},
    {"facet", "facet",
     "The facet: its name in the parameter filter, or category, price, "
     "availability."},
    {"facet", "has_more", "Whether there are more values than those listed."},
    {"facet", "label", "The name of the facet for display."},
    {"facet", "values", "The most frequent values first; price bands by price."},
    {"facet_value", "count", "The number of products with the value."},
    {"facet_value", "label", "The value for display."},
    {"facet_value", "max_price", "The highest price of a price band, in minor units."},
    {"facet_value", "min_price", "The lowest price of a price band, in minor units."},
    {"facet_value", "value", "The value for the parameter filter; of a category its id."},
    {"product", "archive_at", "When the product becomes Archived; absent: never. Staff only."},
    {"product", "highlights", "The parts that match the search, if requested."},
    {"product", "product_type", "The key of its product type; absent when there is none."},
    {"product", "publish_at", "When the product becomes Active; absent: never. Staff only."},
    {"product", "specifications", "The attributes that its product type declares."},
    {"product", "tags", "Words by which customers filter; absent when there are none."},
    {"product", "vendor", "The maker or brand; absent when there is none."},
    {"product_highlights", "description",
     "HTML of the part around the first match, with matching words in <em>."},
    {"product_highlights", "name", "HTML of the name, with matching words in <em>."},
    {"product_list", "facets", "The number of products for each value, if requested."},
    {"product_type", "attributes", "The attributes that products of the type may have."},
    {"product_type", "created_at", "When the type was created."},
    {"product_type", "key", "The key of the type."},
    {"product_type", "name", "The name of the type, for staff."},
    {"product_type", "updated_at", "When the type was last changed."},
    {"product_type_list", "data", "The product types, by key."},
    {"product_type_terms", "name", "The name of the type, for staff."},
    {"related_product", "kind", "Why it is shown."},
    {"related_product", "product", "The product."},
    {"related_product_list", "data", "The products, in the order in which they are shown."},
    {"related_product_ref", "kind", "Why it is shown."},
    {"related_product_ref", "product_id", "The related product."},
    {"search_suggestions", "categories", "Categories whose names have the words."},
    {"search_suggestions", "products", "Products that have the words, the best ones first."},
    {"search_suggestions", "queries",
     "The text with its last word completed, most frequent first."},
    {"specification", "key", "The key of the attribute."},
    {"specification", "name", "The name of the attribute for display."},
    {"specification", "unit", "The unit of a number; absent when there is none."},
    {"specification", "value", "A text, a number, true or false, by the attribute's type."},
    {"suggested_product", "handle", "The name of the product in URLs; absent when there is none."},
    {"suggested_product", "image_url", "The first image; absent when there is none."},
    {"translation", "description", "The description; absent: not translated."},
    {"translation", "locale", "The language (BCP 47)."},
    {"translation", "name", "The name; absent: not translated."},
    {"translation", "updated_at", "When the translation was last changed."},
    {"translation_list", "data", "The translations, by language."},
    {"translation_terms", "description", "The description; absent: not translated."},
    {"translation_terms", "name", "The name; absent: not translated."},
};

}  // namespace

std::span<const member_text> catalog_texts() {
  return catalog_rows;
}

}  // namespace stoa::front::openapi
