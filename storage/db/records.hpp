#pragma once
// The records that a batch of messages reads and changes: loaded by key, changed in memory, saved
// in one transaction. The changes of the current message can be undone if it is rejected.
//
// A record is a described struct with
//   static constexpr const char* table = "orders";
//   static constexpr std::size_t key_columns = 1;       // the first members are the primary key
// and, if other instances may change it, a member `std::int64_t version` for optimistic locking.
// Optional, for kept_records.hpp:
//   static constexpr bool kept = true;
//   static constexpr auto parent_key = &R::order_id;    // refers to the key of an earlier record
//   static constexpr std::string_view parent = "orders";  // of this table

#include "storage/db/columns.hpp"
#include "storage/db/connection.hpp"
#include "storage/db/kept_records.hpp"

#include <memory>
#include <tuple>
#include <unordered_set>

namespace stoa::db {

template <class R>
concept versioned = requires(R r) {
  r.version;
};

/// The statements that save a record, generated once for each type.
struct record_statements {
  record_statements(std::string_view table, std::span<const column> columns,
                    std::size_t key_columns, bool versioned);
  record_statements(const record_statements&) = delete;
  record_statements& operator=(const record_statements&) = delete;

  record_shape insert_shape;
  record_shape update_shape;
  record_shape erase_shape;
  sql insert;
  sql update;
  sql erase;
};

template <class R>
const record_statements& statements_of() {
  static const record_statements all(R::table, columns_of<R>(), R::key_columns, versioned<R>);
  return all;
}

/// The statement that loads the records with a value in the column `by`.
struct record_selection {
  record_selection(std::string_view table, std::span<const column> columns, std::size_t key_columns,
                   bool versioned, std::string_view by);
  record_selection(const record_selection&) = delete;
  record_selection& operator=(const record_selection&) = delete;

  record_shape shape;
  sql what;
};

template <class C, class V>
C class_of_member(V C::*);

template <class Members>
struct member_search;
template <template <class...> class List, class... D>
struct member_search<List<D...>> {
  template <class Descriptor, auto Member>
  static constexpr bool is_member() {
    using pointer = std::remove_const_t<decltype(Descriptor::pointer)>;
    if constexpr (std::is_same_v<pointer, std::remove_const_t<decltype(Member)>>) {
      return Descriptor::pointer == Member;
    } else {
      return false;
    }
  }
  template <auto Member>
  static constexpr std::string_view name_of() {
    std::string_view name;
    ((is_member<D, Member>() ? void(name = D::name) : void()), ...);
    return name;
  }
};

/// The column name of a member pointer.
template <auto Member>
constexpr std::string_view column_of() {
  using R = decltype(class_of_member(Member));
  return member_search<members_of<R>>::template name_of<Member>();
}

template <auto Member>
const sql& select_by() {
  using R = decltype(class_of_member(Member));
  static const record_selection by(R::table, columns_of<R>(), R::key_columns, versioned<R>,
                                   column_of<Member>());
  return by.what;
}

/// The shape of the statements for an operation on records of type R.
record_shape shape_of(record_operation operation, std::string_view table,
                      std::span<const column> columns, std::size_t key_columns, bool versioned,
                      std::string_view by = "");
template <class R>
record_shape shape_of(record_operation operation) {
  return shape_of(operation, R::table, columns_of<R>(), R::key_columns, versioned<R>);
}

/// A writer may keep the records in memory.
template <class R>
concept kept_record = requires {
  requires R::kept;
};

template <class T>
key_part part_of(const T& v) {
  if constexpr (is_id<T>) {
    return v.value;
  } else if constexpr (std::is_same_v<T, timestamp>) {
    return v.us;
  } else if constexpr (std::is_same_v<T, uuid>) {
    return v;
  } else if constexpr (std::is_integral_v<T>) {
    return static_cast<std::int64_t>(v);
  } else {
    return std::string_view(v);
  }
}

/// The value of a member's first column.
template <class T>
value value_of(const T& member) {
  if constexpr (is_optional<T>) {
    return member ? value_of(*member) : value();
  } else if constexpr (is_id<T>) {
    return member.value;
  } else if constexpr (std::is_integral_v<T>) {
    return static_cast<std::int64_t>(member);
  } else {
    std::vector<value> columns;
    write_column(member, columns);
    return std::move(columns.front());
  }
}

enum class row_state { clean, inserted, updated, erased, gone };

/// A record within a unit of work.
class record_slot {
 public:
  record_slot() = default;
  record_slot(const record_slot&) = default;
  record_slot& operator=(const record_slot&) = default;
  virtual ~record_slot() = default;

  virtual record_key key() const = 0;
  /// The addresses of the record's members.
  virtual void members(void** out) = 0;
  virtual std::unique_ptr<record_slot> copy() const = 0;
  /// Takes the record of a copy.
  virtual void restore(record_slot& from) = 0;
  /// The member `version`; null without one.
  virtual std::int64_t* version() = 0;

