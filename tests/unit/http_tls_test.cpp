// HTTPS at the edge: valid, invalid and slow handshakes, certificate reloads, and otherwise the
// same behaviour as without TLS.
#include "tests/support/raw_http.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/tls_client.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <iterator>
#include <sys/stat.h>

using namespace stoa;
using namespace stoa::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

constexpr std::string_view get_echo = "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr std::string_view get_hold = "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n";

/// Waits until f() is true, at most five seconds.
template <class F>
bool eventually(F f) {
  for (int i = 0; i < 1000; ++i) {
    if (f()) return true;
    std::this_thread::sleep_for(5ms);
  }
  return f();
}

/// A folder with a certificate and its key.
struct certificate_files {
  explicit certificate_files(const certificate_options& o = {}) { make(o); }
  void make(const certificate_options& o) { make_certificate(certificate(), key(), o); }

  fs::path certificate() const { return dir / "server.crt"; }
  fs::path key() const { return dir / "server.key"; }
  http::tls_files both() const { return {certificate().string(), key().string()}; }

  temp_dir dir;
};

std::string text_of(const fs::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool is_ok(const std::string& answer) {
  return answer.starts_with("HTTP/1.1 200 OK\r\n");
}

/// The TLS record header and the first bytes of a ClientHello that announces 256 more.
constexpr std::string_view half_hello{"\x16\x03\x01\x01\x04\x01\x00\x01\x00\x03\x03", 11};

}  // namespace

BOOST_AUTO_TEST_SUITE(http_tls)

