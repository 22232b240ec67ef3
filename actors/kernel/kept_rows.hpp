#pragma once
// The rows of a small table that almost every batch of a service needs and that hardly ever
// changes. The writer of the service's only partition keeps them in memory from one batch to the
// next; the writers of several partitions cannot, as each of them changes the table.
//
// The rows were read within a batch. They are dropped as soon as a batch is about to save a change
// of the table, whatever becomes of it, and the next batch reads them again. A new owner of the
// partition has a new writer, which has read nothing; what the previous owner decides after that is
// not saved. Only records may change the table: bulk statements are not seen.

#include "storage/db/connection.hpp"

#include <optional>

namespace stoa::kernel {

class kept_rows {
 public:
  /// The rows that the statement selects with this value.
  kept_rows(const db::sql& what, db::value key) : what_(what), key_(std::move(key)) {}

  /// Passes a copy of each row, if they are known.
  void each(const std::function<void(db::row)>& to) const;
  /// Called before a round of loading: removes the statement that the rows answer.
  void before_round(std::vector<db::statement>& open);
  /// Receives a row of the i-th of the remaining statements. Returns the statement's number before
  /// the removal.
  std::size_t receive(std::size_t i, db::row r);
  /// Called after the last row of a round.
  void after_round();
  /// Called before a batch is saved, with the statements that save its records.
  void before_save(std::span<const db::statement> statements);

 private:
  bool is_read_by(const db::statement& s) const;

  const db::sql& what_;
  db::value key_;
  std::optional<std::vector<std::vector<db::value>>> rows_;
  std::optional<std::size_t> removed_;  ///< the number of the statement in this round
  std::optional<std::size_t> reading_;  ///< the same, when it is run
  std::vector<std::vector<db::value>> received_;
};

/// Whether the database has one partition of the service. Partitions are never added.
bool has_one_partition(db::connection& c);

}  // namespace stoa::kernel
