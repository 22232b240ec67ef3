// `stoa top`, `stoa status` and their requests: one node, the nodes of a cluster, rejections, a
// server that restarts, and the terminal.

#include "tests/support/child_process.hpp"
#include "tests/support/cluster.hpp"
#include "tests/support/cluster_settings.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/storefront.hpp"
#include "tests/support/tls_client.hpp"

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <poll.h>
#include <pty.h>
#include <set>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

using namespace stoa;
using namespace stoa::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// Passwords as files for the program.
struct top_ground {
  top_ground() { write("right", shared_password); }

  void write(const std::string& name, std::string_view line) const {
    std::ofstream(dir / name) << line << "\n";
  }
  std::vector<std::string> arguments(const std::string& url, std::vector<std::string> more) const {
    std::vector<std::string> all{"top", "--url", url};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  std::vector<std::string> as(const std::string& user, std::vector<std::string> more) const {
    more.insert(more.end(), {"--user", user, "--password-file", (dir / "right").string()});
    return more;
  }
  finished_program top(const std::string& url, std::vector<std::string> more) const {
    return run_program(stoa_binary(), arguments(url, std::move(more)));
  }

  temp_dir dir;
};

/// The document in the program's output, which may start with a warning about the password file.
json::value document_of(const finished_program& done) {
  http_answer a;
  const auto begin = done.output.find('{');
  if (begin != std::string::npos) a.body = done.output.substr(begin);
  return a.json();
}

bool says(const std::string& output, const std::string& what) {
  return output.find(what) != std::string::npos;
}

std::size_t lines_of(const std::string& text, const std::string& with) {
  std::size_t found = 0;
  for (auto at = text.find(with); at != text.npos; at = text.find(with, at + 1)) ++found;
  return found;
}

/// Arguments of `env` that run the program with these arguments and without the test's own
/// settings.
std::vector<std::string> cleanly(std::vector<std::string> arguments) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string variable(*entry);
    if (variable.starts_with("STOA_")) {
      all.insert(all.end(), {"-u", variable.substr(0, variable.find('='))});
    }
  }
  all.push_back(stoa_binary().string());
  all.insert(all.end(), arguments.begin(), arguments.end());
  return all;
}

