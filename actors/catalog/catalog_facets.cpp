// Facets: the values of a product, and how many products of a list have each value.

#include "actors/catalog/attribute_merge.hpp"
#include "actors/catalog/catalog_parts.hpp"
#include "actors/catalog/facet_filter.hpp"
#include "actors/catalog/specifications.hpp"
#include "storage/base/text.hpp"
#include "storage/catalog/facets.hpp"
#include "storage/catalog/type_store.hpp"

#include <algorithm>
#include <map>

namespace stoa::catalog {

namespace {

using decision = catalog_service::decision;

void add_facet_value(std::vector<product_facet>& to, std::string_view facet,
                     const std::string& name, const std::string& label) {
  const auto shown = text::trim(label);
  product_facet one{std::string(facet), text::fold(shown), name, shown};
  if (one.value.empty() || to.size() >= product_facets_max) return;
  const bool known = std::ranges::any_of(
      to, [&](const auto& f) { return f.facet == one.facet && f.value == one.value; });
  if (!known) to.push_back(std::move(one));
}

/// The counts of a list's facets, from the database or from an engine.
struct facet_counts {
  std::vector<std::pair<stoa::category_id, std::int64_t>> categories;
  std::pair<std::int64_t, std::int64_t> stock{0, 0};
  std::int64_t band_width = 0;
  std::vector<std::pair<std::int64_t, std::int64_t>> bands;
  std::vector<facet_count> values;  ///< facet by facet
};

/// Category counts include the products of subcategories.
facet_view category_facet(db::connection& c, const facet_counts& counted,
                          const std::optional<std::string>& locale) {
  std::map<stoa::category_id, category_row> categories;
  for (auto& row : read_categories(c)) categories.emplace(row.category_id, std::move(row));
  std::map<stoa::category_id, std::int64_t> counts;
  for (const auto& [id, count] : counted.categories) {
    std::optional<stoa::category_id> at = id;
    for (std::size_t depth = 0; at && depth < category_depth_max; ++depth) {
      const auto found = categories.find(*at);
      if (found == categories.end()) break;
      counts[*at] += count;
      at = found->second.parent_category_id;
    }
  }
  facet_view view{"category", "category", {}, counts.size() > facet_values_max};
  for (const auto& [id, count] : counts) {
    view.values.push_back({id.str(), categories.at(id).name, count, {}, {}});
  }
  std::ranges::stable_sort(view.values, std::greater{}, &facet_value::count);
  if (view.has_more) view.values.resize(facet_values_max);
  if (!locale) return view;
  std::vector<uuid> ids;
  for (const auto& v : view.values) ids.push_back(stoa::category_id::parse(v.value)->value);
  const auto translations = find_translations(c, ids, *locale);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto found = translations.find(ids[i]);
    if (found != translations.end() && found->second.name) {
      view.values[i].label = *found->second.name;
    }
  }
  return view;
}

facet_view availability_facet(const facet_counts& counted) {
  facet_view view{"availability", "availability", {}, false};
  const auto [in_stock, others] = counted.stock;
  if (in_stock > 0) view.values.push_back({"true", "in stock", in_stock, {}, {}});
  if (others > 0) view.values.push_back({"false", "out of stock", others, {}, {}});
  return view;
}

facet_view price_facet(const facet_counts& counted) {
  facet_view view{"price", "price", {}, false};
  for (const auto& [band, count] : counted.bands) {
    const auto least = band * counted.band_width;
    const auto most = least + counted.band_width - 1;
    view.values.push_back({std::to_string(least),
                           std::to_string(least) + " - " + std::to_string(most), count, least,
                           most});
  }
  return view;
}

bool asks_for(const std::vector<std::string>& asked, std::string_view facet) {
  return std::ranges::find(asked, facet) != asked.end();
}

void add_values(std::vector<facet_count> values, std::vector<facet_view>& views) {
  for (auto& one : values) {
    if (views.empty() || views.back().facet != one.facet) {
      views.push_back({one.facet, std::move(one.name), {}, false});
    }
    auto& view = views.back();
    if (view.values.size() == facet_values_max) {
      view.has_more = true;
      continue;
    }
    view.values.push_back({std::move(one.value), std::move(one.label), one.count, {}, {}});
  }
}

std::vector<facet_view> views_of(db::connection& c, facet_counts counted,
                                 const std::vector<std::string>& asked,
                                 const std::optional<std::string>& locale) {
  std::vector<facet_view> views;
  if (asks_for(asked, "category")) views.push_back(category_facet(c, counted, locale));
  if (asks_for(asked, "price")) views.push_back(price_facet(counted));
  if (asks_for(asked, "availability")) views.push_back(availability_facet(counted));
  add_values(std::move(counted.values), views);
  for (const auto name : {vendor_facet, tag_facet}) {
    if (asks_for(asked, name) &&
        std::ranges::find(views, name, &facet_view::facet) == views.end()) {
      views.push_back({std::string(name), std::string(name), {}, false});
    }
  }
  if (locale) translate_labels(c, *locale, views);
  return views;
}

/// Those of the attributes by which products of its type are filtered.
void add_attribute_facets(decision& d, const product_row& p,
                          const std::vector<specification>& specifications,
                          std::vector<product_facet>& facets) {
  const auto* type = p.product_type ? d.of<product_type_row>().find(*p.product_type) : nullptr;
  if (!type) return;
  for (const auto& one : specifications) {
    const auto a = std::ranges::find(type->attributes, one.key, &attribute_definition::key);
    if (a == type->attributes.end() || !a->filterable) continue;
    add_facet_value(facets, std::string(attribute_facet) + one.key, one.name, shown_value(one));
  }
}

}  // namespace

