#include "storage/db/records.hpp"

#include <algorithm>
#include <functional>

namespace stoa::db {

namespace {

constexpr std::size_t buckets_min = 16;

/// "a=$first AND b=$..." of the key columns.
std::string where_key(std::span<const column> columns, std::size_t key_columns, std::size_t first) {
  std::string text;
  for (std::size_t i = 0; i < key_columns; ++i) {
    text.append(i == 0 ? "" : " AND ").append(columns[i].name);
    text.append("=$").append(std::to_string(first + i));
  }
  return text;
}

sql insert_of(const record_shape& shape) {
  std::string columns;
  std::string marks;
  for (std::size_t i = 0; i < shape.columns.size(); ++i) {
    columns.append(i == 0 ? "" : ",").append(shape.columns[i]);
    marks.append(i == 0 ? "$" : ",$").append(std::to_string(i + 1));
  }
  return {"insert " + shape.table,
          "INSERT INTO " + shape.table + "(" + columns + ") VALUES(" + marks + ")", &shape};
}

sql update_of(const record_shape& shape, std::span<const column> columns) {
  std::string sets;
  std::size_t n = 0;
  for (std::size_t i = shape.key_columns; i < shape.columns.size(); ++i) {
    sets.append(i == shape.key_columns ? "" : ",").append(shape.columns[i]);
    sets.append("=$").append(std::to_string(++n));
  }
  std::string text = "UPDATE " + shape.table + " SET " + sets + " WHERE " +
                     where_key(columns, shape.key_columns, n + 1);
  if (shape.versioned) text += " AND version=$" + std::to_string(n + shape.key_columns + 1);
  return {"update " + shape.table, std::move(text), &shape};
}

void append(std::vector<value>& out, const record_key& key, std::size_t key_columns) {
  for (std::size_t i = 0; i < key_columns; ++i) {
    std::visit(
        [&](const auto& part) {
          if constexpr (std::is_same_v<decltype(part), const std::string_view&>) {
            out.emplace_back(std::string(part));
          } else {
            out.emplace_back(part);
          }
        },
        key[i]);
  }
}

}  // namespace

std::size_t hash_of(const record_key& key) {
  std::size_t seed = 0;
  for (const key_part& part : key) {
    const std::size_t one = std::hash<key_part>{}(part);
    seed = (seed ^ one) * 0x9E3779B97F4A7C15ULL;
    seed ^= seed >> 32;
  }
  return seed;
}

record_shape shape_of(record_operation operation, std::string_view table,
                      std::span<const column> columns, std::size_t key_columns, bool versioned,
                      std::string_view by) {
  record_shape shape{operation, std::string(table), {}, key_columns, versioned, std::string(by)};
  for (const column& c : columns) {
    shape.columns.emplace_back(c.name);
    if (c.money) shape.columns.push_back(std::string(c.name) + "_currency");
  }
  return shape;
}

record_statements::record_statements(std::string_view table, std::span<const column> columns,
                                     std::size_t key_columns, bool versioned)
    : insert_shape(shape_of(record_operation::insert, table, columns, key_columns, versioned)),
      update_shape(shape_of(record_operation::update, table, columns, key_columns, versioned)),
      erase_shape(shape_of(record_operation::erase, table, columns, key_columns, versioned)),
      insert(insert_of(insert_shape)),
      update(update_of(update_shape, columns)),
      erase{"delete " + erase_shape.table,
            "DELETE FROM " + erase_shape.table + " WHERE " + where_key(columns, key_columns, 1),
            &erase_shape} {}

record_selection::record_selection(std::string_view table, std::span<const column> columns,
                                   std::size_t key_columns, bool versioned, std::string_view by)
    : shape(shape_of(record_operation::select, table, columns, key_columns, versioned, by)),
      what{"load " + shape.table + " by " + shape.by,
           "SELECT " + column_list(columns, "") + " FROM " + shape.table + " WHERE " + shape.by +
               "=$1",
           &shape} {}

record_slot* record_set_base::find_slot(const record_key& key, std::size_t hash) const {
  if (buckets_.empty()) return nullptr;
  record_slot* s = buckets_[hash & (buckets_.size() - 1)];
  while (s != nullptr && (s->hash != hash || s->key() != key)) s = s->next;
  return s;
}

record_slot& record_set_base::add_slot(std::unique_ptr<record_slot> slot, std::size_t hash) {
  slot->hash = hash;
  slots_.push_back(std::move(slot));
  const auto chain = [this](record_slot& s) {
    record_slot*& first = buckets_[s.hash & (buckets_.size() - 1)];
    s.next = std::exchange(first, &s);
  };
  if (slots_.size() > buckets_.size()) {
    buckets_.assign(std::max(buckets_min, 2 * buckets_.size()), nullptr);
    for (const auto& s : slots_) chain(*s);
  } else {
    chain(*slots_.back());
  }
  return *slots_.back();
}

record_slot* record_set_base::find_alive(const record_key& key) const {
  record_slot* s = find_slot(key, hash_of(key));
  return s != nullptr && s->alive() ? s : nullptr;
}

void record_set_base::load(row r) {
  auto loaded = make();
  std::vector<void*> members(columns().size());
  loaded->members(members.data());
  read_members(columns(), r, 0, members.data());
  const record_key key = loaded->key();
  const std::size_t hash = hash_of(key);
  if (find_slot(key, hash) != nullptr) return;
  if (kept_ != nullptr) {
    // Kept by another need: a record exists once.
    if (auto slot = kept_->take(key)) return adopt(std::move(slot));
  }
  if (const std::int64_t* version = loaded->version()) loaded->loaded_version = *version;
  add_slot(std::move(loaded), hash);
}

void record_set_base::adopt(std::unique_ptr<record_slot> slot) {
  const std::size_t hash = hash_of(slot->key());
  add_slot(std::move(slot), hash);
}

void record_set_base::remember(record_slot& slot, bool added) {
  if (kept_ != nullptr && !added) kept_->touch(slot);
  journal_.push_back({&slot, added ? row_state::gone : slot.state, slot.collected,
                      slot.loaded_version, added ? nullptr : slot.copy()});
  if (slot.state == row_state::clean || slot.state == row_state::gone) changed_.push_back(&slot);
}

record_slot& record_set_base::insert_slot(const record_key& key) {
  const std::size_t hash = hash_of(key);
  record_slot* s = find_slot(key, hash);
  const bool added = s == nullptr;
  if (added) {
    s = &add_slot(make(), hash);
  } else if (s->alive()) {
    const std::string& table = statements().insert_shape.table;
    throw error(error_kind::unique, table, table + ": the key exists");
  }
  remember(*s, added);
  s->state = s->state == row_state::erased ? row_state::updated : row_state::inserted;
  return *s;
}

record_slot& record_set_base::edit_slot(const record_key& key) {
  record_slot* s = find_alive(key);
  if (s == nullptr) {
    const std::string& table = statements().update_shape.table;
    throw error(error_kind::programming, table, table + ": edit of a missing record");
  }
  remember(*s, false);
  if (s->state == row_state::clean) s->state = row_state::updated;
  return *s;
}

void record_set_base::erase_key(const record_key& key) {
  record_slot* s = find_alive(key);
  if (s == nullptr) return;
  remember(*s, false);
  s->state = s->state == row_state::inserted ? row_state::gone : row_state::erased;
}

void record_set_base::undo() {
  for (auto it = journal_.rbegin(); it != journal_.rend(); ++it) {
    record_slot& s = *it->slot;
    s.state = it->state;
    s.collected = it->collected;
    s.loaded_version = it->loaded_version;
    // An added slot keeps its record, which has the key.
    if (it->before != nullptr) s.restore(*it->before);
  }
  journal_.clear();
}

void record_set_base::sort_by_key(std::vector<const record_slot*>& slots) {
  const auto before = [](const record_slot* a, const record_slot* b) {
    return a->key() < b->key();
  };
  // Most records are loaded and added in this order. Decisions about large products ask for their
  // variants often.
  if (std::is_sorted(slots.begin(), slots.end(), before)) return;
  std::sort(slots.begin(), slots.end(), before);
}

void record_set_base::collect_erased(std::vector<statement>& out) {
  for (record_slot* s : changed_) {
    if (s->state != row_state::erased || s->collected) continue;
    s->collected = true;
    std::vector<value> values;
    append(values, s->key(), key_columns());
    out.push_back({&statements().erase, std::move(values)});
  }
}

void record_set_base::collect_saved(std::vector<statement>& out) {
  for (record_slot* s : changed_) {
    if (s->collected) continue;
    s->collected = true;
    if (s->state == row_state::inserted) {
      std::vector<void*> members(columns().size());
      s->members(members.data());
      std::vector<value> values;
      write_members(columns(), members.data(), values);
      out.push_back({&statements().insert, std::move(values)});
    } else if (s->state == row_state::updated) {
      out.push_back(update_of(*s));
    }
  }
}

statement record_set_base::update_of(record_slot& slot) {
  if (std::int64_t* version = slot.version()) *version = slot.loaded_version + 1;
  std::vector<void*> members(columns().size());
  slot.members(members.data());
  std::vector<value> values;
  write_members(columns().subspan(key_columns()), members.data() + key_columns(), values);
  append(values, slot.key(), key_columns());
  if (slot.version() != nullptr) values.emplace_back(slot.loaded_version);
  return {&statements().update, std::move(values), true};
}

void need_list_base::add(const need_kind& kind, std::vector<value> key, record_set_base& into) {
  if (!asked_.emplace(&kind, key[0]).second) return;
  if (kept_ != nullptr && into.kept() != nullptr) {
    if (const auto* known = into.kept()->ask(kind, key[0])) {
      for (const auto* s : *known) {
        if (auto slot = into.kept()->take(*s)) into.adopt(std::move(slot));
      }
      kept_->note_answer();
      was_answered_ = true;
      return;
    }
  }
  open_.push_back({kind.what, std::move(key)});
  sets_.push_back(&into);
}

void need_list_base::load(connection& c) {
  if (open_.empty()) return;
  c.query(open_, [this](std::size_t i, row r) { feed(i, r); });
  done();
}

void need_list_base::done() {
  open_.clear();
  sets_.clear();
}

}  // namespace stoa::db
