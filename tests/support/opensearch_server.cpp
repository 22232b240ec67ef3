#include "tests/support/opensearch_server.hpp"

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

fs::path installed() {
  return fs::read_symlink("/proc/self/exe").parent_path() / "opensearch";
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

std::optional<std::string> opensearch_server::missing() {
  const auto script = fs::path(STOA_SOURCE_DIR) / "tests" / "opensearch" / "install";
  const auto run =
      run_program("/bin/bash", {script.string(), installed().string()},
                  {{"HOME", std::getenv("HOME") ? std::getenv("HOME") : "/"}}, install_limit);
  if (run.exit_code == 0) return std::nullopt;
  const auto reason = last_line(run.output);
  return reason.empty() ? "the installation of OpenSearch has failed" : reason;
}

opensearch_server::opensearch_server() : system_server(server_user()) {
  const auto home = dir_ / "home";
  for (const char* folder : {"config", "plugins", "data", "logs", "tmp"}) {
    fs::create_directories(home / folder);
  }
  fs::copy(installed() / "modules", home / "modules", fs::copy_options::recursive);
  std::ofstream(home / "config" / "opensearch.yml")
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
  prepare(*java, {"-Xms256m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                  "-Dopensearch.path.home=" + home.string(),
                  "-Dopensearch.path.conf=" + (home / "config").string(),
                  "-Djava.io.tmpdir=" + (home / "tmp").string(), "-cp",
                  (installed() / "lib").string() + "/*", "org.opensearch.bootstrap.OpenSearch"});
  start();
}

void opensearch_server::start() {
  start_and_await([this] { return answers(port_); }, node_start_limit);
}

}  // namespace stoa::test
