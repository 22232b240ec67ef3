// Reads and searches against their references. wrk generates the load of both sides.
#include "bench/contest.hpp"
#include "bench/limits.hpp"
#include "bench/load.hpp"
#include "bench/scenario.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/server.hpp"
#include "tests/support/system_server.hpp"
#include "tests/support/temp_dir.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <ctime>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <unistd.h>

namespace stoa::bench {
namespace {

constexpr int connections = 32;
constexpr int list_products = 1000;
constexpr int search_products = 10'000;
/// Of many names in a demo store.
constexpr const char* word = "tea";

/// nginx with the same bytes as files.
class static_server : public test::system_server {
 public:
  explicit static_server(const std::vector<std::pair<std::string, std::string>>& files) {
    std::filesystem::create_directories(dir_ / "files");
    for (const auto& [name, body] : files) std::ofstream(dir_ / "files" / name) << body;
    std::ofstream(dir_ / "nginx.conf") << fmt::format(
        "daemon off; worker_processes 2; pid {0}/pid; error_log {0}/errors;{2}\n"
        "events {{ worker_connections 1024; }}\n"
        "http {{ access_log off; default_type application/json; keepalive_requests 1000000000;\n"
        "  open_file_cache max=100; sendfile on; tcp_nopush on;\n"
        "  client_body_temp_path {0}/t1; proxy_temp_path {0}/t2; fastcgi_temp_path {0}/t3;\n"
        "  uwsgi_temp_path {0}/t4; scgi_temp_path {0}/t5;\n"
        "  server {{ listen 127.0.0.1:{1}; root {0}/files; }} }}\n",
        dir_.path().string(), port_, ::geteuid() == 0 ? " user root;" : "");
    prepare(*test::system_program("nginx"), {"-c", (dir_ / "nginx.conf").string()}, SIGTERM);
    start_and_await(
        [this] { return test::first_bytes(port_, "GET / HTTP/1.0\r\n\r\n", 4) == "HTTP"; });
  }
};

std::optional<double> requests_per_second(const std::string& url, int seconds) {
  const auto done = test::run_program(
      *test::system_program("wrk"),
      {"-t1", "-c" + std::to_string(connections), "-d" + std::to_string(seconds) + "s", url});
  constexpr std::string_view mark = "Requests/sec:";
  const auto at = done.output.find(mark);
  const bool all_good = done.output.find("Non-2xx") == std::string::npos;
  if (done.exit_code != 0 || at == std::string::npos || !all_good) return std::nullopt;
  return std::stod(done.output.substr(at + mark.size()));
}

struct compared {
  std::string what;
  std::string path;
  double floor;
  double goal;
};

limit not_measured(const compared& c, const std::string& why) {
  return {c.what, std::nullopt, "", c.floor, c.goal, limit::at_least, why};
}

/// The load generator itself: a closed loop on one thread, as wrk's.
void add_generator(const limits_options& options, const std::string& url, std::vector<limit>& all) {
  const compared what{"stoa-bench get / wrk, nginx, 32 connections, one thread", "", 0.95, 1};
  const auto theirs = requests_per_second(url, options.seconds);
  target_options server;
  server.url = url.substr(0, url.rfind('/'));
  load_plan plan;
  plan.connections = connections;
  plan.duration = std::chrono::seconds{options.seconds};
  plan.targets = {target_of(server)};
  const auto ours = run_load(plan, get_of(url.substr(url.rfind('/')), 1));
  if (!theirs || ours.all.failed() > 0)
    return all.push_back(not_measured(what, "a request failed"));
  all.push_back({what.what, ours.rate() / *theirs, "", what.floor, what.goal, limit::at_least,
                 fmt::format("{:.0f} and {:.0f}/s", ours.rate(), *theirs)});
}

void add_static_reads(const limits_options& options, std::vector<limit>& all) {
  std::vector<compared> targets{
      {"product, 32 connections / nginx", "", 0.8, 0.9},
      {"first page of 20 products / nginx", "/store/v1/products?limit=20", 0.5, 0.7},
      {"filtered page of 20 products / nginx",
       "/store/v1/products?limit=20&in_stock=true&sort=price", 0.3, 0.5}};
  if (!test::system_program("nginx") || !test::system_program("wrk")) {
    for (const auto& t : targets) {
      all.push_back(not_measured(t, "needs the packages nginx-light and wrk"));
    }
    return;
  }
  const test::temp_dir folder;
  test::load_demo(options.program, folder / "data", list_products, 1000);
  test::server server({.program = options.program,
                       .data = folder / "data",
                       .settings = {{"STOA_LOG_LEVEL", "error"}},
                       .arguments = {}});
  server.start();
  targets[0].path = "/store/v1/products/" + buyable_products(server.port()).front();
  test::http_client client(server.port());
  std::vector<std::pair<std::string, std::string>> files;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    files.emplace_back("file" + std::to_string(i), client.get(targets[i].path).body);
  }
  const static_server reference(files);
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const auto& t = targets[i];
    const auto ours = requests_per_second(server.url() + t.path, options.seconds);
    const auto theirs = requests_per_second(
        fmt::format("http://127.0.0.1:{}/{}", reference.port(), files[i].first), options.seconds);
    if (!ours || !theirs) {
      all.push_back(not_measured(t, "a response was not 200"));
      continue;
    }
    all.push_back(
        {t.what, *ours / *theirs, "", t.floor, t.goal, limit::at_least,
         fmt::format("{:.0f} and {:.0f}/s, {} bytes", *ours, *theirs, files[i].second.size())});
  }
  add_generator(options, fmt::format("http://127.0.0.1:{}/{}", reference.port(), files[0].first),
                all);
}

