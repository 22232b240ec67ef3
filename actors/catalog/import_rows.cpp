// The rows and stocks that an import saves.

#include "actors/catalog/attribute_merge.hpp"
#include "actors/catalog/import_run.hpp"

#include <algorithm>

namespace stoa::catalog {

namespace {

/// The new number of units on hand; empty: unchanged.
std::optional<std::int64_t> stock_target(const import_run& run, const stock_row& stock,
                                         bool sellable, bool starts,
                                         const std::optional<std::int64_t>& on_hand) {
  if (!sellable) return stock.reserved;
  if (starts) return imported_units(run.d, stock, on_hand.value_or(0));
  if (run.set_stock && on_hand) return imported_units(run.d, stock, *on_hand);
  return std::nullopt;
}

std::string yes_or_no(bool b) {
  return b ? "yes" : "no";
}

/// Saves the stock policy in the file.
void save_policy(import_run& run, stoa::product_id id, const std::optional<std::string>& label,
                 std::optional<bool> tracked, std::optional<bool> backorder) {
  const stock_row old = *run.d.of<stock_row>().find(id);
  const bool now_tracked = tracked.value_or(old.tracked);
  const bool now_backorder = backorder.value_or(old.backorder);
  if (old.tracked == now_tracked && old.backorder == now_backorder) return;
  run.changes.add(label, "track_inventory", yes_or_no(old.tracked), yes_or_no(now_tracked));
  run.changes.add(label, "allow_backorder", yes_or_no(old.backorder), yes_or_no(now_backorder));
  set_policy(run.d.of<stock_row>().edit(id), now_tracked, now_backorder);
  run.touch();
}

}  // namespace

std::int64_t imported_units(catalog_service::decision& d, const stock_row& stock,
                            std::int64_t wanted) {
  // The file's count may be older than the orders. Without orders a negative number means units
  // owed elsewhere. The other locations keep what they have, and owe nothing.
  if (stock.unlimited() || (stock.reserved == 0 && !stock.located)) return wanted;
  const auto others = units_elsewhere(d, stock.product_id);
  const auto owed = std::min(stock.reserved - others.reserved, stock.on_hand - others.on_hand);
  return std::max(wanted, others.on_hand + owed);
}

void note_stock(std::vector<std::string>& notes, const std::string& name, std::int64_t wanted,
                std::int64_t set) {
  notes.push_back(name + ": the stock is " + std::to_string(set) + " instead of " +
                  std::to_string(wanted) + ", because orders and other locations hold units.");
}

bool is_deleted(const product_row* p) {
  return !p || p->status == product_status::Deleted;
}

product_row start_row(import_run& run, stoa::product_id id) {
  const auto* old = run.d.of<product_row>().find(id);
  if (!is_deleted(old)) return *old;
  product_row p;
  p.product_id = id;
  p.price = {0, run.currency};
  p.attributes = "{}";
  if (old) {
    p.created_at = old->created_at;
    p.version = old->version;
    p.metadata = old->metadata;
  }
  return p;
}

void set_sku(import_run& run, product_row& p, const std::optional<std::string>& sku) {
  if (!sku) return;
  const auto wanted = sku->empty() ? std::nullopt : sku;
  const auto* other = wanted ? run.d.of<product_row>().find_by<&product_row::sku>(wanted) : nullptr;
  if (other && other->product_id != p.product_id) {
    run.answer.skus_left_out.push_back({p.product_id, *wanted, other->product_id});
  } else {
    p.sku = wanted;
  }
}

void set_attributes(import_run& run, product_row& p, const json::raw& patch) {
  const std::string stored = p.attributes.empty() ? "{}" : p.attributes;
  p.attributes = merged_attributes(stored, patch.text);
  if (p.attributes.size() <= attributes_bytes_max) return;
  p.attributes = merged_attributes(stored, without_columns(patch.text));
  run.note(p.name + ": unused columns were omitted because they are too long.");
}

void save(import_run& run, product_row p, bool sellable, const std::optional<std::int64_t>& on_hand,
          std::optional<bool> tracked, std::optional<bool> backorder) {
  auto& d = run.d;
  const auto id = p.product_id;
  const auto* old = d.of<product_row>().find(id);
  const bool fresh = is_deleted(old);
  bool starts = fresh;
  const std::string name = p.name;
  // From earlier versions; cleared by the search index with the next change.
  if (old) p.search_text = old->search_text;
  run.changes.add_row(fresh ? nullptr : old, p);
  std::optional<std::string> label;
  if (p.parent_product_id) label = name;
  if (!old) {
    p.created_at = p.updated_at = d.now;
    d.of<product_row>().insert(std::move(p));
    d.of<stock_row>().insert({id, 0, 0, sellable, 0});
    run.touch();
  } else if (p != *old) {
    p.updated_at = d.now;
    d.of<product_row>().edit(id) = std::move(p);
    run.touch();
  }
  const auto* stock = d.of<stock_row>().find(id);
  if (stock->sellable != sellable) {
    starts = true;
    if (!fresh) run.changes.add(label, "sold", yes_or_no(!sellable), yes_or_no(sellable));
    d.of<stock_row>().edit(id).sellable = sellable;
    run.touch();
  }
  if (!is_sold(d, id)) release_holds_of(d, id);
  if (sellable && fresh) {
    save_policy(run, id, label, tracked.value_or(true), backorder.value_or(false));
  } else if (sellable) {
    save_policy(run, id, label, tracked, backorder);
  }
  const auto on_hand_before = stock->on_hand;
  const auto before = starts ? std::nullopt : counted_units(d, id);
  if (starts || !sellable) empty_levels(d, id, stock_cause::import);
  const auto target = stock_target(run, *stock, sellable, starts, on_hand);
  if (sellable && target && on_hand && *target != *on_hand) {
    note_stock(run.answer.notes, name, *on_hand, *target);
  }
  if (!target || (on_hand_before == *target && stock->on_hand == *target)) return;
  run.changes.add(label, "on_hand", std::to_string(on_hand_before), std::to_string(*target));
  set_on_hand(d, id, *target, stock_cause::import);
  report_low_stock(d, id, before, run.low_stock_default);
  run.touch();
}

}  // namespace stoa::catalog
