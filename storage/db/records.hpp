#pragma once
// The records that a batch of messages reads and changes: loaded by key, changed in memory, saved
// in one transaction. The changes of the current message can be undone if it is rejected.
//
// A record is a described struct with
//   static constexpr const char* table = "orders";
//   static constexpr std::size_t key_columns = 1;       // the first members are the primary key
// and, if other instances may change it, a member `std::int64_t version` for optimistic locking.

#include "storage/db/columns.hpp"
#include "storage/db/connection.hpp"

#include <algorithm>
#include <set>
#include <tuple>
#include <unordered_map>

namespace stoa::db {

template <class R>
concept versioned = requires(R r) {
  r.version;
};

/// The first key_columns members as a tuple.
template <class R, std::size_t... I>
auto key_tuple(const R& r, std::index_sequence<I...>) {
  return std::make_tuple(r.*boost::mp11::mp_at_c<members_of<R>, I>::pointer...);
}
template <class R>
auto key_of(const R& r) {
  return key_tuple(r, std::make_index_sequence<R::key_columns>{});
}
template <class R>
using key_type = decltype(key_of(std::declval<R>()));

struct key_hash {
  template <class... T>
  std::size_t operator()(const std::tuple<T...>& key) const {
    std::size_t seed = 0;
    std::apply(
        [&](const auto&... part) {
          ((seed ^= hash_one(part) + 0x9E3779B97F4A7C15ULL + (seed << 6) + (seed >> 2)), ...);
        },
        key);
    return seed;
  }

 private:
  template <class T>
  static std::size_t hash_one(const T& v) {
    return std::hash<T>{}(v);
  }
};

/// The shape of the statements for an operation on records of type R.
template <class R>
record_shape shape_of(record_operation operation, std::string_view by = "") {
  record_shape shape{operation, R::table, {}, R::key_columns, versioned<R>, std::string(by)};
  boost::mp11::mp_for_each<members_of<R>>([&](auto d) {
    using type = std::remove_cvref_t<decltype(std::declval<R>().*d.pointer)>;
    shape.columns.emplace_back(d.name);
    if constexpr (is_money_column<type>) shape.columns.push_back(d.name + std::string("_currency"));
  });
  return shape;
}

/// The statements that load and save a record, generated once from its description.
template <class R>
struct record_sql {
  static std::string where_key(std::size_t first) {
    std::string text;
    std::size_t n = 0;
    boost::mp11::mp_for_each<members_of<R>>([&](auto d) {
      if (n >= R::key_columns) return;
      text += (n == 0 ? "" : " AND ") + std::string(d.name) + "=$" + std::to_string(first + n);
      ++n;
    });
    return text;
  }
  static const sql& insert() {
    static const record_shape shape = shape_of<R>(record_operation::insert);
    static const sql what = [] {
      std::string marks;
      std::string columns = column_list<R>();
      auto count = 1 + static_cast<std::size_t>(std::count(columns.begin(), columns.end(), ','));
      for (std::size_t i = 1; i <= count; ++i) marks += (i > 1 ? ",$" : "$") + std::to_string(i);
      return sql{std::string("insert ") + R::table,
                 std::string("INSERT INTO ") + R::table + "(" + columns + ") VALUES(" + marks + ")",
                 &shape};
    }();
    return what;
  }
  static const sql& update() {
    static const record_shape shape = shape_of<R>(record_operation::update);
    static const sql what = [] {
      std::string sets;
      std::size_t member = 0;
      std::size_t n = 0;
      auto set = [&](const std::string& column) {
        sets += (sets.empty() ? "" : ",") + column + "=$" + std::to_string(++n);
      };
      boost::mp11::mp_for_each<members_of<R>>([&](auto d) {
        using type = std::remove_cvref_t<decltype(std::declval<R>().*d.pointer)>;
        if (member++ < R::key_columns) return;
        set(d.name);
        if constexpr (is_money_column<type>) set(std::string(d.name) + "_currency");
      });
      std::string text =
          std::string("UPDATE ") + R::table + " SET " + sets + " WHERE " + where_key(n + 1);
      if constexpr (versioned<R>) text += " AND version=$" + std::to_string(n + R::key_columns + 1);
      return sql{std::string("update ") + R::table, text, &shape};
    }();
    return what;
  }
  static const sql& erase() {
    static const record_shape shape = shape_of<R>(record_operation::erase);
    static const sql what{std::string("delete ") + R::table,
                          std::string("DELETE FROM ") + R::table + " WHERE " + where_key(1),
                          &shape};
    return what;
  }
};

template <class C, class V>
C class_of_member(V C::*);
template <class C, class V>
V value_of_member(V C::*);

/// The column name of a member pointer.
template <auto Member>
std::string_view column_of() {
  using R = decltype(class_of_member(Member));
  std::string_view name;
  boost::mp11::mp_for_each<members_of<R>>([&](auto d) {
    if constexpr (std::is_same_v<std::remove_const_t<decltype(d.pointer)>, decltype(Member)>) {
      if (d.pointer == Member) name = d.name;
    }
  });
  return name;
}

template <auto Member>
const sql& select_by() {
  using R = decltype(class_of_member(Member));
  static const record_shape shape = shape_of<R>(record_operation::select, column_of<Member>());
  static const sql what{
      "load " + shape.table + " by " + shape.by,
      "SELECT " + column_list<R>() + " FROM " + shape.table + " WHERE " + shape.by + "=$1", &shape};
  return what;
}

enum class row_state { clean, inserted, updated, erased, gone };

/// The records of one table within a unit of work.
template <class R>
class record_set {
 public:
  using key = key_type<R>;

