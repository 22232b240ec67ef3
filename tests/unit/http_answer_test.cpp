// The reader of responses that tests and the load generator share.

#include "tests/support/http_answer.hpp"

#include <boost/test/unit_test.hpp>

#include <stdexcept>

using namespace stoa::test;

namespace {

const std::string chunked =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    "5\r\nhello\r\n6;name=value\r\n world\r\n0\r\nTrailer: x\r\n\r\n";
const std::string whole = "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone";

}  // namespace

BOOST_AUTO_TEST_SUITE(answers)

BOOST_AUTO_TEST_CASE(chunks_are_joined_however_they_arrive) {
  for (std::size_t part = 1; part <= chunked.size(); ++part) {
    answer_reader reader;
    const auto all = chunked + whole;
    std::size_t at = 0;
    for (; !reader.ready(); at += part) reader.add(std::string_view(all).substr(at, part));
    BOOST_TEST(reader.ready());
    BOOST_TEST(reader.status() == 200);
    BOOST_TEST(reader.body() == "hello world");
    reader.next();
    if (at < all.size()) reader.add(std::string_view(all).substr(at));
    BOOST_REQUIRE(reader.ready());
    BOOST_TEST(reader.status() == 404);
    BOOST_TEST(reader.body() == "gone");
    reader.next();
    BOOST_TEST(reader.empty());
  }
}

BOOST_AUTO_TEST_CASE(malformed_chunks_are_errors) {
  for (const char* bad : {"x\r\nhello\r\n", "-1\r\n", "ffffffffffffffff\r\n", "5 5\r\n"}) {
    answer_reader reader;
    reader.add("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    reader.add(bad);
    BOOST_CHECK_THROW(reader.ready(), std::runtime_error);
  }
}

BOOST_AUTO_TEST_CASE(a_body_without_chunks_or_length_is_an_error) {
  answer_reader reader;
  reader.add("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n");
  BOOST_CHECK_THROW(reader.ready(), std::runtime_error);
}

BOOST_AUTO_TEST_SUITE_END()