  bool alive() const { return state != row_state::erased && state != row_state::gone; }

  row_state state = row_state::clean;
  bool collected = false;
  std::int64_t loaded_version = 0;
  std::size_t hash = 0;
  record_slot* next = nullptr;  ///< with the same hash bucket
};

/// record_set without the type of the record.
class record_set_base {
 public:
  record_set_base() = default;
  record_set_base(const record_set_base&) = delete;
  record_set_base& operator=(const record_set_base&) = delete;
  virtual ~record_set_base() = default;

  // The following is for the kernel.

  void load(row r);
  /// The kept records of the table; null if none are kept.
  kept_table* kept() const { return kept_; }
  void keep_in(kept_table& t) { kept_ = &t; }
  /// Takes a kept record.
  void adopt(std::unique_ptr<record_slot> slot);
  std::string_view table() const { return statements().insert_shape.table; }
  void mark() { journal_.clear(); }
  void undo();
  /// Whether records were added, changed or erased since mark().
  bool has_changes() const { return !journal_.empty(); }
  /// Deletes come first, so that a unique value can move between records in one batch.
  void collect_erased(std::vector<statement>& out);
  void collect_saved(std::vector<statement>& out);

 protected:
  virtual std::unique_ptr<record_slot> make() const = 0;
  virtual std::span<const column> columns() const = 0;
  virtual std::size_t key_columns() const = 0;
  virtual const record_statements& statements() const = 0;
  /// The need by the primary key; without a statement if it has several columns.
  virtual const need_kind& key_kind() const = 0;

  const std::vector<std::unique_ptr<record_slot>>& slots() const { return slots_; }
  /// The slot of the key whose record exists, or null.
  record_slot* find_alive(const record_key& key) const;
  /// The slot for a new record, whose key must not exist.
  record_slot& insert_slot(const record_key& key);
  /// The slot of a record to change, which must exist.
  record_slot& edit_slot(const record_key& key);
  void erase_key(const record_key& key);
  static void sort_by_key(std::vector<const record_slot*>& slots);

 private:
  friend class kept_records;
  friend class kept_table;

  struct change {
    record_slot* slot;
    row_state state;
    bool collected;
    std::int64_t loaded_version;
    std::unique_ptr<record_slot> before;  ///< null: the slot was added
  };

  record_slot* find_slot(const record_key& key, std::size_t hash) const;
  record_slot& add_slot(std::unique_ptr<record_slot> slot, std::size_t hash);
  void remember(record_slot& slot, bool added);
  statement update_of(record_slot& slot);

  std::vector<std::unique_ptr<record_slot>> slots_;  // in the order of their addition
  std::vector<record_slot*> buckets_;                // their number is a power of two
  std::vector<change> journal_;
  std::vector<record_slot*> changed_;
  kept_table* kept_ = nullptr;
};

/// The records of one table within a unit of work.
template <class R>
class record_set final : public record_set_base {
 public:
  /// The record, or null if it does not exist or was not requested in needs.
  template <class... K>
  const R* find(const K&... k) const {
    const record_slot* s = find_alive(key_from(k...));
    return s == nullptr ? nullptr : &static_cast<const slot*>(s)->record;
  }

  /// The first record with the value in the member.
  template <auto Member, class V>
  const R* find_by(const V& wanted) const {
    for (const auto& s : slots()) {
      if (s->alive() && record_of(*s).*Member == wanted) return &record_of(*s);
    }
    return nullptr;
  }

  /// All records with the value in the member, in key order (ids are ordered by time).
  template <auto Member, class V>
  std::vector<const R*> where(const V& wanted) const {
    std::vector<const record_slot*> found;
    for (const auto& s : slots()) {
      if (s->alive() && record_of(*s).*Member == wanted) found.push_back(s.get());
    }
    sort_by_key(found);
    std::vector<const R*> records(found.size());
    for (std::size_t i = 0; i < found.size(); ++i) records[i] = &record_of(*found[i]);
    return records;
  }

  /// Adds a record. Throws if the key exists, which is a programming error.
  R& insert(R record) {
    auto& s = static_cast<slot&>(insert_slot(key_of(record)));
    s.record = std::move(record);
    return s.record;
  }

  /// The record to change; throws if find() would return null. Key members must not be changed.
  template <class... K>
  R& edit(const K&... k) {
    return static_cast<slot&>(edit_slot(key_from(k...))).record;
  }

  template <class... K>
  void erase(const K&... k) {
    erase_key(key_from(k...));
  }

  /// The needs by a member.
  template <auto Member>
  static const need_kind& kind_by() {
    static const need_kind kind{&select_by<Member>(), &value_by<Member>, parent_of<Member>()};
    return kind;
  }