std::vector<product_facet> facets_of(decision& d, const product_row& p,
                                     const std::vector<specification>& specifications) {
  std::vector<product_facet> facets;
  if (p.status == product_status::Deleted) return facets;
  // Those that staff have declared come first: the others may be too many.
  add_attribute_facets(d, p, specifications, facets);
  const auto labels = labels_of(p.attributes);
  add_facet_value(facets, vendor_facet, std::string(vendor_facet), labels.vendor);
  for (const auto& tag : labels.tags) {
    add_facet_value(facets, tag_facet, std::string(tag_facet), tag);
  }
  for (const auto* v : variants_of(d, p.product_id)) {
    // A variant being removed is always a draft.
    if (v->status != p.status) continue;
    for (const auto& o : v->options) {
      add_facet_value(facets, std::string(option_facet) + text::fold(o.name), o.name, o.value);
    }
  }
  return facets;
}

bool is_asked_facet(const std::vector<std::string>& asked, std::string_view facet) {
  return asks_for(asked, facet) || (facet.starts_with(option_facet) && asks_for(asked, "option")) ||
         (facet.starts_with(attribute_facet) && asks_for(asked, "attribute"));
}

std::vector<facet_view> facet_views(db::connection& c, const product_filter& filter,
                                    const std::vector<std::string>& asked,
                                    const std::optional<std::string>& locale) {
  facet_counts counted;
  if (asks_for(asked, "category")) {
    counted.categories = count_by_category(c, without_facet(filter, "category"));
  }
  if (asks_for(asked, "price")) {
    const auto others = without_facet(filter, "price");
    if (const auto range = read_price_range(c, others)) {
      counted.band_width = band_width(range->least, range->most, price_bands_max);
      counted.bands = count_by_price(c, others, counted.band_width);
    }
  }
  if (asks_for(asked, "availability")) {
    counted.stock = count_by_stock(c, without_facet(filter, "availability"));
  }
  std::vector<std::string> names;
  for (const auto facet : {vendor_facet, tag_facet}) {
    if (asks_for(asked, facet)) names.emplace_back(facet);
  }
  const bool options = asks_for(asked, "option");
  const bool attributes = asks_for(asked, "attribute");
  if (!names.empty() || options || attributes) {
    counted.values = count_facets(c, filter, names, options, attributes);
    // A filtered facet is counted without its filter.
    std::erase_if(counted.values, [&](const facet_count& one) {
      return std::ranges::find(filter.facets, one.facet, &facet_filter::facet) !=
             filter.facets.end();
    });
  }
  for (const auto& f : filter.facets) {
    if (!is_asked_facet(asked, f.facet)) continue;
    const std::vector<std::string> one{f.facet};
    auto counts = count_facets(c, without_facet(filter, f.facet), one, false, false);
    std::ranges::move(counts, std::back_inserter(counted.values));
  }
  return views_of(c, std::move(counted), asked, locale);
}

std::vector<facet_view> facet_views(db::connection& c, const found_facets& found,
                                    const std::vector<std::string>& asked,
                                    const std::optional<std::string>& locale) {
  facet_counts counted;
  for (const auto& one : found.categories) {
    counted.categories.emplace_back(one.category_id, one.count);
  }
  counted.stock = {found.in_stock, found.sold_out};
  counted.band_width = found.band_width;
  for (const auto& one : found.bands) counted.bands.emplace_back(one.band, one.count);
  for (const auto& one : found.values) {
    counted.values.push_back({one.facet, one.value, {}, {}, one.count});
  }
  name_facet_values(c, counted.values);
  return views_of(c, std::move(counted), asked, locale);
}

std::vector<facet_view> empty_facets(const std::vector<std::string>& asked) {
  std::vector<facet_view> views;
  for (const auto& name : asked) {
    if (name != "option" && name != "attribute") views.push_back({name, name, {}, false});
  }
  return views;
}

}  // namespace stoa::catalog
