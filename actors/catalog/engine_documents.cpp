#include "actors/catalog/engine_documents.hpp"

#include "actors/catalog/catalog_parts.hpp"
#include "storage/catalog/catalog_store.hpp"
#include "storage/catalog/facets.hpp"
#include "storage/catalog/search_text.hpp"
#include "storage/catalog/type_store.hpp"

#include <algorithm>
#include <unordered_map>

namespace stoa::catalog {

namespace {

/// Products are read a few at a time, because texts of one can have 200 KB.
constexpr std::size_t documents_at_once = 20;
constexpr std::size_t document_bytes_base = 400;

std::int64_t count_of_words(const std::string& words) {
  return words.empty() ? 0 : 1 + std::ranges::count(words, ' ');
}

void add_facet(const product_facet& f, engine_document& d) {
  const auto after = [&](std::string_view group) {
    return f.facet.substr(group.size()) + "\n" + f.value;
  };
  if (f.facet == vendor_facet) d.vendor.push_back(f.value);
  if (f.facet == tag_facet) d.tags.push_back(f.value);
  if (f.facet.starts_with(option_facet)) d.options.push_back(after(option_facet));
  if (f.facet.starts_with(attribute_facet)) d.attributes.push_back(after(attribute_facet));
}

engine_document document_of(const product_parts& parts, const listed_values& listed,
                            const std::vector<translation_row>& translations,
                            const std::vector<product_facet>& facets,
                            const std::string& label_words) {
  const auto& p = parts.product;
  std::vector<const product_row*> variants;
  for (const auto& v : parts.variants) variants.push_back(&v.product);
  engine_document d;
  d.product_id = p.product_id;
  d.name = index_words(p.name);
  auto keywords = p.keywords + codes_of(p, variants);
  auto description = p.description;
  for (const auto& t : translations) {
    if (t.resource_id != p.product_id.value) continue;
    if (t.name) keywords += "\n" + *t.name;
    if (t.description) description += "\n" + *t.description;
  }
  d.keywords = index_words(keywords);
  if (!label_words.empty()) d.keywords += " " + label_words;
  for (const auto& f : facets) add_facet(f, d);
  d.body = index_words(plain_text(description));
  d.name_words = count_of_words(d.name);
  d.category_id = p.category_id;
  d.price = listed.price;
  d.in_stock = listed.in_stock;
  d.created_us = p.created_at.us;
  d.sort_name = p.sort_name;
  return d;
}

bool is_shown(const product_row& p) {
  return p.status == product_status::Active && !p.parent_product_id;
}

}  // namespace

std::size_t size_of(const engine_document& d) {
  auto bytes =
      document_bytes_base + d.name.size() + d.keywords.size() + d.body.size() + d.sort_name.size();
  for (const auto* list : {&d.vendor, &d.tags, &d.options, &d.attributes}) {
    for (const auto& value : *list) bytes += value.size() + 3;
  }
  return bytes;
}

void read_engine_documents(
    db::connection& c, const std::vector<stoa::product_id>& ids,
    const std::function<bool(stoa::product_id, std::optional<engine_document>)>& take) {
  for (std::size_t at = 0; at < ids.size(); at += documents_at_once) {
    const auto end = std::min(at + documents_at_once, ids.size());
    const std::vector<stoa::product_id> some(ids.begin() + static_cast<std::ptrdiff_t>(at),
                                             ids.begin() + static_cast<std::ptrdiff_t>(end));
    const auto listed = read_listed_values(c, some);
    std::vector<uuid> resources;
    resources.reserve(some.size());
    for (auto id : some) resources.push_back(id.value);
    const auto translations = read_translations(c, resources);
    const auto facets = read_facets(c, some);
    const auto label_words = read_label_words(c, some);
    std::unordered_map<uuid, product_parts> found;
    for (auto& parts : read_products(c, some)) {
      const auto id = parts.product.product_id;
      found.emplace(id.value, std::move(parts));
    }
    for (std::size_t i = 0; i < some.size(); ++i) {
      const auto parts = found.find(some[i].value);
      std::optional<engine_document> document;
      if (parts != found.end() && is_shown(parts->second.product)) {
        document = document_of(parts->second, listed[i], translations, facets[i], label_words[i]);
      }
      if (!take(some[i], std::move(document))) return;
    }
  }
}

}  // namespace stoa::catalog
