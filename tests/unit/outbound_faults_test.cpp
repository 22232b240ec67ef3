// The outbound HTTP client against a misbehaving server.

#include "tests/support/outbound_requests.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/tls_client.hpp"

using namespace stoa;
using namespace stoa::test;
using std::string;

BOOST_AUTO_TEST_SUITE(outbound_faults)

BOOST_AUTO_TEST_CASE(broken_responses_are_errors) {
  const string head = "HTTP/1.1 200 OK\r\n";
  const string chunked = head + "Transfer-Encoding: chunked\r\n\r\n";
  struct broken {
    const char* what;
    string bytes;
    outcome how;
  };
  const auto closed = outcome::connection_lost;
  const auto invalid = outcome::invalid_response;
  const auto large = outcome::too_large;
  const std::vector<broken> all{
      {"nothing", "", closed},
      {"half a status line", "HTTP/1.", closed},
      {"half a head", head + "Content-Le", closed},
      {"a truncated body", head + "Content-Length: 10\r\n\r\nabc", closed},
      {"a truncated chunk", chunked + "5\r\nab", closed},
      {"no last chunk", chunked + "2\r\nab\r\n", closed},
      {"chunk garbage", chunked + "zz\r\nab\r\n0\r\n\r\n", closed},
      {"a chunk's end in its middle", chunked + "2\r\nabcd\r\n0\r\n\r\n", closed},
      {"no HTTP", "SSH-2.0-OpenSSH\r\n", invalid},
      {"a header without a colon", head + "no colon\r\nContent-Length: 0\r\n\r\n", invalid},
      {"a negative length", head + "Content-Length: -5\r\n\r\nabc", invalid},
      {"a text as length", head + "Content-Length: abc\r\n\r\nabc", invalid},
      {"a huge header", head + "X: " + string(70'000, 'x') + "\r\n\r\n", large},
      {"many headers",
       head +
           [] {
             string lines;
             for (int i = 0; i < 10'000; ++i) lines += "X-Header: value\r\n";
             return lines;
           }() +
           "\r\n",
       large},
      {"many trailers",
       chunked + "0\r\n" +
           [] {
             string lines;
             for (int i = 0; i < 10'000; ++i) lines += "X-Trailer: value\r\n";
             return lines;
           }() +
           "\r\n",
       large},
      {"a huge length", head + "Content-Length: 1099511627776\r\n\r\nabc", large},
      {"a huge body", head + "\r\n" + string(2 << 20, 'x'), large},
      {"a huge chunk", chunked + "200000\r\n" + string(2 << 20, 'x'), large},
  };
  for (const auto& b : all) {
    BOOST_TEST_CONTEXT(b.what) {
      check_end(ask_once(answer(b.bytes)), b.how, true);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_request_that_needs_the_head_only_is_completed_with_it) {
  const auto head_only = [](request& r) {
    r.needs_head_only = true;
    r.response_bytes_max = 16;
    r.timeout = 1s;
  };
  const string head = "HTTP/1.1 200 OK\r\n";
  const string chunked = head + "Transfer-Encoding: chunked\r\n\r\n";
  struct received {
    const char* what;
    string bytes;
    string body;
  };
  for (const auto& r : std::vector<received>{
           {"a truncated body", head + "Content-Length: 10\r\n\r\nabc", "abc"},
           {"a truncated chunk", chunked + "5\r\nab", "ab"},
           {"chunk garbage", chunked + "zz\r\nab\r\n0\r\n\r\n", ""},
           {"a huge length", head + "Content-Length: 1099511627776\r\n\r\nabc", "abc"},
           {"a huge body", head + "\r\n" + string(2 << 20, 'x'), string(16, 'x')}}) {
    BOOST_TEST_CONTEXT(r.what) {
      const auto c = ask_once(answer(r.bytes), head_only);
      check_end(c, outcome::completed, true);
      BOOST_TEST(c.answer.status == 200);
      BOOST_TEST(c.answer.body == r.body);
    }
  }
  const auto late = ask_once(
      [&](fault_connection& c) {
        c.read_request();
        c.send(head + "\r\n");
        c.trickle(string(500, 'x'), 400ms);
      },
      head_only);
  check_end(late, outcome::completed, true);
  BOOST_TEST(late.answer.status == 200);
  check_end(ask_once(answer(head + "Content-Le"), head_only), outcome::connection_lost, true);
  check_end(ask_once(answer("HTTP/1.1 100 Continue\r\n\r\n"), head_only), outcome::connection_lost,
            true);
}

BOOST_AUTO_TEST_CASE(unusual_responses_are_fine) {
  const auto body_of = [](const string& bytes) {
    const auto c = ask_once(answer(bytes));
    check_end(c, outcome::completed, true);
    return std::to_string(c.answer.status) + " " + c.answer.body;
  };
  const string early = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
  BOOST_TEST(body_of("HTTP/1.1 100 Continue\r\n\r\n" + early + ok_response) == "200 ok");
  BOOST_TEST(body_of("HTTP/1.0 200 OK\r\n\r\nto the end") == "200 to the end");
  BOOST_TEST(body_of("HTTP/1.1 204 No Content\r\n\r\n") == "204 ");
  BOOST_TEST(body_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nok\r\n0\r\n"
                     "Digest: a\r\n\r\n") == "200 ok");
  BOOST_TEST(body_of("HTTP/1.1 500 \r\nContent-Length: 2\r\n\r\nno") == "500 no");
  // Codings are not decoded: a small response stays small.
  BOOST_TEST(body_of("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nzz") ==
             "200 zz");
  const auto hints = ask_once(answer(early + ok_response));
  BOOST_TEST(hints.answer.header("Link").empty());
}

BOOST_AUTO_TEST_CASE(a_redirect_is_a_response) {
  fault_server other(&serve);
  const auto c = ask_once(answer("HTTP/1.1 307 Temporary Redirect\r\nLocation: " + other.url() +
                                 "\r\nContent-Length: 0\r\n\r\n"));
  check_end(c, outcome::completed, true);
  BOOST_TEST(c.answer.status == 307);
  BOOST_TEST(c.answer.header("location") == other.url());
  BOOST_TEST(other.connections() == 0);
}

BOOST_AUTO_TEST_CASE(cookies_are_not_kept) {
  string second;
  fault_server server([&](fault_connection& c) {
    c.read_request();
    c.send("HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n");
    second = c.read_request();
    c.send(ok_response);
  });
  http_client client(loopback());
  ask(client, get(server.url()));
  ask(client, get(server.url()));
  BOOST_TEST(second.starts_with("GET / HTTP/1.1"));
  BOOST_TEST(second.find("ookie") == second.npos);
}

BOOST_AUTO_TEST_CASE(slow_servers_meet_the_deadline) {
  const auto in_time = [](fault_server::script script) {
    const auto begun = std::chrono::steady_clock::now();
    const auto c = ask_once(std::move(script), [](request& r) { r.timeout = 700ms; });
    check_end(c, outcome::timed_out, true);
    BOOST_TEST((std::chrono::steady_clock::now() - begun < 5s));
  };
  in_time([](fault_connection& c) { c.wait_for_close(); });
  in_time(
      [](fault_connection& c) { c.trickle("HTTP/1.1 200 OK\r\nX: " + string(500, 'x'), 10ms); });
  in_time(
      [](fault_connection& c) { c.trickle("HTTP/1.1 200 OK\r\n\r\n" + string(500, 'x'), 10ms); });
  in_time([](fault_connection& c) {
    while (c.send("HTTP/1.1 100 Continue\r\n\r\n")) std::this_thread::sleep_for(20ms);
  });
}

BOOST_AUTO_TEST_CASE(a_reset_at_each_stage_is_an_error) {
  const std::vector<string> stages{"", "HTTP", "HTTP/1.1 200 OK\r\n",
                                   "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
                                   "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"};
  for (const auto& sent : stages) {
    const auto c = ask_once([&](fault_connection& s) {
      s.read_request();
      s.send(sent);
      std::this_thread::sleep_for(20ms);
      s.reset();
    });
    check_end(c, outcome::connection_lost, true);
  }
  // A reset that arrives before the client has seen the connection would be a failed connect.
  const auto c = ask_once(
      [](fault_connection& s) {
        s.read_line();
        s.reset();
      },
      [](request& r) {
        r.method = "POST";
        r.body.assign(8 << 20, 'x');
      });
  BOOST_TEST(name_of(c.how) == name_of(outcome::connection_lost), c.detail);
}

BOOST_AUTO_TEST_CASE(a_refused_body_does_not_hide_the_response) {
  const auto c = ask_once(
      [](fault_connection& s) {
        s.send(
            "HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 3\r\n\r\nbig");
        s.wait_for_close();
      },
      [](request& r) {
        r.method = "POST";
        r.body.assign(8 << 20, 'x');
      });
  check_end(c, outcome::completed, true);
  BOOST_TEST(c.answer.status == 413);
  BOOST_TEST(c.answer.body == "big");
}

BOOST_AUTO_TEST_CASE(a_request_with_an_effect_is_sent_once) {
  std::atomic<int> seen = 0;
  // The second request of each connection is received but not answered.
  fault_server server([&](fault_connection& c) {
    if (c.read_request().empty()) return;
    ++seen;
    c.send(ok_response);
    if (!c.read_request().empty()) ++seen;
  });
  http_client client(loopback());
  BOOST_TEST(ask(client, get(server.url())).answer.status == 200);
  check_end(ask(client, post(server.url(), "pay")), outcome::connection_lost, true);
  BOOST_TEST(seen == 2);
  BOOST_TEST(ask(client, get(server.url())).answer.status == 200);
  BOOST_TEST(ask(client, get(server.url())).answer.status == 200);  // sent again
  BOOST_TEST(seen == 5);
}

BOOST_AUTO_TEST_CASE(certificates_are_verified) {
  const temp_dir dir;
  struct server_case {
    const char* name;
    certificate_options certificate;
    const char* host;
    bool trusted;
    bool good;
  };
  for (const auto& s : std::vector<server_case>{
           {"good", {}, "localhost", true, true},
           {"self-signed", {}, "localhost", false, false},
           {"wrong name", {.name = "other.example"}, "localhost", true, false},
           {"wrong address", {}, "127.0.0.1", true, false},
           {"expired", {.from_s = -7200, .until_s = -3600}, "localhost", true, false},
           {"not yet valid", {.from_s = 3600, .until_s = 7200}, "localhost", true, false},
       }) {
    make_certificate(dir / "c.crt", dir / "c.key", s.certificate);
    fault_server server(&serve, dir / "c.crt", dir / "c.key");
    auto config = loopback();
    if (s.trusted) config.ca_file = (dir / "c.crt").string();
    BOOST_TEST_CONTEXT(s.name) {
      http_client client(config);
      const auto c = ask(client, get(server.url("/", s.host)));
      check_end(c, s.good ? outcome::completed : outcome::tls_failed, s.good);
      if (!s.good) BOOST_TEST(c.detail.starts_with("invalid server certificate: "), c.detail);
      config.verify_certificates = false;
      http_client careless(config);
      BOOST_TEST(ask(careless, get(server.url("/", s.host))).answer.status == 200);
    }
  }
  BOOST_CHECK_THROW(http_client({.ca_file = (dir / "none.crt").string()}), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(tls_failures_are_errors) {
  const auto https = [](const fault_server& s) {
    return get("https://127.0.0.1:" + std::to_string(s.port()) + "/");
  };
  http_client client(loopback());
  fault_server wrong([](fault_connection& c) { c.send(ok_response); });
  check_end(ask(client, https(wrong)), outcome::tls_failed, false);
  fault_server silent([](fault_connection& c) { c.wait_for_close(); });
  auto r = https(silent);
  r.connect_timeout = 300ms;
  check_end(ask(client, r), outcome::timed_out, false);
}

BOOST_AUTO_TEST_SUITE_END()
