#include "config/log.hpp"
#include "storage/base/fault.hpp"
#include "storage/db/redis_handlers.hpp"

#include <atomic>
#include <cstdlib>

namespace stoa::db {

namespace {

/// Goes up when keys or records change their form; a program rejects data of another one.
constexpr int format_version = 2;
constexpr int oldest_server = 7;

/// What an acknowledged change needs, and what happens otherwise.
struct durable_setting {
  const char* name;
  const char* needed;
  const char* danger;
};
constexpr durable_setting durable_settings[] = {
    {"appendonly", "yes",
     "redis: without an append-only file acknowledged changes are lost when it ends"},
    {"appendfsync", "always",
     "redis: a power cut can take the last second of acknowledged changes"},
    {"maxmemory-policy", "noeviction", "redis: it may remove data when memory is short"}};

/// Where a service is stored; shared by the database and its connections.
struct redis_place {
  redis_place(redis_options o, redis_layout l) : options(std::move(o)), layout(std::move(l)) {}

  redis_options options;
  redis_layout layout;
  std::atomic<bool> inspected{false};

  std::string name() const { return options.url + " " + layout.prefix; }

  /// Creates the format where there is none, if it may; returns whether it has. Throws when it is
  /// another one.
  bool check_format(redis_client& c, bool create) const {
    const auto key = layout.prefix + "schema";
    const auto format = std::to_string(format_version);
    const auto made = create ? c.run({"SET", key, format, "NX"}) : redis_answer{};
    const auto found = c.run({"GET", key});
    for (const auto& a : {made, found}) {
      if (a.failed()) throw redis_error(key, a);
    }
    if (found.kind == redis_answer::type::nil) {
      throw error(error_kind::unavailable, data_lost,
                  name() + ": no data of Stoa here; they are lost, or it was never migrated");
    }
    if (found.text != format) {
      throw error(error_kind::programming, "",
                  name() + ": the data have format " + found.text + ", this program needs format " +
                      format + ": they belong to another version");
    }
    return made.kind != redis_answer::type::nil;
  }

  /// Once: is the server new enough, and as durable as an acknowledged change needs it?
  void inspect(redis_client& c) {
    if (inspected) return;
    constexpr std::string_view field = "redis_version:";
    const auto info = c.run({"INFO", "server"}).text;
    const auto at = info.find(field);
    if (at != std::string::npos && std::atoi(info.c_str() + at + field.size()) < oldest_server) {
      throw error(error_kind::programming, "",
                  name() + ": Redis " + std::to_string(oldest_server) + " or newer is needed");
    }
    for (const auto& [setting, needed, danger] : durable_settings) {
      const auto set = c.run({"CONFIG", "GET", setting});
      if (set.items.size() != 2) {
        log::warn("redis: whether it is durable cannot be checked",
                  {{"redis", name()}, {"setting", setting}, {"needed", needed}});
      } else if (set.items[1].text != needed) {
        log::warn(danger, {{"redis", name()}, {"setting", setting}, {"value", set.items[1].text}});
      }
    }
    inspected = true;
  }
};

template <class Handler>
const Handler& handler_of(const std::map<std::string, Handler>& all, const sql& what) {
  if (const auto it = all.find(what.name); it != all.end()) return it->second;
  throw error(error_kind::programming, what.name, "redis: no such statement: " + what.name);
}

/// Changes are kept until the commit and then sent as one script; reads see the committed state.
/// What keeps two writers from each other is what the script checks: the versions and records that
/// the changes depend on.
class redis_connection final : public connection {
 public:
  redis_connection(std::shared_ptr<redis_place> place, access mode)
      : place_(std::move(place)), mode_(mode), client_(place_->options) {
    place_->layout.add_handlers(handlers_);
    ensure();
  }

  std::string_view dialect() const override { return "redis"; }

  void begin() override {
    ensure();
    rollback();
    in_transaction_ = true;
  }
  void begin_read() override { begin(); }
  void commit() override {
    send();
    rollback();
  }
  void rollback() noexcept override {
    in_transaction_ = false;
    changes_.clear();
    handlers_.forget();
  }

