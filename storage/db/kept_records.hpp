#pragma once
// Records that a writer keeps in memory from one batch to the next, so that a batch reads only what
// no recent one has read or saved.
//
// What is kept are the results of needs ("the items with this order_id"), and each record exists
// once: during a batch the records it needs are moved into its unit of work, and after the commit
// they are moved back as they were saved. A batch that fails leaves nothing. A result remains known
// as long as no saved change of its table can have changed it: a batch that inserts, changes or
// erases a record renews the results that it needed itself and forgets the others to which the
// record belongs or belonged.
//
// A table can be kept (`static constexpr bool kept = true` in the record) if only records of its
// writer change it, and no trigger or cascade. After any other change the owner calls clear().

#include "storage/db/value.hpp"

#include <array>
#include <map>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace stoa::db {

class kept_records;
class record_slot;
class record_set_base;

/// One member of a primary key; a text refers to the record's.
using key_part = std::variant<std::int64_t, std::string_view, uuid>;
inline constexpr std::size_t key_columns_max = 2;
using record_key = std::array<key_part, key_columns_max>;
std::size_t hash_of(const record_key& key);

/// What needs with the same statement select: the records with a value in one member.
struct need_kind {
  const sql* what;                        ///< loads them
  value (*value_of)(const record_slot&);  ///< the member's value of a record
  /// Not empty: the member refers to the primary key of that table, whose record is saved before.
  std::string_view parent;
};

/// The kept records of one table.
class kept_table {
 public:
  /// The records that a need selects; null if they are not known. Marks the need as one of this
  /// batch.
  const std::vector<record_slot*>* ask(const need_kind& kind, const value& v);
  /// Passes a record to the batch; null if the batch has it.
  std::unique_ptr<record_slot> take(const record_slot& s);
  std::unique_ptr<record_slot> take(const record_key& key);
  /// A record is about to change: the results that contain it are no longer known.
  void touch(const record_slot& s);

 private:
  friend class kept_records;

  struct need {
    const need_kind* kind;
    value v;
    bool operator==(const need&) const = default;
  };
  struct need_hash {
    std::size_t operator()(const need& n) const {
      return std::hash<const void*>{}(n.kind) * 31 + std::hash<value>{}(n.v);
    }
  };
  struct key_hash {
    std::size_t operator()(const record_key& k) const { return hash_of(k); }
  };
  struct result {
    std::vector<record_slot*> records;
    bool is_known = false;
    bool is_new = false;  ///< of this batch: determined again after the commit
  };

  void know(const need_kind& kind, value v);
  void forget_touched();
  void add_inserted(record_set_base& set, kept_records& all);
  void take_back(record_set_base& set);
  void finish_batch();
  void clear();

  std::vector<const need_kind*> kinds_;  ///< that were asked for, and the key
  std::unordered_map<need, result, need_hash> results_;
  std::unordered_map<record_key, std::unique_ptr<record_slot>, key_hash> records_;
  std::vector<need> new_;      ///< results of this batch
  std::vector<need> touched_;  ///< results that a change of this batch may have changed
};

/// The kept records of a writer.
class kept_records {
 public:
  /// Keeps at most that many records of a table.
  explicit kept_records(std::size_t records_max = 4096) : records_max_(records_max) {}

  kept_table& table(std::string_view name) { return tables_[name]; }

  /// Starts a batch. If the previous one was not saved, nothing is kept of it.
  void begin();
  /// The batch was saved, or it changed nothing: its records are kept.
  void saved(std::span<record_set_base* const> sets);
  /// Something else has changed the tables.
  void clear();
  /// Whether a need of this batch was answered from memory.
  bool has_answered() const { return has_answered_; }
  void note_answer() { has_answered_ = true; }

 private:
  friend class kept_table;

  std::map<std::string_view, kept_table> tables_;
  std::size_t records_max_;
  bool in_batch_ = false;
  bool has_answered_ = false;
};

}  // namespace stoa::db
