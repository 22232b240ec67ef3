#include "tests/support/engine_server.hpp"

#include "tests/support/http_client.hpp"
#include "tests/support/server.hpp"

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace stoa::test {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds install_limit{400};
constexpr std::chrono::seconds node_start_limit{90};

std::string name_of(engine_kind kind) {
  return kind == engine_kind::opensearch ? "opensearch" : "elasticsearch";
}

fs::path installed(engine_kind kind) {
  return fs::read_symlink("/proc/self/exe").parent_path() / name_of(kind);
}

std::string last_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

bool answers(std::uint16_t port) {
  try {
    http_client client(port, std::chrono::seconds{2});
    return client.get("/_cluster/health?wait_for_status=yellow&timeout=1s").status == 200;
  } catch (const http_failure&) {
    return false;
  }
}

}  // namespace

std::optional<std::string> engine_server::missing(engine_kind kind) {
  const auto script = fs::path(STOA_SOURCE_DIR) / "tests" / "search_engines" / "install";
  const auto run =
      run_program("/bin/bash", {script.string(), name_of(kind), installed(kind).string()},
                  {{"HOME", std::getenv("HOME") ? std::getenv("HOME") : "/"}}, install_limit);
  if (run.exit_code == 0) return std::nullopt;
  const auto reason = last_line(run.output);
  return reason.empty() ? "the installation of " + name_of(kind) + " has failed" : reason;
}

engine_server::engine_server(engine_kind kind) : system_server(server_user()) {
  const auto name = name_of(kind);
  const auto home = dir_ / "home";
  for (const char* folder : {"config", "plugins", "data", "logs", "tmp"}) {
    fs::create_directories(home / folder);
  }
  fs::copy(installed(kind) / "modules", home / "modules", fs::copy_options::recursive);
  std::ofstream(home / "config" / (name + ".yml"))
      << "cluster.name: stoa-test\nnode.name: one\nnetwork.host: 127.0.0.1\n"
      << "discovery.type: single-node\nhttp.port: " << port_ << "\ntransport.port: "
      << free_port()
      // A test's disk may be nearly full.
      << "\ncluster.routing.allocation.disk.threshold_enabled: false\n";
  std::ofstream(home / "config" / "log4j2.properties") << "status = error\n";
  for (const auto& e : fs::recursive_directory_iterator(home)) give_to_server_user(e.path());
  give_to_server_user(home);
  const auto java = system_program("java");
  if (!java) throw std::runtime_error("java is not installed");
  const bool is_opensearch = kind == engine_kind::opensearch;
  const std::string prefix = is_opensearch ? "-Dopensearch." : "-Des.";
  const auto env = system_program("env");
  if (!env) throw std::runtime_error("env is not installed");
  // Elasticsearch does not start without the variable, which its own script sets.
  prepare(*env, {"LIBFFI_TMPDIR=" + (home / "tmp").string(), java->string(), "-Xms256m", "-Xmx512m",
                 "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dlog4j2.disable.jmx=true",
                 prefix + "path.home=" + home.string(),
                 prefix + "path.conf=" + (home / "config").string(),
                 "-Djava.io.tmpdir=" + (home / "tmp").string(), "-cp",
                 (installed(kind) / "lib").string() + "/*",
                 is_opensearch ? "org.opensearch.bootstrap.OpenSearch"
                               : "org.elasticsearch.bootstrap.Elasticsearch"});
  start();
}

void engine_server::start() {
  start_and_await([this] { return answers(port_); }, node_start_limit);
}

}  // namespace stoa::test