BOOST_AUTO_TEST_CASE(requests_are_answered_over_both_versions) {
  const certificate_files files;
  steered_server server({.io_threads = 2, .tls = files.both()});
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    tls_client client(server.port(), {.version_min = version, .version_max = version});
    BOOST_REQUIRE(client.shake_hands());
    BOOST_TEST(client.version() == (version == TLS1_2_VERSION ? "TLSv1.2" : "TLSv1.3"));
    BOOST_TEST(client.server() == "localhost");
    for (int n = 0; n < 3; ++n) {
      const auto answer = client.ask(get_echo);
      BOOST_TEST(is_ok(answer));
      BOOST_TEST(answer.ends_with("GET /echo||"));
    }
    const auto big = client.ask("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
    BOOST_TEST(big.substr(big.find("\r\n\r\n") + 4) == std::string(4 << 20, 'b'));
    const std::string body(300'000, 'x');
    const auto echo =
        client.ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n" + body);
    BOOST_TEST(echo.ends_with("POST /echo||" + body));
    client.send(
        "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    BOOST_TEST(client.read() == "HTTP/1.1 100 Continue\r\n\r\n");
    BOOST_TEST(client.ask("hi").ends_with("POST /echo||hi"));
    BOOST_TEST(is_ok(client.ask("GET /close HTTP/1.1\r\nHost: a\r\n\r\n")));
    BOOST_TEST(client.closed());
  }
  BOOST_TEST(eventually([&] { return server->counters().connections_open == 0; }));
  BOOST_TEST(server->counters().tls_handshakes_failed == 0U);
}

BOOST_AUTO_TEST_CASE(requests_sent_ahead_are_answered_in_order) {
  const certificate_files files;
  steered_server server({.tls = files.both()});
  tls_client client(server.port());
  BOOST_REQUIRE(client.shake_hands());
  constexpr int count = 3000;
  std::string all;
  for (int n = 0; n < count; ++n) {
    all += "GET /" + std::to_string(n) + " HTTP/1.1\r\nHost: a\r\n\r\n";
  }
  client.send(all);
  int right = 0;
  for (int n = 0; n < count; ++n) {
    right += client.read().ends_with("GET /" + std::to_string(n) + "||") ? 1 : 0;
  }
  BOOST_TEST(right == count);
}

BOOST_AUTO_TEST_CASE(absolute_targets_name_the_scheme_that_is_spoken) {
  const certificate_files files;
  steered_server server({.tls = files.both()});
  tls_client client(server.port());
  BOOST_REQUIRE(client.shake_hands());
  BOOST_TEST(is_ok(client.ask("GET https://a/echo HTTP/1.1\r\nHost: a\r\n\r\n")));
  BOOST_TEST(
      client.ask("GET http://a/echo HTTP/1.1\r\nHost: a\r\n\r\n").starts_with("HTTP/1.1 400 "));
}

BOOST_AUTO_TEST_CASE(what_is_weak_or_not_http_is_refused) {
  const certificate_files files;
  steered_server server({.tls = files.both()});
  const auto refused = [&](const tls_options& o) {
    tls_client client(server.port(), o);
    return client.shake_hands() ? "accepted" : client.error();
  };
  BOOST_TEST(refused({.version_min = TLS1_1_VERSION, .version_max = TLS1_1_VERSION}) ==
             "tlsv1 alert protocol version");
  // Without forward secrecy, and without authenticated encryption.
  for (const std::string ciphers : {"AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA"}) {
    BOOST_TEST(refused({.version_max = TLS1_2_VERSION, .ciphers = ciphers}) ==
               "sslv3 alert handshake failure");
  }
  BOOST_TEST(refused({.alpn = "\x02h2"}) == "tlsv1 alert no application protocol");
  tls_client client(server.port(), {.alpn = "\x02h2\x08http/1.1"});
  BOOST_TEST(client.shake_hands());
  BOOST_TEST(client.alpn() == "http/1.1");
  BOOST_TEST(server->counters().tls_handshakes_failed == 4U);
}

BOOST_AUTO_TEST_CASE(other_names_are_served_and_sessions_resumed) {
  const certificate_files files;
  steered_server server({.tls = files.both()});
  tls_client first(server.port(), {.server_name = "somebody.else.example"});
  BOOST_REQUIRE(first.shake_hands());
  BOOST_TEST(!first.resumed());
  BOOST_TEST(is_ok(first.ask(get_echo)));
  tls_client again(server.port(), {.server_name = "somebody.else.example"});
  again.resume(first);
  BOOST_REQUIRE(again.shake_hands());
  BOOST_TEST(again.resumed());
  BOOST_TEST(is_ok(again.ask(get_echo)));
}

BOOST_AUTO_TEST_CASE(plain_http_is_answered_with_400_and_other_bytes_are_cut_off) {
  const certificate_files files;
  steered_server server({.tls = files.both()});
  raw_client plain(server.port());
  plain.send(get_echo);
  const auto answer = plain.read();
  BOOST_TEST(answer.status == 400);
  BOOST_TEST(answer.has("https_required"));
  BOOST_TEST(plain.closed());

  const std::string noise(100'000, '\xA5');
  for (int n = 0; n < 50; ++n) {
    raw_client garbage(server.port());
    garbage.send(noise);
    garbage.read();
    BOOST_TEST(garbage.closed());
  }
  raw_client silent(server.port());
  silent.close();  // As a load balancer's port check: no failure.
  BOOST_TEST(eventually([&] { return server->counters().tls_handshakes_failed == 51; }));
  BOOST_TEST(server->counters().requests_total == 0U);
  // At most three per second are reported.
  const auto reported = server.refusals();
  BOOST_REQUIRE(!reported.empty());
  BOOST_TEST(reported.size() < 40U);
  BOOST_TEST(reported.front().reason.code == "tls_handshake_failed");
  BOOST_TEST(reported.front().remote_address == "127.0.0.1");
}

BOOST_AUTO_TEST_CASE(slow_handshakes_are_cut_off) {
  const certificate_files files;
  steered_server server({.timeouts = {.header = 150ms}, .tls = files.both()});
  const auto begun = std::chrono::steady_clock::now();
  raw_client silent(server.port());
  raw_client half(server.port());
  half.send(half_hello);
  BOOST_TEST(silent.closed());
  BOOST_TEST(half.closed());
  const auto took = std::chrono::steady_clock::now() - begun;
  BOOST_TEST(took >= 150ms);
  BOOST_TEST(took < 8s);
  BOOST_TEST(eventually([&] { return server->counters().connections_open == 0; }));
  BOOST_TEST(server->counters().tls_handshakes_failed == 2U);
  // After the handshake HTTP's deadlines apply.
  tls_client client(server.port());
  BOOST_REQUIRE(client.shake_hands());
  BOOST_TEST(client.ask("GET / HTTP/1.1\r\nHost").starts_with("HTTP/1.1 408 "));
  BOOST_TEST(client.closed());
}

BOOST_AUTO_TEST_CASE(a_client_that_does_not_read_is_cut_off) {
  const certificate_files files;
  steered_server server(
      {.write_bytes_per_second_min = 1 << 30, .timeouts = {.write = 100ms}, .tls = files.both()});
  tls_client client(server.port());
  BOOST_REQUIRE(client.shake_hands());
  for (int i = 0; i < 10; ++i) client.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
  BOOST_TEST(eventually([&] { return server->counters().requests_total > 0; }));
  BOOST_TEST(eventually([&] { return server->counters().connections_open == 0; }));
  BOOST_TEST(server->counters().requests_total < 10U);
}

BOOST_AUTO_TEST_CASE(many_handshakes_at_once) {
  const certificate_files files;
  steered_server server({.io_threads = 2, .tls = files.both()});
  std::vector<std::unique_ptr<tls_client>> clients;
  clients.reserve(500);
  for (int n = 0; n < 500; ++n) clients.push_back(std::make_unique<tls_client>(server.port()));
  const auto until = std::chrono::steady_clock::now() + 30s;
  // One step of each in turn, so that all are in progress together.
  for (std::size_t open = clients.size(); open > 0 && std::chrono::steady_clock::now() < until;) {
    open = 0;
    for (auto& c : clients) open += c->step() ? 0U : 1U;
  }
  int answered = 0;
  for (auto& c : clients) c->send(get_echo);
  for (auto& c : clients) answered += is_ok(c->read()) ? 1 : 0;
  BOOST_TEST(answered == 500);
  clients.clear();
  BOOST_TEST(eventually([&] { return server->counters().connections_open == 0; }));
  BOOST_TEST(server->counters().tls_handshakes_failed == 0U);
}

BOOST_AUTO_TEST_CASE(beyond_the_limit_clients_get_503) {
  const certificate_files files;
  steered_server server({.connections_max = 1, .tls = files.both()});
  tls_client first(server.port());
  BOOST_REQUIRE(first.shake_hands());
  first.send(get_hold);  // An idle one would be closed for the second.
  BOOST_REQUIRE(server.wait_until_held(1));
  tls_client second(server.port());
  BOOST_REQUIRE(second.shake_hands());
  const auto answer = second.ask(get_echo);
  BOOST_TEST(answer.starts_with("HTTP/1.1 503 "));
  BOOST_TEST(answer.find("too_many_connections") != answer.npos);
  BOOST_TEST(second.closed());
}

BOOST_AUTO_TEST_CASE(clients_that_vanish_do_no_harm) {
  const certificate_files files;
  steered_server server({.io_threads = 2, .tls = files.both()});
  for (int i = 0; i < 20; ++i) {
    raw_client half(server.port());
    half.send(half_hello);
    half.reset();
    tls_client held(server.port());
    BOOST_REQUIRE(held.shake_hands());
    held.send(get_hold);
    BOOST_REQUIRE(server.wait_until_held(1));
    if (i % 2 == 0) {
      held.reset();
    } else {
      held.close();  // without a close_notify
    }
    server.release();
    tls_client large(server.port());
    BOOST_REQUIRE(large.shake_hands());
    large.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
    large.reset();
  }
  BOOST_TEST(eventually([&] { return server->counters().connections_open == 0; }));
  BOOST_TEST(server->counters().requests_in_flight == 0U);
  tls_client client(server.port());
  BOOST_REQUIRE(client.shake_hands());
  BOOST_TEST(is_ok(client.ask(get_echo)));
}

BOOST_AUTO_TEST_CASE(a_drain_finishes_what_has_begun) {
  const certificate_files files;
  steered_server server({.io_threads = 2, .tls = files.both()});
  tls_client idle(server.port());
  BOOST_REQUIRE(idle.shake_hands());
  BOOST_TEST(is_ok(idle.ask(get_echo)));
  tls_client busy(server.port());
  BOOST_REQUIRE(busy.shake_hands());
  busy.send(get_hold);
  BOOST_REQUIRE(server.wait_until_held(1));
  raw_client silent(server.port());  // It must not delay the drain.
  tls_client beginning(server.port());
  BOOST_TEST(eventually([&] { return server->counters().connections_open == 4; }));

  bool drained = false;
  std::jthread drainer([&] { drained = server->drain(10s); });
  BOOST_TEST(idle.closed());
  BOOST_TEST(beginning.shake_hands());
  const auto last = beginning.ask(get_echo);
  BOOST_TEST(is_ok(last));
  BOOST_TEST(last.find("\r\nConnection: close\r\n") != last.npos);
  beginning.close();
  server.release();
  BOOST_TEST(busy.read().ends_with("released"));
  BOOST_TEST(busy.closed());
  busy.close();
  BOOST_TEST(silent.closed());
  drainer.join();
  BOOST_TEST(drained);
}

BOOST_AUTO_TEST_CASE(new_connections_get_the_new_certificate) {
  const certificate_files files({.name = "first"});
  steered_server server({.io_threads = 2, .tls = files.both()});
  const auto shown = [&] {
    tls_client client(server.port());
    return client.shake_hands() ? client.server() : client.error();
  };
  tls_client old(server.port());
  BOOST_REQUIRE(old.shake_hands());
  BOOST_TEST(old.server() == "first");

  const certificate_files other({.name = "second"});
  fs::copy_file(other.certificate(), files.certificate(), fs::copy_options::overwrite_existing);
  BOOST_TEST(shown() == "first");
  const auto mixed = server->reload_tls();  // The key is still the first one.
  BOOST_REQUIRE(mixed.has_error());
  BOOST_TEST(mixed.error().code == "tls_files_bad");
  BOOST_TEST(shown() == "first");
  BOOST_TEST(server->certificate().value().subject == "/CN=first");

  fs::copy_file(other.key(), files.key(), fs::copy_options::overwrite_existing);
  const auto read = server->reload_tls();
  BOOST_REQUIRE(read.has_value());
  BOOST_TEST(read->subject == "/CN=second");
  BOOST_TEST(shown() == "second");
  BOOST_TEST(is_ok(old.ask(get_echo)));

  fs::remove(files.certificate());
  BOOST_TEST(server->reload_tls().has_error());
  BOOST_TEST(shown() == "second");
}

BOOST_AUTO_TEST_CASE(files_that_cannot_be_used_are_named) {
  const certificate_files files;
  const certificate_files other;
  const certificate_files locked({.password = "secret"});
  const auto certificate = files.certificate().string();
  const auto key = files.key().string();
  const auto nothing = (files.dir / "nothing").string();
  const auto garbage = (files.dir / "garbage.pem").string();
  const auto half_chain = (files.dir / "half.pem").string();
  const auto pipe = (files.dir / "pipe").string();
  std::ofstream(garbage) << "-----BEGIN NOTHING-----\n";
  std::ofstream(half_chain) << text_of(certificate) << "-----BEGIN CERTIFICATE-----\n????\n";
  BOOST_REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const auto ignore = [](const std::shared_ptr<http::request>&, const http::responder&,
                         std::size_t) {};
  struct wrong {
    http::tls_files files;
    std::string named;
  };
  for (const auto& [tls, named] :
       std::vector<wrong>{{{nothing, key}, nothing},
                          {{certificate, nothing}, nothing},
                          {{files.dir.path().string(), key}, "not a regular file"},
                          {{pipe, key}, pipe},
                          {{garbage, key}, garbage},
                          {{key, key}, key},
                          {{half_chain, key}, half_chain},
                          {{certificate, garbage}, garbage},
                          {{certificate, certificate}, certificate},
                          {{certificate, other.key().string()}, "does not match"},
                          {locked.both(), "without a password"}}) {
    http::server server({.tls = tls});
    const auto started = server.start(ignore);
    BOOST_REQUIRE(started.has_error());
    BOOST_TEST(started.error().code == "tls_files_bad");
    BOOST_TEST(started.error().detail.find(named) != std::string::npos, started.error().detail);
  }
}

BOOST_AUTO_TEST_CASE(the_chain_is_sent_and_the_time_told) {
  const certificate_files files({.from_s = -7200, .until_s = -3600});
  const certificate_files above({.name = "above"});
  std::ofstream(files.certificate(), std::ios::app) << text_of(above.certificate());
  steered_server server({.tls = files.both()});
  const auto info = server->certificate();
  BOOST_REQUIRE(info.has_value());
  const auto now = static_cast<std::int64_t>(std::time(nullptr));
  BOOST_TEST(std::abs(info->not_after_s - (now - 3600)) < 60);
  BOOST_TEST(std::abs(info->not_before_s - (now - 7200)) < 60);
  tls_client client(server.port());  // The client decides whether it trusts the certificate.
  BOOST_REQUIRE(client.shake_hands());
  BOOST_TEST(client.chain_length() == 2);
  steered_server plain;
  BOOST_TEST(!plain->certificate().has_value());
  BOOST_TEST(plain->reload_tls().has_error());
}

BOOST_AUTO_TEST_SUITE_END()
