#include "storage/db/redis_connection.hpp"

#include "storage/base/fault.hpp"

namespace stoa::db {

namespace {

redis_handlers handlers_of(const redis_layout& layout) {
  redis_handlers handlers;
  handlers.use(redis_changes::script());
  layout.add_handlers(handlers);
  return handlers;
}

error_kind kind_named(std::string_view name) {
  if (name == "unique") return error_kind::unique;
  if (name == "stale") return error_kind::stale;
  if (name == "conflict") return error_kind::conflict;
  return error_kind::constraint;
}

/// Changes are kept until the commit and then sent as one script; reads see the committed state.
/// What keeps two writers from each other is what the script checks: the versions and records that
/// the changes stand on.
class redis_connection final : public connection {
 public:
  explicit redis_connection(redis_connection_options options)
      : options_(std::move(options)),
        handlers_(handlers_of(options_.layout)),
        client_(options_.server, handlers_.scripts()) {
    ensure();
  }

  std::string_view dialect() const override { return "redis"; }

  void begin() override { start(); }
  void begin_read() override { start(); }
  void commit() override {
    send();
    finish();
  }
  void rollback() noexcept override { finish(); }

  void query(std::span<const statement> statements, const row_sink& sink) override {
    if (!in_transaction_) {
      ensure();
      handlers_.forget();
    }
    std::vector<redis_command> commands;
    std::vector<std::size_t> first;
    first.reserve(statements.size());
    for (const auto& s : statements) {
      first.push_back(commands.size());
      handlers_.query(*s.what).ask(s, commands);
    }
    const bool guarded = add_guard(commands);
    auto answers = client_.run(commands);
    if (guarded) check_guard(answers);
    first.push_back(answers.size());
    for (std::size_t i = 0; i < statements.size(); ++i) {
      const auto& name = statements[i].what->name;
      const std::span mine(answers.data() + first[i], first[i + 1] - first[i]);
      for (const auto& a : mine) {
        if (a.failed()) throw redis_error(name, a);
      }
      handlers_.query(*statements[i].what).answer(statements[i], mine, [&](row r) { sink(i, r); });
    }
  }

  void execute(std::span<const statement> statements) override {
    if (options_.mode != access::write) {
      throw error(error_kind::programming, "", "this connection to Redis is for reading");
    }
    if (in_transaction_) {
      for (const auto& s : statements) handlers_.change (*s.what)(s, changes_);
      return;
    }
    start();
    try {
      execute(statements);
      commit();
    } catch (...) {
      rollback();
      throw;
    }
  }

  void execute_and_commit(std::span<const statement> statements,
                          const std::function<void()>& before_commit) override {
    execute(statements);
    before_commit();
    commit();
  }

  void run_script(const std::string&) override {
    throw error(error_kind::programming, "", "Redis runs no SQL");
  }

 private:
  /// Asks, with the last command, whether the store is there at all.
  bool add_guard(std::vector<redis_command>& commands) const {
    const auto& vital = options_.layout.vital;
    if (vital.empty() || commands.empty() || fault("read_emptied_redis")) return false;
    if (options_.mode == access::write && !in_transaction_) return false;
    redis_command guard{{"EXISTS"}};
    guard.words.insert(guard.words.end(), vital.begin(), vital.end());
    commands.push_back(std::move(guard));
    return true;
  }

  void check_guard(std::vector<redis_answer>& answers) const {
    const auto guard = std::move(answers.back());
    answers.pop_back();
    if (guard.failed()) throw redis_error("EXISTS", guard);
    if (guard.integer == static_cast<std::int64_t>(options_.layout.vital.size())) return;
    throw error(error_kind::unavailable, data_lost,
                options_.layout.prefix + ": what was stored in Redis is gone");
  }

  void ensure() {
    if (!client_.ensure() || !options_.greet) return;
    try {
      options_.greet(client_);
    } catch (...) {
      client_.close();
      throw;
    }
  }

  void start() {
    ensure();
    finish();
    in_transaction_ = true;
  }

  void finish() noexcept {
    in_transaction_ = false;
    changes_.clear();
    handlers_.forget();
  }

  void send() {
    if (changes_.empty()) return;
    // Found out before anything is sent, the end of the connection leaves no doubt.
    if (!client_.alive()) throw error(error_kind::unavailable, "", "the connection to Redis ended");
    const auto command = changes_.take();
    redis_answer answer;
    try {
      answer = std::move(client_.run(std::span(&command, 1)).front());
    } catch (const error& e) {
      // The script has been sent, or a part of it.
      if (!client_.connected()) throw error(error_kind::unknown, "", e.what());
      throw;
    }
    if (answer.failed()) throw redis_error("save", answer);
    if (answer.items.size() != 2) return;
    const auto& name = answer.items[1].text;
    throw error(kind_named(answer.items[0].text), name,
                name + ": refused as " + answer.items[0].text);
  }

  redis_connection_options options_;
  redis_handlers handlers_;
  redis_client client_;
  redis_changes changes_;
  bool in_transaction_ = false;
};

}  // namespace

std::unique_ptr<connection> open_redis(redis_connection_options options) {
  return std::make_unique<redis_connection>(std::move(options));
}

}  // namespace stoa::db
