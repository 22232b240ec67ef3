#include "net/gateway/ledger.hpp"

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

using payment::charge_request;
using payment::gateway_answer;
using payment::gateway_status;
using payment::refund_request;

constexpr std::int64_t schema_version = 1;
constexpr std::size_t key_bytes_max = 255;

constexpr const char* schema = R"sql(
CREATE TABLE charges (
  key            TEXT NOT NULL PRIMARY KEY,
  order_id       TEXT NOT NULL,
  amount         INTEGER NOT NULL,
  currency       TEXT NOT NULL,
  token          TEXT NOT NULL,
  status         TEXT NOT NULL CHECK (status IN ('paid', 'declined', 'canceled')),
  code           TEXT NOT NULL,
  transaction_id TEXT NOT NULL,
  refunded       INTEGER NOT NULL DEFAULT 0 CHECK (refunded BETWEEN 0 AND amount OR refunded = 0),
  created_at     TEXT NOT NULL,
  canceled       INTEGER NOT NULL DEFAULT 0
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
PRAGMA user_version = 1;
)sql";

struct token_rule {
  std::string_view token;
  std::string_view code;  // empty: it pays
  bool silent = false;
};

constexpr token_rule token_rules[] = {
    {"tok_visa", ""},
    {"tok_mastercard", ""},
    {"tok_amex", ""},
    {"tok_visa_debit", ""},
    {"tok_chargeDeclined", "card_declined"},
    {"tok_chargeDeclinedInsufficientFunds", "insufficient_funds"},
    {"tok_chargeDeclinedExpiredCard", "expired_card"},
    {"tok_chargeDeclinedIncorrectCvc", "incorrect_cvc"},
    {"tok_chargeDeclinedProcessingError", "processing_error"},
    {"tok_chargeDeclinedFraudulent", "fraudulent"},
    {"tok_timeoutPaid", "", true},
    {"tok_timeoutDeclined", "card_declined", true},
};

const token_rule* find_rule(std::string_view token) {
  const auto* found = std::find_if(std::begin(token_rules), std::end(token_rules),
                                   [&](const token_rule& r) { return r.token == token; });
  return found == std::end(token_rules) ? nullptr : found;
}

// A token that the bank does not know might be a card number typed into the wrong field, so the
// books hold only its hash, which is enough to tell a repeat from a mismatch.
std::string stored_token(const std::string& token) {
  if (find_rule(token)) return token;
  return "unknown:" + text::hex(text::hash(token));
}

std::string_view detail_of(std::string_view code) {
  if (code == "insufficient_funds") return "The card has insufficient funds.";
  if (code == "expired_card") return "The card has expired.";
  if (code == "incorrect_cvc") return "The card's security code is wrong.";
  if (code == "processing_error") return "The card's issuer could not process the charge.";
  if (code == "fraudulent") return "The charge was refused as fraudulent.";
  if (code == "invalid_token") return "There is no such card token.";
  if (code == "invalid_amount")
    return "The amount must be more than zero, in the charge's currency.";
  if (code == "invalid_key") return "A key has 1 to 255 bytes.";
  if (code == "idempotency_mismatch") return "The key was used for a different request.";
  if (code == "canceled") return "The charge was canceled before it was made.";
  if (code == "charge_not_found") return "There is no charge under that key.";
  if (code == "charge_not_paid") return "The charge was not paid.";
  if (code == "exceeds_charge") return "The refund is more than what is left of the charge.";
  return "The card was declined.";
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

gateway_answer stored_answer(const std::string& status, const std::string& code,
                             const std::string& transaction_id) {
  return status == "paid" ? approved(transaction_id) : declined(code);
}

/// Several nodes may share the books. SQLite does not wait for one that switches the same new file
/// at this moment.
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

/// The store's id stands in a table of the same form as in the services' databases.
constexpr const char* make_members =
    "CREATE TABLE IF NOT EXISTS store_member(service TEXT NOT NULL PRIMARY KEY,"
    " store_id TEXT NOT NULL) WITHOUT ROWID";
constexpr const char* add_member =
    "INSERT INTO store_member VALUES('ledger', ?) ON CONFLICT DO NOTHING";
constexpr const char* find_member = "SELECT store_id FROM store_member WHERE service='ledger'";

void join_store(sqlite_file& file, const std::string& path, const std::string& store_id) {
  file.run(make_members);
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
    if (!store_id.empty()) join_store(file, path.string(), store_id);
    file.run("COMMIT");
  }

  sqlite_file file;

  struct statements {
    explicit statements(sqlite_file& f)
        : find_charge(f,
                      "SELECT order_id, amount, currency, token, status, code, transaction_id, "
                      "refunded FROM charges WHERE key = ?"),
          insert_charge(
              f,
              "INSERT INTO charges (key, order_id, amount, currency, token, status, code, "
              "transaction_id, created_at, canceled) VALUES (?,?,?,?,?,?,?,?,?,?)"),
          find_refund(f,
                      "SELECT charge_key, amount, currency, status, code, transaction_id "
                      "FROM refunds WHERE key = ?"),
          insert_refund(f,
                        "INSERT INTO refunds (key, charge_key, amount, currency, status, code, "
                        "transaction_id, created_at) VALUES (?,?,?,?,?,?,?,?)"),
          take_refund(f, "UPDATE charges SET refunded = refunded + ? WHERE key = ?") {}
    sqlite_statement find_charge, insert_charge, find_refund, insert_refund, take_refund;
  };
  std::optional<statements> sql;

  struct charge_row {
    std::string order_id;
    money amount;
    std::string token, status, code, transaction_id;
    std::int64_t refunded = 0;
  };
  std::optional<charge_row> find_charge(const std::string& key) {
    auto& s = sql->find_charge;
    std::optional<charge_row> row;
    if (s.bind(key).step()) {
      row = charge_row{
          s.text(0),  {s.number(1), s.text(2)}, s.text(3), s.text(4), s.text(5), s.text(6),
          s.number(7)};
    }
    s.reset();
    return row;
  }
  void insert_charge(const charge_request& r, const gateway_answer& a, bool canceled,
                     timestamp now) {
    auto& s = sql->insert_charge;
    const bool paid = a.status == gateway_status::approved;
    s.bind(r.key).bind(r.order_id).bind(r.amount.amount).bind(r.amount.currency);
    s.bind(canceled ? std::string() : stored_token(r.token));
    s.bind(paid ? "paid" : canceled ? "canceled" : "declined");
    s.bind(a.code).bind(a.transaction_id).bind(now.str()).bind(std::int64_t{canceled});
    s.step();
    s.reset();
  }
};

