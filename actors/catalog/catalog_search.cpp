// The search words, facets and sort names of products. They depend on the products' texts, the
// program's rules, ICU and the locale; when one of the last three changes, all products are queued
// and reindexed, a few per sweep.

#include "actors/catalog/attribute_merge.hpp"
#include "actors/catalog/catalog_parts.hpp"
#include "config/log.hpp"
#include "storage/catalog/catalog_store.hpp"
#include "storage/catalog/search_text.hpp"

#include <unicode/uversion.h>

#include <array>
#include <set>

namespace stoa::catalog {

namespace {

using decision = catalog_service::decision;

/// Maximum bytes of SKUs and variant options that are indexed per product.
constexpr std::size_t codes_bytes_max = 128 * 1024;
/// Products per command, and commands per sweep: together they occupy the writer for at most a
/// quarter of a second.
constexpr std::size_t indexed_at_once = 16;
constexpr std::size_t index_commands_max = 16;

}  // namespace

/// SKUs first: options of many variants repeat.
std::string codes_of(const product_row& p, const std::vector<const product_row*>& variants) {
  std::set<std::string> skus;
  std::set<std::string> values;
  if (p.sku) skus.insert(*p.sku);
  for (const auto* v : variants) {
    // A variant being removed is always a draft.
    if (v->status != p.status) continue;
    if (v->sku) skus.insert(*v->sku);
    for (const auto& o : v->options) values.insert(o.value);
  }
  std::string codes;
  for (const auto* list : {&skus, &values}) {
    for (const auto& one : *list) {
      if (codes.size() + one.size() < codes_bytes_max) codes += "\n" + one;
    }
  }
  return codes;
}

std::optional<search_source> search_source_of(decision& d, stoa::product_id id) {
  const auto* p = d.of<product_row>().find(id);
  if (p == nullptr) return std::nullopt;
  auto specifications = specifications_of(d, *p);
  auto facets = facets_of(d, *p, specifications);
  search_source source{p->name, p->keywords + codes_of(*p, variants_of(d, id)), p->description,
                       std::move(facets), std::move(specifications)};
  for (const auto* t : d.of<translation_row>().where<&translation_row::resource_id>(id.value)) {
    // Names and descriptions of other languages are found like keywords and descriptions.
    if (t->name) source.keywords += "\n" + *t->name;
    if (t->description) source.description += "\n" + *t->description;
  }
  return source;
}

void catalog_service::index_product(decision& d, stoa::product_id id) const {
  const auto source = search_source_of(d, id);
  if (!source) return;
  const auto* p = d.of<product_row>().find(id);
  const auto sort_name = collation_.key(p->name);
  auto labels = labels_of(p->attributes);
  // search_text was written by earlier versions.
  if (p->sort_name != sort_name || !p->search_text.empty() || p->vendor != labels.vendor ||
      p->tags != labels.tags || p->specifications != source->specifications) {
    auto& row = d.of<product_row>().edit(id);
    row.sort_name = sort_name;
    row.search_text.clear();
    row.vendor = std::move(labels.vendor);
    row.tags = std::move(labels.tags);
    if (row.specifications != source->specifications) row.updated_at = d.now;
    row.specifications = source->specifications;
  }
  d.execute(put_product_facets, db::params(id, facet_list_text(source->facets)));
  d.execute(put_product_words,
            db::params(id, index_words(source->name), index_words(source->keywords),
                       index_words(plain_text(source->description))));
}

void catalog_service::index_changes(decision& d, stoa::product_id id,
                                    const std::optional<search_source>& before) const {
  if (search_source_of(d, id) != before) index_product(d, id);
}

std::string catalog_service::search_maker() const {
  UVersionInfo icu{};
  u_getVersion(icu);
  std::array<char, U_MAX_VERSION_STRING_LENGTH> shown{};
  u_versionToString(icu, shown.data());
  return std::to_string(search_words_version) + ", ICU " + shown.data() + ", " +
         collation_.version();
}

void catalog_service::needs(const index_products& m, need_list& list, const records& all) const {
  for (auto id : m.product_ids) {
    list.add<&product_row::product_id>(id);
    list.add<&product_row::parent_product_id>(id);
    list.add<&translation_row::resource_id>(id.value);
    if (const auto* p = all.of<product_row>().find(id)) need_type(p->product_type, list);
  }
}

result<nothing> catalog_service::decide(const index_products& m, decision& d) const {
  for (auto id : m.product_ids) index_product(d, id);
  return nothing{};
}

void catalog_service::needs(const index_all_products&, need_list&, const records&) const {}

result<nothing> catalog_service::decide(const index_all_products& m, decision& d) const {
  d.execute(queue_all_products, {});
  if (!options_.engine_alias.empty()) {
    d.execute(set_engine_active, db::params(std::int64_t{1}, d.now.us));
    d.execute(queue_all_for_engine, {});
  }
  d.execute(set_search_maker, db::params(m.made_by));
  return nothing{};
}

void catalog_service::add_indexing(db::connection& c, kernel::due_work& work) const {
  const auto backlog = read_search_backlog(c, indexed_at_once * index_commands_max);
  const auto maker = search_maker();
  if (backlog.made_by != maker) {
    log::info("search index is outdated; all products queued",
              {{"made_by", backlog.made_by}, {"now", maker}});
    work.commands.push_back(kernel::any_message::of(index_all_products{maker}));
    return;
  }
  if (backlog.next.empty()) return;
  const auto left = static_cast<std::size_t>(backlog.queued) - backlog.next.size();
  log::info(left == 0 ? "indexing the last queued products" : "indexing queued products",
            {{"products", backlog.next.size()}, {"left", left}});
  index_products some;
  for (auto id : backlog.next) {
    some.product_ids.push_back(id);
    if (some.product_ids.size() < indexed_at_once) continue;
    work.commands.push_back(kernel::any_message::of(std::move(some)));
    some = {};
  }
  if (!some.product_ids.empty()) work.commands.push_back(kernel::any_message::of(std::move(some)));
}

}  // namespace stoa::catalog
