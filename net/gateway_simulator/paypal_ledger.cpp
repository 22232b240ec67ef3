#include "net/gateway_simulator/paypal_ledger.hpp"

#include "net/gateway/ledger.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"

namespace stoa::simulator {

namespace {

using gateways::ledger_failure;
using gateways::sqlite_file;
using gateways::sqlite_statement;

constexpr const char* paypal_schema = R"sql(
CREATE TABLE IF NOT EXISTS paypal_orders (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  record TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS paypal_payments (
  id TEXT NOT NULL PRIMARY KEY,
  order_id TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS paypal_tokens (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  customer TEXT NOT NULL,
  due INTEGER,
  record TEXT NOT NULL
);
)sql";

sqlite_file& with_paypal_schema(sqlite_file& file) {
  file.run(paypal_schema);
  return file;
}

paypal_token_record token_of(const std::string& text) {
  auto found = json::read_lenient<paypal_token_record>(text);
  if (!found) throw ledger_failure("simulator ledger: a token of PayPal is not readable");
  return std::move(*found);
}

std::vector<paypal_token_record> all_tokens(sqlite_statement& s) {
  std::vector<paypal_token_record> all;
  while (s.step()) all.push_back(token_of(s.text(0)));
  s.reset();
  return all;
}

paypal_record order_of(const std::string& text) {
  auto found = json::read_lenient<paypal_record>(text);
  if (!found) throw ledger_failure("simulator ledger: an order of PayPal is not readable");
  return std::move(*found);
}

std::optional<paypal_record> one(sqlite_statement& s) {
  std::optional<paypal_record> found;
  if (s.step()) found = order_of(s.text(0));
  s.reset();
  return found;
}

}  // namespace

struct paypal_ledger::statements {
  explicit statements(sqlite_file& f)
      : find(f, "SELECT record FROM paypal_orders WHERE id = ?"),
        find_by_payment(f,
                        "SELECT record FROM paypal_orders WHERE id ="
                        " (SELECT order_id FROM paypal_payments WHERE id = ?)"),
        created_before(f,
                       "SELECT record FROM paypal_orders"
                       " WHERE json_extract(record, '$.shown.create_time') < ? ORDER BY number"),
        save(f,
             "INSERT INTO paypal_orders (id, record) VALUES (?, ?)"
             " ON CONFLICT (id) DO UPDATE SET record = excluded.record"),
        add_payment(f, "INSERT INTO paypal_payments (id, order_id) VALUES (?, ?)"),
        find_token(f, "SELECT record FROM paypal_tokens WHERE id = ?"),
        tokens_of(f,
                  "SELECT record FROM paypal_tokens WHERE customer = ?"
                  " AND json_extract(record, '$.exists') ORDER BY number"),
        save_token(f,
                   "INSERT INTO paypal_tokens (id, customer, record) VALUES (?, ?, ?)"
                   " ON CONFLICT (id) DO UPDATE SET record = excluded.record"),
        plan_token(f, "UPDATE paypal_tokens SET due = ? WHERE id = ?"),
        due_tokens(f, "SELECT record FROM paypal_tokens WHERE due <= ? ORDER BY due, number"),
        take_tokens(f, "UPDATE paypal_tokens SET due = NULL WHERE due <= ?") {}
  sqlite_statement find, find_by_payment, created_before, save, add_payment, find_token, tokens_of,
      save_token, plan_token, due_tokens, take_tokens;
};

paypal_ledger::paypal_ledger(sqlite_file& file)
    : deliveries_(file, "paypal_deliveries"),
      sql_(std::make_unique<statements>(with_paypal_schema(file))) {}

paypal_ledger::~paypal_ledger() = default;

std::optional<paypal_record> paypal_ledger::find(const std::string& order) {
  return one(sql_->find.bind(order));
}

std::optional<paypal_record> paypal_ledger::find_by_payment(const std::string& payment) {
  return one(sql_->find_by_payment.bind(payment));
}

std::vector<paypal_record> paypal_ledger::created_before(timestamp end) {
  std::vector<paypal_record> all;
  auto& s = sql_->created_before.bind(end.str());
  while (s.step()) all.push_back(order_of(s.text(0)));
  s.reset();
  return all;
}

void paypal_ledger::save(const paypal_record& order) {
  std::string text;
  json::write_to(text, order);
  sql_->save.bind(order.shown.id).bind(text).step();
  sql_->save.reset();
}

void paypal_ledger::add_payment(const std::string& payment, const std::string& order) {
  sql_->add_payment.bind(payment).bind(order).step();
  sql_->add_payment.reset();
}

std::optional<paypal_token_record> paypal_ledger::find_token(const std::string& id) {
  auto found = all_tokens(sql_->find_token.bind(id));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::vector<paypal_token_record> paypal_ledger::tokens_of(const std::string& customer) {
  return all_tokens(sql_->tokens_of.bind(customer));
}

void paypal_ledger::save(const paypal_token_record& token) {
  std::string text;
  json::write_to(text, token);
  sql_->save_token.bind(token.shown.id)
      .bind(token.shown.customer.id.value_or(""))
      .bind(text)
      .step();
  sql_->save_token.reset();
}

void paypal_ledger::plan(const paypal_token_record& token, timestamp due) {
  save(token);
  sql_->plan_token.bind(due.us).bind(token.shown.id).step();
  sql_->plan_token.reset();
}

std::vector<paypal_token_record> paypal_ledger::take_due_tokens(timestamp now) {
  auto due = all_tokens(sql_->due_tokens.bind(now.us));
  sql_->take_tokens.bind(now.us).step();
  sql_->take_tokens.reset();
  return due;
}

std::vector<paypal_token_record> read_paypal_tokens(const std::filesystem::path& path) {
  sqlite_file file(path.string(), SQLITE_OPEN_READONLY | SQLITE_OPEN_FULLMUTEX);
  sqlite_statement s(file, "SELECT record FROM paypal_tokens ORDER BY number");
  return all_tokens(s);
}

std::vector<paypal_record> read_paypal_ledger(const std::filesystem::path& path) {
  sqlite_file file(path.string(), SQLITE_OPEN_READONLY | SQLITE_OPEN_FULLMUTEX);
  sqlite_statement s(file, "SELECT record FROM paypal_orders ORDER BY number");
  std::vector<paypal_record> all;
  while (s.step()) all.push_back(order_of(s.text(0)));
  return all;
}

}  // namespace stoa::simulator
