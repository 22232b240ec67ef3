// The edge over real sockets: responses and their order.
#include "tests/support/raw_http.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>

using namespace stoa;
using namespace stoa::test;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(http_edge)

BOOST_AUTO_TEST_CASE(answers_a_get_with_the_fields_every_answer_has) {
  steered_server server;
  const auto answer =
      server.ask("GET /echo/a%20b?x=1&y HTTP/1.1\r\nHost: shop.example:8080\r\n\r\n");
  BOOST_TEST(answer.status == 200);
  BOOST_TEST(answer.body == "GET /echo/a b|x=1&y|");
  BOOST_TEST(answer.field("Content-Type") == "text/plain");
  BOOST_TEST(answer.field("Content-Length") == std::to_string(answer.body.size()));
  BOOST_TEST(answer.field("X-Content-Type-Options") == "nosniff");
  BOOST_TEST(answer.field("Connection") == "");
  BOOST_TEST(answer.field("Date").size() == std::string("Sun, 06 Nov 1994 08:49:37 GMT").size());
  BOOST_TEST(answer.field("Date").ends_with(" GMT"));
}

BOOST_AUTO_TEST_CASE(reads_bodies_by_length_and_by_chunks) {
  steered_server server;
  BOOST_TEST(server.ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello").body ==
             "POST /echo||hello");
  BOOST_TEST(server
                 .ask("PUT /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                      "3\r\nhel\r\n00a;ext=\"v\"\r\nlo, world!\r\n0\r\n\r\n")
                 .body == "PUT /echo||hello, world!");
  for (const std::string name : {"Chunked", "CHUNKED", "chunkeD"}) {
    BOOST_TEST(server.ask("PUT /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: " + name +
                          "\r\n\r\n3\r\nhel\r\n0\r\n\r\n")
                       .body == "PUT /echo||hel",
               name);
  }
  BOOST_TEST(server.ask("POST /echo HTTP/1.1\r\nHost: a\r\n\r\n").body == "POST /echo||");
  BOOST_TEST(server.ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n").body ==
             "POST /echo||");

  const std::string large(1 << 20, 'q');
  const auto answer =
      server.ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\n" + large);
  BOOST_TEST(answer.status == 200);
  BOOST_TEST((answer.body == "POST /echo||" + large));
}

