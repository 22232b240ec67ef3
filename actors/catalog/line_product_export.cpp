// The export of products as lines. The members of product_change are taken from the API's view by
// their names.

#include "actors/catalog/attribute_merge.hpp"
#include "actors/catalog/line_product_parts.hpp"
#include "actors/catalog/product_rules.hpp"
#include "storage/base/json_rules.hpp"
#include "storage/base/json_write.hpp"
#include "storage/base/text.hpp"

#include <algorithm>

namespace stoa::catalog {

namespace {

template <class T>
void take(std::optional<T>& to, const T& from) {
  to = from;
}
template <class T>
void take(std::optional<T>& to, const std::optional<T>& from) {
  to = from;
}
template <class T>
void take(patch<T>& to, const T& from) {
  to = {true, from};
}
template <class T>
void take(patch<T>& to, const std::optional<T>& from) {
  to = {from.has_value(), from};
}
template <class T>
void take(patch<T>& to, const nullable<T>& from) {
  to = {from.value.has_value(), from.value};
}
void take(patch<metadata_change>& to, const std::optional<metadata>& from) {
  if (!from || from->empty()) return;
  to.present = true;
  for (const auto& [key, value] : *from) to.value.emplace()[key] = {value};
}

/// The view's member of the name, or nothing.
template <class Member>
constexpr bool is_in_view() {
  bool found = false;
  boost::mp11::mp_for_each<members_of<product_view>>(
      [&](auto e) { found = found || std::string_view(Member::name) == std::string_view(e.name); });
  return found;
}

template <class Line>
void take_members(Line& to, const product_view& from) {
  boost::mp11::mp_for_each<members_of<product_change>>([&](auto d) {
    using wanted = decltype(d);
    static_assert(is_in_view<wanted>(), "a member that an export cannot take from the view");
    boost::mp11::mp_for_each<members_of<product_view>>([&](auto e) {
      using offered = decltype(e);
      if constexpr (std::string_view(wanted::name) == std::string_view(offered::name)) {
        take(to.*d.pointer, from.*e.pointer);
      }
    });
  });
  if (to.description.value && to.description.value->empty()) to.description = {};
  if (to.options.value && to.options.value->empty()) to.options = {};
  if (to.attributes.value && to.attributes.value->text == "{}") to.attributes = {};
}

bool is_label(const std::string& text) {
  return json::has_form(text, json::format::line) && !text.empty() &&
         stoa::text::code_points(text) <= 255;
}

/// The labels are separate members, unless an earlier import has stored some that the API would
/// reject: these stay in the attributes only.
void separate_labels(product_line& line) {
  if (line.vendor.value && !is_label(*line.vendor.value)) line.vendor = {};
  if (line.tags.value &&
      (line.tags.value->size() > tags_max || !std::ranges::all_of(*line.tags.value, is_label))) {
    line.tags = {};
  }
  if (!line.attributes.value) return;
  std::optional<std::string> vendor;
  std::optional<std::vector<std::string>> tags;
  if (line.vendor.value) vendor.emplace();
  if (line.tags.value) tags.emplace();
  auto& text = line.attributes.value->text;
  text = with_labels(text, vendor, tags);
  if (text == "{}") line.attributes = {};
}

variant_line variant_of(db::connection& c, const stocked_product& v, const product_row& parent,
                        const std::map<stoa::location_id, std::string>& locations) {
  variant_line line;
  take_members(line, product_view_of(v.product, v.stock, std::nullopt, true));
  if (v.product.name == variant_name(parent.name, v.product.options)) line.name.reset();
  // A variant has these from its product.
  line.handle = {};
  line.category_id = {};
  line.status.reset();
  line.vendor = {};
  line.tags = {};
  line.publish_at = {};
  line.archive_at = {};
  line.product_type = {};
  line.on_hand = v.stock.on_hand;
  line.levels = levels_of_line(c, v.stock, locations);
  return line;
}

struct product_extras {
  std::map<stoa::category_id, category_names> paths;
  std::map<uuid, translation_lines> translations;
  std::map<stoa::product_id, std::vector<std::string>> redirects;
  std::map<stoa::location_id, std::string> locations;
};

product_extras extras_of(db::connection& c, const std::vector<product_parts>& products) {
  product_extras all;
  all.paths = read_category_paths(c, products);
  std::vector<stoa::product_id> ids;
  ids.reserve(products.size());
  for (const auto& parts : products) ids.push_back(parts.product.product_id);
  all.locations = location_references(c);
  std::vector<uuid> resources;
  resources.reserve(ids.size());
  for (auto id : ids) resources.push_back(id.value);
  all.translations = translations_by_id(c, resources);
  for (auto& r : read_redirects(c, ids)) all.redirects[r.product_id].push_back(r.handle);
  return all;
}

product_line line_of(db::connection& c, const product_parts& parts, product_extras& extras,
                     const std::string& media_url) {
  const auto& p = parts.product;
  product_line line;
  take_members(line, product_view_of(p, parts.stock, std::nullopt, true));
  separate_labels(line);
  if (!p.handle) line.product_id = p.product_id;
  const auto path = p.category_id ? extras.paths.find(*p.category_id) : extras.paths.end();
  line.category_id = {};
  if (path != extras.paths.end() && !path->second.empty()) line.category = {true, path->second};
  std::vector<variant_line> variants;
  for (const auto& v : parts.variants) {
    if (!is_being_removed(v.product, v.stock)) {
      variants.push_back(variant_of(c, v, p, extras.locations));
    }
  }
  if (!variants.empty()) line.variants = {true, std::move(variants)};
  if (parts.stock.sellable) {
    line.on_hand = parts.stock.on_hand;
    line.levels = levels_of_line(c, parts.stock, extras.locations);
  }
  std::vector<image_line> images;
  for (const auto& i : parts.images) {
    image_line image{view_of(i, media_url).image_url, std::nullopt, i.position};
    if (!i.alt_text.empty()) image.alt_text = i.alt_text;
    images.push_back(std::move(image));
  }
  if (!images.empty()) line.images = {true, std::move(images)};
  if (const auto t = extras.translations.find(p.product_id.value); t != extras.translations.end()) {
    line.translations = std::move(t->second);
  }
  if (const auto r = extras.redirects.find(p.product_id); r != extras.redirects.end()) {
    line.earlier_handles = {true, std::move(r->second)};
  }
  return line;
}

}  // namespace

line_page read_product_lines(line_source& from) {
  const auto& q = from.q;
  const auto limit = static_cast<std::size_t>(std::clamp<std::int64_t>(q.limit, 1, 1000));
  std::optional<stoa::product_id> after;
  if (q.after) after = stoa::product_id::parse(*q.after);
  const auto scanned = scan_products(from.c, after, limit, q.updated_since, q.status);
  line_page page;
  if (scanned.next) page.next = scanned.next->str();
  const auto products = read_products(from.c, scanned.ids);
  auto extras = extras_of(from.c, products);
  std::size_t bytes = 0;
  for (const auto& parts : products) {
    page.lines.push_back(
        typed_line("product", json::write(line_of(from.c, parts, extras, from.options.media_url))));
    bytes += page.lines.back().size();
    if (bytes < line_page_bytes || parts.product.product_id == scanned.ids.back()) continue;
    page.next = parts.product.product_id.str();
    break;
  }
  return page;
}

}  // namespace stoa::catalog
