// `stoa keys`: the steps of rotating each kind of key, and invalid files.

#include "tests/support/server.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <sstream>
#include <sys/stat.h>

using namespace stoa::test;
namespace fs = std::filesystem;
using strings = std::vector<std::string>;

namespace {

class key_files {
 public:
  key_files() { does({"create"}); }

  finished_program run(strings words) const {
    words.insert(words.begin(), "keys");
    return run_program(stoa_binary(), words,
                       {{"STOA_AUTH_KEYS_DIR", folder().string()},
                        {"STOA_NATS_SIGNING_KEY_FILE", (folder() / "events.keys").string()}});
  }
  /// Runs a command that must succeed; returns its output.
  std::string does(const strings& words) const {
    const auto done = run(words);
    BOOST_TEST(done.exit_code == 0, done.output);
    return done.output;
  }
  std::string rotate(const std::string& kind) const { return does({"rotate", "--kind", kind}); }
  /// The states of the keys of a kind, in list order.
  strings states(const std::string& kind) const {
    strings found;
    std::istringstream lines(run({"list"}).output);
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with(kind + " ")) found.push_back(line.substr(line.rfind(' ') + 1));
    }
    return found;
  }
  fs::path folder() const { return dir_ / "keys"; }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder() / name) << text;
    ::chmod((folder() / name).c_str(), 0600);
  }
  std::string text_of(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(folder() / name).rdbuf();
    return text.str();
  }

 private:
  temp_dir dir_;
};

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_kind_is_rotated_in_three_steps) {
  const key_files keys;
  keys.rotate("events");
  const std::vector<std::pair<std::string, std::string>> kinds{
      {"tokens", "signs"}, {"cluster", "used"}, {"events", "signs"}};
  for (const auto& [kind, first] : kinds) {
    for (int rotation = 0; rotation < 2; ++rotation) {
      BOOST_TEST(keys.states(kind) == (strings{first}), kind);
      keys.rotate(kind);
      BOOST_TEST(keys.states(kind) == (strings{first, "accepted"}), kind);
      keys.rotate(kind);
      BOOST_TEST(keys.states(kind) == (strings{first, "accepted"}), kind);
      const auto last = keys.does({"rotate", "--kind", kind, "--now"});
      BOOST_TEST(holds(last, "The rotation is complete"), last);
    }
    BOOST_TEST(keys.states(kind) == (strings{first}), kind);
  }
}

BOOST_AUTO_TEST_CASE(a_token_key_stays_until_what_it_signed_has_expired) {
  const key_files keys;
  keys.rotate("tokens");
  keys.rotate("tokens");
  const auto early = keys.run({"rotate"});
  BOOST_TEST(early.exit_code == 1);
  BOOST_TEST(holds(early.output, "valid for up to"), early.output);
  BOOST_TEST(fs::exists(keys.folder() / "token-key-old.json"));
  BOOST_TEST(!fs::exists(keys.folder() / "token-key-next.json"));
  fs::last_write_time(keys.folder() / "token-key.json",
                      fs::file_time_type::clock::now() - std::chrono::seconds{601});
  keys.rotate("tokens");
  BOOST_TEST(!fs::exists(keys.folder() / "token-key-old.json"));
}

BOOST_AUTO_TEST_CASE(files_that_are_not_good_stay_as_they_are) {
  const key_files keys;
  keys.rotate("events");
  for (const auto& [kind, file] : {std::pair<std::string, std::string>{"cluster", "cluster.secret"},
                                   {"events", "events.keys"},
                                   {"tokens", "token-key.json"}}) {
    const auto good = keys.text_of(file);
    for (const auto& text : {std::string(), good.substr(0, 20), std::string("\n\n")}) {
      keys.write(file, text);
      const auto done = keys.run({"rotate", "--kind", kind});
      BOOST_TEST(done.exit_code == 1, done.output);
      BOOST_TEST(holds(done.output, file), done.output);
      BOOST_TEST(keys.text_of(file) == text);
      const auto list = keys.run({"list"});
      BOOST_TEST(list.exit_code == 1, list.output);
      for (const std::string other : {"tokens", "cluster", "events"}) {
        BOOST_TEST(keys.states(other).empty() == (other == kind), other << ": " << list.output);
      }
    }
    keys.write(file, good);
  }
  // A secret may begin with "#", which begins a comment elsewhere.
  const std::string secret = "#" + std::string(40, 's');
  keys.write("cluster.secret", secret + "\n");
  keys.rotate("cluster");
  BOOST_TEST(keys.text_of("cluster.secret").starts_with(secret + "\n"));
  BOOST_TEST(keys.states("cluster").size() == 2u);
}
