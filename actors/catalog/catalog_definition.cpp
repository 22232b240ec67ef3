#include "actors/catalog/catalog_service.hpp"
#include "actors/kernel/define_service.hpp"
#include "config/settings.hpp"

#include <algorithm>

namespace stoa::catalog {

namespace {

/// A page of all products is read from an index, in every order.
kernel::query_cost cost_of(const list_products& q) {
  const bool all = !q.q && !q.category_id && !q.min_price && !q.max_price && !q.in_stock &&
                   !q.status && !q.count && !q.filter && !q.facets && !q.collection_id &&
                   !q.highlight;
  return all ? kernel::query_cost::cheap : kernel::query_cost::expensive;
}

kernel::query_cost cost_of(const list_ledger& q) {
  return q.count ? kernel::query_cost::expensive : kernel::query_cost::cheap;
}

}  // namespace

catalog_options options_of(const settings& all) {
  catalog_options o{all.store.currency, seconds{all.catalog.reservation_ttl_s}, all.store.locale};
  if (std::ranges::find(all.payment.methods, "bank_transfer") != all.payment.methods.end()) {
    o.payment_wait_max = std::chrono::hours{24} * all.payment.bank_transfer_days;
  }
  o.export_bytes_max = all.catalog.export_bytes_max;
  o.low_stock_threshold = all.catalog.low_stock_threshold;
  if (!all.media.public_url.empty()) o.media_url = all.media.public_url;
  o.media_unused = seconds{all.media.unused_s};
  o.thumbnails = !all.media.thumbnail_widths.empty();
  o.allocation.clear();
  for (const auto& name : all.catalog.allocation) {
    if (const auto rule = allocation_rule_of(name)) o.allocation.push_back(*rule);
  }
  if (all.search.engine != "builtin") o.engine_alias = all.search.index;
  return o;
}

kernel::service_definition definition_of(const catalog_service& service) {
  auto d = kernel::define_service(service);
  d.set_cost<list_products, cost_of>();
  d.set_cost<list_ledger, cost_of>();
  d.set_expensive<export_products, export_lines, get_engine_batch, get_search_index>();
  d.set_expensive<show_related>();
  d.set_expensive<suggest>();
  d.set_expensive<show_found>();
  // Not price_items and the queries of imports and exports: decisions depend on their answers.
  d.set_may_lag<get_product, list_products, category_tree, get_category, list_ledger,
                export_products, get_collection, list_collections, get_related, show_related,
                get_synonyms, look_up_synonyms, suggest, get_product_type, list_product_types,
                list_translations, get_location, list_locations, get_order_allocations, list_pickup,
                get_labels, list_label_locales, search_scope, show_found, export_lines>();
  return d;
}

}  // namespace stoa::catalog
