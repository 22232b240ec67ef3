#pragma once
// Combines the queries of several callers into one call, in one round trip if the database supports
// it.

#include "storage/db/columns.hpp"
#include "storage/db/connection.hpp"

#include <utility>
#include <vector>

namespace stoa::db {

class gathering {
 public:
  /// The rows of a statement; filled by run().
  template <class R>
  using found = std::shared_ptr<std::vector<R>>;

  /// Adds a query for records.
  template <class R>
  found<R> ask(const sql& what, std::vector<value> params) {
    auto rows = std::make_shared<std::vector<R>>();
    statements_.push_back({&what, std::move(params)});
    sinks_.push_back([rows](row r) { rows->push_back(read_record<R>(r)); });
    return rows;
  }

  /// Runs all queries added since the last run; all see one snapshot.
  void run(connection& c) {
    if (statements_.empty()) return;
    c.query(statements_, [this](std::size_t i, row r) { sinks_[i](r); });
    statements_.clear();
    sinks_.clear();
  }

 private:
  std::vector<statement> statements_;
  std::vector<std::function<void(row)>> sinks_;
};

}  // namespace stoa::db