  /// The record, or null if it does not exist or was not requested in needs.
  template <class... K>
  const R* find(const K&... k) const {
    auto it = slots_.find(key{k...});
    return it == slots_.end() || !alive(it->second) ? nullptr : &it->second.record;
  }

  /// The first record with the value in the member.
  template <auto Member, class V>
  const R* find_by(const V& wanted) const {
    for (const auto& [k, s] : slots_) {
      if (alive(s) && s.record.*Member == wanted) return &s.record;
    }
    return nullptr;
  }

  /// All records with the value in the member, in key order (ids are ordered by time).
  template <auto Member, class V>
  std::vector<const R*> where(const V& wanted) const {
    std::vector<const R*> found;
    for (const auto& [k, s] : slots_) {
      if (alive(s) && s.record.*Member == wanted) found.push_back(&s.record);
    }
    std::sort(found.begin(), found.end(),
              [](const R* a, const R* b) { return key_of(*a) < key_of(*b); });
    return found;
  }

  /// Adds a record. Throws if the key exists, which is a programming error.
  R& insert(R record) {
    auto [it, added] = slots_.try_emplace(key_of(record));
    slot& s = it->second;
    if (!added && alive(s)) {
      throw error(error_kind::unique, R::table, std::string(R::table) + ": the key exists");
    }
    remember(it->first, s, added);
    s.state = s.state == row_state::erased ? row_state::updated : row_state::inserted;
    s.record = std::move(record);
    return s.record;
  }

  /// The record to change; throws if find() would return null. Key members must not be changed.
  template <class... K>
  R& edit(const K&... k) {
    auto it = slots_.find(key{k...});
    if (it == slots_.end() || !alive(it->second)) {
      throw error(error_kind::programming, R::table,
                  std::string(R::table) + ": edit of a missing record");
    }
    slot& s = it->second;
    remember(it->first, s, false);
    if (s.state == row_state::clean) s.state = row_state::updated;
    return s.record;
  }

  template <class... K>
  void erase(const K&... k) {
    auto it = slots_.find(key{k...});
    if (it == slots_.end() || !alive(it->second)) return;
    slot& s = it->second;
    remember(it->first, s, false);
    s.state = s.state == row_state::inserted ? row_state::gone : row_state::erased;
  }

  // The following is for the kernel.

