// Mail by SMTP: what the server receives, which failures are permanent, and lost connections.

#include "net/mail/smtp.hpp"

#include "config/settings.hpp"
#include "net/mail/mime.hpp"
#include "tests/support/smtp_server.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/tls_client.hpp"

#include <boost/test/unit_test.hpp>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <atomic>
#include <fstream>
#include <future>
#include <set>

using namespace std::chrono_literals;
using namespace stoa;
using namespace stoa::mail;
using notification::outgoing;
using notification::send_failure;
using test::smtp_server;
using test::smtp_server_options;

namespace {

const std::string key = "019368a0-0000-7000-8000-000000000001";

outgoing sample(std::string id = key) {
  return {.key = std::move(id),
          .to = "ada@example.org",
          .from = "Tea & Co <shop@example.com>",
          .subject = "Your order is confirmed",
          .text = "Hello Ada,\n\n.a line with a dot\n.\nthank you.\n",
          .html = "<p>Grüße</p>\n",
          .date = timestamp::parse("2026-11-22T19:57:59Z").value()};
}

smtp_options to_server(std::uint16_t port, smtp_security security = smtp_security::none) {
  smtp_options o;
  o.host = "localhost";
  o.port = port;
  o.security = security;
  o.hello = "example.com";
  o.allowed_networks = parse_networks({"127.0.0.0/8", "::1"});
  o.timeout = 10s;
  o.connections = 1;
  return o;
}

std::unique_ptr<smtp> open(smtp_options o) {
  auto opened = smtp::open(std::move(o));
  BOOST_REQUIRE(opened.has_value());
  return std::move(*opened);
}

std::optional<send_failure> send(smtp& channel, outgoing message = sample()) {
  auto promise = std::make_shared<std::promise<std::optional<send_failure>>>();
  auto sent = promise->get_future();
  channel.send(std::move(message), [promise](auto failure) { promise->set_value(failure); });
  BOOST_REQUIRE(sent.wait_for(30s) == std::future_status::ready);
  return sent.get();
}

std::string reason(const std::optional<send_failure>& failure) {
  return failure ? failure->reason : "";
}

/// The failure with a server that gives this reply to this command.
std::optional<send_failure> send_with_reply(const std::string& command, const std::string& reply) {
  smtp_server server({.reply = [&](const std::string& line) {
    return line.starts_with(command) ? reply : std::string();
  }});
  const auto channel = open(to_server(server.port()));
  auto failure = send(*channel);
  BOOST_TEST(server.mails().empty());
  return failure;
}

struct certified {
  certified() { test::make_certificate(certificate, key_file); }
  smtp_server_options server_options() const {
    smtp_server_options o;
    o.certificate = certificate;
    o.key = key_file;
    return o;
  }
  smtp_options client_options(std::uint16_t port, smtp_security security) const {
    auto o = to_server(port, security);
    o.ca_file = certificate.string();
    return o;
  }
  const test::temp_dir dir;
  const std::filesystem::path certificate = dir / "server.crt";
  const std::filesystem::path key_file = dir / "server.key";
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(smtp_channel, certified)

BOOST_AUTO_TEST_CASE(mails_arrive_over_one_encrypted_and_authenticated_connection) {
  for (const std::string mechanism : {"PLAIN LOGIN", "LOGIN", "CRAM-MD5 PLAIN"}) {
    auto with_user = server_options();
    with_user.user = "shop";
    with_user.password = "s3cret";
    with_user.mechanisms = mechanism;
    smtp_server server(with_user);
    auto options = client_options(server.port(), smtp_security::starttls);
    options.user = "shop";
    options.password = "s3cret";
    const auto channel = open(options);
    BOOST_TEST(reason(send(*channel)) == "");
    BOOST_TEST(reason(send(*channel)) == "");
    BOOST_TEST(server.connections() == 1);
    const auto mails = server.mails();
    BOOST_TEST_REQUIRE(mails.size() == 2U);
    BOOST_TEST(mails[0].from.starts_with("<shop@example.com>"));
    BOOST_TEST(mails[0].to == "<ada@example.org>");
    BOOST_TEST(mails[0].user == "shop");
    BOOST_TEST(mails[0].encrypted);
    BOOST_TEST(mails[0].text == *compose(sample()));
    BOOST_TEST(mails[1].text == mails[0].text);
  }
}

BOOST_AUTO_TEST_CASE(tls_from_the_start) {
  auto tls = server_options();
  tls.tls_from_start = true;
  smtp_server server(tls);
  const auto channel = open(client_options(server.port(), smtp_security::tls));
  BOOST_TEST(reason(send(*channel)) == "");
  BOOST_TEST_REQUIRE(server.mails().size() == 1U);
  BOOST_TEST(server.mails()[0].encrypted);
}

BOOST_AUTO_TEST_CASE(without_starttls_nothing_is_sent_unless_it_is_optional) {
  smtp_server plain;
  const auto failure = send(*open(client_options(plain.port(), smtp_security::starttls)));
  BOOST_TEST_REQUIRE(failure.has_value());
  BOOST_TEST(!failure->permanent);
  BOOST_TEST(plain.mails().empty());
  const auto optional = smtp_security::starttls_if_offered;
  BOOST_TEST(reason(send(*open(client_options(plain.port(), optional)))) == "");
  BOOST_TEST(plain.mails().size() == 1U);
  smtp_server server(server_options());
  BOOST_TEST(reason(send(*open(client_options(server.port(), optional)))) == "");
  BOOST_TEST(server.mails().at(0).encrypted);
}

BOOST_AUTO_TEST_CASE(the_certificate_is_verified) {
  smtp_server server(server_options());
  const auto unknown = send(*open(to_server(server.port(), smtp_security::starttls)));
  BOOST_TEST_REQUIRE(unknown.has_value());
  BOOST_TEST(!unknown->permanent);
  auto other_name = client_options(server.port(), smtp_security::starttls);
  other_name.host = "127.0.0.1";
  BOOST_TEST(send(*open(other_name)).has_value());
  BOOST_TEST(server.mails().empty());
  auto no_file = to_server(server.port());
  no_file.ca_file = (dir / "missing.crt").string();
  BOOST_TEST(!smtp::open(no_file).has_value());
}

BOOST_AUTO_TEST_CASE(replies_about_the_message_are_permanent_when_they_are_5xx) {
  struct row {
    std::string command, reply;
    bool permanent;
  };
  for (const auto& [command, reply, permanent] : std::vector<row>{
           {"MAIL", "451 4.3.0 Try later", false},
           {"MAIL", "550 5.1.8 Bad sender", true},
           {"MAIL", "530 5.7.0 Must issue a STARTTLS command first", false},
           {"RCPT", "450 4.2.0 Greylisted", false},
           {"RCPT", "550 5.1.1 No such user", true},
           {"RCPT", "421 4.3.2 Shutting down", false},
           {"DATA", "554 5.5.1 No valid recipients", true},
           {"DATA", "452 4.3.1 Insufficient storage", false},
           {".", "552 5.2.2 Mailbox full", true},
           {".", "554 5.7.1 Spam", true},
           {".", "451 4.7.1 Later", false},
           {"RCPT", "999 No such class of replies", false},
           {".", "600 No such class of replies", false},
       }) {
    BOOST_TEST_CONTEXT(command << " " << reply) {
      const auto failure = send_with_reply(command, reply);
      BOOST_TEST_REQUIRE(failure.has_value());
      BOOST_TEST(failure->permanent == permanent);
      BOOST_TEST(failure->reason == "The mail server replied " + reply);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_rejected_client_is_a_temporary_failure) {
  smtp_server unfriendly({.reply = [](const std::string& line) -> std::string {
    return line.starts_with("EHLO") || line.starts_with("HELO") ? "550 5.7.1 Not you" : "";
  }});
  const auto unwelcome = send(*open(to_server(unfriendly.port())));
  BOOST_TEST(reason(unwelcome) == "The mail server replied 550 5.7.1 Not you");
  BOOST_TEST(!unwelcome->permanent);
  smtp_server closed({.greeting = "554 No SMTP service here"});
  const auto greeting = send(*open(to_server(closed.port())));
  BOOST_TEST(reason(greeting) == "The mail server replied 554 No SMTP service here");
  BOOST_TEST(!greeting->permanent);
  auto with_user = server_options();
  with_user.user = "shop";
  with_user.password = "s3cret";
  smtp_server server(with_user);
  auto options = client_options(server.port(), smtp_security::starttls);
  options.user = "shop";
  options.password = "wrong";
  const auto failure = send(*open(options));
  BOOST_TEST(reason(failure) == "The mail server replied 535 5.7.8 Authentication failed");
  BOOST_TEST(!failure->permanent);
}

BOOST_AUTO_TEST_CASE(replies_are_bounded_and_printable) {
  const auto failure = send_with_reply(
      "RCPT", "550-5.1.1 one\r\n550-5.1.1 two\x1b[31m\xff\r\n550 5.1.1 " + std::string(2000, 'x'));
  BOOST_TEST_REQUIRE(failure.has_value());
  BOOST_TEST(failure->permanent);
  BOOST_TEST(failure->reason.starts_with(
      "The mail server replied 550 5.1.1 one 5.1.1 two?[31m? 5.1.1 xxx"));
  BOOST_TEST(failure->reason.size() < 450U);
}

BOOST_AUTO_TEST_CASE(a_server_that_cannot_be_reached_has_a_stable_term) {
  const auto of = [](smtp_options o) { return reason(send(*open(std::move(o)))); };
  auto unknown = to_server(25);
  unknown.host = "host.invalid";
  BOOST_TEST(of(unknown) == "The mail server has not accepted the message: unresolved.");
  std::uint16_t closed = 0;
  {
    const smtp_server gone;
    closed = gone.port();
  }
  BOOST_TEST(of(to_server(closed)) == "The mail server has not accepted the message: unreachable.");
  const smtp_server plain;
  auto hello_of_tls = to_server(plain.port(), smtp_security::tls);
  BOOST_TEST(of(hello_of_tls) == "The mail server has not accepted the message: tls_failed.");
  smtp_server silent({.reply = [](const std::string& line) -> std::string {
    return line.starts_with("MAIL") ? "close" : "";
  }});
  BOOST_TEST(of(to_server(silent.port())) ==
             "The mail server has not accepted the message: connection_lost.");
}

BOOST_AUTO_TEST_CASE(a_mail_whose_reply_is_lost_is_sent_again_with_the_same_message_id) {
  std::atomic<int> ends{0};
  smtp_server server({.reply = [&](const std::string& line) -> std::string {
    return line == "." && ++ends == 1 ? "take" : "";
  }});
  const auto channel = open(to_server(server.port()));
  const auto lost = send(*channel);
  BOOST_TEST_REQUIRE(lost.has_value());
  BOOST_TEST(!lost->permanent);
  BOOST_TEST(reason(send(*channel)) == "");
  const auto mails = server.mails();
  BOOST_TEST_REQUIRE(mails.size() == 2U);
  const auto id = parse(mails[0].text).value().message_id;
  BOOST_TEST(id.find(key) != std::string::npos);
  BOOST_TEST(parse(mails[1].text).value().message_id == id);
}

BOOST_AUTO_TEST_CASE(a_connection_that_the_server_closed_when_idle_is_replaced) {
  for (const std::string reply : {"close", "421 4.4.2 Timeout"}) {
    std::atomic<int> mails{0};
    smtp_server server({.reply = [&](const std::string& line) -> std::string {
      return line.starts_with("MAIL") && ++mails == 2 ? reply : "";
    }});
    const auto channel = open(to_server(server.port()));
    BOOST_TEST(reason(send(*channel)) == "");
    BOOST_TEST(reason(send(*channel)) == "");
    BOOST_TEST(server.mails().size() == 2U);
    BOOST_TEST(server.connections() == 2);
  }
}

BOOST_AUTO_TEST_CASE(an_idle_connection_is_closed_with_quit) {
  std::atomic<int> quits{0};
  smtp_server server({.reply = [&](const std::string& line) -> std::string {
    quits += line == "QUIT";
    return "";
  }});
  auto options = to_server(server.port());
  options.idle_timeout = 100ms;
  const auto channel = open(options);
  BOOST_TEST(reason(send(*channel)) == "");
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (quits == 0 && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(5ms);
  BOOST_TEST(quits == 1);
  BOOST_TEST(reason(send(*channel)) == "");
  BOOST_TEST(server.connections() == 2);
}

BOOST_AUTO_TEST_CASE(unreachable_servers_are_temporary_failures) {
  smtp_server server;
  auto options = to_server(server.port());
  options.allowed_networks.clear();
  const auto rejected = send(*open(options));
  BOOST_TEST(
      reason(rejected).find("is not in notification.smtp_allowed_networks: ") != std::string::npos,
      reason(rejected));
  BOOST_TEST(!rejected->permanent);
  BOOST_TEST(server.connections() == 0);
  auto nowhere = to_server(1);
  BOOST_TEST(!send(*open(nowhere)).value().permanent);
  test::fault_server silent([](test::fault_connection& c) { c.wait_for_close(); });
  auto impatient = to_server(silent.port());
  impatient.timeout = 300ms;
  const auto late = send(*open(impatient));
  BOOST_TEST(reason(late).find("timed_out") != std::string::npos, reason(late));
  BOOST_TEST(!late->permanent);
}

BOOST_AUTO_TEST_CASE(addresses_are_sent_in_ascii) {
  smtp_server server;
  const auto channel = open(to_server(server.port()));
  auto message = sample();
  message.to = "info@exämple.org";
  message.from = "Läden <shop@bücher.example>";
  BOOST_TEST(reason(send(*channel, message)) == "");
  message.to = "jürgen@example.org";
  const auto failure = send(*channel, message);
  BOOST_TEST_REQUIRE(failure.has_value());
  BOOST_TEST(failure->permanent);
  message.to = "ada@example.org>\r\nRCPT TO:<eve@example.org";
  BOOST_TEST(send(*channel, message).value().permanent);
  const auto mails = server.mails();
  BOOST_TEST_REQUIRE(mails.size() == 1U);
  BOOST_TEST(mails[0].to == "<info@xn--exmple-cua.org>");
  BOOST_TEST(mails[0].from.starts_with("<shop@xn--bcher-kva.example>"));
  const auto read = parse(mails[0].text).value();
  BOOST_TEST(read.to == "info@xn--exmple-cua.org");
  BOOST_TEST(read.from == "Läden <shop@xn--bcher-kva.example>");
  for (const char c : mails[0].text) BOOST_TEST_REQUIRE(static_cast<unsigned char>(c) < 0x80);
}

BOOST_AUTO_TEST_CASE(many_mails_share_the_connections) {
  smtp_server server;
  prometheus::Registry registry;
  auto options = to_server(server.port());
  options.connections = 3;
  options.metrics = &registry;
  const auto channel = open(options);
  constexpr std::size_t count = 60;
  std::atomic<std::size_t> sent{0};
  for (std::size_t i = 0; i < count; ++i) {
    channel->send(sample("key-" + std::to_string(i)),
                  [&](const auto& failure) { sent += !failure; });
  }
  const auto mails = server.wait_for(count);
  BOOST_TEST(mails.size() == count);
  BOOST_TEST(server.connections() <= 3);
  std::set<std::string> ids;
  for (const auto& m : mails) ids.insert(parse(m.text).value().message_id);
  BOOST_TEST(ids.size() == count);
  channel->stop();
  BOOST_TEST(sent == count);
  BOOST_TEST(prometheus::TextSerializer()
                 .Serialize(registry.Collect())
                 .find("stoa_smtp_connections_opened_total " +
                       std::to_string(server.connections())) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(stopping_ends_waiting_and_hung_mails) {
  test::fault_server silent([](test::fault_connection& c) { c.wait_for_close(); });
  auto options = to_server(silent.port());
  options.timeout = 60s;
  options.queue_max = 1;
  const auto channel = open(options);
  std::atomic<int> failures{0};
  const auto count = [&](const auto& failure) { failures += failure && !failure->permanent; };
  channel->send(sample("a"), count);
  while (silent.connections() == 0) std::this_thread::sleep_for(5ms);
  channel->send(sample("b"), count);
  channel->send(sample("c"), count);  // the queue is full
  BOOST_TEST(failures == 1);
  const auto begun = std::chrono::steady_clock::now();
  channel->stop();
  BOOST_TEST((std::chrono::steady_clock::now() - begun < 20s));
  BOOST_TEST(failures == 3);
  channel->send(sample("d"), count);
  BOOST_TEST(failures == 4);
}

BOOST_AUTO_TEST_CASE(the_options_follow_from_the_settings) {
  notification_settings s;
  s.mail_from = "Läden <shop@bücher.example>";
  s.smtp_host = "mail.example";
  s.smtp_port = 465;
  s.smtp_security = "tls";
  s.smtp_user = "shop";
  s.smtp_password_file = (dir / "password").string();
  BOOST_TEST(!smtp_options_of(s).has_value());
  std::ofstream(s.smtp_password_file) << "s3cret\n";
  std::filesystem::permissions(s.smtp_password_file, std::filesystem::perms{0644});
  BOOST_TEST(!smtp_options_of(s).has_value());
  std::filesystem::permissions(s.smtp_password_file, std::filesystem::perms{0600});
  const auto o = smtp_options_of(s).value();
  BOOST_TEST(o.password == "s3cret");
  BOOST_TEST(o.hello == "xn--bcher-kva.example");
  BOOST_TEST(o.port == 465);
  BOOST_TEST((o.security == smtp_security::tls));
  BOOST_TEST(o.signer == nullptr);
}

BOOST_AUTO_TEST_SUITE_END()
