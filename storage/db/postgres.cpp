#include "config/log.hpp"
#include "storage/db/postgres_connection.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <random>
#include <unordered_map>

namespace stoa::db {

namespace {

using std::chrono::steady_clock;

// Repeatable read: a transaction sees one state, and a row that another has changed meanwhile is a
// conflict and not silently read anew.
const sql begin_write{"begin", "BEGIN ISOLATION LEVEL REPEATABLE READ"};
const sql begin_only_read{"begin read", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"};
const sql commit_all{"commit", "COMMIT"};
const sql roll_back{"rollback", "ROLLBACK"};

/// The statement fails with a division by zero when it has not changed exactly one row, so that a
/// COMMIT which was sent along with it is not carried out.
std::string changing_one(const std::string& text) {
  return "WITH changed AS (" + text +
         " RETURNING 1) SELECT 1/(CASE WHEN count(*)=1 THEN 1 ELSE 0 END) FROM changed";
}

void refuse_zero_bytes(const statement& one) {
  for (const auto& v : one.params) {
    // The protocol's text ends at a zero byte: what follows would be cut off in silence.
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
      : options_(std::move(options)), where_(describe_postgres(options_.parameters)) {
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
    refuse_if_read_only("begin");
    start(begin_write);
  }
  void begin_read() override { start(begin_only_read); }
  void commit() override { finish({}); }
  void rollback() noexcept override;

  void query(std::span<const statement> statements, const row_sink& sink) override {
    const auto results = run(statements, false);
    for (std::size_t i = 0; i < results.size(); ++i) {
      const int rows = PQntuples(results[i].get());
      for (int n = 0; n < rows; ++n) {
        read_postgres_row(*results[i], n, row_);
        sink(i, row_);
      }
    }
  }
  void execute(std::span<const statement> statements) override {
    refuse_if_read_only("execute");
    run(statements, phase_ == phase::idle);
  }
  void execute_and_commit(std::span<const statement> statements,
                          const std::function<void()>& before_commit) override {
    before_commit();
    finish(statements);
  }
  void run_script(const std::string& text) override;

 private:
  /// Of the transaction. `begun` is known to this side only: BEGIN goes along with what comes
  /// first.
  enum class phase { idle, begun, open, lost };
  enum class turn { ignored, prepare, own, statement, commit, sync };

  struct prepared {
    std::string name;
    std::string text;
    enum { no, asked, yes } ready = no;
  };
  /// An answer that the server owes.
  struct owed {
    turn kind;
    std::size_t index;       ///< of the statement
    prepared* what;          ///< of a preparation
    std::string_view where;  ///< the statement's name
    bool must_change_one;
  };
  struct answers {
    std::vector<postgres_result> results;  ///< of the statements
    std::optional<error> first_error;
    turn failed = turn::sync;  ///< where
    bool ended = false;        ///< the connection is lost
    bool drop = false;         ///< and this, or it must not be used any more
    bool committed = false;
  };

  void connect();
  void drop(const std::string& why) noexcept;
  /// Connects when there is no connection, or a dead one.
  void ensure_link();
  void start(const sql& what);
  void finish(std::span<const statement> statements);
  std::vector<postgres_result> run(std::span<const statement> statements, bool commits);
  void send_all(std::span<const statement> statements);
  void send(const statement& one, turn kind, std::size_t index);
  void send_own(const sql& what, turn kind) { send({&what, {}, false}, kind, 0); }
  void send_sync();
  answers receive(std::size_t statements);
  void receive_one(const owed& next, answers& found);
  void refuse_if_read_only(std::string_view what) const;
  prepared& variant_of(const statement& one);

  postgres_connection_options options_;
  std::string where_;
  sql local_settings_{"local settings", ""};
  std::unique_ptr<postgres_link> link_;
  phase phase_ = phase::idle;
  const sql* begin_ = nullptr;
  std::deque<owed> owed_;
  postgres_link::deadline until_{};
  /// Of each statement, as it stands and as one that must change one row.
  std::unordered_map<const sql*, std::array<prepared, 2>> prepared_;
  std::size_t last_name_ = 0;
  std::vector<value> row_;
  milliseconds pause_{0};
  steady_clock::time_point next_attempt_{};
  std::string last_failure_;
  std::minstd_rand jitter_{std::random_device{}()};
};

void postgres_connection::connect() {
  try {
    link_ = std::make_unique<postgres_link>(options_.parameters,
                                            steady_clock::now() + options_.connect_timeout);
  } catch (const error& e) {
    pause_ = std::clamp(pause_ * 2, options_.reconnect_min, options_.reconnect_max);
    // Up to a quarter less, so that the connections of many nodes do not come all at once.
    const auto less = std::uniform_int_distribution<std::int64_t>(0, pause_.count() / 4)(jitter_);
    next_attempt_ = steady_clock::now() + pause_ - milliseconds{less};
    last_failure_ = e.what();
    throw;
  }
  pause_ = milliseconds{0};
}

void postgres_connection::drop(const std::string& why) noexcept {
  if (link_) log::warn("connection to PostgreSQL lost", {{"database", where_}, {"error", why}});
  link_.reset();
  owed_.clear();
  prepared_.clear();
}

void postgres_connection::ensure_link() {
  if (link_) {
    if (link_->alive()) return;
    drop(link_->message());
  }
  if (steady_clock::now() < next_attempt_) {
    throw error(error_kind::unavailable, "", "not connected to " + where_ + ": " + last_failure_);
  }
  connect();
  log::info("connected to PostgreSQL again", {{"database", where_}});
}

void postgres_connection::refuse_if_read_only(std::string_view what) const {
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
  if (was != phase::open || !link_) return;
  try {
    // The answer is read before that of the next use: nobody waits for it.
    send_own(roll_back, turn::ignored);
    send_sync();
    link_->flush();
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
  run(statements, true);
}

postgres_connection::prepared& postgres_connection::variant_of(const statement& one) {
  auto& variant = prepared_[one.what][one.must_change_one ? 1 : 0];
  if (variant.name.empty()) {
    variant.name = "s" + std::to_string(++last_name_);
    variant.text = one.must_change_one ? changing_one(one.what->text) : one.what->text;
  }
  return variant;
}

void postgres_connection::send(const statement& one, turn kind, std::size_t index) {
  auto& variant = variant_of(one);
  if (!options_.prepared_statements) {
    link_->run_text(variant.text, one.params);
  } else {
    if (variant.ready == prepared::no) {
      link_->prepare(variant.name, variant.text);
      variant.ready = prepared::asked;
      const auto ignored = kind == turn::ignored ? turn::ignored : turn::prepare;
      owed_.push_back({ignored, index, &variant, one.what->name, false});
    }
    link_->run_prepared(variant.name, one.params);
  }
  owed_.push_back({kind, index, nullptr, one.what->name, one.must_change_one});
}

void postgres_connection::send_sync() {
  link_->sync();
  owed_.push_back({turn::sync, 0, nullptr, "sync", false});
}

void postgres_connection::send_all(std::span<const statement> statements) {
  if (phase_ == phase::begun) {
    send_own(*begin_, turn::own);
    if (!options_.prepared_statements) send_own(local_settings_, turn::own);
    phase_ = phase::open;
  }
  for (std::size_t i = 0; i < statements.size(); ++i) send(statements[i], turn::statement, i);
}

/// One round trip. `commits`: the server may make the changes durable before its answer comes.
std::vector<postgres_result> postgres_connection::run(std::span<const statement> statements,
                                                      bool commits) {
  for (const auto& one : statements) refuse_zero_bytes(one);
  if (phase_ == phase::lost) {
    throw error(error_kind::unavailable, "", "the connection was lost in this transaction");
  }
  if (statements.empty() && !commits) return {};
  const bool in_transaction = phase_ != phase::idle;
  if (phase_ != phase::open) ensure_link();
  answers found;
  bool sent = false;
  try {
    // Known to be dead before anything is sent: then nothing is unknown either.
    if (!link_->alive()) throw error(error_kind::unavailable, "", link_->message());
    until_ = steady_clock::now() + options_.answer_timeout;
    sent = true;
    send_all(statements);
    if (in_transaction && commits) send_own(commit_all, turn::commit);
    send_sync();
    found = receive(statements.size());
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
    if (found.failed == turn::commit) phase_ = phase::idle;  // COMMIT ends it, even when it fails.
    throw error(*found.first_error);
  }
  if (in_transaction && commits) {
    phase_ = phase::idle;
    if (!found.committed) {
      throw error(error_kind::programming, "", "commit of a transaction that had failed");
    }
  }
  return std::move(found.results);
}

/// Reads all that is owed, also by the rollback before.
postgres_connection::answers postgres_connection::receive(std::size_t statements) {
  answers found;
  found.results.resize(statements);
  while (!owed_.empty() && !found.ended) {
    receive_one(owed_.front(), found);
    owed_.pop_front();
  }
  return found;
}

void postgres_connection::receive_one(const owed& next, answers& found) {
  bool good = false;
  while (auto result = link_->next(until_)) {
    const auto status = PQresultStatus(result.get());
    if (status == PGRES_PIPELINE_SYNC && next.kind == turn::sync) return;
    if (status == PGRES_PIPELINE_ABORTED) continue;
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
      good = true;
      if (next.kind == turn::commit) {
        found.committed = std::string_view(PQcmdStatus(result.get())) == "COMMIT";
      }
      if (next.kind == turn::statement) found.results[next.index] = std::move(result);
      continue;
    }
    found.ended = ends_connection(*result);
    found.drop = found.drop || found.ended || spoils_connection(*result);
    if ((next.kind != turn::ignored || found.drop) && !found.first_error) {
      found.first_error = postgres_error(*result, std::string(next.where), next.must_change_one);
      found.failed = next.kind;
    }
    if (found.ended) return;
  }
  if (next.kind == turn::sync) {
    throw error(error_kind::unavailable, "", "PostgreSQL: the answers are out of step");
  }
  if (next.what != nullptr) next.what->ready = good ? prepared::yes : prepared::no;
}

void postgres_connection::run_script(const std::string& text) {
  refuse_if_read_only("script");
  // Sends BEGIN, and reads what is owed: the text goes outside the pipeline.
  const bool in_transaction = phase_ != phase::idle;
  if (phase_ == phase::lost) {
    throw error(error_kind::unavailable, "", "the connection was lost in this transaction");
  }
  if (!in_transaction) ensure_link();
  try {
    until_ = steady_clock::now() + options_.answer_timeout;
    if (phase_ == phase::begun) {
      send_all({});
      send_sync();
    }
    if (auto found = receive(0); found.first_error) throw error(*found.first_error);
    const auto failed = link_->run_script(text, until_);
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
