#include "storage/order/order_store.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>

namespace stoa::order {

namespace {

const std::string order_columns = db::column_list<order_row>();

const db::sql stale_pending{"pending orders",
                            "SELECT order_id FROM orders WHERE status='Pending'"
                            " AND payment_until IS NULL"
                            " AND (created_at<$1 OR created_at>$2) ORDER BY order_id LIMIT $3"};

const db::sql unpaid_in_time{"unpaid orders",
                             "SELECT order_id FROM orders WHERE payment_until<=$1"
                             " ORDER BY payment_until LIMIT $2"};

const db::sql first_pending{"oldest pending order",
                            "SELECT created_at FROM orders WHERE status='Pending'"
                            " AND payment_until IS NULL ORDER BY order_id LIMIT 1"};

const db::sql of_user{"any order of user",
                      "SELECT 1 FROM orders WHERE user_id=$1 AND status<>'Cancelled' LIMIT 1"};
const db::sql of_address{"any order of address",
                         "SELECT 1 FROM orders WHERE email_folded=$1 AND user_id IS NULL"
                         " AND status<>'Cancelled' LIMIT 1"};

bool is_any(db::connection& c, const db::sql& what, std::vector<db::value> values) {
  bool found = false;
  c.query({&what, std::move(values)}, [&](db::row) { found = true; });
  return found;
}

void sort_parts(order_parts& of) {
  std::sort(of.items.begin(), of.items.end(),
            [](const auto& a, const auto& b) { return a.order_item_id < b.order_item_id; });
  std::sort(of.history.begin(), of.history.end(), is_earlier);
}

/// Pending queries for an order and its parts.
std::function<order_parts(order_row)> ask_parts(db::gathering& all, stoa::order_id id) {
  auto items = all.ask<order_item_row>(db::select_by<&order_item_row::order_id>(), db::params(id));
  auto history =
      all.ask<status_history_row>(db::select_by<&status_history_row::order_id>(), db::params(id));
  return [items, history](order_row order) {
    order_parts whole{std::move(order), std::move(*items), std::move(*history)};
    sort_parts(whole);
    return whole;
  };
}

/// Orders per statement: a page of the longest list.
constexpr std::size_t orders_per_statement = 101;

/// The rows of R of the given orders.
template <class R>
const db::sql& rows_of_orders() {
  static const db::sql what = [] {
    std::string places;
    for (std::size_t i = 1; i <= orders_per_statement; ++i) {
      places += (i > 1 ? ",$" : "$") + std::to_string(i);
    }
    return db::sql{std::string(R::table) + " of orders", "SELECT " + db::column_list<R>() +
                                                             " FROM " + R::table +
                                                             " WHERE order_id IN (" + places + ")"};
  }();
  return what;
}

template <class R>
class pending_rows {
 public:
  pending_rows(db::gathering& all, const std::vector<stoa::order_id>& ids) {
    for (std::size_t from = 0; from < ids.size(); from += orders_per_statement) {
      std::vector<db::value> values;
      for (std::size_t i = 0; i < orders_per_statement; ++i) {
        // Unused places repeat the last id.
        db::write_column(ids[std::min(from + i, ids.size() - 1)], values);
      }
      found_.push_back(all.ask<R>(rows_of_orders<R>(), std::move(values)));
    }
  }
  /// Calls f with each row of the result.
  template <class F>
  void for_each(F&& f) const {
    for (const auto& rows : found_) {
      for (auto& row : *rows) f(row);
    }
  }

 private:
  std::vector<db::gathering::found<R>> found_;
};

/// Pending queries for the items and history of several orders.
class pending_parts {
 public:
  pending_parts(db::gathering& all, const std::vector<stoa::order_id>& ids)
      : items_(all, ids), history_(all, ids) {}

  /// The orders with their parts, in the given order.
  std::vector<order_parts> join(std::vector<order_row> orders) const {
    std::vector<order_parts> whole;
    std::map<stoa::order_id, std::size_t> places;
    for (auto& o : orders) {
      places.emplace(o.order_id, whole.size());
      whole.push_back({std::move(o), {}, {}});
    }
    items_.for_each([&](order_item_row& row) {
      const auto found = places.find(row.order_id);
      if (found != places.end()) whole[found->second].items.push_back(std::move(row));
    });
    history_.for_each([&](status_history_row& row) {
      const auto found = places.find(row.order_id);
      if (found != places.end()) whole[found->second].history.push_back(std::move(row));
    });
    for (auto& one : whole) sort_parts(one);
    return whole;
  }