  void load(row r) {
    R record = read_record<R>(r);
    auto [it, added] = slots_.try_emplace(key_of(record));
    if (!added) return;
    if constexpr (versioned<R>) it->second.loaded_version = record.version;
    it->second.record = std::move(record);
  }
  void mark() { journal_.clear(); }
  void undo() {
    for (auto it = journal_.rbegin(); it != journal_.rend(); ++it) slots_[it->first] = it->second;
    journal_.clear();
  }
  /// Deletes come first, so that a unique value can move between records in one batch.
  void collect_erased(std::vector<statement>& out) {
    for (const auto& k : changed_) {
      slot& s = slots_[k];
      if (s.state != row_state::erased || s.collected) continue;
      s.collected = true;
      std::vector<value> values;
      std::apply([&](const auto&... part) { (write_column(part, values), ...); }, k);
      out.push_back({&record_sql<R>::erase(), std::move(values)});
    }
  }
  void collect_saved(std::vector<statement>& out) {
    for (const auto& k : changed_) {
      slot& s = slots_[k];
      if (s.collected) continue;
      s.collected = true;
      if (s.state == row_state::inserted) {
        std::vector<value> values;
        write_record(s.record, values);
        out.push_back({&record_sql<R>::insert(), std::move(values)});
      } else if (s.state == row_state::updated) {
        out.push_back(update_of(k, s));
      }
    }
  }

 private:
  struct slot {
    R record{};
    row_state state = row_state::clean;
    bool collected = false;
    std::int64_t loaded_version = 0;
  };
  static bool alive(const slot& s) {
    return s.state != row_state::erased && s.state != row_state::gone;
  }

  void remember(const key& k, const slot& before, bool added) {
    slot copy = before;
    if (added) copy.state = row_state::gone;
    journal_.emplace_back(k, std::move(copy));
    if (before.state == row_state::clean || before.state == row_state::gone) changed_.push_back(k);
  }

  statement update_of(const key& k, slot& s) {
    if constexpr (versioned<R>) s.record.version = s.loaded_version + 1;
    std::vector<value> values;
    std::size_t member = 0;
    for_each_member(s.record, [&](std::string_view, const auto& m) {
      if (member++ >= R::key_columns) write_column(m, values);
    });
    std::apply([&](const auto&... part) { (write_column(part, values), ...); }, k);
    if constexpr (versioned<R>) values.emplace_back(s.loaded_version);
    return {&record_sql<R>::update(), std::move(values), true};
  }

  std::unordered_map<key, slot, key_hash> slots_;
  std::vector<std::pair<key, slot>> journal_;
  std::vector<key> changed_;
};

/// All records of one batch: a record_set for each type.
template <class... R>
class unit_of_work {
 public:
  template <class T>
  record_set<T>& of() {
    return std::get<record_set<T>>(sets_);
  }
  template <class T>
  const record_set<T>& of() const {
    return std::get<record_set<T>>(sets_);
  }

  void mark() { (of<R>().mark(), ...); }
  void undo() { (of<R>().undo(), ...); }
  void collect(std::vector<statement>& out) {
    // Children are listed after their parents: they are deleted first and saved last. An assignment
    // fold runs from right to left.
    int order = 0;
    ((of<R>().collect_erased(out), order) = ... = 0);
    (of<R>().collect_saved(out), ...);
  }

 private:
  std::tuple<record_set<R>...> sets_;
};

/// The records that messages need, each requested once per batch.
template <class Records>
class need_list {
 public:
  explicit need_list(Records& records) : records_(records) {}

  /// All records of the member's table with the value in the column.
  template <auto Member, class V>
  void add(const V& v) {
    using R = decltype(class_of_member(Member));
    statement what{&select_by<Member>(), params(v)};
    if (!asked_.emplace(what.what, what.params[0]).second) return;
    open_.push_back(std::move(what));
    loaders_.push_back([](Records& records, row r) { records.template of<R>().load(r); });
  }

  bool open() const { return !open_.empty(); }

  /// Loads what was added since the last call, in one round trip if possible.
  void load(connection& c) {
    if (open_.empty()) return;
    c.query(open_, [this](std::size_t i, row r) { feed(i, r); });
    done();
  }

  // The same in steps, to load several lists in one round trip.
  /// The statements to run; may be moved from.
  std::vector<statement>& statements() { return open_; }
  /// Receives a row of statement i.
  void feed(std::size_t i, row r) { loaders_[i](records_, r); }
  /// Called after the last row.
  void done() {
    open_.clear();
    loaders_.clear();
  }

 private:
  using loader = void (*)(Records&, row);
  Records& records_;
  std::set<std::pair<const sql*, value>> asked_;
  std::vector<statement> open_;
  std::vector<loader> loaders_;
};

}  // namespace stoa::db
