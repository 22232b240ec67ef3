#include "net/gateway_simulator/simulator_ledger.hpp"

#include "net/gateway/ledger.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"

namespace stoa::simulator {

namespace {

using gateways::ledger_failure;
using gateways::sqlite_file;
using gateways::sqlite_statement;

constexpr const char* schema = R"sql(
CREATE TABLE IF NOT EXISTS intents (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  record TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS methods (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  customer TEXT,
  record TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS methods_of_customer ON methods (customer);
CREATE TABLE IF NOT EXISTS customers (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  record TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS refunds (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  intent TEXT NOT NULL,
  record TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS refunds_of_intent ON refunds (intent);
CREATE TABLE IF NOT EXISTS disputes (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  intent TEXT NOT NULL,
  record TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS disputes_of_intent ON disputes (intent);
CREATE TABLE IF NOT EXISTS changes (
  number INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  due INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS answers (
  key TEXT NOT NULL PRIMARY KEY,
  fingerprint TEXT NOT NULL,
  status INTEGER NOT NULL,
  body TEXT NOT NULL
);
)sql";

std::filesystem::path with_folder(const std::filesystem::path& file) {
  if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path());
  return file;
}

sqlite_file& with_schema(sqlite_file& file) {
  file.run("PRAGMA journal_mode = WAL");
  file.run("PRAGMA synchronous = FULL");
  file.run(schema);
  return file;
}

template <class T>
T record_of(const std::string& text) {
  auto found = json::read_lenient<T>(text);
  if (!found) throw ledger_failure("simulator ledger: a record is not readable");
  return std::move(*found);
}

template <class T>
std::string text_of(const T& record) {
  std::string text;
  json::write_to(text, record);
  return text;
}

/// Runs the statement and reads the first column of all rows.
template <class T>
std::vector<T> rows(sqlite_statement& s) {
  std::vector<T> all;
  while (s.step()) all.push_back(record_of<T>(s.text(0)));
  s.reset();
  return all;
}

template <class T>
std::optional<T> row(sqlite_statement& s) {
  auto all = rows<T>(s);
  if (all.empty()) return std::nullopt;
  return std::move(all.front());
}

/// Parameters: from, to, after, limit, and for tables with intents the intent; see bind_range().
std::string select_range(const std::string& table, const std::string& created) {
  const auto time = "json_extract(record, '" + created + "')";
  return "SELECT record FROM " + table + " WHERE " + time + " >= ?1 AND " + time +
         " < ?2 AND (?3 = '' OR number < (SELECT number FROM " + table + " WHERE id = ?3))" +
         (table == "intents" ? "" : " AND (?5 = '' OR intent = ?5)") +
         " ORDER BY number DESC LIMIT ?4";
}

sqlite_statement& bind_range(sqlite_statement& s, const list_range& range) {
  return s.bind(range.from).bind(range.to).bind(range.after).bind(range.limit);
}

}  // namespace

struct simulator_ledger::statements {
  explicit statements(sqlite_file& f)
      : find_intent(f, "SELECT record FROM intents WHERE id = ?"),
        save_intent(f,
                    "INSERT INTO intents (id, record) VALUES (?, ?) "
                    "ON CONFLICT (id) DO UPDATE SET record = excluded.record"),
        intents(f, select_range("intents", "$.shown.created").c_str()),
        find_method(f, "SELECT record FROM methods WHERE id = ?"),
        save_method(f,
                    "INSERT INTO methods (id, customer, record) VALUES (?, nullif(?, ''), ?) ON "
                    "CONFLICT (id) DO UPDATE SET customer = excluded.customer, "
                    "record = excluded.record"),
        methods(f, "SELECT record FROM methods WHERE customer = ? ORDER BY number"),
        find_customer(f, "SELECT record FROM customers WHERE id = ?"),
        save_customer(f,
                      "INSERT INTO customers (id, record) VALUES (?, ?) "
                      "ON CONFLICT (id) DO UPDATE SET record = excluded.record"),
        find_refund(f, "SELECT record FROM refunds WHERE id = ?"),
        save_refund(f,
                    "INSERT INTO refunds (id, intent, record) VALUES (?, ?, ?) "
                    "ON CONFLICT (id) DO UPDATE SET record = excluded.record"),
        refunds(f, select_range("refunds", "$.created").c_str()),
        find_dispute(f, "SELECT record FROM disputes WHERE id = ?"),
        save_dispute(f,
                     "INSERT INTO disputes (id, intent, record) VALUES (?, ?, ?) "
                     "ON CONFLICT (id) DO UPDATE SET record = excluded.record"),
        disputes(f, select_range("disputes", "$.created").c_str()),
        add_change(f, "INSERT INTO changes (kind, id, due) VALUES (?, ?, ?)"),
        due_changes(f, "SELECT kind, id FROM changes WHERE due <= ? ORDER BY due, number"),
        drop_changes(f, "DELETE FROM changes WHERE due <= ?"),
        find_answer(f, "SELECT fingerprint, status, body FROM answers WHERE key = ?"),
        save_answer(f, "INSERT INTO answers (key, fingerprint, status, body) VALUES (?, ?, ?, ?)") {
  }
  sqlite_statement find_intent, save_intent, intents, find_method, save_method, methods;
  sqlite_statement find_customer, save_customer, find_refund, save_refund, refunds;
  sqlite_statement find_dispute, save_dispute, disputes, add_change, due_changes, drop_changes;
  sqlite_statement find_answer, save_answer;
};

simulator_ledger::simulator_ledger(const std::filesystem::path& file)
    : file_(with_folder(file).string(),
            SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX),
      deliveries_(with_schema(file_), "deliveries") {
  sql_ = std::make_unique<statements>(file_);
}

simulator_ledger::~simulator_ledger() = default;

void simulator_ledger::begin() {
  file_.run("BEGIN IMMEDIATE");
}
void simulator_ledger::commit() {
  file_.run("COMMIT");
}
void simulator_ledger::rollback() noexcept {
  sqlite3_exec(file_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

std::optional<intent_record> simulator_ledger::find_intent(const std::string& id) {
  return row<intent_record>(sql_->find_intent.bind(id));
}

void simulator_ledger::save(const intent_record& intent) {
  sql_->save_intent.bind(intent.shown.id).bind(text_of(intent)).step();
  sql_->save_intent.reset();
}

std::vector<intent_record> simulator_ledger::intents(const list_range& range) {
  return rows<intent_record>(bind_range(sql_->intents, range));
}

std::optional<method_record> simulator_ledger::find_method(const std::string& id) {
  return row<method_record>(sql_->find_method.bind(id));
}

void simulator_ledger::save(const method_record& method) {
  auto& s = sql_->save_method;
  s.bind(method.shown.id).bind(method.shown.customer.value.value_or("")).bind(text_of(method));
  s.step();
  s.reset();
}

std::vector<method_record> simulator_ledger::methods_of(const std::string& customer) {
  return rows<method_record>(sql_->methods.bind(customer));
}

std::optional<customer_record> simulator_ledger::find_customer(const std::string& id) {
  return row<customer_record>(sql_->find_customer.bind(id));
}

void simulator_ledger::save(const customer_record& customer) {
  sql_->save_customer.bind(customer.shown.id).bind(text_of(customer)).step();
  sql_->save_customer.reset();
}

std::optional<refund_object> simulator_ledger::find_refund(const std::string& id) {
  return row<refund_object>(sql_->find_refund.bind(id));
}

void simulator_ledger::save(const refund_object& refund) {
  sql_->save_refund.bind(refund.id).bind(refund.payment_intent).bind(text_of(refund)).step();
  sql_->save_refund.reset();
}

std::vector<refund_object> simulator_ledger::refunds(const list_range& range) {
  return rows<refund_object>(bind_range(sql_->refunds, range).bind(range.intent));
}

std::optional<dispute_object> simulator_ledger::find_dispute(const std::string& id) {
  return row<dispute_object>(sql_->find_dispute.bind(id));
}

void simulator_ledger::save(const dispute_object& dispute) {
  sql_->save_dispute.bind(dispute.id).bind(dispute.payment_intent).bind(text_of(dispute)).step();
  sql_->save_dispute.reset();
}

std::vector<dispute_object> simulator_ledger::disputes(const list_range& range) {
  return rows<dispute_object>(bind_range(sql_->disputes, range).bind(range.intent));
}

void simulator_ledger::plan(const planned_change& change, timestamp due) {
  sql_->add_change.bind(change.kind).bind(change.id).bind(due.us).step();
  sql_->add_change.reset();
}

std::vector<planned_change> simulator_ledger::take_changes(timestamp now) {
  std::vector<planned_change> all;
  auto& s = sql_->due_changes;
  s.bind(now.us);
  while (s.step()) all.push_back({s.text(0), s.text(1)});
  s.reset();
  if (all.empty()) return all;
  sql_->drop_changes.bind(now.us).step();
  sql_->drop_changes.reset();
  return all;
}

std::optional<stored_answer> simulator_ledger::find_answer(const std::string& key) {
  auto& s = sql_->find_answer;
  std::optional<stored_answer> found;
  if (s.bind(key).step()) {
    found = stored_answer{s.text(0), static_cast<int>(s.number(1)), s.text(2)};
  }
  s.reset();
  return found;
}

void simulator_ledger::save(const std::string& key, const stored_answer& answer) {
  auto& s = sql_->save_answer;
  s.bind(key).bind(answer.fingerprint).bind(std::int64_t{answer.status}).bind(answer.body).step();
  s.reset();
}

namespace {

/// All records of the table in order of creation.
template <class T>
std::vector<T> read_all(const std::filesystem::path& path, const std::string& table) {
  sqlite_file file(path.string(), SQLITE_OPEN_READONLY | SQLITE_OPEN_FULLMUTEX);
  sqlite_statement s(file, ("SELECT record FROM " + table + " ORDER BY number").c_str());
  return rows<T>(s);
}

}  // namespace

std::vector<intent_record> read_simulator_ledger(const std::filesystem::path& file) {
  return read_all<intent_record>(file, "intents");
}

std::vector<customer_record> read_simulator_customers(const std::filesystem::path& file) {
  return read_all<customer_record>(file, "customers");
}

std::vector<method_record> read_simulator_methods(const std::filesystem::path& file) {
  return read_all<method_record>(file, "methods");
}

}  // namespace stoa::simulator
