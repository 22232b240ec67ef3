#include "config/log.hpp"
#include "storage/db/migrate.hpp"
#include "storage/db/postgres.hpp"
#include "storage/db/postgres_connection.hpp"

#include <algorithm>
#include <thread>

namespace stoa::db {

namespace {

/// For statements of migrations, such as an index on a large table.
constexpr milliseconds migration_timeout = std::chrono::minutes{10};

/// Keepalives detect a connection that was lost silently: probes start after 10 s of inactivity.
constexpr const char* keepalive_idle_s = "10";
constexpr const char* keepalive_interval_s = "5";
constexpr const char* keepalive_count = "3";

/// A writer queries by key. Its generic plans must not scan tables that were small or not analysed
/// at the time of planning.
constexpr std::string_view writer_planning =
    "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_hashjoin=off "
    "-c enable_mergejoin=off -c jit=off ";

/// The statements that a reader sends together are one transaction with one snapshot, without
/// BEGIN. All its queries have an index; a plan made for an empty table would scan it until
/// autovacuum analyses the table, once a minute.
constexpr std::string_view reader_sessions =
    "-c default_transaction_read_only=on -c default_transaction_isolation=repeatable\\ read "
    "-c enable_seqscan=off -c jit=off ";

/// The flushed position, which includes every acknowledged commit.
const sql primary_position{"position of the primary",
                           "SELECT system_identifier,"
                           " (pg_current_wal_flush_lsn()-'0/0'::pg_lsn)::bigint, true"
                           " FROM pg_control_system()"};
const sql shown_position{"position of the replica",
                         "SELECT system_identifier,"
                         " coalesce(pg_last_wal_replay_lsn()-'0/0'::pg_lsn,0)::bigint,"
                         " NOT pg_is_in_recovery() FROM pg_control_system()"};

std::string identifier(const std::string& name) {
  std::string text = "\"";
  for (const char c : name) text += c == '"' ? "\"\"" : std::string(1, c);
  return text + '"';
}

class postgres final : public database {
 public:
  explicit postgres(postgres_options options)
      : options_(std::move(options)), primary_(parameters_of(options_.url)) {
    if (!options_.replica_url.empty()) {
      replica_ = parameters_of(options_.replica_url, "standby");
    }
  }

  std::unique_ptr<connection> open(access a) override {
    if (a == access::replica) return open_replica();
    return open_postgres(
        settings_for(primary_, a != access::write, options_.statement_timeout, server_limit_of(a)));
  }
  int migrate(std::span<const std::string_view> modules) override {
    const auto c = open_or_create();
    warn_of_lossy_settings(*c);
    return db::migrate(*c, "postgres", modules);
  }
  bool shared() const override { return true; }
  bool has_replica() const override { return !replica_.empty(); }
  change_position position(connection& c) override { return position_of(c, primary_position); }
  change_position replica_position(connection& c) override {
    return position_of(c, shown_position);
  }
  std::string describe() const override { return describe_postgres(primary_); }

 private:
  std::unique_ptr<connection> open_replica() const {
    const auto timeout = std::min(options_.replica_timeout, options_.statement_timeout);
    auto settings = settings_for(replica_, true, timeout,
                                 std::min(server_limit(timeout), server_limit_of(access::bounded)));
    settings.connect_timeout = std::min(options_.replica_timeout, options_.connect_timeout);
    return open_postgres(std::move(settings));
  }

  static change_position position_of(connection& c, const sql& what) {
    change_position found;
    c.query({&what, {}}, [&](row r) {
      found = {std::get<std::int64_t>(r[0]), std::get<std::int64_t>(r[1]),
               std::get<std::int64_t>(r[2]) != 0};
    });
    return found;
  }

  /// With several hosts the session must use a host of this kind, also after a failover.
  postgres_parameters parameters_of(const std::string& url,
                                    const std::string& kind_of_host = "primary") const {
    auto parameters = parse_postgres_url(url);
    // Parameters in the address take precedence.
    auto set = [&](const char* name, const std::string& v) { parameters.try_emplace(name, v); };
    set("application_name", options_.application_name);
    set("keepalives_idle", keepalive_idle_s);
    set("keepalives_interval", keepalive_interval_s);
    set("keepalives_count", keepalive_count);
    set("tcp_user_timeout", std::to_string(options_.statement_timeout.count()));
    const auto host = parameters.find("host");
    if (host != parameters.end() && host->second.find(',') != std::string::npos) {
      set("target_session_attrs", kind_of_host);
    }
    parameters["client_encoding"] = "UTF8";
    return parameters;
  }

