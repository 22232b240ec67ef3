// Emails in a folder: what is written is read back, and one email per key, whatever happens to the
// files.

#include "net/mail/mbox.hpp"

#include "tests/support/sample_mail.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <fstream>
#include <future>
#include <iterator>
#include <sstream>
#include <sys/file.h>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace stoa;
using mail::mbox;
using mail::read_mbox;
using notification::outgoing;
using stoa::test::hard_mail_text;
using stoa::test::sample_mail;
namespace fs = std::filesystem;

namespace {

std::unique_ptr<mbox> open_folder(const fs::path& path, mail::mbox_options options = {}) {
  options.directory = path;
  auto opened = mbox::open(options);
  BOOST_REQUIRE_MESSAGE(opened.has_value(), "the mail folder does not open");
  return std::move(*opened);
}

// The error, "" on delivery.
std::string send(mbox& folder, outgoing message) {
  std::promise<std::string> promise;
  folder.send(std::move(message),
              [&](auto failure) { promise.set_value(failure ? failure->reason : ""); });
  return promise.get_future().get();
}

std::vector<std::string> files_of(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".mbox") names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

fs::path newest_file(const fs::path& folder) {
  return folder / files_of(folder).back();
}

std::string content_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void append_to(const fs::path& file, std::string_view bytes) {
  std::ofstream(file, std::ios::binary | std::ios::app) << bytes;
}

void replace_in(const fs::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

std::vector<std::string> keys_of(const fs::path& folder) {
  std::vector<std::string> keys;
  for (const auto& m : read_mbox(folder)) keys.push_back(m.content.key);
  std::ranges::sort(keys);
  return keys;
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

}  // namespace

BOOST_AUTO_TEST_SUITE(mail_folder)

BOOST_AUTO_TEST_CASE(what_is_written_is_read_back) {
  const test::temp_dir dir;
  auto folder = open_folder(dir / "mail");
  auto message = sample_mail();
  message.text = hard_mail_text();
  message.html = "<p>Größe = 5 &amp; 你好</p>\n";
  message.subject = "Bestellung bestätigt: 你好 " + std::string(120, 'q') + " =?UTF-8?B?eA==?=";
  BOOST_TEST(send(*folder, message) == "");
  const auto mails = read_mbox(dir / "mail");
  BOOST_REQUIRE(mails.size() == 1u);
  const auto& read = mails[0].content;
  BOOST_TEST(read.key == message.key);
  BOOST_TEST(read.to == message.to);
  BOOST_TEST(read.from == message.from);
  BOOST_TEST(read.subject == message.subject);
  BOOST_TEST(read.text == message.text);
  BOOST_TEST(read.html == message.html);

  auto plain = sample_mail("plain");
  plain.html = "";
  BOOST_TEST(mail::parse(mail::compose(plain).value())->text == plain.text);
  BOOST_TEST(mail::parse(mail::compose(plain).value())->html == "");
}

// Python's own mail parser as an independent check.
BOOST_AUTO_TEST_CASE(another_program_reads_the_same) {
  if (!run("python3 -c 'import email, email.policy'")) {
    BOOST_TEST_MESSAGE("python3 is not installed: not checked by another program");
    return;
  }
  const test::temp_dir dir;
  auto folder = open_folder(dir / "mail");
  auto message = sample_mail();
  message.text = hard_mail_text();
  message.html = "<p>Größe</p>\n";
  message.subject = "Bestellung bestätigt " + std::string(120, 'q');
  BOOST_TEST(send(*folder, message) == "");
  BOOST_TEST(send(*folder, sample_mail("second")) == "");
  std::ofstream(dir / "judge.py") << R"(
import mailbox, sys, email.policy, email
box = mailbox.mbox(sys.argv[1], factory=lambda f: email.message_from_binary_file(f, policy=email.policy.default))
assert len(box) == 2
m = box[0]
assert box[1]['X-Stoa-Key'] == 'second'
assert len(box.get_bytes(0).split(b'\n\n', 1)[1]) == int(m['Content-Length'])
assert not m.defects and m.is_multipart() and m.get_content_type() == 'multipart/alternative', m.defects
for p in m.walk(): assert not p.defects, p.defects
sys.stdout.write('\n'.join([m['subject'], m['from'].addresses[0].display_name, m['from'].addresses[0].addr_spec,
  m['to'], str(m['date'].datetime.timestamp()), m.get_body(('html',)).get_content(), m.get_body(('plain',)).get_content()]))
)";
  const auto judged = run("python3 -X utf8 " + (dir / "judge.py").string() + " " +
                          newest_file(dir / "mail").string());
  BOOST_REQUIRE(judged.has_value());
  BOOST_TEST(*judged == message.subject +
                            "\nTea & Co\nshop@example.com\nada@example.org\n1795377479.0\n" +
                            message.html + "\n" + message.text);
}

BOOST_AUTO_TEST_CASE(a_key_is_delivered_once) {
  const test::temp_dir dir;
  auto folder = open_folder(dir / "mail");
  BOOST_TEST(send(*folder, sample_mail("one")) == "");
  BOOST_TEST(send(*folder, sample_mail("one")) == "");
  BOOST_TEST(send(*folder, sample_mail("two")) == "");
  BOOST_TEST((keys_of(dir / "mail") == std::vector{"one"s, "two"s}));
  // Another process, after this one and beside it.
  auto other = open_folder(dir / "mail");
  BOOST_TEST(send(*other, sample_mail("one")) == "");
  BOOST_TEST(send(*other, sample_mail("three")) == "");
  BOOST_TEST(send(*folder, sample_mail("three")) == "");
  BOOST_TEST(send(*folder, sample_mail("four")) == "");
  BOOST_TEST(send(*other, sample_mail("four")) == "");
  BOOST_TEST((keys_of(dir / "mail") == std::vector{"four"s, "one"s, "three"s, "two"s}));
}

BOOST_AUTO_TEST_CASE(two_processes_write_at_the_same_time) {
  const test::temp_dir dir;
  auto first = open_folder(dir / "mail", {.batch_max = 3, .file_bytes_max = 20'000});
  auto second = open_folder(dir / "mail", {.batch_max = 5, .file_bytes_max = 20'000});
  std::atomic<int> delivered = 0;
  for (int i = 0; i < 200; ++i) {
    for (auto* folder : {first.get(), second.get()}) {
      folder->send(sample_mail(std::to_string(i)),
                   [&](const auto& failure) { delivered += !failure; });
    }
  }
  first->stop();
  second->stop();
  BOOST_TEST(delivered == 400);
  const auto keys = keys_of(dir / "mail");
  BOOST_TEST(keys.size() == 200u);
  BOOST_TEST((std::ranges::adjacent_find(keys) == keys.end()));
  BOOST_TEST(files_of(dir / "mail").size() > 3u);
}

BOOST_AUTO_TEST_CASE(a_lock_that_is_not_released_fails_the_emails) {
  const test::temp_dir dir;
  auto folder = open_folder(dir / "mail", {.lock_wait_max = 50ms});
  BOOST_TEST(send(*folder, sample_mail("one")) == "");
  const int other = ::open((dir / "mail/lock").c_str(), O_RDWR);
  BOOST_REQUIRE(::flock(other, LOCK_EX) == 0);
  BOOST_TEST(send(*folder, sample_mail("two")).find("another process holds the lock") !=
             std::string::npos);
  ::close(other);
  BOOST_TEST(send(*folder, sample_mail("two")) == "");
  BOOST_TEST((keys_of(dir / "mail") == std::vector{"one"s, "two"s}));
}

BOOST_AUTO_TEST_CASE(a_day_and_a_full_file_begin_a_new_one) {
  const test::temp_dir dir;
  manual_clock time(*timestamp::parse("2026-11-29T23:59:59Z"));
  const mail::mbox_options options{.file_bytes_max = 1000, .time = &time};
  auto folder = open_folder(dir / "mail", options);
  for (int i = 0; i < 22; ++i)
    BOOST_TEST(send(*folder, sample_mail("a" + std::to_string(i))) == "");
  BOOST_TEST(fs::exists(dir / "mail/2026-11-29.11.mbox"));
  time.advance(seconds{1});
  BOOST_TEST(send(*folder, sample_mail("b")) == "");
  BOOST_TEST(fs::exists(dir / "mail/2026-11-30.1.mbox"));
  // The clock of another process is behind.
  time.set(*timestamp::parse("2026-11-28T00:00:00Z"));
  auto other = open_folder(dir / "mail", options);
  BOOST_TEST(send(*other, sample_mail("c")) == "");
  BOOST_TEST(send(*other, sample_mail("d")) == "");
  BOOST_TEST(send(*other, sample_mail("a0")) == "");
  BOOST_TEST(files_of(dir / "mail").size() == 13u);
  BOOST_TEST(fs::exists(dir / "mail/2026-11-30.2.mbox"));
  BOOST_TEST(keys_of(dir / "mail").size() == 25u);
}

BOOST_AUTO_TEST_CASE(repeats_of_the_newest_are_recognised) {
  const test::temp_dir dir;
  const mail::mbox_options options{.file_bytes_max = 1000, .keys_max = 3};
  auto folder = open_folder(dir / "mail", options);
  for (const auto* key : {"a", "b", "c", "d", "e"})
    BOOST_TEST(send(*folder, sample_mail(key)) == "");
  for (const auto* key : {"c", "d", "e"}) BOOST_TEST(send(*folder, sample_mail(key)) == "");
  BOOST_TEST(keys_of(dir / "mail").size() == 5u);
  folder = open_folder(dir / "mail", options);
  for (const auto* key : {"c", "d", "e"}) BOOST_TEST(send(*folder, sample_mail(key)) == "");
  BOOST_TEST(keys_of(dir / "mail").size() == 5u);
  BOOST_TEST(send(*folder, sample_mail("a")) == "");
  BOOST_TEST(keys_of(dir / "mail").size() == 6u);
}

BOOST_AUTO_TEST_CASE(what_a_crash_left_of_a_write_goes_away) {
  const test::temp_dir dir;
  BOOST_TEST(send(*open_folder(dir / "mail"), sample_mail("one")) == "");
  const auto file = newest_file(dir / "mail");
  const auto whole = content_of(file);
  BOOST_TEST(send(*open_folder(dir / "mail"), sample_mail("two")) == "");
  const auto both = content_of(file);
  // Each prefix, also with zeros instead of what is missing.
  for (std::size_t kept = whole.size(); kept < both.size(); ++kept) {
    for (const bool zeros : {false, true}) {
      auto torn = both.substr(0, kept);
      if (zeros) torn.resize(both.size(), '\0');
      replace_in(file, torn);
      BOOST_REQUIRE(read_mbox(dir / "mail").size() == 1u);
      if (kept % 50 != 0) continue;
      BOOST_TEST(send(*open_folder(dir / "mail"), sample_mail("one")) == "");
      BOOST_TEST(content_of(file) == whole);
      BOOST_TEST(send(*open_folder(dir / "mail"), sample_mail("two")) == "");
      BOOST_TEST(content_of(file) == both);
    }
  }
}

BOOST_AUTO_TEST_CASE(files_that_others_change_are_read_again) {
  const test::temp_dir dir;
  auto folder = open_folder(dir / "mail");
  BOOST_TEST(send(*folder, sample_mail("one")) == "");
  BOOST_TEST(send(*folder, sample_mail("two")) == "");
  const auto file = newest_file(dir / "mail");
  const auto content = content_of(file);
  // A mail program has deleted the first one and rewritten the file.
  const auto second = content.find("\n\nFrom ") + 2;
  replace_in(file, content.substr(second));
  BOOST_TEST(send(*folder, sample_mail("two")) == "");
  BOOST_TEST((keys_of(dir / "mail") == std::vector{"two"s}));
  BOOST_TEST(send(*folder, sample_mail("one")) == "");
  BOOST_TEST((keys_of(dir / "mail") == std::vector{"one"s, "two"s}));
  // An email without a length, as other programs write it.
  append_to(file, "From ada@example.org Sun Nov 22 19:57:59 2026\nSubject: x\n\nHello\n\n");
  BOOST_TEST(send(*folder, sample_mail("three")) == "");
  BOOST_TEST(send(*open_folder(dir / "mail"), sample_mail("three")) == "");
  const auto now = content_of(file);
  BOOST_TEST(now.find("Hello\n\nFrom shop@example.com Sun Nov 22 19:57:59 2026\n") != now.npos);
  BOOST_CHECK_THROW(read_mbox(dir / "mail"), std::runtime_error);
  // What is no email is not touched, and another file is begun.
  append_to(file, "Dear diary");
  BOOST_TEST(send(*folder, sample_mail("four")) == "");
  BOOST_TEST(content_of(file).ends_with("Dear diary"));
  BOOST_TEST(files_of(dir / "mail").size() == 2u);
  // The files and the folder have disappeared.
  fs::remove_all(dir / "mail");
  BOOST_TEST(send(*folder, sample_mail("four")).find("No such file") != std::string::npos);
  fs::create_directory(dir / "mail");
  BOOST_TEST(send(*folder, sample_mail("four")) == "");
  BOOST_TEST((keys_of(dir / "mail") == std::vector{"four"s}));
}

BOOST_AUTO_TEST_CASE(repeats_in_one_batch_and_odd_keys_are_distinguished) {
  const test::temp_dir dir;
  auto folder = open_folder(dir / "mail");
  const std::string keys[] = {"a",         "a/b",  "../a", "a.b", ".", "A", std::string(500, 'k'),
                              "schlüssel", "a:2,S"};
  std::atomic<int> delivered = 0;
  for (int repeat = 0; repeat < 20; ++repeat) {
    for (const auto& key : keys) {
      folder->send(sample_mail(key), [&](const auto& failure) { delivered += !failure; });
    }
  }
  folder->stop();
  BOOST_TEST(delivered == 20 * static_cast<int>(std::size(keys)));
  const auto mails = read_mbox(dir / "mail");
  BOOST_TEST(mails.size() == std::size(keys));
  for (const auto& key : keys) {
    BOOST_TEST(std::count_if(mails.begin(), mails.end(),
                             [&](const auto& m) { return m.content.key == key; }) == 1);
  }
}

BOOST_AUTO_TEST_CASE(failures_are_reported) {
  const test::temp_dir dir;
  std::ofstream(dir / "file") << "x";
  BOOST_TEST(mbox::open({.directory = dir / "file"}).has_error());
  auto folder = open_folder(dir / "mail");
  auto bad = sample_mail();
  bad.to = "nobody";
  BOOST_TEST(send(*folder, bad).starts_with("/to: "));
  BOOST_TEST(files_of(dir / "mail").empty());
  BOOST_TEST(send(*folder, sample_mail()) == "");
  folder->stop();
  BOOST_TEST(send(*folder, sample_mail("late")).find("closing") != std::string::npos);
  BOOST_TEST(read_mbox(dir / "mail").size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_full_disk_leaves_nothing) {
  const test::temp_dir dir;
  auto folder = open_folder(dir / "mail");
  BOOST_TEST(send(*folder, sample_mail("one")) == "");
  const auto before = content_of(newest_file(dir / "mail"));
  ::rlimit old{};
  ::getrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, SIG_IGN);
  const ::rlimit small{before.size() + 300, old.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &small);
  const auto failure = send(*folder, sample_mail("two"));
  ::setrlimit(RLIMIT_FSIZE, &old);
  BOOST_TEST(failure.find("File too large") != std::string::npos);
  BOOST_TEST(content_of(newest_file(dir / "mail")) == before);
  // The keys are still known.
  BOOST_TEST(send(*folder, sample_mail("one")) == "");
  BOOST_TEST(send(*folder, sample_mail("two")) == "");
  BOOST_TEST(read_mbox(dir / "mail").size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_full_queue_refuses_at_once) {
  const test::temp_dir dir;
  auto opened = mbox::open({.directory = dir / "mail", .queue_max = 3, .batch_max = 1});
  BOOST_REQUIRE(opened.has_value());
  auto& folder = **opened;
  std::promise<void> held;
  std::promise<void> release;
  folder.send(sample_mail("hold"), [&](auto&&) {
    held.set_value();
    release.get_future().wait();
  });
  held.get_future().wait();
  std::atomic<int> refused = 0;
  std::atomic<int> delivered = 0;
  for (int i = 0; i < 5; ++i) {
    folder.send(sample_mail(std::to_string(i)),
                [&](const auto& failure) { ++(failure ? refused : delivered); });
  }
  BOOST_TEST(refused == 2);
  release.set_value();
  folder.stop();
  BOOST_TEST(delivered == 3);
}

BOOST_AUTO_TEST_CASE(many_mails_share_their_syncs) {
  const test::temp_dir dir;
  auto folder = open_folder(dir / "mail");
  constexpr int total = 4000;
  std::atomic<int> delivered = 0;
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < total; ++i) {
    folder->send(sample_mail(std::to_string(i)), [&](auto&& error) { delivered += !error; });
  }
  folder->stop();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  BOOST_TEST(delivered == total);
  BOOST_TEST(read_mbox(dir / "mail").size() == static_cast<std::size_t>(total));
  BOOST_TEST_MESSAGE("mail folder: " << static_cast<int>(total / took.count()) << " mails/s");
  BOOST_TEST(total / took.count() > 50);  // A sync per email takes longer, even on a fast disk.
}

BOOST_AUTO_TEST_SUITE_END()
