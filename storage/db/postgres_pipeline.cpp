#include "storage/db/postgres_pipeline.hpp"

namespace stoa::db {

namespace {

/// Minimum number of statements for which grouping is cheaper.
constexpr std::size_t group_min = 2;

/// The statement fails with a division by zero unless it changed exactly one row, so that a COMMIT
/// sent with it is not executed.
std::string changing_one_row(const std::string& text) {
  return "WITH changed AS (" + text +
         " RETURNING 1) SELECT 1/(CASE WHEN count(*)=1 THEN 1 ELSE 0 END) FROM changed";
}

/// Whether the error may come from grouping, which changes the order: see postgres_groups.hpp.
bool may_be_caused_by_order(error_kind kind) {
  return kind == error_kind::unique || kind == error_kind::constraint ||
         kind == error_kind::stale || kind == error_kind::programming;
}

}  // namespace

postgres_pipeline::prepared& postgres_pipeline::single_of(const statement& one) {
  auto& forms = prepared_[one.what];
  auto& variant = one.must_change_one ? forms.changing_one : forms.plain;
  if (variant.name.empty()) {
    variant.name = new_name();
    variant.text = one.must_change_one ? changing_one_row(one.what->text) : one.what->text;
  }
  return variant;
}

postgres_pipeline::prepared& postgres_pipeline::group_of(const statement& one,
                                                         const postgres_types& types) {
  auto& variant = prepared_[one.what].grouped;
  if (variant.name.empty() || variant.types != types) {
    variant = {};
    variant.name = new_name();
    variant.types = types;
    variant.text = grouped_text(*one.what->shape, types);
  }
  return variant;
}

bool postgres_pipeline::ready_for_groups(const statement& one) {
  return can_be_grouped(one) && single_of(one).described == known::yes;
}

void postgres_pipeline::prepare(prepared& variant, turn kind, std::size_t index,
                                std::string_view where) {
  if (variant.ready != known::no) return;
  link_.prepare(variant.name, variant.text);
  variant.ready = known::asked;
  pending_.push_back({kind, index, &variant, where, false});
}

/// The parameter types, which grouping needs, are requested with the first execution.
void postgres_pipeline::describe(prepared& variant, std::size_t index, std::string_view where) {
  if (variant.described != known::no) return;
  if (!prepared_statements_) {
    link_.prepare("", variant.text);
    pending_.push_back({turn::own, index, nullptr, where, false});
  }
  link_.describe(prepared_statements_ ? variant.name : "");
  variant.described = known::asked;
  pending_.push_back({turn::describe, index, &variant, where, false});
}

void postgres_pipeline::send(const statement& one, turn kind, std::size_t index) {
  auto& variant = single_of(one);
  if (prepared_statements_) {
    prepare(variant, kind == turn::ignored ? kind : turn::prepare, index, one.what->name);
  }
  const bool groupable = can_be_grouped(one);
  if (groupable) describe(variant, index, one.what->name);
  if (prepared_statements_) {
    link_.run_prepared(variant.name, one.params);
  } else {
    link_.run_text(variant.text, one.params);
  }
  pending_.push_back(
      {kind, index, groupable ? &variant : nullptr, one.what->name, one.must_change_one});
}

/// False if the statements cannot be grouped; nothing was sent.
bool postgres_pipeline::send_group(std::span<const statement> statements,
                                   const std::vector<std::size_t>& group) {
  if (group.size() < group_min) return false;
  const auto& first = statements[group.front()];
  auto& single = single_of(first);
  auto& variant = group_of(first, single.types);
  if (variant.text.empty()) return false;
  const auto values = grouped_values(statements, group, single.types);
  if (!values) return false;
  if (prepared_statements_) {
    prepare(variant, turn::prepare, group.front(), first.what->name);
    link_.run_prepared_binary(variant.name, *values);
  } else {
    link_.run_text_binary(variant.text, *values);
  }
  pending_.push_back(
      {turn::statement, group.front(), &single, first.what->name, first.must_change_one});
  return true;
}

void postgres_pipeline::send_all(std::span<const statement> statements,
                                 const statement_groups& groups) {
  for (const auto& group : groups) {
    if (send_group(statements, group)) continue;
    for (const auto i : group) send(statements[i], turn::statement, i);
  }
}

statement_groups postgres_pipeline::send_reads(std::span<const statement> statements) {
  auto groups =
      groups_of_reads(statements, [this](const statement& s) { return ready_for_groups(s); });
  send_all(statements, groups);
  return groups;
}

void postgres_pipeline::send_writes(std::span<const statement> statements) {
  send_all(statements, groups_of_writes(
                           statements, [this](const statement& s) { return ready_for_groups(s); }));
}

void postgres_pipeline::send_sync() {
  link_.sync();
  pending_.push_back({turn::sync, 0, nullptr, "sync", false});
}

postgres_pipeline::answers postgres_pipeline::receive(std::size_t statements,
                                                      postgres_link::deadline until) {
  answers found;
  found.results.resize(statements);
  while (!pending_.empty() && !found.ended) {
    receive_one(pending_.front(), until, found);
    pending_.pop_front();
  }
  return found;
}

void postgres_pipeline::receive_one(const pending_result& next, postgres_link::deadline until,
                                    answers& found) {
  bool good = false;
  while (auto result = link_.next(until)) {
    const auto status = PQresultStatus(result.get());
    if (status == PGRES_PIPELINE_SYNC && next.kind == turn::sync) return;
    if (status == PGRES_PIPELINE_ABORTED) continue;
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
      good = true;
      take_result(next, std::move(result), found);
      continue;
    }
    take_error(next, *result, found);
    if (found.ended) return;
  }
  if (next.kind == turn::sync) {
    throw error(error_kind::unavailable, "", "PostgreSQL: results out of order");
  }
  if (next.what == nullptr || next.kind == turn::statement) return;
  auto& asked = next.kind == turn::describe ? next.what->described : next.what->ready;
  asked = good ? known::yes : known::no;
}

void postgres_pipeline::take_result(const pending_result& next, postgres_result result,
                                    answers& found) {
  if (next.kind == turn::commit) {
    found.committed = std::string_view(PQcmdStatus(result.get())) == "COMMIT";
  } else if (next.kind == turn::describe) {
    auto& types = next.what->types;
    types.resize(static_cast<std::size_t>(PQnparams(result.get())));
    for (std::size_t n = 0; n < types.size(); ++n) {
      types[n] = PQparamtype(result.get(), static_cast<int>(n));
    }
  } else if (next.kind == turn::statement) {
    found.results[next.index] = std::move(result);
  }
}

void postgres_pipeline::take_error(const pending_result& next, const PGresult& result,
                                   answers& found) {
  found.ended = ends_connection(result);
  found.drop = found.drop || found.ended || spoils_connection(result);
  if ((next.kind == turn::ignored && !found.drop) || found.first_error) return;
  found.first_error = postgres_error(result, std::string(next.where), next.must_change_one);
  found.failed = next.kind;
  found.timed_out = exceeds_time(result);
  const bool groupable = next.kind == turn::statement && next.what != nullptr;
  if (groupable && may_be_caused_by_order(found.first_error->kind())) {
    next.what->described = known::no;  // Sent singly the next time, in the given order.
  }
}

}  // namespace stoa::db