result<void> ledger::give_to(const std::filesystem::path& file, const std::string& store_id) {
  try {
    sqlite_file books(file.string(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX);
    books.run("BEGIN IMMEDIATE");
    books.run(make_members);
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

ledger::outcome ledger::charge(const charge_request& r, timestamp now) {
  if (!valid_key(r.key)) return {declined("invalid_key")};
  if (const auto row = impl_->find_charge(r.key)) {
    if (row->status == "canceled") return {declined("canceled")};
    const bool same = row->order_id == r.order_id && row->amount == r.amount &&
                      row->token == stored_token(r.token);
    if (!same) return {declined("idempotency_mismatch")};
    return {stored_answer(row->status, row->code, row->transaction_id)};
  }
  const auto* rule = find_rule(r.token);
  gateway_answer answer;
  if (!valid_amount(r.amount)) {
    answer = declined("invalid_amount");
  } else if (!rule) {
    answer = declined("invalid_token");
  } else if (!rule->code.empty()) {
    answer = declined(rule->code);
  } else {
    answer = approved("ch_" + system_ids().next_v7().str());
  }
  impl_->insert_charge(r, answer, false, now);
  return {std::move(answer), rule && rule->silent};
}

gateway_answer ledger::cancel(const std::string& charge_key, timestamp now) {
  if (!valid_key(charge_key)) return declined("invalid_key");
  if (const auto row = impl_->find_charge(charge_key)) {
    return stored_answer(row->status, row->code, row->transaction_id);
  }
  auto answer = declined("canceled");
  impl_->insert_charge({charge_key, "", {}, ""}, answer, true, now);
  return answer;
}

gateway_answer ledger::refund(const refund_request& r, timestamp now) {
  if (!valid_key(r.key)) return declined("invalid_key");
  auto& find = impl_->sql->find_refund;
  if (find.bind(r.key).step()) {
    const bool same = find.text(0) == r.charge_key && find.number(1) == r.amount.amount &&
                      find.text(2) == r.amount.currency;
    auto stored = stored_answer(find.text(3), find.text(4), find.text(5));
    find.reset();
    return same ? stored : declined("idempotency_mismatch");
  }
  find.reset();

  const auto row = impl_->find_charge(r.charge_key);
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
    answer = approved("re_" + system_ids().next_v7().str());
    impl_->sql->take_refund.bind(r.amount.amount).bind(r.charge_key).step();
    impl_->sql->take_refund.reset();
  }
  auto& insert = impl_->sql->insert_refund;
  insert.bind(r.key).bind(r.charge_key).bind(r.amount.amount).bind(r.amount.currency);
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