 private:
  template <auto Member>
  static value value_by(const record_slot& s) {
    return value_of(record_of(s).*Member);
  }
  template <auto Member>
  static constexpr std::string_view parent_of() {
    if constexpr (requires { R::parent_key; }) {
      return column_of<Member>() == column_of<R::parent_key>() ? R::parent : std::string_view();
    } else {
      return {};
    }
  }

  template <std::size_t I>
  static constexpr auto key_pointer() {
    return boost::mp11::mp_at_c<members_of<R>, I>::pointer;
  }
  template <std::size_t I>
  using key_member = std::remove_cvref_t<decltype(std::declval<R&>().*key_pointer<I>())>;

  struct slot final : record_slot {
    R record{};
    record_key key() const override { return key_of(record); }
    void members(void** out) override { std::ranges::copy(member_addresses(record), out); }
    std::unique_ptr<record_slot> copy() const override { return std::make_unique<slot>(*this); }
    void restore(record_slot& from) override {
      record = std::move(static_cast<slot&>(from).record);
    }
    std::int64_t* version() override {
      if constexpr (versioned<R>) {
        return &record.version;
      } else {
        return nullptr;
      }
    }
  };

  static const R& record_of(const record_slot& s) { return static_cast<const slot&>(s).record; }
  static record_key key_of(const R& record) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return record_key{part_of(record.*key_pointer<I>())...};
    }
    (std::make_index_sequence<R::key_columns>{});
  }
  template <class... K>
  static record_key key_from(const K&... k) {
    static_assert(sizeof...(K) == R::key_columns && sizeof...(K) <= key_columns_max);
    []<std::size_t... I>(std::index_sequence<I...>) {
      static_assert((std::is_constructible_v<key_member<I>, const K&> && ...),
                    "a key of another type");
    }
    (std::make_index_sequence<R::key_columns>{});
    return {part_of(k)...};
  }

  std::unique_ptr<record_slot> make() const override { return std::make_unique<slot>(); }
  std::span<const column> columns() const override { return columns_of<R>(); }
  std::size_t key_columns() const override { return R::key_columns; }
  const record_statements& statements() const override { return statements_of<R>(); }
  const need_kind& key_kind() const override {
    if constexpr (R::key_columns == 1 && kept_record<R>) {
      return kind_by<boost::mp11::mp_at_c<members_of<R>, 0>::pointer>();
    } else {
      static constexpr need_kind none{nullptr, nullptr, {}};
      return none;
    }
  }
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

  /// Takes what is kept of the tables that may be kept.
  void keep_in(kept_records& kept) {
    const auto one = [&]<class T>(record_set<T>& set) {
      if constexpr (kept_record<T>) set.keep_in(kept.table(set.table()));
    };
    (one(of<R>()), ...);
  }
  /// The sets of the tables that may be kept.
  std::vector<record_set_base*> kept_sets() {
    std::vector<record_set_base*> sets;
    ((of<R>().kept() != nullptr ? sets.push_back(&of<R>()) : void()), ...);
    return sets;
  }

  void mark() { (of<R>().mark(), ...); }
  void undo() { (of<R>().undo(), ...); }
  bool has_changes() const { return (of<R>().has_changes() || ...); }
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

/// need_list without the type of the records.
class need_list_base {
 public:
  bool open() const { return !open_.empty(); }
  /// Whether kept records have answered a need since the last call: records may need others.
  bool was_answered() { return std::exchange(was_answered_, false); }
  /// Answers needs by kept records as far as possible.
  void keep_in(kept_records& kept) { kept_ = &kept; }

  /// Loads what was added since the last call, in one round trip if possible.
  void load(connection& c);

  // The same in steps, to load several lists in one round trip.
  /// The statements to run; may be moved from.
  std::vector<statement>& statements() { return open_; }
  /// Receives a row of statement i.
  void feed(std::size_t i, row r) { sets_[i]->load(r); }
  /// Called after the last row.
  void done();

 protected:
  void add(const need_kind& kind, std::vector<value> key, record_set_base& into);

 private:
  using asked = std::pair<const need_kind*, value>;
  struct asked_hash {
    std::size_t operator()(const asked& a) const {
      return std::hash<const void*>{}(a.first) * 31 + std::hash<value>{}(a.second);
    }
  };

  kept_records* kept_ = nullptr;
  bool was_answered_ = false;
  std::unordered_set<asked, asked_hash> asked_;
  std::vector<statement> open_;
  std::vector<record_set_base*> sets_;  // where the rows of each statement go
};

/// The records that messages need, each requested once per batch.
template <class Records>
class need_list : public need_list_base {
 public:
  explicit need_list(Records& records) : records_(records) {}

  /// All records of the member's table with the value in the column.
  template <auto Member, class V>
  void add(const V& v) {
    using R = decltype(class_of_member(Member));
    need_list_base::add(record_set<R>::template kind_by<Member>(), params(v),
                        records_.template of<R>());
  }

 private:
  Records& records_;
};

}  // namespace stoa::db