/// The program in a separate terminal.
class terminal_program {
 public:
  explicit terminal_program(std::vector<std::string> arguments) {
    arguments = cleanly(std::move(arguments));
    arguments.insert(arguments.begin(), "env");
    std::vector<char*> argv;
    for (auto& a : arguments) argv.push_back(a.data());
    argv.push_back(nullptr);
    winsize size{};
    size.ws_row = 10;
    size.ws_col = 60;
    pid_ = ::forkpty(&terminal_, nullptr, nullptr, &size);
    if (pid_ != 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::setenv("TERM", "xterm", 1);
    ::execv("/usr/bin/env", argv.data());
    ::_exit(127);
  }
  ~terminal_program() {
    if (pid_ > 0) ::kill(pid_, SIGKILL);
    if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
    ::close(terminal_);
  }
  terminal_program(const terminal_program&) = delete;
  terminal_program& operator=(const terminal_program&) = delete;

  /// Reads until the text was shown; false on timeout.
  bool shows(const std::string& what, milliseconds limit = seconds{20}) {
    return eventually([&] { return read_some(), says(output_, what); }, limit);
  }
  void press(char key) const { BOOST_REQUIRE(::write(terminal_, &key, 1) == 1); }
  bool echoes() const {
    termios now{};
    BOOST_REQUIRE(::tcgetattr(terminal_, &now) == 0);
    return (now.c_lflag & ECHO) != 0;
  }
  /// Its exit code; -1 when it does not end within 20 s.
  int exit_code() {
    int status = 0;
    const bool ended = eventually([&] {
      read_some();
      return ::waitpid(pid_, &status, WNOHANG) == pid_;
    });
    if (!ended) return -1;
    pid_ = -1;
    read_some();
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  const std::string& output() const { return output_; }

 private:
  void read_some() {
    pollfd ready{terminal_, POLLIN, 0};
    char part[4096];
    while (::poll(&ready, 1, 10) > 0) {
      const auto got = ::read(terminal_, part, sizeof part);
      if (got <= 0) return;
      output_.append(part, static_cast<std::size_t>(got));
    }
  }

  int terminal_ = -1;
  pid_t pid_ = -1;
  std::string output_;
};

storefront& shop() {
  static storefront one({.settings = {{"STOA_NODE_NAME", "alone"}}});
  return one;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(top, top_ground)

BOOST_AUTO_TEST_CASE(one_node_is_shown_with_all_its_partitions) {
  visitor v(shop().port());
  v.bought(v.goods().front().id);
  const auto done = top(shop().process().url(), as("root", {"--once", "--json"}));
  BOOST_REQUIRE_MESSAGE(done.exit_code == 0, done.output);
  const auto document = document_of(done);
  BOOST_TEST(size_at(document, "/data") == 1U);
  BOOST_TEST(text_at(document, "/data/0/node") == "alone");
  BOOST_TEST(text_at(document, "/data/0/bus") == "nodes");
  std::set<std::string> services;
  for (const auto& s : *at(document, "/data/0/services").if_array()) {
    services.insert(text_at(s, "/service"));
    BOOST_TEST(number_at(s, "/partitions") == 1);
    BOOST_TEST(size_at(s, "/owned") == 1U);
    BOOST_TEST(number_at(s, "/owned/0/epoch") > 0);
    if (text_at(s, "/service") == "order") BOOST_TEST(number_at(s, "/owned/0/messages") > 0);
  }
  BOOST_TEST(services == (std::set<std::string>{"cart", "catalog", "notification", "order",
                                                "payment", "pricing", "user"}),
             boost::test_tools::per_element());

  const auto table =
      top(shop().process().url(), as("root@example.com", {"--once", "--interval-ms", "100"}));
  BOOST_TEST(table.exit_code == 0, table.output);
  for (const auto* word :
       {"1 node\n", "SERVICE", "PARTITION:EPOCH", "\nalone", "\npayment", "0:1"}) {
    BOOST_TEST(says(table.output, word), table.output);
  }
  BOOST_TEST(lines_of(table.output, "SERVICE") == 1U);
  BOOST_TEST(!says(table.output, "\x1b"));
}

BOOST_AUTO_TEST_CASE(status_tells_a_healthy_store_from_one_whose_mails_fail) {
  const auto asked = [&](const std::string& url, std::vector<std::string> more) {
    auto all = arguments(url, as("root", std::move(more)));
    all.front() = "status";
    return run_program(stoa_binary(), all);
  };
  const auto well = asked(shop().process().url(), {});
  BOOST_TEST(well.exit_code == 0, well.output);
  BOOST_TEST(says(well.output, "healthy  cluster "), well.output);
  BOOST_TEST(says(well.output, "\npayment "), well.output);

  storefront mute({.settings = {{"STOA_NOTIFICATION_ATTEMPTS_MAX", "1"},
                                {"STOA_NOTIFICATION_MAIL_DIR", (dir / "mails").string()}}});
  // A folder in place of the file: no email can be written, not even by root.
  std::filesystem::remove(dir / "mails" / "lock");
  std::filesystem::create_directory(dir / "mails" / "lock");
  visitor v(mute.port());
  v.bought(v.goods().front().id);
  finished_program last;
  BOOST_TEST(eventually([&] {
               last = asked(mute.process().url(), {"--json"});
               return last.exit_code == 3;
             }),
             last.output);
  const auto report = document_of(last);
  BOOST_TEST(text_at(report, "/status") == "degraded");
  BOOST_TEST(text_at(report, "/findings/0/code") == "mails_given_up");
  BOOST_TEST(size_at(report, "/findings") == 1U);
  const auto metrics = v.client.get("/metrics").body;
  for (const auto* line :
       {"\nstoa_notifications_failed{service=\"notification\"} 1\n",
        "\nstoa_oldest_pending_seconds{service=\"order\"} 0\n",
        "\nstoa_dead_letters{service=\"cart\"} 0\n",
        "\nstoa_partitions_without_owner{service=\"order\"} 0\n",
        "\nstoa_store_up{service=\"cart\"} 1\n", "\nstoa_peers{state=\"serving\"} 0\n"}) {
    BOOST_TEST(says(metrics, line), metrics);
  }
}

BOOST_AUTO_TEST_CASE(missing_rights_are_reported) {
  const auto url = shop().process().url();
  visitor v(shop().port());
  v.sign_up("buyer");
  const auto customer = top(url, as("buyer", {"--once"}));
  BOOST_TEST(customer.exit_code == 1);
  BOOST_TEST(says(customer.output, "listing the nodes requires a staff login"), customer.output);
  write("wrong", "no such password");
  const auto wrong =
      top(url, {"--user", "root", "--password-file", (dir / "wrong").string()});  // not even --once
  BOOST_TEST(wrong.exit_code == 1);
  BOOST_TEST(says(wrong.output, "The login or the password is wrong."), wrong.output);

  const auto file = (dir / "token").string();
  for (const auto* line : {"not.a.token", "", "X\rY: z"}) {
    write("token", line);
    BOOST_TEST(top(url, {"--token-file", file}).exit_code == 1);
  }
  v.staff("clerk");
  const auto in = v.client.post("/store/v1/auth/login", R"({"login":"clerk","password":")" +
                                                            std::string(shared_password) + "\"}");
  write("token", text_at(in.json(), "/access_token"));
  const auto by_token = top(url, {"--token-file", file, "--once", "--json"});
  BOOST_TEST(by_token.exit_code == 0, by_token.output);

  BOOST_TEST(top(url, {}).exit_code == 2);
  BOOST_TEST(top(url, as("root", {"--token-file", file})).exit_code == 2);
  BOOST_TEST(top(url, as("root", {"--interval-ms", "1"})).exit_code == 2);
  BOOST_TEST(top("ftp://127.0.0.1", as("root", {})).exit_code == 2);
  BOOST_TEST(top(url, {"--user", "root", "--password-file", "/no/such/file"}).exit_code == 2);
  const auto unreachable =
      top("http://127.0.0.1:" + std::to_string(free_port()), as("root", {"--once"}));
  BOOST_TEST(unreachable.exit_code == 1);
  BOOST_TEST(says(unreachable.output, "cannot connect to http://127.0.0.1:"), unreachable.output);
}

BOOST_AUTO_TEST_CASE(it_continues_after_a_server_restart_and_expired_tokens) {
  storefront brief({.settings = {{"STOA_AUTH_ACCESS_TOKEN_TTL_S", "10"},
                                 {"STOA_LOG_LEVEL", "debug"},
                                 {"STOA_LOG_FORMAT", "json"}}});
  auto& server = brief.process();
  const auto log = dir / "top.log";
  child_process watcher(
      {"/usr/bin/env",
       cleanly(arguments(server.url(), as("root", {"--json", "--interval-ms", "200"}))), log, ""});
  watcher.start();
  const auto looks = [&] { return lines_of(watcher.log_end(1 << 20), "{\"data\":"); };
  BOOST_TEST(eventually([&] { return looks() > 2; }), watcher.log_end());
  server.kill();
  BOOST_TEST(eventually([&] { return says(watcher.log_end(), "cannot connect to "); }));
  const auto before = looks();
  server.start();
  BOOST_TEST(eventually([&] { return looks() > before + 2; }), watcher.log_end());
  BOOST_TEST(eventually([&] { return says(brief.log(), "/store/v1/auth/refresh"); }, seconds{30}));
  const auto renewed = looks();
  BOOST_TEST(eventually([&] { return looks() > renewed; }), watcher.log_end());
  const auto ended = watcher.stop(SIGINT);
  BOOST_TEST((ended && *ended == 0), watcher.log_end());
  BOOST_TEST(lines_of(brief.log(), "\"login succeeded\"") == 1U);
  BOOST_TEST(says(brief.log(), "/store/v1/auth/logout"));
}

BOOST_AUTO_TEST_CASE(a_password_goes_to_the_host_of_the_certificate_only) {
  const auto certificate = (dir / "shop.crt").string();
  make_certificate(certificate, dir / "shop.key", {.name = "localhost"});
  server_options options;
  options.data = dir / "data";
  options.settings = {{"STOA_HTTP_TLS_CERTIFICATE", certificate},
                      {"STOA_HTTP_TLS_KEY", (dir / "shop.key").string()}};
  server process(options);
  process.launch();
  const auto port = std::to_string(process.port());
  // By `env`, because the variable may be set for the test.
  const auto reported = [&](const std::string& host, const std::string& authorities) {
    auto call = arguments("https://" + host + ":" + port, as("root", {"--once"}));
    call.insert(call.begin(), {"SSL_CERT_FILE=" + authorities, stoa_binary().string()});
    const auto done = run_program("/usr/bin/env", call);
    BOOST_TEST(done.exit_code == 1);
    return done.output;
  };
  // The user does not exist, but the server has received the request.
  std::string last;
  BOOST_TEST(eventually([&] {
               last = reported("localhost", certificate);
               return says(last, "The login or the password is wrong.");
             }),
             last);
  for (const auto& output :
       {reported("localhost", "/dev/null"), reported("127.0.0.1", certificate)}) {
    BOOST_TEST(says(output, "invalid server certificate: "), output);
  }
}

BOOST_AUTO_TEST_CASE(the_terminal_is_restored) {
  for (const char key : {'q', '\x03'}) {
    terminal_program program(
        arguments(shop().process().url(), as("root", {"--interval-ms", "100"})));
    BOOST_REQUIRE_MESSAGE(program.shows("MSG/S"), program.output());
    BOOST_TEST(program.shows("more lines"));  // 10 of the 12 that there are
    BOOST_TEST(says(program.output(), "\x1b[?1049h"));
    BOOST_TEST(!says(program.output(), "PARTITION:EPOCH"));  // beyond column 60
    BOOST_TEST(!program.echoes());
    program.press('x');
    program.press(key);
    BOOST_TEST(program.exit_code() == 0);
    BOOST_TEST(program.output().ends_with("\x1b[?25h\x1b[?1049l"));
    BOOST_TEST(program.echoes());
  }
}

BOOST_AUTO_TEST_CASE(one_node_of_a_cluster_tells_of_all) {
  const auto missing = cluster_ground::missing({});
  if (!missing.empty()) return skip(missing);
  cluster_ground ground({});
  cluster_options options;
  options.data = dir / "data";
  options.nodes = 2;
  options.settings = short_cluster_timeouts();
  cluster nodes(ground, options);
  const auto made = run_program(
      stoa_binary(),
      {"user", "create", "--data", nodes.data().string(), "--role", "staff", "--username", "root",
       "--email", "root@example.com", "--password-file", (dir / "right").string()},
      ground.settings(options.store));
  BOOST_REQUIRE_MESSAGE(made.exit_code == 0, made.output);
  nodes.start();
  // Both list each other and have partitions: two of the order service in all, each with one owner.
  std::string seen;
  const auto settled = [&] {
    const auto done = top(nodes.node(1).url(), as("root", {"--once", "--json"}));
    seen = done.output;
    if (done.exit_code != 0) return false;
    const auto document = document_of(done);
    if (size_at(document, "/data") != 2) return false;
    std::multiset<std::int64_t> partitions;
    std::set<std::string> names;
    std::size_t owners = 0;
    for (const auto& n : *at(document, "/data").if_array()) {
      names.insert(text_at(n, "/node"));
      std::size_t owned = 0;
      for (const auto& s : *at(n, "/services").if_array()) {
        owned += size_at(s, "/owned");
        if (text_at(s, "/service") != "order") continue;
        for (const auto& l : *at(s, "/owned").if_array())
          partitions.insert(number_at(l, "/partition"));
      }
      if (owned > 0) ++owners;
    }
    return owners == 2 && names == std::set<std::string>{"node-1", "node-2"} &&
           partitions == std::multiset<std::int64_t>{0, 1};
  };
  BOOST_TEST(eventually(settled, seconds{40}), seen << nodes.logs());
  nodes.node(0).kill();
  // The remaining node takes all partitions.
  const auto alone = [&] {
    seen = top(nodes.node(1).url(), as("root", {"--once", "--interval-ms", "100"})).output;
    return says(seen, "1 node\n") && !says(seen, "node-1") && !says(seen, "(none)");
  };
  BOOST_TEST(eventually(alone, seconds{40}), seen << nodes.logs());
}

BOOST_AUTO_TEST_SUITE_END()