  /// The server's timeout is shorter than the client's: an error is better than a lost connection,
  /// and data that the network delays until the client's timeout arrives too late.
  static milliseconds server_limit(milliseconds timeout) { return timeout - timeout / 10; }

  milliseconds server_limit_of(access a) const {
    const auto most = server_limit(options_.statement_timeout);
    const bool bounded = a == access::bounded && options_.query_time_max.count() > 0;
    return bounded ? std::min(most, options_.query_time_max) : most;
  }

  /// `statement_limit`: statement_timeout on the server.
  postgres_connection_options settings_for(postgres_parameters parameters, bool read_only,
                                           milliseconds timeout,
                                           milliseconds statement_limit) const {
    postgres_connection_options o;
    o.settings = {
        {"statement_timeout", std::to_string(statement_limit.count())},
        {"idle_in_transaction_session_timeout", std::to_string(server_limit(timeout).count())}};
    if (options_.prepared_statements) {
      std::string all;
      for (const auto& [name, held] : o.settings) all += "-c " + name + "=" + held + " ";
      all += read_only ? reader_sessions : writer_planning;
      o.one_state_by_default = read_only;
      auto& given = parameters["options"];
      given = all + given;
    }
    // A read-only session would not match read-write; `primary` selects the server that accepts
    // writes.
    auto wanted = parameters.find("target_session_attrs");
    if (read_only && wanted != parameters.end() && wanted->second == "read-write") {
      wanted->second = "primary";
    }
    if (!parameters.contains("password")) o.password = options_.password;
    o.parameters = std::move(parameters);
    o.read_only = read_only;
    o.prepared_statements = options_.prepared_statements;
    o.connect_timeout = options_.connect_timeout;
    o.answer_timeout = timeout;
    o.reconnect_min = options_.reconnect_min;
    o.reconnect_max = options_.reconnect_max;
    return o;
  }

  std::unique_ptr<connection> open_or_create() const {
    auto migrating =
        settings_for(primary_, false, migration_timeout, server_limit(migration_timeout));
    migrating.sees_committed = true;
    try {
      return open_postgres(migrating);
    } catch (const error&) {
      // A rejected connection has no SQLSTATE, so check whether the database exists.
      if (!create_if_missing()) throw;
    }
    return open_postgres(migrating);
  }

  /// False if the database exists or this cannot be determined.
  bool create_if_missing() const {
    const auto name = primary_.find("dbname");
    if (name == primary_.end() || name->second == "postgres") return false;
    auto maintenance = primary_;
    maintenance["dbname"] = "postgres";
    std::unique_ptr<connection> c;
    try {
      c = open_postgres(settings_for(std::move(maintenance), false, migration_timeout,
                                     server_limit(migration_timeout)));
    } catch (const error&) {
      return false;
    }
    if (exists(*c, name->second)) return false;
    try {
      c->run_script("CREATE DATABASE " + identifier(name->second) +
                    " TEMPLATE template0 ENCODING 'UTF8'");
      log::info("database created", {{"database", describe()}});
    } catch (const error& e) {
      // Another node may have created it concurrently.
      if (!exists(*c, name->second)) {
        throw error(e.kind(), "", "cannot create the database: " + std::string(e.what()));
      }
    }
    return true;
  }

  /// Acknowledged commits must be durable.
  void warn_of_lossy_settings(connection& c) const {
    static const sql what{"durability settings",
                          "SELECT name FROM pg_settings WHERE setting='off'"
                          " AND name IN ('fsync','full_page_writes','synchronous_commit')"};
    c.query(statement{&what, {}}, [&](row r) {
      log::warn("PostgreSQL may lose acknowledged changes in a power cut",
                {{"database", describe()}, {"off", std::get<std::string>(r[0])}});
    });
  }

  static bool exists(connection& c, const std::string& name) {
    static const sql what{"database exists", "SELECT 1 FROM pg_database WHERE datname=$1"};
    bool found = false;
    c.query(statement{&what, {name}}, [&](row) { found = true; });
    return found;
  }

  postgres_options options_;
  postgres_parameters primary_;
  postgres_parameters replica_;
};

}  // namespace

std::unique_ptr<database> postgres_database(postgres_options options) {
  return std::make_unique<postgres>(std::move(options));
}

}  // namespace stoa::db