/// Searches per second of CPU time of FTS5 in a loop, with the texts of the store in memory.
double fts5_per_cpu_second(const std::filesystem::path& catalog, int seconds) {
  sqlite3* opened = nullptr;
  const int code = sqlite3_open(":memory:", &opened);
  const std::unique_ptr<sqlite3, decltype(&sqlite3_close_v2)> db(opened, &sqlite3_close_v2);
  const auto script = "ATTACH '" + catalog.string() +
                      "' AS store; CREATE VIRTUAL TABLE t USING fts5(name, description);"
                      "INSERT INTO t SELECT name, description FROM store.products"
                      " WHERE parent_product_id IS NULL; DETACH store";
  if (code != SQLITE_OK ||
      sqlite3_exec(db.get(), script.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    throw std::runtime_error(std::string("FTS5: ") + sqlite3_errmsg(db.get()));
  }
  sqlite3_stmt* prepared = nullptr;
  sqlite3_prepare_v2(db.get(),
                     "SELECT name, description FROM t WHERE t MATCH ?1 ORDER BY rank LIMIT 20", -1,
                     &prepared, nullptr);
  const std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)> query(prepared,
                                                                         &sqlite3_finalize);
  sqlite3_bind_text(query.get(), 1, word, -1, SQLITE_STATIC);
  const auto cpu = [] {
    timespec t{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
  };
  const auto began = cpu();
  int done = 0;
  int rows = 0;
  while (cpu() - began < seconds) {
    while (sqlite3_step(query.get()) == SQLITE_ROW) ++rows;
    sqlite3_reset(query.get());
    ++done;
  }
  if (rows < done) throw std::runtime_error("FTS5 finds nothing");
  return done / (cpu() - began);
}

void add_search(const limits_options& options, std::vector<limit>& all) {
  const compared what{"search, 10,000 products, 20 hits / FTS5 in a loop, per CPU second", "", 0.5,
                      0.7};
  const test::temp_dir folder;
  test::load_demo(options.program, folder / "data", search_products, 1000);
  // Each search is computed.
  test::server server(
      {.program = options.program,
       .data = folder / "data",
       .settings = {{"STOA_LOG_LEVEL", "error"}, {"STOA_HTTP_ANSWER_CACHE_BYTES", "0"}},
       .arguments = {}});
  server.start();
  test::http_client client(server.port());
  const auto path = "/store/v1/products?limit=20&q=" + std::string(word);
  const auto used = cpu_seconds(server.pid());
  const auto end = load_clock::now() + std::chrono::seconds{options.seconds};
  int done = 0;
  for (; load_clock::now() < end; ++done) {
    if (client.get(path).status != 200) return all.push_back(not_measured(what, "a search failed"));
  }
  const auto ours = done / (cpu_seconds(server.pid()) - used);
  const auto theirs = fts5_per_cpu_second(folder / "data" / "catalog.db", options.seconds);
  all.push_back({what.what, ours / theirs, "", what.floor, what.goal, limit::at_least,
                 fmt::format("{:.0f} and {:.0f}/s, the word \"{}\"", ours, theirs, word)});
}

}  // namespace

std::vector<limit> read_limits(const limits_options& options) {
  std::vector<limit> all;
  add_static_reads(options, all);
  add_search(options, all);
  return all;
}

}  // namespace stoa::bench
