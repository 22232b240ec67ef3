#include "net/shopify/columns.hpp"

#include "net/shopify/values.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace stoa::shopify {

namespace {

struct names {
  column which;
  std::string_view name;
  std::array<std::string_view, 3> others;
  std::string_view empty;  ///< meaning of an empty cell
};

constexpr std::array<names, column_count> known{{
    {column::handle, "Handle", {"URL handle", "", ""}, "the row is not imported"},
    {column::title,
     "Title",
     {"", "", ""},
     "in the first row of a product: the product is not imported; in other rows: nothing"},
    {column::body, "Body (HTML)", {"Description", "Body HTML", ""}, "no description"},
    {column::vendor, "Vendor", {"", "", ""}, "no vendor"},
    {column::type,
     "Type",
     {"Custom Product Type", "Product type", ""},
     "no category; without a column `Stoa Attributes` the first tag is the category"},
    {column::tags, "Tags", {"", "", ""}, "no tags"},
    {column::published, "Published", {"Published on online store", "", ""}, "published"},
    {column::option1_name, "Option1 Name", {"Option 1 Name", "", ""}, "the product has no options"},
    {column::option1_value,
     "Option1 Value",
     {"Option 1 Value", "", ""},
     "with an option name: the row is not imported, unless it has an image"},
    {column::option2_name, "Option2 Name", {"Option 2 Name", "", ""}, "no second option"},
    {column::option2_value,
     "Option2 Value",
     {"Option 2 Value", "", ""},
     "with an option name: the row is not imported"},
    {column::option3_name, "Option3 Name", {"Option 3 Name", "", ""}, "no third option"},
    {column::option3_value,
     "Option3 Value",
     {"Option 3 Value", "", ""},
     "with an option name: the row is not imported"},
    {column::sku, "Variant SKU", {"SKU", "", ""}, "no SKU"},
    {column::grams, "Variant Grams", {"Weight value (grams)", "Grams", ""}, "0"},
    {column::inventory_tracker,
     "Variant Inventory Tracker",
     {"Inventory tracker", "", ""},
     "not tracked: it never sells out"},
    {column::inventory_qty, "Variant Inventory Qty", {"Inventory quantity", "", ""}, "0 units"},
    {column::inventory_policy,
     "Variant Inventory Policy",
     {"Continue selling when out of stock", "", ""},
     "deny"},
    {column::fulfillment_service,
     "Variant Fulfillment Service",
     {"Fulfillment service", "", ""},
     "no service"},
    {column::price, "Variant Price", {"Price", "", ""}, "the variant of the row is not imported"},
    {column::compare_at_price,
     "Variant Compare At Price",
     {"Compare-at price", "Compare at price", ""},
     "no price before a reduction"},
    {column::requires_shipping, "Variant Requires Shipping", {"Requires shipping", "", ""}, "true"},
    {column::taxable, "Variant Taxable", {"Charge tax", "", ""}, "true"},
    {column::barcode, "Variant Barcode", {"Barcode", "Barcodes", "Variant Barcodes"}, "no barcode"},
    {column::image_src,
     "Image Src",
     {"Product image URL", "", ""},
     "the row has no image; a product without any loses its images"},
    {column::image_position, "Image Position", {"", "", ""}, "after the other images"},
    {column::image_alt, "Image Alt Text", {"", "", ""}, "no text"},
    {column::variant_image,
     "Variant Image",
     {"Variant image URL", "", ""},
     "no image of the variant"},
    {column::weight_unit, "Variant Weight Unit", {"Weight unit for display", "", ""}, "no unit"},
    {column::tax_code, "Variant Tax Code", {"Tax code", "", ""}, "no tax code"},
    {column::option4_name, "Option4 Name", {"Option 4 Name", "", ""}, "no option 4"},
    {column::option4_value,
     "Option4 Value",
     {"Option 4 Value", "", ""},
     "with an option name: the row is not imported"},
    {column::option5_name, "Option5 Name", {"Option 5 Name", "", ""}, "no option 5"},
    {column::option5_value,
     "Option5 Value",
     {"Option 5 Value", "", ""},
     "with an option name: the row is not imported"},
    {column::option6_name, "Option6 Name", {"Option 6 Name", "", ""}, "no option 6"},
    {column::option6_value,
     "Option6 Value",
     {"Option 6 Value", "", ""},
     "with an option name: the row is not imported"},
    {column::option7_name, "Option7 Name", {"Option 7 Name", "", ""}, "no option 7"},
    {column::option7_value,
     "Option7 Value",
     {"Option 7 Value", "", ""},
     "with an option name: the row is not imported"},
    {column::option8_name, "Option8 Name", {"Option 8 Name", "", ""}, "no option 8"},
    {column::option8_value,
     "Option8 Value",
     {"Option 8 Value", "", ""},
     "with an option name: the row is not imported"},
    {column::option9_name, "Option9 Name", {"Option 9 Name", "", ""}, "no option 9"},
    {column::option9_value,
     "Option9 Value",
     {"Option 9 Value", "", ""},
     "with an option name: the row is not imported"},
    {column::option10_name, "Option10 Name", {"Option 10 Name", "", ""}, "no option 10"},
    {column::option10_value,
     "Option10 Value",
     {"Option 10 Value", "", ""},
     "with an option name: the row is not imported"},
    {column::attributes,
     "Stoa Attributes",
     {"", "", ""},
     "no attributes except those of the other columns"},
    {column::variant_attributes,
     "Stoa Variant Attributes",
     {"", "", ""},
     "no attributes except those of the other columns"},
    {column::metadata, "Stoa Metadata", {"", "", ""}, "no metadata"},
    {column::variant_metadata, "Stoa Variant Metadata", {"", "", ""}, "no metadata"},
    {column::variant_name,
     "Stoa Variant Name",
     {"", "", ""},
     "the product's title with the option values"},
}};

/// Unused columns that Shopify has renamed.
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> renamed_extras{{
    {"google shopping / manufacturer part number (mpn)", "Google Shopping / MPN"},
    {"google shopping / ad group name", "Google Shopping / AdWords Grouping"},
    {"google shopping / ads labels", "Google Shopping / AdWords Labels"},
}};

const std::unordered_map<std::string, column>& columns_by_name() {
  static const auto made = [] {
    std::unordered_map<std::string, column> all;
    for (const names& entry : known) {
      all.emplace(lower(entry.name), entry.which);
      for (std::string_view other : entry.others) {
        if (!other.empty()) all.emplace(lower(other), entry.which);
      }
    }
    return all;
  }();
  return made;
}

}  // namespace

