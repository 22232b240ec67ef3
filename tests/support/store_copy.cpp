#include "tests/support/store_copy.hpp"

#include "storage/cart/cart.hpp"
#include "storage/cart/cart_redis.hpp"
#include "tests/support/redis_tables.hpp"

#include <libpq-fe.h>
#include <sqlite3.h>

#include <cstdlib>
#include <cstring>
#include <map>
#include <stdexcept>

namespace stoa::test {
namespace {

using connection_ptr = std::unique_ptr<PGconn, decltype(&PQfinish)>;
using result_ptr = std::unique_ptr<PGresult, decltype(&PQclear)>;
using statement_ptr = std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)>;

constexpr Oid type_uuid = 2950;
constexpr Oid integer_types[] = {20, 21, 23};  // bigint, smallint, integer

connection_ptr connect(const store_place& place, const std::string& service) {
  auto url = place.postgres;
  for (auto at = url.find("{service}"); at != std::string::npos; at = url.find("{service}", at)) {
    url.replace(at, 9, service);
  }
  connection_ptr c(PQconnectdb((url + "?connect_timeout=5&application_name=checker").c_str()),
                   &PQfinish);
  if (PQstatus(c.get()) != CONNECTION_OK) {
    throw std::runtime_error("store in PostgreSQL: " + std::string(PQerrorMessage(c.get())));
  }
  return c;
}

result_ptr ask(PGconn* c, const std::string& sql) {
  result_ptr r(PQexec(c, sql.c_str()), &PQclear);
  const auto status = PQresultStatus(r.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
    throw std::runtime_error("store in PostgreSQL: " + sql + ": " + PQresultErrorMessage(r.get()));
  }
  return r;
}

void run(sqlite3* to, const std::string& sql) {
  if (sqlite3_exec(to, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    throw std::runtime_error("store copy: " + sql + ": " + sqlite3_errmsg(to));
  }
}

std::string uuid_bytes(std::string_view text) {
  std::string bytes;
  std::string digits;
  for (const char c : text) {
    if (c == '-') continue;
    digits += c;
    if (digits.size() < 2) continue;
    bytes += static_cast<char>(std::strtol(digits.c_str(), nullptr, 16));
    digits.clear();
  }
  return bytes;
}

void bind(sqlite3_stmt* s, int at, const PGresult* rows, int row, int column) {
  if (PQgetisnull(rows, row, column) != 0) {
    sqlite3_bind_null(s, at);
    return;
  }
  const char* text = PQgetvalue(rows, row, column);
  const auto type = PQftype(rows, column);
  for (const auto integer : integer_types) {
    if (type != integer) continue;
    sqlite3_bind_int64(s, at, std::atoll(text));
    return;
  }
  if (type == type_uuid) {
    const auto bytes = uuid_bytes(text);
    sqlite3_bind_blob(s, at, bytes.data(), static_cast<int>(bytes.size()), SQLITE_TRANSIENT);
    return;
  }
  sqlite3_bind_text(s, at, text, -1, SQLITE_TRANSIENT);
}

statement_ptr inserter(sqlite3* to, const std::string& table, std::size_t columns) {
  std::string marks = "?";
  for (std::size_t i = 1; i < columns; ++i) marks += ",?";
  const auto sql = "INSERT INTO " + table + " VALUES(" + marks + ")";
  sqlite3_stmt* made = nullptr;
  if (sqlite3_prepare_v2(to, sql.c_str(), -1, &made, nullptr) != SQLITE_OK) {
    throw std::runtime_error("store copy: " + sql + ": " + sqlite3_errmsg(to));
  }
  return {made, &sqlite3_finalize};
}

void step(sqlite3* to, sqlite3_stmt* s) {
  if (sqlite3_step(s) != SQLITE_DONE) {
    throw std::runtime_error(std::string("store copy: ") + sqlite3_errmsg(to));
  }
  sqlite3_reset(s);
}

void copy_table(PGconn* from, const std::string& database, const std::string& table, sqlite3* to) {
  const auto rows = ask(from, "SELECT * FROM \"" + table + "\"");
  const int columns = PQnfields(rows.get());
  std::string names;
  for (int i = 0; i < columns; ++i) {
    names += (i > 0 ? ",\"" : "\"") + std::string(PQfname(rows.get(), i)) + "\"";
  }
  const auto name = database + "." + table;
  run(to, "CREATE TABLE " + name + "(" + names + ")");
  const auto insert = inserter(to, name, static_cast<std::size_t>(columns));
  for (int row = 0; row < PQntuples(rows.get()); ++row) {
    for (int i = 0; i < columns; ++i) bind(insert.get(), i + 1, rows.get(), row, i);
    step(to, insert.get());
  }
}

/// Tables that the checks read; search texts and sessions are not copied.
constexpr const char* wanted_tables = R"(SELECT tablename FROM pg_tables WHERE schemaname='public'
  AND tablename IN ('orders','order_items','order_status_history','payments','payment_logs',
    'inventory','product_images','media_files',
    'products','reservations','stock_holds','stock_ledger','stock_levels','categories',
    'collections','resource_redirects','exports','export_parts','notifications','carts','cart_items',
    'promotions','promotion_uses','promotion_codes','promotion_customers','redemptions',
    'credit_accounts','credit_entries','credit_redemptions','price_lists','price_entries',
    'saved_payment_methods','gateway_customers','method_operations','users',
    'outbox','dead_letter','partition','webhook_deliveries','webhook_attempts'))";

void copy_from_postgres(const store_place& place, const std::string& service, sqlite3* to) {
  const auto c = connect(place, service);
  // All tables from one snapshot.
  ask(c.get(), "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  const auto tables = ask(c.get(), wanted_tables);
  for (int i = 0; i < PQntuples(tables.get()); ++i) {
    copy_table(c.get(), service + "_db", PQgetvalue(tables.get(), i, 0), to);
  }
}

void bind_value(sqlite3_stmt* s, int at, const db::value& v) {
  if (const auto* number = std::get_if<std::int64_t>(&v)) {
    sqlite3_bind_int64(s, at, *number);
  } else if (const auto* id = std::get_if<uuid>(&v)) {
    sqlite3_bind_blob(s, at, id->bytes.data(), static_cast<int>(id->bytes.size()),
                      SQLITE_TRANSIENT);
  } else {
    sqlite3_bind_null(s, at);
  }
}

/// The part of the carts' lines that the checks read; events in Redis are not counted.
void copy_from_redis(const store_place& place, sqlite3* to) {
  run(to, "CREATE TABLE cart_db.outbox(seq, type)");
  run(to, "CREATE TABLE cart_db.dead_letter(type, error)");
  run(to, "CREATE TABLE cart_db.cart_items(cart_item_id, cart_id, added_at)");
  run(to, "CREATE TABLE cart_db.carts(cart_id, for_purchase)");
  db::redis_options options;
  options.url = place.carts;
  auto layout = cart::redis_store_layout(std::chrono::hours{24});
  layout.add_handlers = [carts = layout.add_handlers](db::redis_handlers& on) {
    carts(on);
    add_test_queries(on);
  };
  const auto store = db::redis_database(options, layout);
  const auto insert = inserter(to, "cart_db.cart_items", 3);
  const db::sql all{"test", "SELECT cart_item_id, cart_id, added_at FROM cart_items"};
  try {
    store->open(db::access::read)->query({&all, {}}, [&](db::row r) {
      for (int i = 0; i < 3; ++i) bind_value(insert.get(), i + 1, r[static_cast<std::size_t>(i)]);
      step(to, insert.get());
    });
  } catch (const db::error& e) {
    // No node has used this Redis yet: there are no carts.
    if (e.constraint() != db::data_lost) throw;
  }
}

}  // namespace

void copy_service(const store_place& place, const std::string& service, sqlite3* to) {
  run(to, "ATTACH ':memory:' AS \"" + service + "_db\"");
  run(to, "BEGIN");
  if (service == "cart" && !place.carts.empty()) {
    copy_from_redis(place, to);
  } else {
    copy_from_postgres(place, service, to);
  }
  run(to, "COMMIT");
}

struct row_counter::connections {
  std::map<std::string, connection_ptr> of;
};

row_counter::row_counter(store_place place)
    : place_(std::move(place)), open_(std::make_unique<connections>()) {}
row_counter::~row_counter() = default;

std::int64_t row_counter::count(const std::string& service, const std::string& table,
                                const std::string& condition) {
  if (service == "cart" && !place_.carts.empty()) return 0;
  return number(service, "SELECT count(*) FROM " + table + " WHERE " + condition);
}

std::int64_t row_counter::number(const std::string& service, const std::string& sql) {
  auto c = open_->of.find(service);
  if (c == open_->of.end()) c = open_->of.emplace(service, connect(place_, service)).first;
  const auto r = ask(c->second.get(), sql);
  return std::atoll(PQgetvalue(r.get(), 0, 0));
}

}  // namespace stoa::test