  void query(std::span<const statement> statements, const row_sink& sink) override {
    if (!in_transaction_) {
      ensure();
      handlers_.forget();
    }
    std::vector<redis_command> commands;
    std::vector<bool> asked;
    for (const auto& s : statements) {
      auto command = handler_of(handlers_.queries, *s.what).ask(s);
      asked.push_back(!command.empty());
      if (asked.back()) commands.push_back(std::move(command));
    }
    const auto answers = run_guarded(std::move(commands));
    const redis_answer nothing;
    auto next = answers.begin();
    for (std::size_t i = 0; i < statements.size(); ++i) {
      const auto& what = *statements[i].what;
      const auto& answer = asked[i] ? *next++ : nothing;
      if (answer.failed()) throw redis_error(what.name, answer);
      handler_of(handlers_.queries, what).answer(statements[i], answer, [&](row r) { sink(i, r); });
    }
  }

  void execute(std::span<const statement> statements) override {
    if (mode_ != access::write) {
      throw error(error_kind::programming, "", "this connection to Redis is read-only");
    }
    if (in_transaction_) {
      for (const auto& s : statements) handler_of(handlers_.changes, *s.what)(s, changes_);
      return;
    }
    begin();
    try {
      execute(statements);
      commit();
    } catch (...) {
      rollback();
      throw;
    }
  }

  void run_script(const std::string&) override {
    throw error(error_kind::programming, "", "Redis runs no SQL");
  }

 private:
  /// Runs the commands, and asks with one more whether the store is there at all.
  std::vector<redis_answer> run_guarded(std::vector<redis_command> commands) {
    if (commands.empty()) return {};
    const bool guarded =
        (mode_ != access::write || in_transaction_) && !fault("read_emptied_redis");
    if (guarded) commands.push_back({"EXISTS", place_->layout.vital});
    auto answers = client_.run(commands);
    if (guarded && answers.back().failed()) throw redis_error("EXISTS", answers.back());
    if (guarded && answers.back().integer == 0) {
      throw error(error_kind::unavailable, data_lost,
                  place_->layout.prefix + ": what was stored in Redis is lost");
    }
    return answers;
  }

  void ensure() {
    if (!client_.ensure()) return;
    try {
      place_->inspect(client_);
      place_->check_format(client_, false);
    } catch (...) {
      client_.close();
      throw;
    }
  }

  void send() {
    handlers_.save(changes_);
    if (changes_.empty()) return;
    // Detected before anything is sent, the end of the connection leaves no doubt.
    if (!client_.alive()) throw error(error_kind::unavailable, "", "the connection to Redis ended");
    const auto script = changes_.take();
    redis_answer answer;
    try {
      answer = client_.run(script);
    } catch (const error& e) {
      // It has been sent, or a part of it.
      throw error(error_kind::unknown, "", e.what());
    }
    if (answer.failed()) throw redis_error("save", answer);
    const auto& kind = answer.items.at(0).text;
    if (kind.empty()) return;
    const auto& name = answer.items.at(1).text;
    throw error(static_cast<error_kind>(std::stoi(kind)), name, name + ": rejected");
  }

  std::shared_ptr<redis_place> place_;
  access mode_;
  redis_handlers handlers_;
  redis_client client_;
  redis_changes changes_;
  bool in_transaction_ = false;
};

class redis_server final : public database {
 public:
  redis_server(redis_options options, redis_layout layout)
      : place_(std::make_shared<redis_place>(std::move(options), std::move(layout))) {
    redis_address_of(place_->options.url);
  }

  std::unique_ptr<connection> open(access a) override {
    return std::make_unique<redis_connection>(place_, a);
  }

  /// The modules are what the layout was made for.
  int migrate(std::span<const std::string_view>) override {
    redis_client c(place_->options);
    c.ensure();
    place_->inspect(c);
    return place_->check_format(c, true) ? 1 : 0;
  }

  bool shared() const override { return true; }
  bool may_lose_data() const override { return true; }
  std::string describe() const override { return place_->name(); }

 private:
  std::shared_ptr<redis_place> place_;
};

}  // namespace

std::unique_ptr<database> redis_database(redis_options options, redis_layout layout) {
  return std::make_unique<redis_server>(std::move(options), std::move(layout));
}

}  // namespace stoa::db
