// Publication and archiving of products at a given time.

#include "actors/catalog/attribute_merge.hpp"
#include "actors/catalog/catalog_parts.hpp"
#include "storage/catalog/catalog_store.hpp"

namespace stoa::catalog {

namespace {

constexpr std::size_t scheduled_at_once = 50;

/// A product without a price stays a draft; the import that sets the price publishes it.
product_row at_time(product_row p, timestamp now) {
  if (p.publish_at && *p.publish_at <= now) {
    p.publish_at.reset();
    if (!awaits_price(p.attributes)) p.status = product_status::Active;
  }
  if (p.archive_at && *p.archive_at <= now) {
    p.archive_at.reset();
    p.status = product_status::Archived;
  }
  return p;
}

}  // namespace

void catalog_service::needs(const apply_schedule& m, need_list& list, const records& all) const {
  for (auto id : m.product_ids) need_product(id, list, all);
}

result<nothing> catalog_service::decide(const apply_schedule& m, decision& d) const {
  for (auto id : m.product_ids) {
    const auto* found = find_existing(d, id);
    if (!found) continue;
    const product_row old = *found;
    product_row p = at_time(old, d.now);
    if (p == old) continue;
    const auto source = search_source_of(d, id);
    p.updated_at = d.now;
    d.of<product_row>().edit(id) = p;
    propagate_to_variants(d, old, p);
    if (p.status != product_status::Active) release_all_holds(d, id);
    index_changes(d, id, source);
  }
  return nothing{};
}

void add_due_schedules(db::connection& c, timestamp now, kernel::due_work& work) {
  auto due = scheduled_products(c, now, scheduled_at_once);
  if (due.empty()) return;
  work.commands.push_back(kernel::any_message::of(apply_schedule{std::move(due)}));
}

}  // namespace stoa::catalog
