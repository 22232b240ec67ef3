#pragma once
// Questions of several callers that go to the database in one call, and so in one round trip where
// it can: what many ask for at once costs little more than what one asks for.

#include "storage/db/columns.hpp"
#include "storage/db/connection.hpp"

#include <utility>
#include <vector>

namespace stoa::db {

class gathering {
 public:
  /// What a statement finds: filled by run().
  template <class R>
  using found = std::shared_ptr<std::vector<R>>;

  /// Asks for records.
  template <class R>
  found<R> ask(const sql& what, std::vector<value> params) {
    auto rows = std::make_shared<std::vector<R>>();
    statements_.push_back({&what, std::move(params)});
    sinks_.push_back([rows](row r) { rows->push_back(read_record<R>(r)); });
    return rows;
  }

  /// Asks all that was asked for since the last run; all see one state.
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
