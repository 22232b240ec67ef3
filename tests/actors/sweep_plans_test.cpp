// What each service reads every second (its sweep) and every few seconds (its figures) uses an
// index of what is open or due: the cost does not grow with what the store keeps.

#include "actors/kernel/node_state.hpp"
#include "actors/kernel/service_definition.hpp"
#include "actors/services.hpp"
#include "config/settings.hpp"
#include "tests/support/counting_connection.hpp"
#include "tests/support/test_database.hpp"

#include <boost/test/unit_test.hpp>

#include <deque>
#include <map>
#include <set>

using namespace stoa;

namespace {

// Tables that are small, or empty except after a failure or while something is open.
const std::set<std::string> small_tables{
    "announcements",      "dead_letter",  "engine_clock", "gateway_reviews",  "method_operations",
    "outdated_mail_keys", "search_queue", "search_state", "payment_disputes", "price_checks"};

std::vector<std::string> rows_of(db::connection& c, const std::string& text,
                                 std::vector<db::value> params, std::size_t column) {
  // A connection finds its prepared statement by the address.
  static std::deque<db::sql> texts;
  const auto& what = texts.emplace_back(db::sql{"plan", text});
  std::vector<std::string> rows;
  c.query({&what, std::move(params)},
          [&](db::row r) { rows.push_back(std::get<std::string>(r[column])); });
  return rows;
}

/// The word after `before` in the line; empty if there is none.
std::string word_after(const std::string& line, std::string_view before) {
  const auto at = line.find(before);
  if (at == line.npos) return {};
  const auto begin = at + before.size();
  return line.substr(begin, line.find_first_of(" \n", begin) - begin);
}

/// The tables that SQLite reads as a whole: without an index, or with one that has all rows.
std::vector<std::string> scans_of_sqlite(db::connection& c, const db::statement& s) {
  std::vector<std::string> found;
  for (const auto& step : rows_of(c, "EXPLAIN QUERY PLAN " + s.what->text, s.params, 3)) {
    const auto table = word_after(step, "SCAN ");
    auto index = word_after(step, " USING INDEX ");
    if (index.empty()) index = word_after(step, " USING COVERING INDEX ");
    const auto is_table =
        !rows_of(c, "SELECT name FROM sqlite_master WHERE type='table' AND name=$1",
                 db::params(table), 0)
             .empty();
    const auto partial = rows_of(c,
                                 "SELECT name FROM sqlite_master WHERE type='index' AND name=$1"
                                 " AND sql LIKE '% WHERE %'",
                                 db::params(index), 0);
    if (is_table && partial.empty()) found.push_back(table);
    // An index by which every row without a value is found.
    if (word_after(step, "SEARCH ") == "products" && word_after(step, "(") == "handle=?)") {
      found.emplace_back("products");
    }
  }
  return found;
}

/// The tables that PostgreSQL cannot read by an index, or reads by one that has all rows.
std::vector<std::string> scans_of_postgres(db::connection& c, const db::statement& s) {
  std::vector<std::string> found;
  c.run_script("SET enable_seqscan = off");
  const auto steps = rows_of(c, "EXPLAIN " + s.what->text, s.params, 0);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (auto table = word_after(steps[i], "Seq Scan on "); !table.empty()) {
      found.push_back(std::move(table));
    }
    const auto index = word_after(steps[i], "Scan using ");
    const bool has_bound =
        i + 1 < steps.size() && steps[i + 1].find("Index Cond:") != std::string::npos;
    if (index.empty() || has_bound) continue;
    const auto partial = rows_of(c,
                                 "SELECT indexname::text FROM pg_indexes WHERE indexname=$1"
                                 " AND indexdef LIKE '% WHERE %'",
                                 db::params(index), 0);
    if (partial.empty()) found.push_back(word_after(steps[i], " on "));
  }
  return found;
}

/// "statement: tables" for each statement that reads more than it should.
std::string large_reads(db::connection& c, const std::vector<db::statement>& seen) {
  std::map<std::string, std::set<std::string>> large;
  for (const auto& s : seen) {
    for (auto& table :
         c.dialect() == "postgres" ? scans_of_postgres(c, s) : scans_of_sqlite(c, s)) {
      if (!small_tables.contains(table)) large[s.what->name].insert(std::move(table));
    }
  }
  std::string text;
  for (const auto& [name, tables] : large) {
    text += name + ":";
    for (const auto& table : tables) text += " " + table;
    text += "\n";
  }
  return text;
}

void check_service(const kernel::service_definition& service, std::string_view name) {
  const auto database = test::fresh_database(name);
  test::counting_connection counting(*database);
  std::vector<db::statement> seen;
  counting.kept = &seen;
  constexpr timestamp now{1'800'000'000'000'000};
  for (const bool starting : {true, false}) service.due(counting, now, starting);
  kernel::service_figures figures;
  if (service.measure) service.measure(counting, now, figures);
  const auto large = large_reads(*database, seen);
  BOOST_TEST(large == "", name << ": " << large);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sweep_plans)

#define STOA_SERVICE(service, capability)                                                    \
  BOOST_AUTO_TEST_CASE(service##_reads_what_is_due) {                                        \
    const stoa::service::service##_service one(stoa::service::options_of(stoa::settings{})); \
    check_service(definition_of(one), #service);                                             \
  }
#include STOA_SERVICES_DEF
#undef STOA_SERVICE

BOOST_AUTO_TEST_CASE(a_read_of_a_whole_table_is_found) {
  const auto database = test::fresh_database("order");
  const db::sql all{"all orders", "SELECT order_id FROM orders WHERE updated_at<$1"};
  const db::sql one{"one order", "SELECT status FROM orders WHERE order_id=$1"};
  BOOST_TEST(large_reads(*database, {{&all, db::params(std::int64_t{1})},
                                     {&one, db::params(stoa::order_id{})}}) ==
             "all orders: orders\n");
}

BOOST_AUTO_TEST_SUITE_END()
