// Mail in a folder: the file's content, hostile values stay data, and one mail per key.

#include "net/mail/maildir.hpp"

#include "net/mail/coding.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <future>
#include <iterator>
#include <sstream>
#include <thread>
#include <unistd.h>

using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace stoa;
using mail::compose;
using mail::maildir;
using mail::read_maildir;
using notification::outgoing;
namespace fs = std::filesystem;

namespace {

outgoing sample(std::string key = "019368a0-0000-7000-8000-000000000001") {
  return {.key = std::move(key),
          .to = "ada@example.org",
          .from = "Tea & Co <shop@example.com>",
          .subject = "Your order is confirmed",
          .text = "Hello,\n\nthank you.\n",
          .html = "<p>Hello,</p>\n<p>thank you.</p>\n",
          .date = timestamp::parse("2026-11-22T19:57:59Z").value()};
}

std::unique_ptr<maildir> open_folder(const fs::path& path) {
  auto opened = maildir::open({.directory = path});
  BOOST_REQUIRE_MESSAGE(opened.has_value(), "the mail folder does not open");
  return std::move(*opened);
}

// The error, "" on delivery.
std::string send(maildir& folder, outgoing message) {
  std::promise<std::string> promise;
  folder.send(std::move(message),
              [&](auto failure) { promise.set_value(failure ? failure->reason : ""); });
  return promise.get_future().get();
}

std::string composed(const outgoing& message) {
  const auto text = compose(message);
  BOOST_REQUIRE(text.has_value());
  return *text;
}
std::string refused_member(const outgoing& message) {
  const auto text = compose(message);
  return text ? "" : text.error().errors.at(0).pointer;
}

std::size_t files_in(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

// The command's output, or nothing when it fails.
std::optional<std::string> run(const std::string& command) {
  FILE* pipe = ::popen((command + " 2>/dev/null").c_str(), "r");
  if (pipe == nullptr) return std::nullopt;
  std::string out;
  char part[4096];
  for (std::size_t got = 0; (got = std::fread(part, 1, sizeof part, pipe)) > 0;)
    out.append(part, got);
  return ::pclose(pipe) == 0 ? std::optional(out) : std::nullopt;
}

const std::string hard_text = "Liebe Grüße, 你好, 🐎\n.\nFrom here\n" + std::string(300, 'x') +
                              "\ntrailing blank \ntab\t\n=3D=\n" + std::string(200, '=') + "\n" +
                              std::string(74, 'a') + " b\n";

}  // namespace

BOOST_AUTO_TEST_SUITE(mail_folder)

BOOST_AUTO_TEST_CASE(a_mail_has_the_form_of_rfc_5322) {
  const auto text = composed(sample());
  BOOST_TEST(
      text.starts_with("Date: Sun, 22 Nov 2026 19:57:59 +0000\r\n"
                       "From: =?UTF-8?B?VGVhICYgQ28=?=\r\n <shop@example.com>\r\n"
                       "To: ada@example.org\r\n"
                       "Subject: Your order is confirmed\r\n"
                       "Message-ID: <k.019368a0-0000-7000-8000-000000000001@example.com>\r\n"));
  BOOST_TEST(text.find("MIME-Version: 1.0\r\n") != std::string::npos);
  BOOST_TEST(text.find("multipart/alternative") != std::string::npos);
  BOOST_TEST(text.find("\r\n\r\nHello,\r\n\r\nthank you.\r\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(lines_stay_short_and_ascii_whatever_the_text) {
  auto message = sample();
  message.text = hard_text;
  message.html = "<p>" + std::string(5000, 'y') + "ß</p>";
  message.subject = std::string(100, 'S') + " Größe 你好" + std::string(200, 'Z');
  message.from = "Größter \"Laden\" <shop@example.com>";
  std::istringstream lines(composed(message));
  for (std::string line; std::getline(lines, line);) {
    BOOST_REQUIRE(!line.empty());
    BOOST_TEST(line.back() == '\r');
    BOOST_TEST(line.size() <= 79u);
    BOOST_TEST(std::all_of(line.begin(), line.end(), [](char c) { return c > 0; }));
    BOOST_TEST((line.size() < 2 || line[line.size() - 2] != ' '));
  }
}

BOOST_AUTO_TEST_CASE(what_is_written_is_read_back) {
  const test::temp_dir dir;
  auto folder = open_folder(dir / "mail");
  auto message = sample();
  message.text = hard_text;
  message.html = "<p>Größe = 5 &amp; 你好</p>\n";
  message.subject = "Bestellung bestätigt: 你好 " + std::string(120, 'q') + " =?UTF-8?B?eA==?=";
  BOOST_TEST(send(*folder, message) == "");
  const auto mails = read_maildir(dir / "mail");
  BOOST_REQUIRE(mails.size() == 1u);
  const auto& read = mails[0].content;
  BOOST_TEST(read.key == message.key);
  BOOST_TEST(read.to == message.to);
  BOOST_TEST(read.from == message.from);
  BOOST_TEST(read.subject == message.subject);
  BOOST_TEST(read.text == message.text);
  BOOST_TEST(read.html == message.html);

  auto plain = sample("plain");
  plain.html = "";
  BOOST_TEST(mail::parse(composed(plain))->text == plain.text);
  BOOST_TEST(mail::parse(composed(plain))->html == "");
}

BOOST_AUTO_TEST_CASE(a_mail_can_be_unsubscribed_from_and_name_the_first_one) {
  auto message = sample();
  BOOST_TEST(composed(message).find("List-Unsubscribe") == std::string::npos);
  message.unsubscribe_url = "https://shop.example/unsubscribe?token=" + std::string(120, 'x');
  message.resend_of = "first";
  const auto text = composed(message);
  BOOST_TEST(text.find("\r\nList-Unsubscribe: <" + message.unsubscribe_url +
                       ">\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n") !=
             std::string::npos);
  BOOST_TEST(mail::parse(text)->unsubscribe == "<" + message.unsubscribe_url + ">");
  BOOST_TEST(mail::parse(text)->resend_of == "first");
  for (const auto& bad : {"https://a/ b"s, "https://a/\r\nBcc: x"s, "https://a/>, <x"s,
                          "https://ä/"s, std::string(901, 'x')}) {
    message.unsubscribe_url = bad;
    BOOST_TEST(refused_member(message) == "/unsubscribe_url");
  }
}

// Python's own mail parser as an independent check.
BOOST_AUTO_TEST_CASE(another_program_reads_the_same) {
  if (!run("python3 -c 'import email, email.policy'")) {
    BOOST_TEST_MESSAGE("python3 is not installed: not checked by another program");
    return;
  }
  const test::temp_dir dir;
  auto folder = open_folder(dir / "mail");
  auto message = sample();
  message.text = hard_text;
  message.html = "<p>Größe</p>\n";
  message.subject = "Bestellung bestätigt " + std::string(120, 'q');
  BOOST_TEST(send(*folder, message) == "");
  std::ofstream(dir / "judge.py") << R"(
import mailbox, sys, email.policy, email
box = mailbox.Maildir(sys.argv[1], factory=lambda f: email.message_from_binary_file(f, policy=email.policy.default))
assert len(box) == 1
m = next(iter(box))
assert not m.defects and m.is_multipart() and m.get_content_type() == 'multipart/alternative', m.defects
for p in m.walk(): assert not p.defects, p.defects
sys.stdout.write('\n'.join([m['subject'], m['from'].addresses[0].display_name, m['from'].addresses[0].addr_spec,
  m['to'], str(m['date'].datetime.timestamp()), m.get_body(('html',)).get_content(), m.get_body(('plain',)).get_content()]))
)";
  const auto judged =
      run("python3 -X utf8 " + (dir / "judge.py").string() + " " + (dir / "mail").string());
  BOOST_REQUIRE(judged.has_value());
  BOOST_TEST(*judged == message.subject +
                            "\nTea & Co\nshop@example.com\nada@example.org\n1795377479.0\n" +
                            message.html + "\n" + message.text);
}

BOOST_AUTO_TEST_CASE(headers_can_t_be_smuggled_in) {
  auto message = sample();
  for (const auto& bad :
       {"a\r\nBcc: x@example.org"s, "a\nb"s, "a\rb"s, "a\0b"s, "a\x7f"s, "\xff"s}) {
    for (auto member : {&outgoing::to, &outgoing::from, &outgoing::subject, &outgoing::key}) {
      auto hostile = message;
      hostile.*member = bad;
      BOOST_TEST(refused_member(hostile) != "");
    }
  }
  message.subject = "\xff";
  BOOST_TEST(refused_member(message) == "/subject");
  message = sample();
  message.text = "\xc3";
  BOOST_TEST(refused_member(message) == "/text");
  message = sample();
  message.html = "\xed\xa0\x80";
  BOOST_TEST(refused_member(message) == "/html");
}

BOOST_AUTO_TEST_CASE(what_is_no_address_is_refused) {
  for (const auto& bad :
       {""s, "ada"s, "@example.org"s, "ada@"s, "a@b@c"s, "a@example.org, b@example.org"s,
        "Ada <ada@example.org>"s, "ada @example.org"s, "ada@.org"s, "ada@example.org."s,
        ".ada@example.org"s, "a..b@example.org"s, std::string(65, 'a') + "@example.org",
        "a@" + std::string(300, 'b')}) {
    auto message = sample();
    message.to = bad;
    BOOST_TEST(refused_member(message) == "/to", bad);
  }
  for (const auto& good : {"a@b"s, "jörg@münchen.example"s, "a+b.c=d@example.org"s}) {
    auto message = sample();
    message.to = good;
    BOOST_TEST(refused_member(message) == "", good);
  }
  auto message = sample();
  message.from = "Shop <shop@example.org> x";
  BOOST_TEST(refused_member(message) == "/from");
  message.from = "shop@example.org";
  BOOST_TEST(composed(message).find("From: shop@example.org\r\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_key_is_delivered_once) {
  const test::temp_dir dir;
  auto folder = open_folder(dir / "mail");
  BOOST_TEST(send(*folder, sample("one")) == "");
  BOOST_TEST(send(*folder, sample("one")) == "");
  BOOST_TEST(files_in(dir / "mail/new") == 1u);

  // A mail program moves it into cur, with flags after its name.
  const auto file = fs::directory_iterator(dir / "mail/new")->path();
  fs::rename(file, dir / "mail/cur" / (file.filename().string() + ":2,S"));
  BOOST_TEST(send(*folder, sample("one")) == "");
  BOOST_TEST(send(*folder, sample("two")) == "");
  BOOST_TEST(files_in(dir / "mail/new") == 1u);
  folder = open_folder(dir / "mail");
  BOOST_TEST(send(*folder, sample("one")) == "");
  BOOST_TEST(send(*folder, sample("two")) == "");
  BOOST_TEST(read_maildir(dir / "mail").size() == 2u);
  BOOST_TEST(files_in(dir / "mail/tmp") == 0u);
}

BOOST_AUTO_TEST_CASE(repeats_in_one_batch_and_odd_keys_are_distinguished) {
  const test::temp_dir dir;
  auto folder = open_folder(dir / "mail");
  const std::string keys[] = {"a",         "a/b",  "../a", "a.b", ".", "A", std::string(500, 'k'),
                              "schlüssel", "a:2,S"};
  std::atomic<int> delivered = 0;
  for (int repeat = 0; repeat < 20; ++repeat) {
    for (const auto& key : keys) {
      folder->send(sample(key), [&](const auto& failure) { delivered += !failure; });
    }
  }
  folder->stop();
  BOOST_TEST(delivered == 20 * static_cast<int>(std::size(keys)));
  const auto mails = read_maildir(dir / "mail");
  BOOST_TEST(mails.size() == std::size(keys));
  for (const auto& key : keys) {
    BOOST_TEST(std::count_if(mails.begin(), mails.end(),
                             [&](const auto& m) { return m.content.key == key; }) == 1);
  }
}

BOOST_AUTO_TEST_CASE(failures_are_reported) {
  const test::temp_dir dir;
  std::ofstream(dir / "file") << "x";
  BOOST_TEST(maildir::open({.directory = dir / "file"}).has_error());
  auto folder = open_folder(dir / "mail");
  auto bad = sample();
  bad.to = "nobody";
  BOOST_TEST(send(*folder, bad).starts_with("/to: "));
  fs::remove_all(dir / "mail/tmp");
  BOOST_TEST(send(*folder, sample()).find("No such file") != std::string::npos);
  fs::create_directory(dir / "mail/tmp");
  BOOST_TEST(send(*folder, sample()) == "");
  folder->stop();
  BOOST_TEST(send(*folder, sample("late")).find("closing") != std::string::npos);
  BOOST_TEST(read_maildir(dir / "mail").size() == 1u);
  std::ofstream(dir / "mail/new/foreign") << "not a mail";
  BOOST_CHECK_THROW(read_maildir(dir / "mail"), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(a_full_queue_refuses_at_once) {
  const test::temp_dir dir;
  auto opened = maildir::open({.directory = dir / "mail", .queue_max = 3, .batch_max = 1});
  BOOST_REQUIRE(opened.has_value());
  auto& folder = **opened;
  std::promise<void> held;
  std::promise<void> release;
  folder.send(sample("hold"), [&](auto&&) {
    held.set_value();
    release.get_future().wait();
  });
  held.get_future().wait();
  std::atomic<int> refused = 0;
  std::atomic<int> delivered = 0;
  for (int i = 0; i < 5; ++i) {
    folder.send(sample(std::to_string(i)),
                [&](const auto& failure) { ++(failure ? refused : delivered); });
  }
  BOOST_TEST(refused == 2);
  release.set_value();
  folder.stop();
  BOOST_TEST(delivered == 3);
}

BOOST_AUTO_TEST_CASE(leftovers_of_a_crash_go_away) {
  const test::temp_dir dir;
  open_folder(dir / "mail");
  for (const char* name : {"k.old.stoa", "k.young.stoa", "foreign"})
    std::ofstream(dir / "mail/tmp" / name) << "x";
  const auto old = fs::file_time_type::clock::now() - 2h;
  fs::last_write_time(dir / "mail/tmp/k.old.stoa", old);
  fs::last_write_time(dir / "mail/tmp/foreign", old);
  auto folder = open_folder(dir / "mail");
  BOOST_TEST(!fs::exists(dir / "mail/tmp/k.old.stoa"));
  BOOST_TEST(fs::exists(dir / "mail/tmp/k.young.stoa"));
  BOOST_TEST(fs::exists(dir / "mail/tmp/foreign"));
  BOOST_TEST(send(*folder, sample("young")) == "");
  BOOST_TEST(read_maildir(dir / "mail")[0].content.text == sample().text);
}

BOOST_AUTO_TEST_CASE(many_mails_share_their_syncs) {
  const test::temp_dir dir;
  auto folder = open_folder(dir / "mail");
  constexpr int total = 4000;
  std::atomic<int> delivered = 0;
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < total; ++i) {
    folder->send(sample(std::to_string(i)), [&](auto&& error) { delivered += !error; });
  }
  folder->stop();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  BOOST_TEST(delivered == total);
  BOOST_TEST(files_in(dir / "mail/new") == static_cast<std::size_t>(total));
  BOOST_TEST_MESSAGE("maildir: " << static_cast<int>(total / took.count()) << " mails/s");
  // A folder sync per mail would take longer even on a fast disk; a busy machine passes.
  BOOST_TEST(total / took.count() > 50);
}

BOOST_AUTO_TEST_SUITE_END()
