#include "actors/catalog/product_rules.hpp"

#include "actors/catalog/attribute_merge.hpp"
#include "actors/catalog/catalog_parts.hpp"
#include "actors/catalog/stored_texts.hpp"
#include "storage/base/json_value.hpp"

#include <set>

namespace stoa::catalog {

bool is_no_option(const std::vector<option_value>& options) {
  return options.size() == 1 && options[0].name == no_option_name &&
         options[0].value == no_option_value;
}

std::string variant_name(const std::string& parent, const std::vector<option_value>& options) {
  std::string name = parent;
  for (std::size_t i = 0; i < options.size(); ++i) {
    name += (i == 0 ? " - " : " / ") + options[i].value;
  }
  return name;
}

std::optional<problem> check_currency(const std::optional<money>& price, const std::string& pointer,
                                      const std::string& currency) {
  if (!price || price->currency == currency) return std::nullopt;
  return invalid_field(pointer + "/currency", "currency",
                       "The prices of this store are in " + currency + ".");
}

std::optional<problem> check_options(const std::vector<option_value>& options, bool is_variant) {
  if (is_variant && options.empty()) {
    return invalid_field("/options", "required", "A variant has at least one option.");
  }
  if (!is_variant && !options.empty()) {
    return invalid_field("/options", "not_a_variant", "Only a variant has options.");
  }
  std::set<std::string> names;
  for (const auto& o : options) {
    if (!names.insert(o.name).second) {
      return invalid_field("/options", "duplicate", "Duplicate option " + o.name + ".");
    }
  }
  if (is_no_option(options)) {
    return invalid_field("/options", "reserved",
                         "The option Title with the value Default Title means no option in product "
                         "files. Choose another name or value.");
  }
  return std::nullopt;
}

std::optional<problem> check_handle(const std::optional<std::string>& handle) {
  if (!handle || !stoa::product_id::parse(*handle)) return std::nullopt;
  return invalid_field("/handle", "reserved", "A handle must not have the form of an id.");
}

result<std::string> given_attributes(const json::raw& given, const std::string& stored,
                                     bool is_variant) {
  auto attributes = checked_attributes(given);
  if (!attributes) return attributes;
  const std::string sku = kept_sku(*attributes, is_variant);
  if (!sku.empty() && sku != kept_sku(stored, is_variant)) {
    return invalid_field(is_variant ? "/attributes/sku" : "/attributes/variant/sku", "reserved",
                         "Set the SKU in the product's member sku.");
  }
  return without_nulls(*attributes);
}

std::optional<problem> check_same_vendor(const json::raw& attributes,
                                         const std::optional<std::string>& vendor) {
  const json::value all = object_of(attributes.text);
  const auto* given = all.find("vendor");
  if (!given || given->is_null()) return std::nullopt;
  const auto* text = given->if_string();
  if (text && stored_name(*text) == vendor.value_or("")) return std::nullopt;
  return invalid_field("/vendor", "exclusive", "The attributes have another vendor.");
}

result<std::string> checked_labels(const std::string& attributes) {
  auto checked = checked_attributes(json::raw{attributes});
  if (checked && labels_of(*checked).tags.size() > tags_max) {
    return invalid_field("/attributes/tags", "too_many",
                         "A product has at most " + std::to_string(tags_max) + " tags.");
  }
  return checked;
}

}  // namespace stoa::catalog
