// Mail by SMTP to a real mail server: STARTTLS, authentication, greylisting, rejected recipients
// and contents.

#include "net/mail/mbox.hpp"
#include "net/mail/smtp.hpp"
#include "tests/support/exim_server.hpp"
#include "tests/support/skip.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <filesystem>
#include <future>
#include <thread>

using namespace stoa;
using namespace std::chrono_literals;
using notification::outgoing;
using notification::send_failure;

namespace {

outgoing mail_to(std::string address) {
  return {.key = "019368a0-0000-7000-8000-000000000001",
          .to = std::move(address),
          .from = "Läden <shop@example.com>",
          .subject = "Your order is confirmed – thank you, and a subject that has to be folded",
          .text = "Hello Zoë,\n\n.\n.dots\nFrom here\n" + std::string(300, 'x') + "\n",
          .html = "<p>Grüße</p>\n",
          .date = timestamp::parse("2026-11-22T19:57:59Z").value()};
}

std::optional<send_failure> send(mail::smtp& channel, outgoing message) {
  auto promise = std::make_shared<std::promise<std::optional<send_failure>>>();
  auto sent = promise->get_future();
  channel.send(std::move(message), [promise](auto failure) { promise->set_value(failure); });
  BOOST_REQUIRE(sent.wait_for(60s) == std::future_status::ready);
  return sent.get();
}

std::vector<mail::delivered_mail> delivered(const test::exim_server& server, std::size_t count) {
  std::vector<mail::delivered_mail> found;
  const auto end = std::chrono::steady_clock::now() + 30s;
  while (found.size() < count && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(20ms);
    if (std::filesystem::exists(server.mails())) found = mail::read_mbox(server.mails());
  }
  return found;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(exim)

BOOST_AUTO_TEST_CASE(mails_are_accepted_deferred_and_rejected) {
  if (!test::exim_server::available()) return test::skip("exim4 is not installed");
  test::exim_server server;
  mail::smtp_options options;
  options.host = "localhost";
  options.port = server.port();
  options.user = "shop";
  options.password = "s3cret";
  options.hello = "example.com";
  options.ca_file = server.certificate().string();
  options.allowed_networks = parse_networks({"127.0.0.1", "::1"});
  options.connections = 1;
  auto channel = mail::smtp::open(options).value();

  const auto first = send(*channel, mail_to("ada@example.org"));
  BOOST_TEST(!first.has_value(), (first ? first->reason : ""));
  const auto bounced = send(*channel, mail_to("missing@example.org"));
  BOOST_TEST_REQUIRE(bounced.has_value());
  BOOST_TEST(bounced->permanent);
  BOOST_TEST(bounced->reason == "The mail server replied 550 5.1.1 No such user");
  const auto deferred = send(*channel, mail_to("later@example.org"));
  BOOST_TEST_REQUIRE(deferred.has_value());
  BOOST_TEST(!deferred->permanent);
  BOOST_TEST(deferred->reason == "The mail server replied 451 4.7.1 Greylisted");
  server.accept_later();
  BOOST_TEST(!send(*channel, mail_to("later@example.org")).has_value());

  auto refused = mail_to("ada@example.org");
  refused.subject = "A subject that is refused";
  const auto rejected = send(*channel, refused);
  BOOST_TEST_REQUIRE(rejected.has_value());
  BOOST_TEST(rejected->permanent);
  BOOST_TEST(rejected->reason == "The mail server replied 550 5.7.1 Content refused");
  auto long_mail = mail_to("ada@example.org");
  long_mail.text.assign(200 * 1024, 'x');
  const auto too_long = send(*channel, long_mail);
  BOOST_TEST_REQUIRE(too_long.has_value());
  BOOST_TEST(too_long->permanent);
  BOOST_TEST(too_long->reason.starts_with("The mail server replied 552 "), too_long->reason);
  // The connection is still usable.
  BOOST_TEST(!send(*channel, mail_to("eve@example.org")).has_value());

  const auto mails = delivered(server, 3);
  BOOST_TEST_REQUIRE(mails.size() == 3U, server.log_end());
  for (const auto& m : mails) {
    const auto expected = mail_to(m.content.to);
    BOOST_TEST(m.content.from == expected.from);
    BOOST_TEST(m.content.subject == expected.subject);
    BOOST_TEST(m.content.text == expected.text);
    BOOST_TEST(m.content.html == expected.html);
    BOOST_TEST(m.content.message_id.find(expected.key) != std::string::npos);
  }

  options.password = "wrong";
  const auto denied = send(*mail::smtp::open(options).value(), mail_to("ada@example.org"));
  BOOST_TEST_REQUIRE(denied.has_value());
  BOOST_TEST(!denied->permanent);
}

BOOST_AUTO_TEST_SUITE_END()
