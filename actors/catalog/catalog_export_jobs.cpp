// Exports over HTTP as jobs: their states, runs and files.

#include "actors/catalog/catalog_parts.hpp"

#include <algorithm>

namespace stoa::catalog {

namespace {

using decision = catalog_service::decision;

/// Maximum consecutive runs without a new part, each ended by a process exit.
constexpr std::int64_t export_attempts_max = 5;

export_view export_view_of(const export_row& r) {
  export_view v;
  v.export_id = r.export_id;
  v.state = r.state;
  v.format = r.format;
  v.updated_since = r.updated_since;
  if (r.status) v.status = enum_value<product_status>(*r.status);
  v.bytes = r.file_bytes;
  v.objects = r.objects;
  v.left_out = r.left_out;
  v.error = r.error;
  v.created_by = r.created_by;
  v.created_at = r.created_at;
  v.started_at = r.started_at;
  v.finished_at = r.finished_at;
  v.expires_at = r.expires_at;
  return v;
}

/// Ends the export. Its parts, unless it is completed, are deleted by the sweep: a large file at
/// once would delay orders.
void end_export_job(decision& d, stoa::export_id id, export_state state,
                    std::optional<std::string> error = std::nullopt) {
  auto& r = d.of<export_row>().edit(id);
  r.state = state;
  r.is_open = false;
  r.run.clear();
  if (error) r.error = std::move(error);
  r.finished_at = d.now;
  if (state == export_state::completed) r.expires_at = d.now + export_file_ttl;
  d.effect(count_export{state, r.file_bytes, r.started_at ? (d.now - *r.started_at).count() : 0});
}

void expire_file(decision& d, stoa::export_id id) {
  auto& r = d.of<export_row>().edit(id);
  r.state = export_state::expired;
  r.expires_at = d.now;
}

/// Whether the parts are only waiting for their deletion.
bool is_to_clear_export(const export_row& r) {
  return r.has_parts && !r.is_open && r.state != export_state::completed;
}

/// The oldest files beyond the number that is kept expire.
void keep_few_files(decision& d) {
  std::vector<stoa::export_id> files;
  for (const auto* r : d.of<export_row>().where<&export_row::has_parts>(true)) {
    if (r->state == export_state::completed) files.push_back(r->export_id);
  }
  std::ranges::sort(files);
  for (std::size_t i = 0; i + export_files_max < files.size(); ++i) expire_file(d, files[i]);
}

problem export_finished() {
  return conflict("export_finished", "This export has ended.");
}

/// The row of the export if it is running and owned by the run.
const export_row* running_export(decision& d, stoa::export_id id, const std::string& run) {
  const auto* r = d.of<export_row>().find(id);
  return r && r->state == export_state::running && r->run == run ? r : nullptr;
}

}  // namespace

void catalog_service::needs(const create_export& m, need_list& list, const records&) const {
  list.add<&export_row::export_id>(m.export_id);
  list.add<&export_row::is_open>(true);
}

result<export_view> catalog_service::decide(const create_export& m, decision& d) const {
  if (const auto* known = d.of<export_row>().find(m.export_id)) return export_view_of(*known);
  if (d.of<export_row>().where<&export_row::is_open>(true).size() >= exports_open_max) {
    return conflict("export_queue_full", "At most " + std::to_string(exports_open_max) +
                                             " exports can be queued or running. Retry when one "
                                             "has ended.");
  }
  export_row r;
  r.export_id = m.export_id;
  r.created_by = d.context.who.user;
  r.format = m.format;
  r.updated_since = m.updated_since;
  if (m.status) r.status = enum_name(*m.status);
  r.created_at = d.now;
  d.execute(prune_exports, db::params(exports_kept));
  d.effect(run_export{m.export_id});
  return export_view_of(d.of<export_row>().insert(std::move(r)));
}

void catalog_service::needs(const cancel_export& m, need_list& list, const records&) const {
  list.add<&export_row::export_id>(m.export_id);
}

result<export_view> catalog_service::decide(const cancel_export& m, decision& d) const {
  const auto* r = d.of<export_row>().find(m.export_id);
  if (!r) return not_found("export");
  if (!r->is_open && r->state != export_state::cancelled) return export_finished();
  if (r->is_open) end_export_job(d, m.export_id, export_state::cancelled);
  return export_view_of(*r);
}

void catalog_service::needs(const begin_export& m, need_list& list, const records&) const {
  list.add<&export_row::export_id>(m.export_id);
  list.add<&export_row::has_parts>(true);
}

result<export_start> catalog_service::decide(const begin_export& m, decision& d) const {
  const auto* r = d.of<export_row>().find(m.export_id);
  if (!r || !r->is_open) return export_start{};
  // Files that are being deleted count, too: exports wait for that.
  const auto with_parts = d.of<export_row>().where<&export_row::has_parts>(true);
  const bool waits =
      std::ranges::any_of(with_parts, [](const auto* e) { return is_to_clear_export(*e); });
  if (waits && r->state == export_state::queued) return export_start{};
  if (r->attempts >= export_attempts_max) {
    end_export_job(
        d, m.export_id, export_state::interrupted,
        "The server exited " + std::to_string(export_attempts_max) + " times during the export.");
    return export_start{};
  }
  auto& taken = d.of<export_row>().edit(m.export_id);
  taken.state = export_state::running;
  taken.run = m.run;
  ++taken.attempts;
  if (!taken.started_at) taken.started_at = d.now;
  export_start start;
  start.proceed = true;
  start.format = taken.format;
  start.updated_since = taken.updated_since;
  start.status = export_view_of(taken).status;
  start.parts = taken.file_parts;
  start.position = taken.position;
  start.columns = taken.columns;
  return start;
}

void catalog_service::needs(const put_export_part& m, need_list& list, const records&) const {
  list.add<&export_row::export_id>(m.export_id);
  if (m.is_last) list.add<&export_row::has_parts>(true);
}

result<export_verdict> catalog_service::decide(const put_export_part& m, decision& d) const {
  const auto* known = running_export(d, m.export_id, m.run);
  if (!known) return export_verdict{};
  if (m.number < known->file_parts) return export_verdict{true};
  if (m.number > known->file_parts) return invalid_field("", "range", "No such part.");
  const auto bytes = known->file_bytes + static_cast<std::int64_t>(m.content.size());
  if (bytes > options_.export_bytes_max) {
    end_export_job(d, m.export_id, export_state::failed,
                   "The file would exceed " + std::to_string(options_.export_bytes_max) +
                       " bytes (catalog.export_bytes_max).");
    return export_verdict{};
  }
  auto& r = d.of<export_row>().edit(m.export_id);
  r.has_parts = true;
  r.file_parts = m.number + 1;
  r.file_bytes = bytes;
  r.objects += m.objects;
  r.left_out += m.left_out;
  r.position = m.position;
  r.columns = m.columns;
  r.attempts = 0;
  d.execute(keep_export_part, db::params(m.export_id, m.number, m.content));
  if (m.is_last) {
    end_export_job(d, m.export_id, export_state::completed);
    keep_few_files(d);
  }
  return export_verdict{!m.is_last};
}

void catalog_service::needs(const fail_export& m, need_list& list, const records&) const {
  list.add<&export_row::export_id>(m.export_id);
}

result<export_verdict> catalog_service::decide(const fail_export& m, decision& d) const {
  if (running_export(d, m.export_id, m.run)) {
    end_export_job(d, m.export_id, export_state::failed, m.error);
  }
  return export_verdict{};
}

void catalog_service::needs(const clear_export& m, need_list& list, const records&) const {
  list.add<&export_row::export_id>(m.export_id);
}

result<kernel::nothing> catalog_service::decide(const clear_export& m, decision& d) const {
  const auto* r = d.of<export_row>().find(m.export_id);
  if (!r) return kernel::nothing{};
  if (r->state == export_state::completed && *r->expires_at <= d.now) expire_file(d, m.export_id);
  if (!is_to_clear_export(*r)) return kernel::nothing{};
  auto& cleared = d.of<export_row>().edit(m.export_id);
  cleared.parts_deleted =
      std::min(cleared.parts_deleted + export_parts_at_once, cleared.file_parts);
  cleared.has_parts = cleared.parts_deleted < cleared.file_parts;
  d.execute(delete_export_parts, db::params(m.export_id, cleared.parts_deleted));
  return kernel::nothing{};
}

result<export_view> catalog_service::read(const get_export& q, const call_context&,
                                          db::connection& c) const {
  const auto found = read_export_job(c, q.export_id);
  if (!found) return not_found("export");
  return export_view_of(*found);
}

result<export_list> catalog_service::read(const list_exports& q, const call_context&,
                                          db::connection& c) const {
  const auto limit = static_cast<std::size_t>(std::clamp<std::int64_t>(q.limit, 1, 100));
  export_list page;
  for (const auto& r : read_export_jobs(c, q.before, limit + 1)) {
    if (page.data.size() == limit) {
      page.next_cursor.value = page.data.back().export_id.str();
      break;
    }
    page.data.push_back(export_view_of(r));
  }
  return page;
}

result<export_part> catalog_service::read(const get_export_part& q, const call_context&,
                                          db::connection& c) const {
  const auto found = read_export_job(c, q.export_id);
  if (!found) return not_found("export");
  if (found->state != export_state::completed) {
    return conflict("export_has_no_file",
                    "The export has no file: it is " + std::string(enum_name(found->state)) + ".");
  }
  return export_part{read_export_part(c, q.export_id, q.number), found->file_parts};
}

void add_due_exports(db::connection& c, timestamp now, kernel::due_work& work) {
  std::optional<stoa::export_id> next;
  bool is_clearing = false;
  for (const auto& r : read_kept_exports(c)) {
    const bool is_over = r.state == export_state::completed && *r.expires_at <= now;
    if (is_over || is_to_clear_export(r)) {
      work.commands.push_back(kernel::any_message::of(clear_export{r.export_id}));
      is_clearing = true;
    } else if (r.state == export_state::running ||
               (r.state == export_state::queued && !next && !is_clearing)) {
      next = r.export_id;
    }
  }
  if (next) work.effects.push_back(kernel::any_message::of(run_export{*next}));
}

}  // namespace stoa::catalog
