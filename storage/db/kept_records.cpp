#include "storage/db/kept_records.hpp"

#include "storage/base/fault.hpp"
#include "storage/db/records.hpp"

#include <algorithm>

namespace stoa::db {

namespace {

bool is_changed(const record_slot& s) {
  return s.state != row_state::clean;
}

}  // namespace

const std::vector<record_slot*>* kept_table::ask(const need_kind& kind, const value& v) {
  if (std::ranges::find(kinds_, &kind) == kinds_.end()) kinds_.push_back(&kind);
  result& r = results_[{&kind, v}];
  r.is_new = true;
  new_.push_back({&kind, v});
  return r.is_known ? &r.records : nullptr;
}

std::unique_ptr<record_slot> kept_table::take(const record_slot& s) {
  return take(s.key());
}

std::unique_ptr<record_slot> kept_table::take(const record_key& key) {
  const auto found = records_.find(key);
  if (found == records_.end()) return nullptr;
  auto slot = std::move(found->second);
  records_.erase(found);
  return slot;
}

void kept_table::touch(const record_slot& s) {
  for (const auto* kind : kinds_) touched_.push_back({kind, kind->value_of(s)});
}

/// The result is determined by the records of this batch.
void kept_table::know(const need_kind& kind, value v) {
  result& r = results_[{&kind, v}];
  if (!r.is_new) new_.push_back({&kind, std::move(v)});
  r = {{}, true, true};
}

void kept_table::forget_touched() {
  for (const auto& one : touched_) {
    const auto found = results_.find(one);
    if (found != results_.end() && !found->second.is_new) results_.erase(found);
  }
}

/// A new record is all that its key selects, and of records that refer to it there are only those
/// of this batch.
void kept_table::add_inserted(record_set_base& set, kept_records& all) {
  for (const auto& s : set.slots_) {
    if (s->state != row_state::inserted) continue;
    const need_kind& by_key = set.key_kind();
    if (by_key.what == nullptr) return;
    if (std::ranges::find(kinds_, &by_key) == kinds_.end()) kinds_.push_back(&by_key);
    const value key = by_key.value_of(*s);
    know(by_key, key);
    for (auto& [name, table] : all.tables_) {
      for (const auto* kind : table.kinds_) {
        if (kind->parent == set.table()) table.know(*kind, key);
      }
    }
  }
}

void kept_table::take_back(record_set_base& set) {
  for (auto& s : set.slots_) {
    if (!s->alive()) continue;
    // Planted: a new record is missing in the results that it belongs to.
    if (s->state == row_state::inserted && fault("lose_kept_record")) continue;
    bool belongs = false;
    for (const auto* kind : kinds_) {
      const auto found = results_.find({kind, kind->value_of(*s)});
      if (found == results_.end()) continue;
      result& r = found->second;
      if (r.is_new) {
        r.records.push_back(s.get());
        belongs = true;
      } else if (is_changed(*s)) {
        results_.erase(found);
      } else {
        belongs = true;
      }
    }
    if (!belongs) continue;
    s->state = row_state::clean;
    s->collected = false;
    s->next = nullptr;
    if (const auto* version = s->version()) s->loaded_version = *version;
    const record_key key = s->key();
    records_.insert_or_assign(key, std::move(s));
  }
  set.slots_.clear();
}

void kept_table::finish_batch() {
  for (const auto& one : new_) {
    const auto found = results_.find(one);
    if (found != results_.end()) found->second.is_new = false;
  }
  new_.clear();
  touched_.clear();
}

void kept_table::clear() {
  results_.clear();
  records_.clear();
  new_.clear();
  touched_.clear();
}

void kept_records::begin() {
  if (in_batch_) clear();
  in_batch_ = true;
  has_answered_ = false;
}

void kept_records::clear() {
  for (auto& [name, table] : tables_) table.clear();
}

void kept_records::saved(std::span<record_set_base* const> sets) {
  in_batch_ = false;
  for (auto* set : sets) {
    kept_table& t = *set->kept_;
    for (const auto& one : t.new_) t.results_[one] = {{}, true, true};
    t.forget_touched();
  }
  for (auto* set : sets) set->kept_->add_inserted(*set, *this);
  for (auto* set : sets) set->kept_->take_back(*set);
  for (auto& [name, table] : tables_) {
    table.finish_batch();
    // Planted: a writer that reads everything again.
    if (table.records_.size() > records_max_ || table.results_.size() > 2 * records_max_ ||
        fault("forget_kept_records")) {
      table.clear();
    }
  }
}

}  // namespace stoa::db
