#include "net/gateway/ledger.hpp"

#include "net/gateway/sandbox_tokens.hpp"
#include "net/gateway/sqlite_file.hpp"
#include "storage/base/describe.hpp"
#include "storage/base/text.hpp"
#include "storage/base/uuid.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>

namespace stoa::gateways {
namespace {

using payment::authorize_request;
using payment::capture_request;
using payment::gateway_answer;
using payment::gateway_status;
using payment::refund_request;

constexpr std::int64_t schema_version = 2;
constexpr std::size_t key_bytes_max = 255;

constexpr const char* schema = R"sql(
CREATE TABLE charges (
  key            TEXT NOT NULL PRIMARY KEY,
  order_id       TEXT NOT NULL,
  amount         INTEGER NOT NULL,
  currency       TEXT NOT NULL,
  token          TEXT NOT NULL,
  status         TEXT NOT NULL CHECK (status IN ('paid', 'declined', 'canceled', 'pending', 'authorized')),
  code           TEXT NOT NULL,
  transaction_id TEXT NOT NULL,
  refunded       INTEGER NOT NULL DEFAULT 0 CHECK (refunded BETWEEN 0 AND amount OR refunded = 0),
  created_at     TEXT NOT NULL,
  canceled       INTEGER NOT NULL DEFAULT 0,
  capture        INTEGER NOT NULL DEFAULT 1,
  confirm_at     INTEGER NOT NULL DEFAULT 0,
  refund_tries   INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE captures (
  key            TEXT NOT NULL PRIMARY KEY,
  charge_key     TEXT NOT NULL,
  status         TEXT NOT NULL CHECK (status IN ('paid', 'declined')),
  code           TEXT NOT NULL
);
CREATE TABLE refunds (
  key            TEXT NOT NULL PRIMARY KEY,
  charge_key     TEXT NOT NULL,
  amount         INTEGER NOT NULL,
  currency       TEXT NOT NULL,
  status         TEXT NOT NULL CHECK (status IN ('paid', 'declined')),
  code           TEXT NOT NULL,
  transaction_id TEXT NOT NULL,
  created_at     TEXT NOT NULL
);
PRAGMA user_version = 2;
)sql";

constexpr const char* create_index =
    "CREATE INDEX IF NOT EXISTS refunds_of_charge ON refunds(charge_key)";

constexpr microseconds confirm_delay = seconds{1};

// An unknown token might be a card number entered into the wrong field, so only its hash is stored,
// which is enough to distinguish a retry from a mismatch.
std::string stored_token(const std::string& token) {
  if (find_rule(token)) return token;
  return "unknown:" + text::hex(text::hash(token));
}

gateway_answer approved(std::string transaction_id) {
  return {gateway_status::approved, std::move(transaction_id), "", ""};
}
gateway_answer declined(std::string_view code) {
  return {gateway_status::declined, "", std::string(code), std::string(detail_of(code))};
}

bool valid_key(std::string_view key) {
  return !key.empty() && key.size() <= key_bytes_max;
}
bool valid_amount(const money& m) {
  return m.amount > 0 && m.amount <= money_amount_max && currency_exponent(m.currency).has_value();
}

gateway_answer action_required(const std::string& key, std::string transaction_id) {
  return {gateway_status::action_required, std::move(transaction_id), "action_required",
          "The customer must confirm the payment.", "https://sandbox.invalid/confirm/" + key};
}

gateway_answer stored_answer(const std::string& status, const std::string& code,
                             const std::string& transaction_id) {
  return status == "paid" ? approved(transaction_id) : declined(code);
}

/// Several nodes may share the file. SQLite does not wait for another process that switches the
/// same new file to WAL.
void switch_to_wal(sqlite_file& file) {
  constexpr int tries_max = 100;
  for (int tries = 1;; ++tries) {
    try {
      return file.run("PRAGMA journal_mode = WAL");
    } catch (const ledger_failure&) {
      if (tries == tries_max) throw;
      std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
  }
}

/// The store's id, in a table like that of the services' databases.
constexpr const char* create_members =
    "CREATE TABLE IF NOT EXISTS store_member(service TEXT NOT NULL PRIMARY KEY,"
    " store_id TEXT NOT NULL) WITHOUT ROWID";
constexpr const char* add_member =
    "INSERT INTO store_member VALUES('ledger', ?) ON CONFLICT DO NOTHING";
constexpr const char* find_member = "SELECT store_id FROM store_member WHERE service='ledger'";

void join_store(sqlite_file& file, const std::string& path, const std::string& store_id) {
  file.run(create_members);
  sqlite_statement add(file, add_member);
  add.bind(store_id).step();
  add.reset();
  if (file.text(find_member) != store_id) {
    throw ledger_failure("ledger: " + path + " belongs to another store than the server's secret");
  }
}

}  // namespace

struct ledger::impl {
  impl(const std::filesystem::path& path, const std::string& store_id)
      : file(path.string(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX) {
    switch_to_wal(file);
    file.run("PRAGMA synchronous = FULL");
    file.run("BEGIN IMMEDIATE");
    const auto version = file.number("PRAGMA user_version");
    if (version == 0 && file.number("SELECT count(*) FROM sqlite_schema") == 0) {
      file.run(schema);
    } else if (version != schema_version) {
      throw ledger_failure("ledger: " + path.string() + " has version " + std::to_string(version) +
                           ", this program reads version " + std::to_string(schema_version));
    }
    file.run(create_index);
    if (!store_id.empty()) join_store(file, path.string(), store_id);
    file.run("COMMIT");
  }

  sqlite_file file;

  struct statements {
    explicit statements(sqlite_file& f)
        : find_charge(f,
                      "SELECT order_id, amount, currency, token, status, code, transaction_id, "
                      "refunded, capture, confirm_at, refund_tries FROM charges WHERE key = ?"),
          insert_charge(
              f,
              "INSERT INTO charges (key, order_id, amount, currency, token, status, code, "
              "transaction_id, created_at, canceled, capture, confirm_at) VALUES "
              "(?,?,?,?,?,?,?,?,?,?,?,?)"),
          update_charge(f, "UPDATE charges SET status = ?, code = ? WHERE key = ?"),
          find_capture(f, "SELECT charge_key, status, code FROM captures WHERE key = ?"),
          insert_capture(f,
                         "INSERT INTO captures (key, charge_key, status, code) VALUES (?,?,?,?)"),
          find_refund(f,
                      "SELECT charge_key, amount, currency, status, code, transaction_id "
                      "FROM refunds WHERE key = ?"),
          insert_refund(f,
                        "INSERT INTO refunds (key, charge_key, amount, currency, status, code, "
                        "transaction_id, created_at) VALUES (?,?,?,?,?,?,?,?)"),
          take_refund(f,
                      "UPDATE charges SET refunded = refunded + ?, refund_tries = refund_tries + 1 "
                      "WHERE key = ?") {}
    sqlite_statement find_charge, insert_charge, update_charge, find_capture, insert_capture;
    sqlite_statement find_refund, insert_refund, take_refund;
  };
  std::optional<statements> sql;

  struct charge_row {
    std::string order_id;
    money amount;
    std::string token, status, code, transaction_id;
    std::int64_t refunded = 0;
    bool capture = true;
    std::int64_t confirm_at = 0;  // microseconds; 0: never
    std::int64_t refund_tries = 0;
  };
  std::optional<charge_row> find_charge(const std::string& key) {
    auto& s = sql->find_charge;
    std::optional<charge_row> row;
    if (s.bind(key).step()) {
      row = charge_row{
          s.text(0),   {s.number(1), s.text(2)}, s.text(3),   s.text(4),   s.text(5), s.text(6),
          s.number(7), s.number(8) != 0,         s.number(9), s.number(10)};
    }
    s.reset();
    return row;
  }
  void insert_charge(const authorize_request& r, std::string_view status, const gateway_answer& a,
                     std::int64_t confirm_at, timestamp now) {
    auto& s = sql->insert_charge;
    const bool canceled = status == "canceled";
    s.bind(r.key).bind(r.order_id).bind(r.amount.amount).bind(r.amount.currency);
    s.bind(canceled ? std::string() : stored_token(r.token)).bind(status);
    s.bind(a.status == gateway_status::declined ? a.code : std::string()).bind(a.transaction_id);
    s.bind(now.str()).bind(std::int64_t{canceled}).bind(std::int64_t{r.capture}).bind(confirm_at);
    s.step();
    s.reset();
  }
  void update_charge(const std::string& key, charge_row& row, std::string_view status,
                     std::string_view code = {}) {
    auto& s = sql->update_charge;
    s.bind(status).bind(code).bind(key).step();
    s.reset();
    row.status = status;
    row.code = code;
  }
  /// Performs a confirmation that is due.
  void confirm(const std::string& key, charge_row& row, timestamp now) {
    if (row.status != "pending" || row.confirm_at == 0 || now.us < row.confirm_at) return;
    const auto code = code_of(find_rule(row.token));
    update_charge(key, row, !code.empty() ? "declined" : row.capture ? "paid" : "authorized", code);
  }
  static gateway_answer answer_of(const std::string& key, const charge_row& row) {
    if (row.status == "pending") return action_required(key, row.transaction_id);
    if (row.status == "authorized") return approved(row.transaction_id);
    return stored_answer(row.status, row.code, row.transaction_id);
  }
};

result<void> ledger::assign_to(const std::filesystem::path& file, const std::string& store_id) {
  try {
    sqlite_file books(file.string(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX);
    books.run("BEGIN IMMEDIATE");
    books.run(create_members);
    books.run("DELETE FROM store_member");
    join_store(books, file.string(), store_id);
    books.run("COMMIT");
    return {};
  } catch (const std::exception& e) {
    return problem{problem_kind::internal, "ledger_unavailable", e.what(), {}};
  }
}

result<ledger> ledger::open(const std::filesystem::path& file, const std::string& store_id) {
  try {
    if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path());
    auto opened = std::make_unique<impl>(file, store_id);
    opened->sql.emplace(opened->file);
    return ledger(std::move(opened));
  } catch (const std::exception& e) {
    return problem{problem_kind::internal, "ledger_unavailable", e.what(), {}};
  }
}

ledger::ledger(std::unique_ptr<impl> i) : impl_(std::move(i)) {}
ledger::ledger(ledger&&) noexcept = default;
ledger& ledger::operator=(ledger&&) noexcept = default;
ledger::~ledger() = default;

void ledger::begin() {
  impl_->file.run("BEGIN IMMEDIATE");
}
void ledger::commit() {
  impl_->file.run("COMMIT");
}
void ledger::rollback() noexcept {
  // No transaction is open when begin() itself failed, or when SQLite has already rolled back.
  sqlite3_exec(impl_->file.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

ledger::outcome ledger::authorize(const authorize_request& r, timestamp now) {
  if (!valid_key(r.key)) return {declined("invalid_key")};
  if (const auto row = impl_->find_charge(r.key)) {
    if (row->status == "canceled") return {declined("canceled")};
    const bool same = row->order_id == r.order_id && row->amount == r.amount &&
                      row->capture == r.capture && row->token == stored_token(r.token);
    if (!same) return {declined("idempotency_mismatch")};
    return {impl::answer_of(r.key, *row)};
  }
  const auto* rule = find_rule(r.token);
  const auto behaviour = rule ? rule->behaviour : token_rule::none;
  const std::string transaction = "ch_" + system_ids().next_v7().str();
  gateway_answer answer = approved(transaction);
  std::string_view status = r.capture ? "paid" : "authorized";
  std::int64_t confirm_at = 0;
  if (!valid_amount(r.amount)) {
    answer = declined("invalid_amount");
  } else if (behaviour == token_rule::confirmed || behaviour == token_rule::abandoned) {
    answer = action_required(r.key, transaction);
    status = "pending";
    if (behaviour == token_rule::confirmed) confirm_at = (now + confirm_delay).us;
  } else if (const auto code = code_of(rule); !code.empty()) {
    answer = declined(code);
  } else if (behaviour == token_rule::no_capture && r.capture) {
    answer = declined("capture_declined");
  }
  if (answer.status == gateway_status::declined) status = "declined";
  impl_->insert_charge(r, status, answer, confirm_at, now);
  return {std::move(answer), rule && rule->silent};
}

gateway_answer ledger::capture(const capture_request& r, timestamp) {
  if (!valid_key(r.key)) return declined("invalid_key");
  auto row = impl_->find_charge(r.authorization.key);
  auto& find = impl_->sql->find_capture;
  if (find.bind(r.key).step()) {
    const bool same = find.text(0) == r.authorization.key;
    auto stored = stored_answer(find.text(1), find.text(2), row ? row->transaction_id : "");
    find.reset();
    return same ? stored : declined("idempotency_mismatch");
  }
  find.reset();
  if (!row) return declined("charge_not_found");
  gateway_answer answer = approved(row->transaction_id);
  const auto* rule = find_rule(row->token);
  if (row->amount != r.amount) {
    answer = declined("invalid_amount");
  } else if (row->status == "authorized" && rule && rule->behaviour == token_rule::no_capture) {
    answer = declined("capture_declined");
  } else if (row->status == "authorized" && rule && rule->behaviour == token_rule::expires) {
    impl_->update_charge(r.authorization.key, *row, "canceled", "canceled");
    answer = declined("canceled");
  } else if (row->status == "authorized") {
    impl_->update_charge(r.authorization.key, *row, "paid");
  } else if (row->status == "canceled") {
    answer = declined("canceled");
  } else if (row->status != "paid") {
    answer = declined("charge_not_paid");
  }
  auto& insert = impl_->sql->insert_capture;
  insert.bind(r.key).bind(r.authorization.key);
  insert.bind(answer.status == gateway_status::approved ? "paid" : "declined").bind(answer.code);
  insert.step();
  insert.reset();
  return answer;
}

gateway_answer ledger::void_authorization(const std::string& key, timestamp now) {
  if (!valid_key(key)) return declined("invalid_key");
  if (auto row = impl_->find_charge(key)) {
    impl_->confirm(key, *row, now);
    if (row->status == "pending" || row->status == "authorized") {
      impl_->update_charge(key, *row, "canceled", "canceled");
    }
    return stored_answer(row->status, row->code, row->transaction_id);
  }
  auto answer = declined("canceled");
  impl_->insert_charge({key, "", {}, ""}, "canceled", answer, 0, now);
  return answer;
}

gateway_answer ledger::look_up(const std::string& key, timestamp now) {
  auto row = impl_->find_charge(key);
  if (!row) return declined("request_not_found");
  impl_->confirm(key, *row, now);
  return impl::answer_of(key, *row);
}

gateway_answer ledger::refund(const refund_request& r, timestamp now) {
  if (!valid_key(r.key)) return declined("invalid_key");
  auto& find = impl_->sql->find_refund;
  if (find.bind(r.key).step()) {
    const bool same = find.text(0) == r.authorization.key && find.number(1) == r.amount.amount &&
                      find.text(2) == r.amount.currency;
    auto stored = stored_answer(find.text(3), find.text(4), find.text(5));
    find.reset();
    return same ? stored : declined("idempotency_mismatch");
  }
  find.reset();

  const auto row = impl_->find_charge(r.authorization.key);
  gateway_answer answer;
  if (!row) {
    answer = declined("charge_not_found");
  } else if (row->status != "paid") {
    answer = declined("charge_not_paid");
  } else if (!valid_amount(r.amount) || r.amount.currency != row->amount.currency) {
    answer = declined("invalid_amount");
  } else if (r.amount.amount > row->amount.amount - row->refunded) {
    answer = declined("exceeds_charge");
  } else {
    const auto* rule = find_rule(row->token);
    const bool pays = !rule || rule->behaviour != token_rule::first_refund || row->refund_tries > 0;
    answer = pays ? approved("re_" + system_ids().next_v7().str()) : declined("refund_declined");
    impl_->sql->take_refund.bind(pays ? r.amount.amount : 0).bind(r.authorization.key).step();
    impl_->sql->take_refund.reset();
  }
  auto& insert = impl_->sql->insert_refund;
  insert.bind(r.key).bind(r.authorization.key).bind(r.amount.amount).bind(r.amount.currency);
  insert.bind(answer.status == gateway_status::approved ? "paid" : "declined");
  insert.bind(answer.code).bind(answer.transaction_id).bind(now.str()).step();
  insert.reset();
  return answer;
}

std::vector<ledger_entry> read_ledger(const std::filesystem::path& path) {
  sqlite_file file(path.string(), SQLITE_OPEN_READONLY | SQLITE_OPEN_FULLMUTEX);
  sqlite_statement s(
      file,
      "SELECT key, order_id, amount, currency, status, refunded, transaction_id, code "
      "FROM charges ORDER BY rowid");
  std::vector<ledger_entry> entries;
  while (s.step()) {
    const auto status = enum_value<charge_state>(s.text(4));
    if (!status) throw ledger_failure("ledger: a charge has the unknown status " + s.text(4));
    entries.push_back({s.text(0),
                       s.text(1),
                       {s.number(2), s.text(3)},
                       *status,
                       s.number(5),
                       s.text(6),
                       s.text(7)});
  }
  return entries;
}

}  // namespace stoa::gateways