BOOST_AUTO_TEST_CASE(reads_what_comes_byte_by_byte) {
  steered_server server;
  raw_client client(server.port());
  for (int i = 0; i < 2; ++i) {
    client.send_byte_by_byte(
        "\r\nPOST /echo?n=1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        "5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n");
    BOOST_TEST(client.read().body == "POST /echo|n=1|hello!");
  }
  client.send_byte_by_byte("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
  BOOST_TEST(client.read().body == "POST /echo||abc");
  BOOST_TEST(server->counters().connections_total == 1U);
}

BOOST_AUTO_TEST_CASE(serves_pipelined_requests_in_order) {
  steered_server server({.io_threads = 2});
  raw_client client(server.port());
  std::string all;
  constexpr int count = 500;
  for (int i = 0; i < count; ++i) {
    all +=
        "POST /echo/" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nGE";
  }
  std::jthread sender([&] { client.send(all); });
  for (int i = 0; i < count; ++i) {
    BOOST_REQUIRE(client.read().body == "POST /echo/" + std::to_string(i) + "||GE");
  }
}

BOOST_AUTO_TEST_CASE(a_held_request_holds_back_those_behind_it) {
  steered_server server;
  raw_client client(server.port());
  client.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\nGET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
  BOOST_REQUIRE(server.wait_until_held(1));
  BOOST_TEST(server->counters().requests_in_flight == 1U);
  BOOST_TEST(server->counters().requests_total == 1U);
  server.release();
  BOOST_TEST(client.read().body == "released");
  BOOST_TEST(client.read().body == "GET /echo||");
}

BOOST_AUTO_TEST_CASE(head_has_the_length_but_no_body) {
  steered_server server;
  raw_client client(server.port());
  client.send("HEAD /echo HTTP/1.1\r\nHost: a\r\n\r\nGET /empty HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto head = client.read(true);
  BOOST_TEST(head.status == 200);
  BOOST_TEST(head.field("Content-Length") == "12");
  // If the body had been sent, it would precede this one's status line.
  const auto empty = client.read();
  BOOST_TEST(empty.status == 204);
  BOOST_TEST(empty.field("Content-Length") == "");
}

BOOST_AUTO_TEST_CASE(keeps_and_closes_connections_as_asked) {
  steered_server server({.requests_per_connection_max = 3});
  const std::string get_11 = "GET /echo HTTP/1.1\r\nHost: a\r\n";
  const std::string get_10 = "GET /echo HTTP/1.0\r\n";
  const auto ends = [&](const std::string& bytes) {
    raw_client client(server.port());
    client.send(bytes + "\r\n");
    const auto answer = client.read();
    BOOST_TEST(answer.status == 200);
    const bool says_close = answer.field("Connection") == "close";
    BOOST_TEST(client.closed(says_close ? 5000ms : 30ms) == says_close);
    return says_close;
  };
  BOOST_TEST(!ends(get_11));
  BOOST_TEST(ends(get_11 + "Connection: close\r\n"));
  BOOST_TEST(ends(get_11 + "Connection: foo, CLOSE\r\n"));
  BOOST_TEST(ends(get_10));
  BOOST_TEST(!ends(get_10 + "Connection: Keep-Alive\r\n"));
  BOOST_TEST(ends("GET /close HTTP/1.1\r\nHost: a\r\n"));

  raw_client client(server.port());
  for (int i = 0; i < 3; ++i) {
    client.send(get_11 + "\r\n");
    BOOST_TEST(client.read().field("Connection") == (i < 2 ? "" : "close"));
  }
  BOOST_TEST(client.closed());
}

BOOST_AUTO_TEST_CASE(an_http_1_0_client_gets_connection_keep_alive) {
  steered_server server;
  BOOST_TEST(
      server.ask("GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").field("Connection") ==
      "keep-alive");
}

BOOST_AUTO_TEST_CASE(answers_a_client_that_has_half_closed) {
  steered_server server;
  raw_client client(server.port());
  client.send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
  client.half_close();
  BOOST_TEST(client.read().status == 200);
  BOOST_TEST(client.closed());
}

BOOST_AUTO_TEST_CASE(says_continue_only_when_the_body_is_awaited) {
  steered_server server;
  const std::string head =
      "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
  raw_client waiting(server.port());
  waiting.send(head);
  BOOST_TEST(waiting.read().status == 100);
  waiting.send("hi");
  BOOST_TEST(waiting.read().body == "POST /echo||hi");

  raw_client eager(server.port());
  eager.send(head + "hi");
  BOOST_TEST(eager.read().status == 200);

  raw_client large(server.port());
  large.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 9999999\r\n\r\n");
  BOOST_TEST(large.read().status == 413);
  BOOST_TEST(server.ask("POST / HTTP/1.1\r\nHost: a\r\nExpect: miracles\r\n\r\n").status == 417);
}

BOOST_AUTO_TEST_CASE(large_answers_arrive_whole) {
  steered_server server;
  const auto answer = server.ask("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
  BOOST_TEST(answer.status == 200);
  BOOST_TEST((answer.body == std::string(4 << 20, 'b')));
}

BOOST_AUTO_TEST_CASE(a_handler_that_fails_is_answered_500) {
  steered_server server;
  for (const std::string path : {"/throw", "/drop", "/bad-header"}) {
    raw_client client(server.port());
    client.send("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
    const auto answer = client.read();
    BOOST_TEST(answer.status == 500, path);
    BOOST_TEST(answer.field("Content-Type") == "application/problem+json");
    BOOST_TEST(answer.has("\"code\":\"internal_error\""));
    BOOST_TEST(answer.field("Set-Cookie") == "");
    BOOST_TEST(!answer.has("planted"));
    // The request itself was valid, so the connection continues.
    client.send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
    BOOST_TEST(client.read().status == 200);
  }
  BOOST_REQUIRE(server.refusals().size() == 1U);
  BOOST_TEST(server.refusals()[0].reason.detail == "A handler threw: planted");
}

BOOST_AUTO_TEST_CASE(cors_is_said_to_the_origins_listed_and_to_no_other) {
  steered_server server({.cors_origins = {"https://shop.example"}});
  const std::string get = "GET /echo HTTP/1.1\r\nHost: a\r\n";
  const auto known = server.ask(get + "Origin: https://shop.example\r\n\r\n");
  BOOST_TEST(known.field("Access-Control-Allow-Origin") == "https://shop.example");
  BOOST_TEST(known.field("Vary") == "Origin");
  const auto unknown = server.ask(get + "Origin: https://shop.example.evil\r\n\r\n");
  BOOST_TEST(unknown.status == 200);
  BOOST_TEST(unknown.field("Access-Control-Allow-Origin") == "");
  BOOST_TEST(unknown.field("Vary") == "Origin");

  const auto preflight = server.ask(
      "OPTIONS /echo HTTP/1.1\r\nHost: a\r\nOrigin: https://shop.example\r\n"
      "Access-Control-Request-Method: PATCH\r\n\r\n");
  BOOST_TEST(preflight.status == 204);
  BOOST_TEST(preflight.field("Access-Control-Allow-Methods").find("PATCH") != std::string::npos);
  BOOST_TEST(preflight.field("Access-Control-Allow-Headers").find("Idempotency-Key") !=
             std::string::npos);

  steered_server open({.cors_origins = {"*"}});
  BOOST_TEST(
      open.ask(get + "Origin: https://a.example\r\n\r\n").field("Access-Control-Allow-Origin") ==
      "*");
  for (const auto& request : {"GET /" + std::string(9000, 'x'),
                              "POST / HTTP/1.1\r\nHost: a\r\nOrigin: https://a.example\r\n"
                              "Content-Length: 99999999\r\n\r\n" +
                                  std::string()}) {
    const auto refused = open.ask(request);
    BOOST_TEST(refused.status > 400);
    BOOST_TEST(refused.field("Access-Control-Allow-Origin") == "*");
    BOOST_TEST(refused.field("Cache-Control") == "private, no-store");
  }
  steered_server closed;
  BOOST_TEST(closed.ask(get + "Origin: https://a.example\r\n\r\n").field("Vary") == "");
}

// Chromium sends Origin after the page's fields and before the cookies, and any of them may be the
// oversized one.
BOOST_AUTO_TEST_CASE(a_head_that_is_too_long_is_refused_for_its_origin_too) {
  steered_server server({.cors_origins = {"https://shop.example"}});
  const std::string origin = "Origin: https://shop.example\r\n";
  const auto allowed_for = [&](const std::string& head, int status) {
    const auto refused = server.ask(head);
    BOOST_TEST(refused.status == status);
    BOOST_TEST(refused.field("Vary") == "Origin");
    return refused.field("Access-Control-Allow-Origin");
  };
  const std::string end = " HTTP/1.1\r\nHost: a\r\n";
  for (const std::size_t bytes : {8192U, 9000U, 16000U}) {
    const std::string much(bytes, 'x');
    BOOST_TEST(allowed_for("GET /" + much + end + origin + "\r\n", 414) == "https://shop.example");
    BOOST_TEST(allowed_for("GET /" + end + "A: " + much + "\r\n" + origin + "\r\n", 431) ==
               "https://shop.example");
    BOOST_TEST(allowed_for("GET /" + end + origin + "A: " + much + "\r\n\r\n", 431) ==
               "https://shop.example");
    BOOST_TEST(allowed_for("GET /" + much + end + "\r\n", 414) == "");
    BOOST_TEST(allowed_for("GET /" + much + end + "Origin: https://evil.example\r\n\r\n", 414) ==
               "");
  }
  // The search for it is bounded in size, and in time by the head's timeout.
  BOOST_TEST(allowed_for("GET /" + std::string(100'000, 'x') + end + origin + "\r\n", 414) == "");
  steered_server hurried({.timeouts = {.header = 200ms}, .cors_origins = {"https://shop.example"}});
  BOOST_TEST(hurried.ask("GET /" + std::string(9000, 'x')).status == 414);
}

BOOST_AUTO_TEST_CASE(problems_have_the_members_of_rfc_9457) {
  const auto answer = http::problem_response({422,
                                              "validation_failed",
                                              "The request contains invalid values.",
                                              {{"/name", "too_long", "It is \"long\"."}}},
                                             "r-1");
  BOOST_TEST(answer.status == 422);
  BOOST_TEST(answer.content_type == "application/problem+json");
  BOOST_TEST(answer.body ==
             R"({"type":"about:blank","title":"Unprocessable Entity","status":422,)"
             R"("detail":"The request contains invalid values.",)"
             R"("code":"validation_failed",)"
             R"("errors":[{"pointer":"/name","code":"too_long","detail":"It is \"long\"."}],)"
             R"("request_id":"r-1"})");
  const auto busy = http::problem_response(http::unavailable("Busy."));
  BOOST_TEST(busy.headers.at(0).second == "private, no-store");
  BOOST_TEST(busy.headers.at(1).first == "Retry-After");
}

BOOST_AUTO_TEST_CASE(a_responder_answers_once) {
  struct target final : http::reply_target {
    void reply(std::uint64_t, http::response r) override { statuses.push_back(r.status); }
    std::vector<int> statuses;
  };
  const auto taker = std::make_shared<target>();
  const auto& statuses = taker->statuses;
  http::responder respond(taker, 0);
  respond({.status = 201});
  respond({.status = 202});
  BOOST_TEST(!respond);
  { const http::responder dropped(taker, 0); }
  BOOST_TEST(statuses == (std::vector<int>{201, 500}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(two_hundred_clients_at_once) {
  steered_server server({.io_threads = 2});
  constexpr int clients_count = 200;
  std::vector<std::unique_ptr<raw_client>> clients;
  for (int i = 0; i < clients_count; ++i) {
    clients.push_back(std::make_unique<raw_client>(server.port()));
    clients.back()->send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  BOOST_REQUIRE(server.wait_until_held(clients_count));
  BOOST_TEST(server->counters().requests_in_flight == clients_count);
  server.release();
  for (auto& client : clients) BOOST_TEST(client->read().body == "released");
  for (int round = 0; round < 5; ++round) {
    for (auto& client : clients) client->send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
    for (auto& client : clients) BOOST_TEST(client->read().status == 200);
  }
  BOOST_TEST(server->counters().requests_total == 6U * clients_count);
  BOOST_TEST(server->counters().connections_open == clients_count);
}

BOOST_AUTO_TEST_SUITE_END()
