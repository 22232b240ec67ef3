// Every form of request that the edge must reject: request smuggling, malformed heads and bodies,
// and everything beyond a limit. Each is answered with its own status and code, then the connection
// is closed.
#include "tests/support/raw_http.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::test;
using namespace std::string_literals;

namespace {

struct refused_form {
  const char* name;
  std::string bytes;
  int status;
  const char* code;
};

/// Sends the bytes followed by a request that must never be served: in smuggling, the one that the
/// front proxy has not seen.
void check(steered_server& server, const refused_form& form, bool byte_by_byte) {
  const auto served_before = server->counters().requests_total;
  raw_client client(server.port());
  const std::string all = form.bytes + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
  if (byte_by_byte) {
    client.send_byte_by_byte(all);
  } else {
    client.send(all);
  }
  const auto answer = client.read();
  BOOST_TEST_CONTEXT(form.name << (byte_by_byte ? ", byte by byte" : "")) {
    BOOST_TEST(answer.status == form.status, answer.head << answer.body);
    BOOST_TEST(answer.has("\"code\":\""s + form.code + "\""), answer.body);
    BOOST_TEST(answer.field("Connection") == "close");
    BOOST_TEST(answer.field("Content-Type") == "application/problem+json");
    client.half_close();
    BOOST_TEST(client.closed());
    BOOST_TEST(server->counters().requests_total == served_before);
  }
}

std::string get(const std::string& fields) {
  return "GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}
std::string chunked(const std::string& body) {
  return "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body;
}

std::vector<refused_form> framing_forms() {
  const std::string hello = "\r\nhello";
  return {
      {"TE and CL", get("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400,
       "ambiguous_length"},
      {"CL and TE", get("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400,
       "ambiguous_length"},
      {"TE with a parameter", get("Transfer-Encoding: chunked;q=1\r\n"), 501,
       "transfer_encoding_not_supported"},
      {"TE with a letter like one of ASCII",
       get("Transfer-Encoding: chun\xC4\xB8"
           "ed\r\n"),
       501, "transfer_encoding_not_supported"},
      {"TE unknown", get("Transfer-Encoding: xchunked\r\n"), 501,
       "transfer_encoding_not_supported"},
      {"TE list", get("Transfer-Encoding: gzip, chunked\r\n"), 501,
       "transfer_encoding_not_supported"},
      {"TE identity", get("Transfer-Encoding: identity\r\n"), 501,
       "transfer_encoding_not_supported"},
      {"TE empty", get("Transfer-Encoding:\r\n"), 501, "transfer_encoding_not_supported"},
      {"TE with VT",
       get("Transfer-Encoding: \x0b"
           "chunked\r\n"),
       400, "malformed_head"},
      {"TE with a space before the colon", get("Transfer-Encoding : chunked\r\n"), 400,
       "malformed_head"},
      {"TE twice", get("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400,
       "ambiguous_length"},
      {"TE twice, second unknown", get("Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n"),
       400, "ambiguous_length"},
      {"TE under HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400,
       "ambiguous_length"},
      {"CL twice, equal", get("Content-Length: 5\r\nContent-Length: 5\r\n") + hello, 400,
       "ambiguous_length"},
      {"CL twice, different", get("Content-Length: 5\r\nContent-Length: 6\r\n"), 400,
       "ambiguous_length"},
      {"CL list", get("Content-Length: 5, 5\r\n"), 400, "ambiguous_length"},
      {"CL signed", get("Content-Length: +5\r\n"), 400, "ambiguous_length"},
      {"CL negative", get("Content-Length: -1\r\n"), 400, "ambiguous_length"},
      {"CL hexadecimal", get("Content-Length: 0x5\r\n"), 400, "ambiguous_length"},
      {"CL empty", get("Content-Length: \r\n"), 400, "ambiguous_length"},
      {"CL beyond 64 bits", get("Content-Length: 18446744073709551621\r\n"), 400,
       "ambiguous_length"},
      {"CL beyond the limit", get("Content-Length: 1048577\r\n"), 413, "body_too_large"},
  };
}

std::vector<refused_form> head_forms() {
  return {
      {"no Host", "GET / HTTP/1.1\r\n\r\n", 400, "invalid_host"},
      {"Host twice", get("Host: a\r\n"), 400, "invalid_host"},
      {"Host twice, other case", get("hOST: b\r\n"), 400, "invalid_host"},
      {"Host empty", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400, "invalid_host"},
      {"Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, "invalid_host"},
      {"Host with a user", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400, "invalid_host"},
      {"Host with a bad port", "GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", 400, "invalid_host"},
      {"Host with an empty port", "GET / HTTP/1.1\r\nHost: a:\r\n\r\n", 400, "invalid_host"},
      {"Host list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400, "invalid_host"},
      {"Host with an open bracket", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400, "invalid_host"},
      {"Host invalid under HTTP/1.0", "GET / HTTP/1.0\r\nHost: a b\r\n\r\n", 400, "invalid_host"},
      {"obs-fold with a space", get("X: a\r\n b\r\n"), 400, "malformed_head"},
      {"obs-fold with a tab", get("X: a\r\n\tb\r\n"), 400, "malformed_head"},
      {"folded first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400, "malformed_head"},
      {"bare LF after the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400, "malformed_head"},
      {"bare LF after a field", get("X: a\nY: b\r\n"), 400, "malformed_head"},
      {"bare LF ends the head", "GET / HTTP/1.1\r\nHost: a\r\n\n", 400, "malformed_head"},
      {"bare CR in a value", get("X: a\rY: b\r\n"), 400, "malformed_head"},
      {"two CRs", get("X: a\r\r\n"), 400, "malformed_head"},
      {"bare CR in the request line", "GET /\r HTTP/1.1\r\nHost: a\r\n\r\n", 400, "malformed_head"},
      {"NUL in a value", get("X: a\0b\r\n"s), 400, "malformed_head"},
      {"NUL in a name", get("X\0: a\r\n"s), 400, "malformed_head"},
      {"DEL in a value", get("X: a\x7f\r\n"), 400, "malformed_head"},
      {"space before the colon", get("X : a\r\n"), 400, "malformed_head"},
      {"no colon", get("X\r\n"), 400, "malformed_head"},
      {"no name", get(": a\r\n"), 400, "malformed_head"},
      {"two empty lines first", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "malformed_head"},
      {"no version", "GET /\r\n\r\n", 400, "malformed_head"},
      {"two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "malformed_head"},
      {"space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400, "malformed_head"},
      {"version in lower case", "GET / http/1.1\r\nHost: a\r\n\r\n", 400, "malformed_head"},
      {"version with a long minor", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400, "malformed_head"},
      {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "version_not_supported"},
      {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505, "version_not_supported"},
      {"TLS hello", "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\r\n\r\n"s, 400, "malformed_head"},
      {"unknown method", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501, "method_not_implemented"},
      {"TRACE", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 501, "method_not_implemented"},
      {"method in lower case", "get / HTTP/1.1\r\nHost: a\r\n\r\n", 501, "method_not_implemented"},
      {"CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 501, "method_not_implemented"},
      {"dot-dot", "GET /a/%2e%2e/b HTTP/1.1\r\nHost: a\r\n\r\n", 400, "malformed_target"},
      {"encoded slash", "GET /a%2Fb HTTP/1.1\r\nHost: a\r\n\r\n", 400, "malformed_target"},
      {"encoded NUL", "GET /a%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "malformed_target"},
      {"absolute-form of another host", "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400,
       "malformed_target"},
      {"asterisk for GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400, "malformed_target"},
      {"other expectation", get("Expect: 200-ok\r\n"), 417, "expectation_failed"},
  };
}

std::vector<refused_form> chunk_forms() {
  return {
      {"no size", chunked("\r\nhello\r\n"), 400, "malformed_chunk"},
      {"size in hex with 0x", chunked("0x5\r\nhello\r\n"), 400, "malformed_chunk"},
      {"signed size", chunked("+5\r\nhello\r\n"), 400, "malformed_chunk"},
      {"size with a space before", chunked(" 5\r\nhello\r\n"), 400, "malformed_chunk"},
      {"size with a space behind", chunked("5 \r\nhello\r\n"), 400, "malformed_chunk"},
      {"size that wraps 64 bits", chunked("10000000000000005\r\nhello\r\n"), 400,
       "malformed_chunk"},
      {"size line with a bare LF", chunked("5\nhello\r\n0\r\n\r\n"), 400, "malformed_chunk"},
      {"extension with a bare LF", chunked("5;a\nhello\r\n0\r\n\r\n"), 400, "malformed_chunk"},
      {"extension with a bare CR", chunked("5;a\rb\r\nhello\r\n0\r\n\r\n"), 400, "malformed_chunk"},
      {"data longer than its size", chunked("4\r\nhello\r\n0\r\n\r\n"), 400, "malformed_chunk"},
      {"data that ends in a bare LF", chunked("5\r\nhello\n0\r\n\r\n"), 400, "malformed_chunk"},
      {"long extension", chunked("5;" + std::string(1100, 'x') + "\r\nhello\r\n0\r\n\r\n"), 400,
       "malformed_chunk"},
      {"trailer", chunked("5\r\nhello\r\n0\r\nX-Role: admin\r\n\r\n"), 400, "malformed_chunk"},
      {"trailer that smuggles a Host", chunked("0\r\nHost: b\r\n\r\n"), 400, "malformed_chunk"},
      {"end with an odd byte", chunked("0\r\nX\n"), 400, "malformed_chunk"},
      {"end with a bare LF", chunked("0\r\n\n"), 400, "malformed_chunk"},
      {"one chunk beyond the limit", chunked("100001\r\n"), 413, "body_too_large"},
      {"size at the top of 64 bits", chunked("ffffffffffffffff\r\n"), 413, "body_too_large"},
  };
}

}  // namespace

BOOST_AUTO_TEST_SUITE(http_refusal)

BOOST_AUTO_TEST_CASE(ambiguous_lengths) {
  steered_server server;
  for (const auto& form : framing_forms()) {
    check(server, form, false);
    check(server, form, true);
  }
}

BOOST_AUTO_TEST_CASE(malformed_heads) {
  steered_server server;
  for (const auto& form : head_forms()) {
    check(server, form, false);
    check(server, form, true);
  }
}

BOOST_AUTO_TEST_CASE(malformed_chunks) {
  steered_server server;
  for (const auto& form : chunk_forms()) {
    check(server, form, false);
    check(server, form, true);
  }
}

BOOST_AUTO_TEST_CASE(small_extensions_add_up_to_the_limit) {
  steered_server server;
  std::string body;
  for (int i = 0; i < 200; ++i) body += "1;" + std::string(10, 'x') + "\r\na\r\n";
  check(server, {"many extensions", chunked(body), 400, "malformed_chunk"}, false);
}

BOOST_AUTO_TEST_CASE(chunks_add_up_to_the_body_limit) {
  steered_server server({.body_bytes_max = 100});
  std::string body;
  for (int i = 0; i < 10; ++i) body += "a\r\n0123456789\r\n";
  raw_client client(server.port());
  client.send(chunked(body + "0\r\n\r\n"));
  BOOST_TEST(client.read().status == 200);
  check(server, {"one more", chunked(body + "1\r\n"), 413, "body_too_large"}, false);
}

BOOST_AUTO_TEST_CASE(heads_up_to_the_limit_pass_and_larger_ones_do_not) {
  steered_server server;
  const auto with_head_of = [](std::size_t bytes) {
    const std::string start = "GET /echo HTTP/1.1\r\nHost: a\r\nX: ";
    return start + std::string(bytes - start.size() - 4, 'x') + "\r\n\r\n";
  };
  BOOST_TEST(server.ask(with_head_of(8192)).status == 200);
  check(server, {"8193 bytes", with_head_of(8193), 431, "head_too_large"}, false);
  // After a body the read buffer is larger than the limit.
  raw_client pipelining(server.port());
  pipelining.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 20000\r\n\r\n" +
                  std::string(20000, 'b') + with_head_of(8193));
  BOOST_TEST(pipelining.read().status == 200);
  BOOST_TEST(pipelining.read().status == 431);
  check(server, {"endless field", get("X: " + std::string(100'000, 'x')), 431, "head_too_large"},
        false);
  check(server, {"endless target", "GET /" + std::string(100'000, 'x'), 414, "target_too_long"},
        false);
  std::string many;
  for (int i = 0; i < 101; ++i) many += "A: b\r\n";
  check(server, {"101 fields", get(many), 431, "head_too_large"}, false);
}

BOOST_AUTO_TEST_CASE(good_hosts_pass) {
  steered_server server;
  for (const std::string host :
       {"shop.example", "127.0.0.1:8080", "[::1]:80", "a_b-c", "localhost"}) {
    BOOST_TEST(server.ask("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n").status == 200, host);
  }
  BOOST_TEST(server.ask("GET http://a:80/echo HTTP/1.1\r\nHost: a:80\r\n\r\n").body ==
             "GET /echo||");
  BOOST_TEST(server.ask("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").body == "OPTIONS *||");
}

BOOST_AUTO_TEST_CASE(refusals_are_reported_with_the_id_the_client_sees) {
  steered_server server;
  const auto answer = server.ask("GET / HTTP/1.1\r\n\r\n");
  const auto refusals = server.refusals();
  BOOST_REQUIRE(refusals.size() == 1U);
  BOOST_TEST(refusals[0].reason.code == "invalid_host");
  BOOST_TEST(refusals[0].remote_address == "127.0.0.1");
  BOOST_TEST(answer.has("\"request_id\":\"" + refusals[0].request_id + "\""));
  BOOST_TEST(server->counters().requests_refused == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
