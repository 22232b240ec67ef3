#include "config/log.hpp"
#include "storage/base/backoff.hpp"
#include "storage/db/budget.hpp"
#include "storage/db/postgres_connection.hpp"
#include "storage/db/postgres_pipeline.hpp"

#include <algorithm>
#include <random>

namespace stoa::db {

namespace {

using std::chrono::steady_clock;
using turn = postgres_pipeline::turn;

// Repeatable read: a transaction sees one snapshot, and a row changed concurrently is a
// serialisation failure instead of being reread silently.
const sql begin_write{"begin", "BEGIN ISOLATION LEVEL REPEATABLE READ"};
const sql begin_migration{"begin migration", "BEGIN ISOLATION LEVEL READ COMMITTED"};
const sql begin_only_read{"begin read", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"};
const sql commit_all{"commit", "COMMIT"};
const sql roll_back{"rollback", "ROLLBACK"};

void reject_zero_bytes(const statement& one) {
  for (const auto& v : one.params) {
    // Text in the protocol ends at a zero byte; the rest would be silently truncated.
    const auto* text = std::get_if<std::string>(&v);
    if (text != nullptr && text->find('\0') != std::string::npos) {
      throw error(error_kind::constraint, "",
                  one.what->name + ": a text with a zero byte cannot be stored");
    }
  }
}

class postgres_connection final : public connection {
 public:
  explicit postgres_connection(postgres_connection_options options)
      : options_(std::move(options)),
        where_(describe_postgres(options_.parameters)),
        hosts_(hosts_of(options_.parameters)) {
    std::string list;
    for (const auto& [name, value] : options_.settings) {
      list += (list.empty() ? "SELECT set_config('" : ",set_config('") + name + "','" + value +
              "',true)";
    }
    local_settings_.text = list;
    connect();
  }

  std::string_view dialect() const override { return "postgres"; }

  void begin() override {
    reject_if_read_only("begin");
    start(options_.sees_committed ? begin_migration : begin_write);
  }
  void begin_read() override { start(begin_only_read); }
  void commit() override { finish({}); }
  void rollback() noexcept override;

  void query(std::span<const statement> statements, const row_sink& sink) override;
  void execute(std::span<const statement> statements) override {
    reject_if_read_only("execute");
    run(statements, work::write, phase_ == phase::idle);
  }
  void execute_and_commit(std::span<const statement> statements,
                          const std::function<void()>& before_commit) override {
    before_commit();
    finish(statements);
  }
  void run_script(const std::string& text) override;

 private:
  /// State of the transaction. `begun`: BEGIN is not sent yet; it is sent with the first statement.
  enum class phase { idle, begun, open, lost };
  enum class work { read, write };
  struct outcome {
    std::vector<postgres_result> results;
    statement_groups groups;  ///< of the reads
  };

  void connect();
  void connect_to_any();
  void drop(const std::string& why) noexcept;
  /// Connects if there is no usable connection.
  void ensure_link();
  void start(const sql& what);
  void finish(std::span<const statement> statements);
  outcome run(std::span<const statement> statements, work kind, bool commits);
  statement_groups send(std::span<const statement> statements, work kind, bool commits);
  void send_begin();
  void reject_if_read_only(std::string_view what) const;

  postgres_connection_options options_;
  std::string where_;
  std::vector<postgres_parameters> hosts_;
  std::size_t host_ = 0;  ///< the last connected host
  sql local_settings_{"local settings", ""};
  std::unique_ptr<postgres_pipeline> pipeline_;
  phase phase_ = phase::idle;
  const sql* begin_ = nullptr;
  std::vector<value> row_;
  int failures_ = 0;  ///< consecutive failures to connect
  steady_clock::time_point next_attempt_{};
  std::string last_failure_;
  std::minstd_rand jitter_{std::random_device{}()};
};

/// Tries each host once, starting with the last connected one.
void postgres_connection::connect_to_any() {
  const auto password = options_.password ? options_.password() : "";
  for (std::size_t tried = 1;; ++tried) {
    try {
      auto host = hosts_[host_];
      if (!password.empty()) host["password"] = password;
      pipeline_ = std::make_unique<postgres_pipeline>(
          host, steady_clock::now() + options_.connect_timeout, options_.prepared_statements);
      return;
    } catch (const error& e) {
      if (tried == hosts_.size()) throw;
      log::debug("skipping a PostgreSQL host",
                 {{"database", describe_postgres(hosts_[host_])}, {"error", e.what()}});
      host_ = (host_ + 1) % hosts_.size();
    }
  }
}

void postgres_connection::connect() {
  try {
    connect_to_any();
  } catch (const error& e) {
    const auto pause = backoff(++failures_, options_.reconnect_min, options_.reconnect_max);
    // Jitter of up to a quarter spreads the reconnects of many nodes.
    const auto less = std::uniform_int_distribution<std::int64_t>(0, pause.count() / 4)(jitter_);
    next_attempt_ = steady_clock::now() + pause - milliseconds{less};
    last_failure_ = e.what();
    throw;
  }
  failures_ = 0;
}

void postgres_connection::drop(const std::string& why) noexcept {
  // Logged at debug level, because each connection of a node is affected; database_watch
  // (actors/kernel/database_watch.hpp) reports the service's database.
  if (pipeline_)
    log::debug("connection to PostgreSQL lost", {{"database", where_}, {"error", why}});
  pipeline_.reset();
}

void postgres_connection::ensure_link() {
  if (pipeline_) {
    if (pipeline_->link().alive()) return;
    drop(pipeline_->link().message());
  }
  if (steady_clock::now() < next_attempt_) {
    throw error(error_kind::unavailable, "", "not connected to " + where_ + ": " + last_failure_);
  }
  connect();
  log::debug("connected to PostgreSQL again", {{"database", where_}});
}

void postgres_connection::reject_if_read_only(std::string_view what) const {
  if (options_.read_only) {
    throw error(error_kind::programming, "", std::string(what) + " on a connection for reading");
  }
}

void postgres_connection::start(const sql& what) {
  if (phase_ == phase::begun || phase_ == phase::open) {
    throw error(error_kind::programming, "", "begin within a transaction");
  }
  phase_ = phase::idle;
  ensure_link();
  begin_ = &what;
  phase_ = phase::begun;
}

void postgres_connection::rollback() noexcept {
  const auto was = std::exchange(phase_, phase::idle);
  if (was != phase::open || !pipeline_) return;
  try {
    // The result is read with the next use of the connection.
    pipeline_->send_own(roll_back, turn::ignored);
    pipeline_->send_sync();
    pipeline_->link().flush();
  } catch (const std::exception& e) {
    drop(e.what());
  }
}

void postgres_connection::finish(std::span<const statement> statements) {
  if (phase_ == phase::idle) {
    throw error(error_kind::programming, "", "commit without a transaction");
  }
  if (phase_ == phase::begun && statements.empty()) {
    phase_ = phase::idle;  // Nothing was sent.
    return;
  }
  run(statements, work::write, true);
}

/// Rows are returned in the order of the statements, regardless of the order of sending.
void postgres_connection::query(std::span<const statement> statements, const row_sink& sink) {
  if (statements.size() > 1 && phase_ == phase::idle && !options_.one_state_by_default) {
    read_scope one_state(*this);
    return query(statements, sink);
  }
  const auto found = run(statements, work::read, false);
  struct place {
    std::size_t index;
    const PGresult* result;
    int row;
  };
  std::vector<place> rows;
  for (const auto& group : found.groups) {
    const auto* first = found.results[group.front()].get();
    if (group.size() > 1 && !found.results[group[1]]) {
      for (const auto& [i, row] : answered_by(statements, group, *first)) {
        rows.push_back({i, first, row});
      }
      continue;
    }
    for (const auto i : group) {
      const auto* result = found.results[i].get();
      for (int row = 0; row < PQntuples(result); ++row) rows.push_back({i, result, row});
    }
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const place& a, const place& b) { return a.index < b.index; });
  for (const auto& one : rows) {
    read_postgres_row(*one.result, one.row, row_);
    sink(one.index, row_);
  }
}

void postgres_connection::send_begin() {
  if (phase_ != phase::begun) return;
  pipeline_->send_own(*begin_, turn::own);
  if (!options_.prepared_statements) pipeline_->send_own(local_settings_, turn::own);
  phase_ = phase::open;
}

statement_groups postgres_connection::send(std::span<const statement> statements, work kind,
                                           bool commits) {
  statement_groups groups;
  send_begin();
  if (kind == work::read) {
    groups = pipeline_->send_reads(statements);
  } else {
    pipeline_->send_writes(statements);
  }
  if (commits) pipeline_->send_own(commit_all, turn::commit);
  pipeline_->send_sync();
  return groups;
}

/// One round trip. `commits`: the server may commit before its result is received.
postgres_connection::outcome postgres_connection::run(std::span<const statement> statements,
                                                      work kind, bool commits) {
  for (const auto& one : statements) reject_zero_bytes(one);
  if (phase_ == phase::lost) {
    throw error(error_kind::unavailable, "", "the connection was lost in this transaction");
  }
  if (statements.empty() && !commits) return {};
  const bool in_transaction = phase_ != phase::idle;
  if (phase_ != phase::open) ensure_link();
  postgres_pipeline::answers found;
  statement_groups groups;
  bool sent = false;
  try {
    // The connection was lost before anything was sent, so the outcome is known.
    auto& link = pipeline_->link();
    if (!link.alive()) throw error(error_kind::unavailable, "", link.message());
    const auto until = steady_clock::now() + options_.answer_timeout;
    sent = true;
    groups = send(statements, kind, in_transaction && commits);
    found = pipeline_->receive(statements.size(), until);
  } catch (const error& e) {
    found.first_error = e;
    found.ended = found.drop = true;
  }
  if (found.drop) {
    drop(found.first_error->what());
    phase_ = in_transaction ? phase::lost : phase::idle;
    if (found.ended && sent && commits) {
      throw error(error_kind::unknown, "", found.first_error->what());
    }
  }
  if (found.first_error) {
    if (found.failed == turn::commit)
      phase_ = phase::idle;  // COMMIT ends the transaction, even if it fails.
    if (found.timed_out && kind == work::read) throw budget_exceeded(found.first_error->what());
    throw error(*found.first_error);
  }
  if (in_transaction && commits) {
    phase_ = phase::idle;
    if (!found.committed) {
      throw error(error_kind::programming, "", "commit of a transaction that had failed");
    }
  }
  return {std::move(found.results), std::move(groups)};
}

void postgres_connection::run_script(const std::string& text) {
  reject_if_read_only("script");
  // Sends BEGIN and reads the pending results: the script runs outside the pipeline.
  const bool in_transaction = phase_ != phase::idle;
  if (phase_ == phase::lost) {
    throw error(error_kind::unavailable, "", "the connection was lost in this transaction");
  }
  if (!in_transaction) ensure_link();
  try {
    const auto until = steady_clock::now() + options_.answer_timeout;
    if (phase_ == phase::begun) {
      send_begin();
      pipeline_->send_sync();
    }
    if (auto found = pipeline_->receive(0, until); found.first_error) {
      throw error(*found.first_error);
    }
    const auto failed = pipeline_->link().run_script(text, until);
    if (!failed) return;
    const auto why = postgres_error(*failed, "script", false);
    throw error(ends_connection(*failed) ? error_kind::unavailable : why.kind(), why.constraint(),
                why.what());
  } catch (const error& e) {
    if (e.kind() == error_kind::unavailable) {
      drop(e.what());
      phase_ = in_transaction ? phase::lost : phase::idle;
      if (!in_transaction) throw error(error_kind::unknown, "", e.what());
    }
    throw;
  }
}

}  // namespace

std::unique_ptr<connection> open_postgres(postgres_connection_options options) {
  return std::make_unique<postgres_connection>(std::move(options));
}

}  // namespace stoa::db
