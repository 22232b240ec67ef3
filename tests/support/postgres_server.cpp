#include "tests/support/postgres_server.hpp"

#include "tests/support/server.hpp"

#include <libpq-fe.h>

#include <csignal>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <thread>
#include <unistd.h>

namespace stoa::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::chrono::seconds start_limit{30};

/// The program folder of the newest version.
std::optional<fs::path> program_folder() {
  std::optional<fs::path> newest;
  int newest_version = 0;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", none)) {
    const int version = std::atoi(entry.path().filename().c_str());
    const auto bin = entry.path() / "bin";
    if (version > newest_version && fs::exists(bin / "initdb") && fs::exists(bin / "postgres")) {
      newest = bin;
      newest_version = version;
    }
  }
  return newest;
}

/// The cached output of initdb, beside the test programs: copying it takes a quarter of the time.
fs::path prepared_data(const fs::path& bin) {
  return fs::read_symlink("/proc/self/exe").parent_path() /
         ("postgres-" + bin.parent_path().filename().string() + "-" + std::to_string(::geteuid()));
}

/// Preserves each file's owner and permissions.
void copy_folder(const fs::path& from, const fs::path& to, const fs::path& log) {
  run_to_end({"/usr/bin/cp", {"-a", "--reflink=auto", from.string(), to.string()}, log, ""});
}

/// Keeps a copy for the next server. Without one, initdb runs again.
void keep_data(const fs::path& data, const fs::path& prepared, const fs::path& log) {
  const fs::path unfinished = prepared.string() + "." + std::to_string(::getpid());
  std::error_code failed;
  try {
    copy_folder(data, unfinished, log);
    fs::rename(unfinished, prepared);
  } catch (const std::exception&) {
    fs::remove_all(unfinished,
                   failed);  // Another program was faster, or the folder is not writable.
  }
}

using connection_ptr = std::unique_ptr<PGconn, decltype(&PQfinish)>;
using result_ptr = std::unique_ptr<PGresult, decltype(&PQclear)>;

connection_ptr connect(const std::string& url) {
  connection_ptr c(PQconnectdb((url + "?connect_timeout=5&application_name=test").c_str()),
                   &PQfinish);
  if (PQstatus(c.get()) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(c.get()));
  return c;
}

std::string run_at(const std::string& url, const std::string& sql) {
  auto c = connect(url);
  const result_ptr r(PQexec(c.get(), sql.c_str()), &PQclear);
  const auto status = PQresultStatus(r.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    throw std::runtime_error(sql + ": " + PQresultErrorMessage(r.get()));
  }
  return PQntuples(r.get()) > 0 ? PQgetvalue(r.get(), 0, 0) : "";
}

/// Waits until the server answers; false when its process has ended.
bool await_answer(child_process& process, const std::string& url) {
  const auto until = steady_clock::now() + start_limit;
  for (;;) {
    if (!process.running()) return false;
    if (PQping(url.c_str()) == PQPING_OK) return true;
    if (steady_clock::now() > until) {
      throw std::runtime_error("the server does not accept connections:\n" + process.log_end());
    }
    std::this_thread::sleep_for(milliseconds{10});
  }
}

}  // namespace

bool postgres_server::available() {
  return program_folder().has_value();
}

postgres_server::postgres_server(postgres_server_options options)
    : postgres_server(std::move(options), [this](const fs::path& bin) { make_data(bin); }) {
  start();
}

postgres_server::postgres_server(postgres_server_options options,
                                 const std::function<void(const fs::path&)>& fill)
    : system_server(server_user()), options_(std::move(options)) {
  const auto bin = program_folder();
  if (!bin) throw std::runtime_error("PostgreSQL's server is not installed");
  fill(*bin);
  if (options_.tls) make_certificate();
  // Immediate shutdown without a checkpoint; SIGKILL would leave its shared memory behind.
  prepare(*bin / "postgres", {}, SIGQUIT);
}

