// HTTPS of the program, for operators and customers.

#include "tests/support/server.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/tls_client.hpp"

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <fstream>
#include <thread>

using namespace stoa;
using namespace stoa::test;
using namespace std::chrono_literals;

namespace {

/// Waits until f() is true, at most twenty seconds.
template <class F>
bool eventually(F f) {
  const auto until = std::chrono::steady_clock::now() + 20s;
  while (!f()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(20ms);
  }
  return true;
}

std::string get(const std::string& path) {
  return "GET " + path + " HTTP/1.1\r\nHost: shop.example\r\n\r\n";
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// The program with a certificate for this test.
struct https_shop {
  explicit https_shop(const certificate_options& o = {}) {
    make_certificate(certificate(), key(), o);
    server_options options;
    options.data = dir / "data";
    options.settings = settings();
    process.emplace(options);
    process->launch();
  }

  std::string certificate() const { return (dir / "shop.crt").string(); }
  std::string key() const { return (dir / "shop.key").string(); }
  environment settings() const {
    return {{"STOA_HTTP_TLS_CERTIFICATE", certificate()}, {"STOA_HTTP_TLS_KEY", key()}};
  }
  /// The response to one request; "" when there is none.
  std::string ask(const std::string& path) const {
    try {
      tls_client client(process->port());
      return client.shake_hands() ? client.ask(get(path)) : "";
    } catch (const std::runtime_error&) {
      return "";  // Not listening yet.
    }
  }
  std::string log() const { return process->log_end(1 << 20); }
  bool is_ready() const { return ask("/readyz").starts_with("HTTP/1.1 200 "); }
  std::string shown() const {
    tls_client client(process->port());
    return client.shake_hands() ? client.server() : client.error();
  }

  temp_dir dir;
  std::optional<server> process;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(https)

BOOST_AUTO_TEST_CASE(the_program_serves_over_tls) {
  https_shop shop;
  BOOST_REQUIRE(eventually([&] { return shop.is_ready(); }));
  const auto port = std::to_string(shop.process->port());
  BOOST_TEST(holds(shop.log(), "https://127.0.0.1:" + port));
  const auto answer = shop.ask("/store/v1/products");
  BOOST_TEST(answer.starts_with("HTTP/1.1 200 "));
  // Enforcing HTTPS for a whole host name is up to its owner.
  BOOST_TEST(!holds(answer, "Strict-Transport-Security"));
  BOOST_TEST(holds(shop.ask("/livez"), "HTTP/1.1 200 "));
  BOOST_TEST(holds(shop.ask("/metrics"), "stoa_http_"));
  const auto healthy =
      run_program(stoa_binary(), {"healthcheck", "--listen", "127.0.0.1:" + port}, shop.settings());
  BOOST_TEST(healthy.exit_code == 0, healthy.output);

  tls_client keeps(shop.process->port());
  BOOST_REQUIRE(keeps.shake_hands());
  BOOST_TEST(keeps.ask(get("/livez")).starts_with("HTTP/1.1 200 "));
  bool has_goodbye = false;
  std::jthread waits([&] { has_goodbye = keeps.closed(); });
  BOOST_TEST(shop.process->stop().value_or(-1) == 0);
  waits.join();
  BOOST_TEST(has_goodbye);
}

BOOST_AUTO_TEST_CASE(sighup_reads_the_certificate_again) {
  https_shop shop({.name = "first"});
  BOOST_REQUIRE(eventually([&] { return shop.is_ready(); }));
  tls_client old(shop.process->port());
  BOOST_REQUIRE(old.shake_hands());
  BOOST_TEST(old.server() == "first");

  make_certificate(shop.certificate(), shop.key(), {.name = "second"});
  ::kill(shop.process->pid(), SIGHUP);
  BOOST_TEST(eventually([&] { return shop.shown() == "second"; }));
  BOOST_TEST(old.ask(get("/livez")).starts_with("HTTP/1.1 200 "));

  std::ofstream(shop.key()) << "no key";
  ::kill(shop.process->pid(), SIGHUP);
  BOOST_TEST(eventually([&] {
    return holds(shop.log(), "cannot reload the TLS certificate; keeping the current one");
  }));
  BOOST_TEST(holds(shop.log(), shop.key()));
  BOOST_TEST(shop.shown() == "second");

  // It recovers.
  make_certificate(shop.certificate(), shop.key(), {.name = "third"});
  ::kill(shop.process->pid(), SIGHUP);
  BOOST_TEST(eventually([&] { return shop.shown() == "third"; }));
  BOOST_TEST(shop.process->stop().value_or(-1) == 0);
}

BOOST_AUTO_TEST_CASE(an_expired_certificate_is_warned_of) {
  https_shop shop({.from_s = -7200, .until_s = -3600});
  BOOST_REQUIRE(eventually([&] { return shop.is_ready(); }));
  // The log is written by another thread.
  BOOST_TEST(eventually([&] { return holds(shop.log(), "the TLS certificate has expired"); }));
}

BOOST_AUTO_TEST_CASE(bad_settings_are_said_at_the_start) {
  const temp_dir dir;
  const auto certificate = (dir / "a.crt").string();
  const auto key = (dir / "a.key").string();
  make_certificate(certificate, key);
  const auto serve = [&](const environment& settings) {
    return run_program(stoa_binary(),
                       {"serve", "--listen", "127.0.0.1:0", "--data", (dir / "data").string()},
                       settings);
  };
  const auto half = serve({{"STOA_HTTP_TLS_CERTIFICATE", certificate}});
  BOOST_TEST(half.exit_code == 2);
  BOOST_TEST(holds(half.output, "HTTPS needs both"), half.output);
  const auto missing =
      serve({{"STOA_HTTP_TLS_CERTIFICATE", (dir / "b.crt").string()}, {"STOA_HTTP_TLS_KEY", key}});
  BOOST_TEST(missing.exit_code == 1);
  BOOST_TEST(holds(missing.output, (dir / "b.crt").string()), missing.output);
  BOOST_TEST(!std::filesystem::exists(dir / "data"));
}

BOOST_AUTO_TEST_SUITE_END()
