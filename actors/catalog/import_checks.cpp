#include "actors/catalog/import_checks.hpp"

#include "actors/catalog/catalog_parts.hpp"
#include "storage/base/json_rules.hpp"
#include "storage/base/text.hpp"

#include <set>

namespace stoa::catalog {

namespace {

constexpr std::size_t keywords_bytes_max = 16 * 1024;

problem bad(const std::string& field, const std::string& why) {
  return invalid_field("/" + field, "range", why);
}

std::optional<problem> check_metadata(const metadata& all) {
  metadata_change given;
  for (const auto& [key, text] : all) {
    if (!json::has_form(key, json::format::metadata_key)) {
      return bad("metadata", std::string(json::form_text(json::format::metadata_key)));
    }
    if (text.empty() || text::code_points(text) > metadata_value_max) {
      return bad("metadata", "A value must have 1 to " + std::to_string(metadata_value_max) +
                                 " characters: " + key);
    }
    given[key].value = text;
  }
  auto checked = changed_metadata({}, given);
  return checked ? std::nullopt : std::optional(checked.error());
}

/// Validates a variant or a product without variants.
template <class Sold>
std::optional<problem> check_sold(const Sold& m, const std::string& currency) {
  for (const auto& p : {m.price, m.compare_at_price.value}) {
    if (!p) continue;
    if (p->currency != currency) {
      return bad("price", "The prices of this store are in " + currency + ".");
    }
    if (p->amount < 0 || p->amount > money_amount_max) return bad("price", "Invalid price.");
  }
  if (m.on_hand && (*m.on_hand < -stock_max || *m.on_hand > stock_max)) {
    return bad("on_hand", "Invalid stock.");
  }
  if (m.sku && !m.sku->empty() && !json::has_form(*m.sku, json::format::sku)) {
    return bad("sku", std::string(json::form_text(json::format::sku)));
  }
  if (auto a = checked_attributes(m.attributes); !a) return a.error();
  return m.metadata ? check_metadata(*m.metadata) : std::nullopt;
}

bool is_name(const std::string& name) {
  return !name.empty() && text::code_points(name) <= name_length_max &&
         json::has_form(name, json::format::line);
}

std::optional<problem> check_texts(const import_product& m) {
  if (!is_name(m.title)) return bad("title", "A title must have 1 to 255 characters on one line.");
  if (m.handle && !is_name(*m.handle)) {
    return bad("handle", "A handle must have 1 to 255 characters on one line.");
  }
  if (m.description && text::code_points(*m.description) > description_length_max) {
    return bad("description", "A description must have at most " +
                                  std::to_string(description_length_max) + " characters.");
  }
  if (m.keywords && m.keywords->size() > keywords_bytes_max) {
    return bad("keywords", "The keywords are too long.");
  }
  return std::nullopt;
}

std::optional<problem> check_category(const std::vector<category_ref>& path) {
  if (path.size() > category_depth_max) {
    return bad("category_path",
               "The category tree has at most " + std::to_string(category_depth_max) + " levels.");
  }
  for (const auto& c : path) {
    if (!is_name(c.name)) {
      return bad("category_path", "A category name must have 1 to 255 characters on one line.");
    }
  }
  return std::nullopt;
}

std::optional<problem> check_images(const std::vector<imported_image>& images) {
  if (images.size() > images_max) return bad("images", "Too many images.");
  for (const auto& i : images) {
    if (!json::has_form(i.image_url, json::format::uri)) {
      return bad("images", "Not an http or https URL: " + i.image_url);
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<problem> check_import(const import_product& m, const std::string& currency) {
  if (auto p = check_texts(m)) return p;
  if (m.category_path) {
    if (auto p = check_category(*m.category_path)) return p;
  }
  if (m.images) {
    if (auto p = check_images(*m.images)) return p;
  }
  if (auto p = check_sold(m, currency)) return p;
  if (!m.variants) return std::nullopt;
  if (m.variants->size() > variants_max) return bad("variants", "Too many variants.");
  std::set<std::string> seen;
  for (const auto& v : *m.variants) {
    if (auto p = check_sold(v, currency)) return p;
    if (v.title && !v.title->empty() && !json::has_form(*v.title, json::format::line)) {
      return bad("variants", "The name of a variant must be on one line.");
    }
    if (v.options.empty() || !seen.insert(json::write(v.options)).second) {
      return bad("variants", "Two variants have the same options, or one has none.");
    }
  }
  return std::nullopt;
}

std::optional<problem> check_ids(catalog_service::decision& d, const import_product& m) {
  const auto& products = d.of<product_row>();
  auto taken = [](stoa::product_id id) {
    return conflict("id_taken", "Another product has the id " + id.str() + ".");
  };
  const auto* old = products.find(m.product_id);
  if (old && old->parent_product_id) return taken(m.product_id);
  std::set<stoa::product_id> own{m.product_id};
  static const std::vector<imported_variant> no_variants;
  for (const auto& v : m.variants ? *m.variants : no_variants) {
    const auto* variant = products.find(v.product_id);
    if (variant && variant->parent_product_id != m.product_id) return taken(v.product_id);
    if (!own.insert(v.product_id).second) return taken(v.product_id);
  }
  static const std::vector<imported_image> no_images;
  for (const auto& i : m.images ? *m.images : no_images) {
    const auto* image = d.of<image_row>().find(i.image_id);
    if (image && image->product_id != m.product_id) {
      return conflict("id_taken", "Another product has the image " + i.image_id.str() + ".");
    }
  }
  if (!m.handle) return std::nullopt;
  const auto* other = products.find_by<&product_row::handle>(m.handle);
  if (!other || other->product_id == m.product_id) return std::nullopt;
  return conflict("handle_taken", "Another product has the handle " + *m.handle + ".");
}

}  // namespace stoa::catalog