void postgres_server::make_data(const fs::path& programs) {
  const auto prepared = prepared_data(programs);
  if (fs::exists(prepared)) {
    copy_folder(prepared, data(), dir_ / "log");
    return;
  }
  run_to_end({programs / "initdb",
              {"--no-sync", "-A", "trust", "-U", "stoa", "--encoding=UTF8", "--locale=C.UTF-8",
               "-D", data().string()},
              dir_ / "log",
              server_user()});
  keep_data(data(), prepared, dir_ / "log");
}

void postgres_server::start() {
  std::vector<std::string> words{"-D", data().string(), "-p", std::to_string(port_)};
  auto set = [&](const std::string& name, const std::string& value) {
    words.insert(words.end(), {"-c", name + "=" + value});
  };
  set("listen_addresses", "127.0.0.1");
  set("unix_socket_directories", dir_.path().string());
  set("max_connections", std::to_string(options_.max_connections));
  set("shared_buffers", "64MB");
  // In the data folder: a server that is killed leaves segments in /dev/shm.
  set("dynamic_shared_memory_type", "mmap");
  // Otherwise it syncs each file before recovery, which takes seconds.
  set("recovery_init_sync_method", "syncfs");
  set("fsync", options_.fsync ? "on" : "off");
  if (options_.tls) {
    set("ssl", "on");
    set("ssl_cert_file", certificate().string());
    set("ssl_key_file", key().string());
  }
  for (const auto& [name, value] : options_.settings) set(name, value);
  process_->set_arguments(std::move(words));
  // A new server does not start until the killed server's child processes have ended.
  const auto until = steady_clock::now() + start_limit;
  for (;;) {
    process_->start();
    if (await_answer(*process_, url("postgres"))) return;
    if (steady_clock::now() > until) {
      throw std::runtime_error("PostgreSQL exited during startup:\n" + log_end());
    }
    std::this_thread::sleep_for(milliseconds{50});
  }
}

void postgres_server::stop() {
  process_->stop(SIGINT);
}

std::string postgres_server::url(const std::string& database) const {
  return "postgresql://stoa@127.0.0.1:" + std::to_string(port_) + "/" + database;
}

std::string postgres_server::socket_url(const std::string& database) const {
  std::string folder;
  for (const char c : dir_.path().string()) folder += c == '/' ? "%2F" : std::string(1, c);
  return "postgresql://stoa@" + folder + ":" + std::to_string(port_) + "/" + database;
}

void postgres_server::create_database(const std::string& name, const std::string& from_template) {
  run("postgres", "CREATE DATABASE \"" + name + "\" TEMPLATE \"" + from_template + "\"");
}

void postgres_server::drop_database(const std::string& name) {
  run("postgres", "DROP DATABASE IF EXISTS \"" + name + "\" WITH (FORCE)");
}

std::string postgres_server::run(const std::string& database, const std::string& sql) const {
  return run_at(url(database), sql);
}

bool pgbouncer::available() {
  return fs::exists("/usr/sbin/pgbouncer");
}

pgbouncer::pgbouncer(const postgres_server& behind, int pool) : system_server(server_user()) {
  const auto settings = dir_ / "pgbouncer.ini";
  std::ofstream(settings) << "[databases]\n* = host=127.0.0.1 port=" << behind.port()
                          << " user=stoa\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = "
                          << port_ << "\nauth_type = any\npool_mode = transaction\n"
                          << "unix_socket_dir =\nmax_client_conn = 500\ndefault_pool_size = "
                          << pool << "\n";
  prepare("/usr/sbin/pgbouncer", {settings.string()});
  start();
}

void pgbouncer::start() {
  process_->start();
  if (!await_answer(*process_, url("postgres"))) {
    throw std::runtime_error("PgBouncer exited during startup:\n" + log_end());
  }
}

std::string pgbouncer::url(const std::string& database) const {
  return "postgresql://stoa@127.0.0.1:" + std::to_string(port_) + "/" + database;
}

}  // namespace stoa::test
