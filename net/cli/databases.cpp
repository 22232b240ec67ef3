#include "net/cli/databases.hpp"

#include "actors/kernel/node.hpp"
#include "config/log.hpp"
#include "config/options.hpp"
#include "storage/cart/cart_redis.hpp"
#include "storage/db/postgres.hpp"
#include "storage/db/postgres_programs.hpp"

#include <fstream>
#include <memory>
#include <mutex>
#include <sstream>
#include <stdexcept>

namespace stoa::cli {

namespace {

std::string with_service(std::string url, const std::string& service) {
  static const std::string mark = "{service}";
  for (auto at = url.find(mark); at != std::string::npos; at = url.find(mark, at)) {
    url.replace(at, mark.size(), service);
  }
  return url;
}

/// Reads the file for every new connection, so that passwords can be rotated at run time. An
/// unreadable file is an error at startup; later the last password is used.
std::function<std::string()> password_in(const std::string& path) {
  if (path.empty()) return {};
  struct last_read {
    std::mutex mutex;
    std::string password;
  };
  auto last = std::make_shared<last_read>();
  last->password = read_secret_file(path);
  return [last, path] {
    const std::scoped_lock lock(last->mutex);
    try {
      last->password = read_secret_file(path);
    } catch (const std::runtime_error& e) {
      log::error("cannot read the password file; keeping the current password",
                 {{"path", path}, {"error", std::string(e.what())}});
    }
    return last->password;
  };
}

std::unique_ptr<db::database> postgres_of(const settings& s, const std::string& service) {
  db::postgres_options o;
  o.url = with_service(s.postgres.url, service);
  o.replica_url = with_service(s.postgres.replica_url, service);
  o.password = password_in(s.postgres.password_file);
  o.application_name = "stoa " + s.node.name + " " + service;
  o.prepared_statements = s.postgres.prepared_statements;
  o.connect_timeout = milliseconds{s.postgres.connect_timeout_ms};
  o.statement_timeout = milliseconds{s.postgres.statement_timeout_ms};
  o.query_time_max = milliseconds{s.queries.time_ms_max};
  return db::postgres_database(std::move(o));
}

}  // namespace

db::redis_options redis_options_of(const settings& s) {
  db::redis_options o;
  o.url = s.redis.url;
  o.password = password_in(s.redis.password_file);
  o.timeout = milliseconds{s.redis.timeout_ms};
  return o;
}

std::unique_ptr<db::database> database_of(const settings& s, const std::string& service) {
  if (service == "cart" && s.cart.store == "redis") {
    return cart::redis_store(redis_options_of(s), seconds{s.idempotency.ttl_s});
  }
  if (s.data.store == "postgres") return postgres_of(s, service);
  return db::sqlite_database(kernel::database_path(s.data.dir, service),
                             milliseconds{s.queries.time_ms_max});
}

std::vector<std::pair<std::string, std::string>> postgres_environment_of(
    const settings& s, const std::string& service) {
  return db::postgres_environment(with_service(s.postgres.url, service),
                                  read_secret_file(s.postgres.password_file));
}

std::string read_secret_file(const std::string& path) {
  if (path.empty()) return {};
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) throw std::runtime_error("cannot read " + path);
  std::string secret = text.str();
  while (!secret.empty() && (secret.back() == '\n' || secret.back() == '\r')) secret.pop_back();
  return secret;
}

std::filesystem::path keys_dir_of(const settings& s) {
  if (!s.auth.keys_dir.empty()) return s.auth.keys_dir;
  return std::filesystem::path(s.data.dir) / "keys";
}

std::filesystem::path ledger_of(const settings& s) {
  if (!s.payment.sandbox_ledger.empty()) return s.payment.sandbox_ledger;
  return std::filesystem::path(s.data.dir) / "sandbox" / "ledger.db";
}

std::filesystem::path mail_dir_of(const settings& s) {
  if (!s.notification.mail_dir.empty()) return s.notification.mail_dir;
  return std::filesystem::path(s.data.dir) / "mail";
}

std::filesystem::path media_dir_of(const settings& s) {
  if (!s.media.dir.empty()) return s.media.dir;
  return std::filesystem::path(s.data.dir) / "media";
}

std::map<std::string, std::string> common_settings_of(const settings& s) {
  // A front-only node has no database.
  const bool stores = s.node.services != std::vector<std::string>{"front"};
  const std::map<std::string_view, bool> used{{"data.store", stores},
                                              {"cart.store", stores},
                                              {"postgres.writers", s.data.store == "postgres"},
                                              {"nats.stream", s.events.bus == "nats"}};
  std::map<std::string, std::string> all;
  for (const auto& o : config::options()) {
    const auto condition = used.find(o.key);
    if (!o.common || (condition != used.end() && !condition->second)) continue;
    all.emplace(o.key, config::value_text(o, s));
  }
  return all;
}

}  // namespace stoa::cli
