#include "actors/kernel/kept_rows.hpp"

#include "storage/base/fault.hpp"
#include "storage/kernel/partition_store.hpp"

#include <algorithm>

namespace stoa::kernel {

void kept_rows::each(const std::function<void(db::row)>& to) const {
  if (!rows_) return;
  for (auto row : *rows_) to(row);
}

bool kept_rows::is_read_by(const db::statement& s) const {
  return s.what == &what_ && s.params.front() == key_;
}

void kept_rows::before_round(std::vector<db::statement>& open) {
  // Left by a round that has failed.
  removed_.reset();
  reading_.reset();
  const auto found = std::ranges::find_if(open, [&](const auto& s) { return is_read_by(s); });
  if (found == open.end()) return;
  const auto at = static_cast<std::size_t>(found - open.begin());
  if (rows_) {
    removed_ = at;
    open.erase(found);
  } else {
    reading_ = at;
    received_.clear();
  }
}

std::size_t kept_rows::receive(std::size_t i, db::row r) {
  if (removed_ && i >= *removed_) return i + 1;
  if (reading_ == i) received_.emplace_back(r.begin(), r.end());
  return i;
}

void kept_rows::after_round() {
  if (reading_) rows_ = std::move(received_);
  received_.clear();
  removed_.reset();
  reading_.reset();
}

void kept_rows::before_save(std::span<const db::statement> statements) {
  const auto changes_table = [&](const db::statement& s) {
    return s.what->shape && s.what->shape->table == what_.shape->table;
  };
  // Planted: the rows stay as they were before the change.
  if (fault("keep_changed_rows")) return;
  if (std::ranges::any_of(statements, changes_table)) rows_.reset();
}

bool has_one_partition(db::connection& c) {
  return read_partitions(c).size() == 1;
}

}  // namespace stoa::kernel