 private:
  pending_rows<order_item_row> items_;
  pending_rows<status_history_row> history_;
};

// Both read only an index: a store may have millions of orders.
const db::sql count_all{"count all orders", "SELECT count(*) FROM orders"};
const db::sql count_of_status{"count orders of status",
                              "SELECT count(*) FROM orders WHERE status=$1"};

/// The index that a list uses.
enum class order_path { all, status, user, email, number };
constexpr std::size_t path_count = 5;
constexpr std::array<const char*, path_count> path_columns{"", "status", "user_id", "email_folded",
                                                           "order_number"};
constexpr std::size_t status_count = 5;

struct order_statements {
  db::sql list;  ///< the last parameter is the limit
  db::sql count;
};

/// Paths with the user as an additional condition.
bool may_name_user(order_path path) {
  return path == order_path::email || path == order_path::number;
}

/// $1 and $2 bound the ids, $3 and $4 the time; then the statuses and the key of the path. If the
/// status is not the path, it is an expression, so that the planner does not use its index.
order_statements statements_of(order_path path) {
  std::string where =
      " FROM orders WHERE order_id<$1 AND order_id>=$2"
      " AND (created_at>=$3 OR $3 IS NULL) AND (created_at<$4 OR $4 IS NULL)";
  std::size_t next = 5;
  if (path != order_path::status) {
    where += " AND status||'' IN (";
    for (std::size_t i = 0; i < status_count; ++i) {
      where += (i > 0 ? ",$" : "$") + std::to_string(next++);
    }
    where += ')';
  }
  if (path != order_path::all) {
    where += std::string(" AND ") + path_columns[static_cast<std::size_t>(path)] + "=$" +
             std::to_string(next++);
  }
  if (may_name_user(path)) {
    const auto user = "$" + std::to_string(next++);
    where += " AND (user_id=" + user + " OR " + user + " IS NULL)";
  }
  return {{"list orders", "SELECT " + order_columns + where + " ORDER BY order_id DESC LIMIT $" +
                              std::to_string(next)},
          {"count orders", "SELECT count(*)" + where}};
}

const order_statements& statements_for(order_path path) {
  static const std::array<order_statements, path_count> all{
      statements_of(order_path::all), statements_of(order_path::status),
      statements_of(order_path::user), statements_of(order_path::email),
      statements_of(order_path::number)};
  return all[static_cast<std::size_t>(path)];
}

/// Maximum difference between the time in an order's id and its creation time; the id is made
/// earlier and possibly on another node.
constexpr microseconds id_slack = std::chrono::hours{1};

/// The smallest id of that time.
stoa::order_id first_id(timestamp t) {
  const auto ms = std::max<std::int64_t>(0, t.us / 1000);
  stoa::order_id id{};
  for (std::size_t i = 0; i < 6; ++i) {
    id.value.bytes[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
  }
  return id;
}

std::vector<db::value> range_of(const order_filter& filter) {
  stoa::order_id above{};
  above.value.bytes.fill(0xFF);
  if (filter.created_before) above = first_id(*filter.created_before + id_slack);
  if (filter.before) above = std::min(above, *filter.before);
  const auto least =
      filter.created_from ? first_id(*filter.created_from - id_slack) : stoa::order_id{};
  return db::params(above, least, filter.created_from, filter.created_before);
}

order_path path_of(const order_filter& filter) {
  if (filter.order_number) return order_path::number;
  if (filter.email_folded) return order_path::email;
  if (filter.user_id) return order_path::user;
  return filter.statuses.empty() ? order_path::all : order_path::status;
}

/// A fixed number of status parameters; unused places repeat a wanted status.
void write_statuses(const std::vector<order_status>& wanted, std::vector<db::value>& values) {
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<order_status>>([&](auto d) {
    const bool listed =
        wanted.empty() || std::find(wanted.begin(), wanted.end(), d.value) != wanted.end();
    db::write_column(listed ? d.value : wanted.front(), values);
  });
}

/// Calls f(statements, parameters) for each index range: one, or one per status.
template <class F>
void for_each_statement(const order_filter& filter, F&& f) {
  const auto path = path_of(filter);
  if (path == order_path::status) {
    for (const auto status : std::set(filter.statuses.begin(), filter.statuses.end())) {
      auto values = range_of(filter);
      db::write_column(status, values);
      f(statements_for(path), std::move(values));
    }
    return;
  }
  auto values = range_of(filter);
  write_statuses(filter.statuses, values);
  if (path == order_path::number) db::write_column(*filter.order_number, values);
  if (path == order_path::email) db::write_column(*filter.email_folded, values);
  if (path == order_path::user) db::write_column(*filter.user_id, values);
  if (may_name_user(path)) db::write_column(filter.user_id, values);
  f(statements_for(path), std::move(values));
}

}  // namespace

std::function<std::optional<order_parts>()> ask_order(db::gathering& all, stoa::order_id id) {
  auto orders = all.ask<order_row>(db::select_by<&order_row::order_id>(), db::params(id));
  auto parts = ask_parts(all, id);
  return [orders, parts]() -> std::optional<order_parts> {
    if (orders->empty()) return std::nullopt;
    return parts(std::move(orders->front()));
  };
}

std::function<std::vector<order_parts>()> ask_orders(db::gathering& all,
                                                     const std::vector<stoa::order_id>& ids) {
  return [orders = pending_rows<order_row>(all, ids), parts = pending_parts(all, ids), ids] {
    std::map<stoa::order_id, order_row> found;
    orders.for_each([&](order_row& o) { found.emplace(o.order_id, std::move(o)); });
    std::vector<order_row> rows;
    for (auto id : ids) {
      if (auto row = found.extract(id)) rows.push_back(std::move(row.mapped()));
    }
    return parts.join(std::move(rows));
  };
}

std::optional<order_parts> read_order(db::connection& c, stoa::order_id id) {
  db::gathering all;
  auto made = ask_order(all, id);
  all.run(c);
  return made();
}

std::vector<order_parts> list_orders(db::connection& c, const order_filter& filter) {
  std::vector<order_row> rows;
  for_each_statement(filter, [&](const order_statements& what, std::vector<db::value> values) {
    values.emplace_back(static_cast<std::int64_t>(filter.limit));
    auto found = db::select<order_row>(c, what.list, std::move(values));
    std::move(found.begin(), found.end(), std::back_inserter(rows));
  });
  std::sort(rows.begin(), rows.end(),
            [](const auto& a, const auto& b) { return a.order_id > b.order_id; });
  if (rows.size() > filter.limit) rows.resize(filter.limit);
  std::vector<stoa::order_id> ids;
  ids.reserve(rows.size());
  for (const auto& row : rows) ids.push_back(row.order_id);
  db::gathering all;
  const pending_parts parts(all, ids);
  all.run(c);
  return parts.join(std::move(rows));
}

std::int64_t count_orders(db::connection& c, const order_filter& filter) {
  auto all = filter;
  all.before.reset();
  std::int64_t total = 0;
  const auto add = [&](const db::sql& what, std::vector<db::value> values) {
    c.query({&what, std::move(values)}, [&](db::row r) { total += std::get<std::int64_t>(r[0]); });
  };
  const auto path = path_of(all);
  const bool any_time = !all.created_from && !all.created_before;
  if (any_time && path == order_path::all) {
    add(count_all, {});
  } else if (any_time && path == order_path::status) {
    for (const auto status : std::set(all.statuses.begin(), all.statuses.end())) {
      std::vector<db::value> values;
      db::write_column(status, values);
      add(count_of_status, std::move(values));
    }
  } else {
    for_each_statement(all, [&](const order_statements& what, std::vector<db::value> values) {
      add(what.count, std::move(values));
    });
  }
  return total;
}

std::vector<stoa::order_id> pending_since(db::connection& c, timestamp placed_before,
                                          timestamp placed_after, std::size_t limit) {
  std::vector<stoa::order_id> found;
  c.query(
      {&stale_pending, db::params(placed_before, placed_after, static_cast<std::int64_t>(limit))},
      [&](db::row r) { found.push_back({std::get<uuid>(r[0])}); });
  return found;
}

bool any_order_of(db::connection& c, stoa::user_id user) {
  return is_any(c, of_user, db::params(user));
}

bool any_order_of(db::connection& c, const std::string& email_folded) {
  return is_any(c, of_address, db::params(email_folded));
}

std::vector<stoa::order_id> unpaid_since(db::connection& c, timestamp now, std::size_t limit) {
  std::vector<stoa::order_id> found;
  c.query({&unpaid_in_time, db::params(now, static_cast<std::int64_t>(limit))},
          [&](db::row r) { found.push_back({std::get<uuid>(r[0])}); });
  return found;
}

std::optional<timestamp> oldest_pending(db::connection& c) {
  std::optional<timestamp> found;
  c.query({&first_pending, {}},
          [&](db::row r) { found = timestamp{std::get<std::int64_t>(r[0])}; });
  return found;
}

}  // namespace stoa::order
