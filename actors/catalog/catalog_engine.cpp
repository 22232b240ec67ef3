// The maintenance of a search engine's index: the queue of changed products, and rebuilds as jobs
// that survive the process. The effect `update_engine` sends the products.

#include "actors/catalog/catalog_parts.hpp"
#include "actors/catalog/engine_documents.hpp"
#include "storage/base/text.hpp"
#include "storage/catalog/catalog_store.hpp"

namespace stoa::catalog {

namespace {

using decision = catalog_service::decision;

constexpr std::size_t build_error_bytes_max = 500;

/// YYYYMMDDhhmmss, in UTC.
std::string digits_of(timestamp at) {
  std::string digits;
  for (const char c : at.str()) {
    if (c == '.' || c == 'Z') break;
    if (c >= '0' && c <= '9') digits += c;
  }
  return digits;
}

search_build_view build_view_of(const engine_build_row& r) {
  return {r.index_name, r.state, r.products, std::nullopt, r.error, r.started_at, r.finished_at};
}

void end_build(decision& d, build_state outcome, const std::optional<std::string>& error) {
  auto& r = d.of<engine_build_row>().edit(1);
  r.state = outcome;
  r.finished_at = d.now;
  if (!error) return;
  r.error = error->substr(0, build_error_bytes_max);
  r.error->resize(text::utf8_prefix(*r.error));
}

void report_build(decision& d, const build_progress& progress) {
  const auto* known = d.of<engine_build_row>().find(1);
  if (known == nullptr || known->state != build_state::running ||
      known->index_name != progress.index_name) {
    return;
  }
  if (progress.outcome) {
    // The new index has all products as they were when the build began, or later.
    if (*progress.outcome == build_state::completed) {
      d.execute(forget_engine_changes, db::params(known->since));
    }
    return end_build(d, *progress.outcome, progress.error);
  }
  auto& r = d.of<engine_build_row>().edit(1);
  r.products = progress.products;
  r.after = progress.after;
  r.filled = !progress.after;
}

}  // namespace

void catalog_service::needs(const set_engine&, need_list& list, const records&) const {
  list.add<&engine_build_row::slot>(1);
}

result<nothing> catalog_service::decide(const set_engine& m, decision& d) const {
  d.execute(set_engine_active, db::params(std::int64_t{m.active ? 1 : 0}, d.now.us));
  if (m.active) {
    d.execute(queue_all_for_engine, {});
    return nothing{};
  }
  d.execute(clear_engine_queue, {});
  const auto* build = d.of<engine_build_row>().find(1);
  if (build != nullptr && build->state == build_state::running) {
    end_build(d, build_state::failed, "The store uses the built-in search.");
  }
  return nothing{};
}

void catalog_service::needs(const start_reindex&, need_list& list, const records&) const {
  list.add<&engine_build_row::slot>(1);
  list.add<&engine_clock_row::slot>(1);
}

result<search_build_view> catalog_service::decide(const start_reindex& m, decision& d) const {
  if (options_.engine_alias.empty()) {
    return conflict("search_engine_off", "The store has no search engine (search.engine).");
  }
  const auto* last = d.of<engine_build_row>().find(1);
  const bool running = last != nullptr && last->state == build_state::running;
  if (running && !m.restart) {
    return conflict("reindex_running", "The index " + last->index_name + " is being built.");
  }
  const auto* clock = d.of<engine_clock_row>().find(1);
  engine_build_row next;
  next.version = last != nullptr ? last->version : 0;
  // The id distinguishes builds of the same second.
  const auto id = d.new_id<stoa::product_id>().str();
  next.index_name = options_.engine_alias + "-" + digits_of(d.now) + "-" + id.substr(id.size() - 6);
  next.since = clock != nullptr ? clock->last_change : 0;
  next.started_at = d.now;
  if (last != nullptr) {
    d.of<engine_build_row>().edit(1) = next;
  } else {
    d.of<engine_build_row>().insert(next);
  }
  d.effect(update_engine{0, true});
  return build_view_of(next);
}

void catalog_service::needs(const report_engine& m, need_list& list, const records&) const {
  if (m.build) list.add<&engine_build_row::slot>(1);
}

result<nothing> catalog_service::decide(const report_engine& m, decision& d) const {
  for (const auto& c : m.changes) {
    d.execute(forget_engine_change, db::params(c.product_id, c.change));
  }
  if (m.build) report_build(d, *m.build);
  return nothing{};
}

namespace {

void add_changes(db::connection& c, engine_batch& batch) {
  const auto queued = read_engine_queue(c, engine_batch_max);
  std::vector<stoa::product_id> ids;
  ids.reserve(queued.size());
  for (const auto& q : queued) ids.push_back(q.product_id);
  std::size_t bytes = 0;
  read_engine_documents(c, ids, [&](stoa::product_id id, std::optional<engine_document> document) {
    if (document) bytes += size_of(*document);
    const auto change = queued[batch.changes.size()].change;
    batch.changes.push_back({id, change, std::move(document)});
    return bytes < engine_batch_bytes;
  });
}

engine_fill fill_of(db::connection& c, const engine_build_row& build) {
  engine_fill fill;
  fill.index_name = build.index_name;
  fill.filled = build.filled;
  fill.begun = build.filled || build.after.has_value();
  fill.products = build.products;
  if (build.filled) return fill;
  const auto ids = product_ids_after(c, build.after, engine_batch_max);
  std::size_t bytes = 0;
  std::size_t taken = 0;
  read_engine_documents(c, ids, [&](stoa::product_id id, std::optional<engine_document> document) {
    ++taken;
    fill.after = id;
    if (!document) return true;
    bytes += size_of(*document);
    fill.documents.push_back(std::move(*document));
    return bytes < engine_batch_bytes;
  });
  if (taken == ids.size() && ids.size() < engine_batch_max) fill.after.reset();
  return fill;
}

}  // namespace

result<engine_batch> catalog_service::read(const get_engine_batch& q, const call_context&,
                                           db::connection& c) const {
  engine_batch batch;
  batch.version = read_engine_clock(c).last_change;
  batch.queued = count_engine_queue(c, engine_queue_count_max);
  if (q.with_changes) add_changes(c, batch);
  const auto build = read_engine_build(c);
  if (build && build->state == build_state::running) batch.fill = fill_of(c, *build);
  return batch;
}

result<search_index_view> catalog_service::read(const get_search_index&, const call_context&,
                                                db::connection& c) const {
  search_index_view view;
  view.engine = options_.engine_alias.empty() ? "builtin" : "opensearch";
  if (!options_.engine_alias.empty()) view.alias.value = options_.engine_alias;
  view.queued = count_engine_queue(c, engine_queue_count_max);
  if (const auto build = read_engine_build(c)) {
    view.build.value = build_view_of(*build);
    if (build->state == build_state::running) {
      view.build.value->products_total = count_active_products(c);
    }
  }
  return view;
}

void add_due_engine(db::connection& c, bool used, kernel::due_work& work) {
  const auto clock = read_engine_clock(c);
  if (clock.active != used) {
    work.commands.push_back(kernel::any_message::of(set_engine{used}));
    return;
  }
  if (!used) return;
  const auto queued = count_engine_queue(c, engine_queue_count_max);
  const auto build = read_engine_build(c);
  if (queued > 0 || (build && build->state == build_state::running)) {
    work.effects.push_back(kernel::any_message::of(update_engine{queued, false}));
  }
}

}  // namespace stoa::catalog