std::optional<column> find_column(std::string_view header) {
  auto found = columns_by_name().find(lower(header));
  if (found == columns_by_name().end()) return std::nullopt;
  return found->second;
}

column option_name_column(std::size_t option) {
  const auto first = option < 3 ? column::option1_name : column::option4_name;
  return static_cast<column>(static_cast<std::size_t>(first) +
                             2 * (option < 3 ? option : option - 3));
}

column option_value_column(std::size_t option) {
  return static_cast<column>(static_cast<std::size_t>(option_name_column(option)) + 1);
}

std::string_view name_of(column which) {
  return known[static_cast<std::size_t>(which)].name;
}

std::string_view empty_cell_means(column which) {
  return known[static_cast<std::size_t>(which)].empty;
}

std::string names_of(column which) {
  std::string made = '"' + std::string(name_of(which)) + '"';
  std::string_view other = known[static_cast<std::size_t>(which)].others[0];
  if (!other.empty()) made += " (or \"" + std::string(other) + "\")";
  return made;
}

std::string canonical_extra(std::string_view header) {
  std::string wanted = lower(header);
  for (const auto& [from, to] : renamed_extras) {
    if (wanted == from) return std::string(to);
  }
  static const auto standard = [] {
    std::unordered_map<std::string, std::string> all;
    for (const std::string& name : standard_header()) all.emplace(lower(name), name);
    return all;
  }();
  auto found = standard.find(wanted);
  return found == standard.end() ? std::string(header) : found->second;
}

bool is_variant_extra(std::string_view header) {
  std::string name = lower(header);
  constexpr std::array<std::string_view, 7> starts{
      "variant ",           "cost per item",      "unit price ",    "price / ",
      "compare-at price /", "compare at price /", "packed product "};
  return std::any_of(starts.begin(), starts.end(),
                     [&](std::string_view start) { return name.starts_with(start); });
}

const std::vector<std::string>& standard_header() {
  static const auto made = [] {
    std::vector<std::string> all;
    for (const names& entry : known) {
      if (!is_shopifys(entry.which)) continue;
      if (entry.which == column::variant_image) {
        for (const char* extra :
             {"Gift Card", "SEO Title", "SEO Description",
              "Google Shopping / Google Product Category", "Google Shopping / Gender",
              "Google Shopping / Age Group", "Google Shopping / MPN",
              "Google Shopping / AdWords Grouping", "Google Shopping / AdWords Labels",
              "Google Shopping / Condition", "Google Shopping / Custom Product",
              "Google Shopping / Custom Label 0", "Google Shopping / Custom Label 1",
              "Google Shopping / Custom Label 2", "Google Shopping / Custom Label 3",
              "Google Shopping / Custom Label 4"}) {
          all.emplace_back(extra);
        }
      }
      all.emplace_back(entry.name);
    }
    all.emplace_back("Cost per item");
    return all;
  }();
  return made;
}

}  // namespace stoa::shopify
