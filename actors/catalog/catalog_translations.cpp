// Names and descriptions in other languages.

#include "actors/catalog/catalog_parts.hpp"
#include "actors/kernel/entity_tag.hpp"
#include "storage/base/locale_format.hpp"
#include "storage/catalog/collection_store.hpp"
#include "storage/catalog/type_store.hpp"

namespace stoa::catalog {

namespace {

using decision = catalog_service::decision;

translation_view view_of(const translation_row& t) {
  return {t.locale, t.name, t.description, t.updated_at};
}

template <class Message>
void need_resource(const Message& m, catalog_service::need_list& list,
                   const catalog_service::records& all) {
  list.add<&translation_row::resource_id>(m.resource_id);
  switch (m.kind) {
    case translated_kind::product:
      return need_product({m.resource_id}, list, all);
    case translated_kind::category:
      return list.add<&category_row::category_id>(stoa::category_id{m.resource_id});
    case translated_kind::collection:
      return list.add<&collection_row::collection_id>(stoa::collection_id{m.resource_id});
  }
}

/// The problem if there is no such resource.
template <class Message>
std::optional<problem> check_resource(const Message& m, decision& d) {
  switch (m.kind) {
    case translated_kind::product: {
      const auto* p = find_existing(d, {m.resource_id});
      if (!p || p->parent_product_id) return not_found("product");
      return std::nullopt;
    }
    case translated_kind::category:
      if (!d.of<category_row>().find(stoa::category_id{m.resource_id}))
        return not_found("category");
      return std::nullopt;
    case translated_kind::collection:
      if (!d.of<collection_row>().find(stoa::collection_id{m.resource_id})) {
        return not_found("collection");
      }
      return std::nullopt;
  }
  return std::nullopt;
}

template <class View>
void translate_view(View& view, const std::map<uuid, translation_row>& found, const uuid& id) {
  const auto at = found.find(id);
  if (at == found.end()) return;
  if (at->second.name) view.name = *at->second.name;
  if (at->second.description) view.description = *at->second.description;
}

void add_ids(const std::vector<category_view>& categories, std::vector<uuid>& ids) {
  for (const auto& c : categories) {
    ids.push_back(c.category_id.value);
    add_ids(c.children, ids);
  }
}

void translate_tree(std::vector<category_view>& categories,
                    const std::map<uuid, translation_row>& found) {
  for (auto& c : categories) {
    translate_view(c, found, c.category_id.value);
    translate_tree(c.children, found);
  }
}

}  // namespace

void catalog_service::needs(const put_translation& m, need_list& list, const records& all) const {
  need_resource(m, list, all);
}

result<translation_view> catalog_service::decide(const put_translation& m, decision& d) const {
  if (auto missing = check_resource(m, d)) return std::move(*missing);
  const auto* found = d.of<translation_row>().find(m.resource_id, m.locale);
  if (auto bad = kernel::check_precondition(m.precondition, found != nullptr,
                                            [&] { return view_of(*found); })) {
    return std::move(*bad);
  }
  if (!m.terms.name && !m.terms.description) {
    return invalid_field("/name", "required", "A translation has a name or a description.");
  }
  const auto known = d.of<translation_row>().where<&translation_row::resource_id>(m.resource_id);
  if (!found && known.size() >= translations_max) {
    return conflict("too_many_translations",
                    "This has at most " + std::to_string(translations_max) + " translations.");
  }
  const bool is_product = m.kind == translated_kind::product;
  const auto source = is_product ? search_source_of(d, {m.resource_id}) : std::nullopt;
  if (!found) {
    d.of<translation_row>().insert(
        {m.resource_id, m.locale, m.terms.name, m.terms.description, d.now});
  } else if (found->name == m.terms.name && found->description == m.terms.description) {
    return view_of(*found);
  } else {
    auto& row = d.of<translation_row>().edit(m.resource_id, m.locale);
    row.name = m.terms.name;
    row.description = m.terms.description;
    row.updated_at = d.now;
  }
  if (is_product) {
    d.of<product_row>().edit(stoa::product_id{m.resource_id}).updated_at = d.now;
    index_changes(d, {m.resource_id}, source);
  }
  return view_of(*d.of<translation_row>().find(m.resource_id, m.locale));
}

void catalog_service::needs(const delete_translation& m, need_list& list,
                            const records& all) const {
  need_resource(m, list, all);
}

result<nothing> catalog_service::decide(const delete_translation& m, decision& d) const {
  if (auto missing = check_resource(m, d)) return std::move(*missing);
  const auto* found = d.of<translation_row>().find(m.resource_id, m.locale);
  if (!found) return not_found("translation");
  if (auto bad = kernel::check_precondition(m.precondition, [&] { return view_of(*found); })) {
    return std::move(*bad);
  }
  const bool is_product = m.kind == translated_kind::product;
  const auto source = is_product ? search_source_of(d, {m.resource_id}) : std::nullopt;
  d.of<translation_row>().erase(m.resource_id, m.locale);
  if (is_product) {
    d.of<product_row>().edit(stoa::product_id{m.resource_id}).updated_at = d.now;
    index_changes(d, {m.resource_id}, source);
  }
  return nothing{};
}

result<translation_page> catalog_service::read(const list_translations& q, const call_context&,
                                               db::connection& c) const {
  bool known = false;
  switch (q.kind) {
    case translated_kind::product: {
      const auto p = read_product(c, {q.resource_id});
      known = p && p->product.status != product_status::Deleted && !p->product.parent_product_id;
      break;
    }
    case translated_kind::category:
      known = !read_category_tree(c, {q.resource_id}).empty();
      break;
    case translated_kind::collection:
      known = read_collection(c, {q.resource_id}).has_value();
      break;
  }
  if (!known) {
    return not_found(q.kind == translated_kind::product    ? "product"
                     : q.kind == translated_kind::category ? "category"
                                                           : "collection");
  }
  translation_page page;
  for (const auto& t : read_translations(c, q.resource_id)) page.data.push_back(view_of(t));
  return page;
}

void translate(db::connection& c, const std::optional<std::string>& locale,
               std::vector<product_view>& products) {
  if (!locale || products.empty()) return;
  std::vector<uuid> ids;
  for (const auto& p : products) {
    ids.push_back(p.product_id.value);
    if (p.category) ids.push_back(p.category->category_id.value);
  }
  const auto found = find_translations(c, ids, *locale);
  for (auto& p : products) {
    const auto name = p.name;
    translate_view(p, found, p.product_id.value);
    // A variant's name begins with that of its product.
    for (auto& v : p.variants) {
      const bool is_derived = v.name == name || v.name.starts_with(name + " - ");
      if (is_derived) v.name = p.name + v.name.substr(name.size());
    }
    if (!p.category) continue;
    const auto at = found.find(p.category->category_id.value);
    if (at != found.end() && at->second.name) p.category->name = *at->second.name;
  }
  translate_labels(c, *locale, products);
}

void translate(db::connection& c, const std::optional<std::string>& locale,
               std::vector<category_view>& categories) {
  if (!locale) return;
  std::vector<uuid> ids;
  add_ids(categories, ids);
  translate_tree(categories, find_translations(c, ids, *locale));
}

void translate(db::connection& c, const std::optional<std::string>& locale,
               std::vector<collection_view>& collections) {
  if (!locale) return;
  std::vector<uuid> ids;
  ids.reserve(collections.size());
  for (const auto& one : collections) ids.push_back(one.collection_id.value);
  const auto found = find_translations(c, ids, *locale);
  for (auto& one : collections) translate_view(one, found, one.collection_id.value);
}

}  // namespace stoa::catalog
