// Imports over HTTP as jobs: their states and runs.

#include "actors/catalog/catalog_parts.hpp"
#include "actors/catalog/import_effects.hpp"
#include "storage/base/json_read.hpp"

namespace stoa::catalog {

namespace {

using decision = catalog_service::decision;

constexpr microseconds upload_max = seconds{600};
/// Maximum consecutive runs without progress, each ended by a process exit.
constexpr std::int64_t attempts_max = 5;

template <class View>
View counts_of(const import_row& r) {
  View v;
  v.import_id = r.import_id;
  v.state = r.state;
  v.set_stock = r.set_stock;
  v.dry_run = r.dry_run;
  v.bytes = r.file_bytes;
  v.rows = r.rows_read;
  v.rows_rejected = r.rows_rejected;
  v.products = {r.created, r.updated, r.unchanged, r.rejected};
  v.warnings = r.warnings;
  v.error = r.error;
  v.created_by = r.created_by;
  v.created_at = r.created_at;
  v.started_at = r.started_at;
  v.finished_at = r.finished_at;
  v.format = r.format;
  return v;
}

import_view view_of(const import_row& r) {
  auto v = counts_of<import_view>(r);
  if (auto report = json::read_lenient<import_report>(r.report)) {
    v.columns_updated = std::move(report->columns_updated);
    v.columns_kept = std::move(report->columns_kept);
    v.problems = std::move(report->problems);
    v.changes = std::move(report->changes);
  }
  return v;
}

/// Ends the import and deletes its file.
void end(decision& d, stoa::import_id id, import_state state, std::optional<std::string> error) {
  auto& r = d.of<import_row>().edit(id);
  r.state = state;
  r.is_open = false;
  r.run.clear();
  if (error) r.error = std::move(error);
  r.finished_at = d.now;
  d.effect(count_import{state,
                        r.dry_run,
                        r.rows_read,
                        r.rows_rejected,
                        {r.created, r.updated, r.unchanged, r.rejected},
                        r.started_at ? (d.now - *r.started_at).count() : 0,
                        r.format});
  d.execute(delete_import_parts, db::params(id));
}

problem import_finished() {
  return conflict("import_finished", "This import has ended.");
}

constexpr std::int64_t mask_bits = 64;

bool is_in_mask(const import_row& r, std::int64_t number) {
  const auto bit = number - r.counted_from;
  return bit < mask_bits && ((static_cast<std::uint64_t>(r.counted_mask) >> bit) & 1U) != 0;
}

/// Moves the mask so that it has a bit for the number; numbers before the mask count as done.
void move_mask(import_row& r, std::int64_t number) {
  const auto moved = number - r.counted_from - (mask_bits - 1);
  if (moved <= 0) return;
  const auto mask = static_cast<std::uint64_t>(r.counted_mask);
  r.counted_mask = moved < mask_bits ? static_cast<std::int64_t>(mask >> moved) : 0;
  r.counted_from += moved;
}

}  // namespace

std::optional<problem> check_step(const import_row* r, const import_step& step) {
  if (!r || r->state != import_state::running || r->run != step.run) return import_finished();
  return std::nullopt;
}

std::optional<problem> check_step(decision& d, const import_step& step) {
  return check_step(d.of<import_row>().find(step.import_id), step);
}

bool is_counted(const import_row& r, std::int64_t number) {
  return number < r.counted_from || is_in_mask(r, number);
}

bool is_counted(decision& d, const import_step& step) {
  return is_counted(*d.of<import_row>().find(step.import_id), step.number);
}

void count_product(decision& d, const import_step& step, import_outcome outcome) {
  auto& r = d.of<import_row>().edit(step.import_id);
  move_mask(r, step.number);
  const auto bit = std::uint64_t{1} << (step.number - r.counted_from);
  r.counted_mask = static_cast<std::int64_t>(static_cast<std::uint64_t>(r.counted_mask) | bit);
  if (outcome == import_outcome::created) ++r.created;
  if (outcome == import_outcome::updated) ++r.updated;
  if (outcome == import_outcome::unchanged) ++r.unchanged;
  r.attempts = 0;
}

void catalog_service::needs(const create_import& m, need_list& list, const records&) const {
  list.add<&import_row::import_id>(m.import_id);
  list.add<&import_row::is_open>(true);
}

result<import_view> catalog_service::decide(const create_import& m, decision& d) const {
  if (const auto* known = d.of<import_row>().find(m.import_id)) return view_of(*known);
  if (m.parts < 1 || m.parts > import_parts_max) return invalid_field("", "range", "No such file.");
  if (d.of<import_row>().where<&import_row::is_open>(true).size() >= imports_open_max) {
    return conflict("import_queue_full",
                    "At most " + std::to_string(imports_open_max) +
                        " imports can be queued or running. Retry when one has "
                        "ended.");
  }
  import_row r;
  r.import_id = m.import_id;
  r.created_by = d.context.who.user;
  r.set_stock = m.set_stock;
  r.dry_run = m.dry_run;
  r.file_bytes = m.bytes;
  r.file_parts = m.parts;
  r.report = json::write(import_report{});
  r.created_at = d.now;
  r.format = m.format;
  d.execute(prune_imports, db::params(imports_kept));
  return view_of(d.of<import_row>().insert(std::move(r)));
}

void catalog_service::needs(const put_import_part& m, need_list& list, const records&) const {
  list.add<&import_row::import_id>(m.import_id);
}

result<kernel::nothing> catalog_service::decide(const put_import_part& m, decision& d) const {
  const auto* r = d.of<import_row>().find(m.import_id);
  if (!r) return not_found("import");
  if (r->state != import_state::receiving) return import_finished();
  if (m.number < 0 || m.number >= r->file_parts || m.content.size() > 2 * import_part_bytes) {
    return invalid_field("", "range", "No such part.");
  }
  d.execute(keep_import_part, db::params(m.import_id, m.number, m.content));
  return kernel::nothing{};
}

void catalog_service::needs(const queue_import& m, need_list& list, const records&) const {
  list.add<&import_row::import_id>(m.import_id);
}

result<import_view> catalog_service::decide(const queue_import& m, decision& d) const {
  const auto* r = d.of<import_row>().find(m.import_id);
  if (!r) return not_found("import");
  if (r->state == import_state::receiving) {
    d.of<import_row>().edit(m.import_id).state = import_state::queued;
    d.effect(run_import{m.import_id});
  }
  return view_of(*r);
}

void catalog_service::needs(const cancel_import& m, need_list& list, const records&) const {
  list.add<&import_row::import_id>(m.import_id);
}

result<import_view> catalog_service::decide(const cancel_import& m, decision& d) const {
  const auto* r = d.of<import_row>().find(m.import_id);
  if (!r) return not_found("import");
  if (!r->is_open && r->state != import_state::cancelled) return import_finished();
  if (r->is_open) end(d, m.import_id, import_state::cancelled, std::nullopt);
  return view_of(*r);
}

void catalog_service::needs(const expire_import& m, need_list& list, const records&) const {
  list.add<&import_row::import_id>(m.import_id);
}

result<kernel::nothing> catalog_service::decide(const expire_import& m, decision& d) const {
  const auto* r = d.of<import_row>().find(m.import_id);
  if (r && r->state == import_state::receiving && r->created_at + upload_max <= d.now) {
    end(d, m.import_id, import_state::interrupted, "The file was not received in full.");
  }
  return kernel::nothing{};
}

void catalog_service::needs(const begin_import& m, need_list& list, const records&) const {
  list.add<&import_row::import_id>(m.import_id);
}

result<import_start> catalog_service::decide(const begin_import& m, decision& d) const {
  const auto* r = d.of<import_row>().find(m.import_id);
  if (!r || (r->state != import_state::queued && r->state != import_state::running)) {
    return import_start{};
  }
  if (r->attempts >= attempts_max) {
    end(d, m.import_id, import_state::interrupted,
        "The server exited " + std::to_string(attempts_max) + " times during the import.");
    return import_start{};
  }
  auto& taken = d.of<import_row>().edit(m.import_id);
  taken.state = import_state::running;
  taken.run = m.run;
  ++taken.attempts;
  if (!taken.started_at) taken.started_at = d.now;
  return import_start{true,
                      taken.created_by,
                      taken.set_stock,
                      taken.dry_run,
                      taken.file_parts,
                      {taken.created, taken.updated, taken.unchanged, taken.rejected},
                      taken.format};
}

void catalog_service::needs(const report_import& m, need_list& list, const records&) const {
  list.add<&import_row::import_id>(m.import_id);
}

result<import_verdict> catalog_service::decide(const report_import& m, decision& d) const {
  const auto* known = d.of<import_row>().find(m.import_id);
  if (!known || known->state != import_state::running || known->run != m.run) {
    return import_verdict{};
  }
  auto& r = d.of<import_row>().edit(m.import_id);
  const auto before = r.products();
  r.rows_read = m.rows;
  r.rows_rejected = m.rows_rejected;
  if (!m.counted) {
    r.created = m.products.created;
    r.updated = m.products.updated;
    r.unchanged = m.products.unchanged;
  }
  // A resumed run starts at the beginning of the file.
  r.rejected = m.outcome ? m.products.rejected : std::max(r.rejected, m.products.rejected);
  r.warnings = m.warnings;
  r.report = json::write(m.report);
  if (r.products() > before) r.attempts = 0;
  if (m.outcome) end(d, m.import_id, *m.outcome, m.error);
  return import_verdict{!m.outcome};
}

result<import_view> catalog_service::read(const get_import& q, const call_context&,
                                          db::connection& c) const {
  const auto found = read_import_job(c, q.import_id);
  if (!found) return not_found("import");
  return view_of(*found);
}

result<import_page> catalog_service::read(const list_imports& q, const call_context&,
                                          db::connection& c) const {
  const auto limit = static_cast<std::size_t>(std::clamp<std::int64_t>(q.limit, 1, 100));
  import_page page;
  for (const auto& r : read_import_jobs(c, q.before, limit + 1)) {
    if (page.data.size() == limit) {
      page.next_cursor.value = page.data.back().import_id.str();
      break;
    }
    page.data.push_back(counts_of<import_summary>(r));
  }
  return page;
}

result<import_part> catalog_service::read(const get_import_part& q, const call_context&,
                                          db::connection& c) const {
  return import_part{read_import_part(c, q.import_id, q.number)};
}

void add_due_imports(db::connection& c, timestamp now, kernel::due_work& work) {
  std::optional<stoa::import_id> next;
  for (const auto& r : read_open_imports(c)) {
    if (r.state == import_state::receiving) {
      if (r.created_at + upload_max <= now) {
        work.commands.push_back(kernel::any_message::of(expire_import{r.import_id}));
      }
    } else if (!next || r.state == import_state::running) {
      next = r.import_id;
    }
  }
  if (next) work.effects.push_back(kernel::any_message::of(run_import{*next}));
}

}  // namespace stoa::catalog
