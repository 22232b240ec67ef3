// The file of the server's secret: its permissions, its content, and who creates it.

#include "net/token/sealer.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <grp.h>
#include <iterator>
#include <map>
#include <mutex>
#include <set>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace stoa;
using namespace stoa::token;
namespace fs = std::filesystem;

namespace {

unsigned mode_of(const fs::path& path) {
  return static_cast<unsigned>(fs::status(path).permissions());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(secrets)

BOOST_AUTO_TEST_CASE(a_secret_that_others_may_read_is_refused) {
  const test::temp_dir dir;
  const auto first = load_or_create_secret(dir / "keys");
  BOOST_REQUIRE(first.has_value());
  BOOST_TEST(first->bytes.size() == 32u);
  const auto file = dir / "keys/server.secret";
  BOOST_TEST(mode_of(file) == 0600u);
  BOOST_TEST(load_or_create_secret(dir / "keys")->bytes == first->bytes);
  BOOST_TEST(load_or_create_secret(dir / "other")->bytes != first->bytes);
  for (const unsigned mode : {0640u, 0604u, 0620u, 0601u}) {
    ::chmod(file.c_str(), mode);
    const auto refused = load_or_create_secret(dir / "keys");
    BOOST_REQUIRE(refused.has_error());
    BOOST_TEST(refused.error().detail.find("chmod 600") != std::string::npos);
  }
  ::chmod(file.c_str(), 0400);
  BOOST_TEST(load_or_create_secret(dir / "keys").has_value());
  ::chmod(file.c_str(), 0600);
  std::ofstream(file) << "short";
  BOOST_TEST(load_or_create_secret(dir / "keys").has_error());
  fs::remove(file);
  fs::create_directory(file);
  BOOST_TEST(load_or_create_secret(dir / "keys").has_error());
  fs::remove(file);
  BOOST_REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
  BOOST_TEST(load_or_create_secret(dir / "keys").has_error());
  fs::remove(file);
  fs::create_symlink(dir / "nowhere", file);
  BOOST_TEST(load_or_create_secret(dir / "keys").has_error());
}

// As in a container: root's file, readable by the process's group. Only root can set this up; the
// child process drops its privileges.
BOOST_AUTO_TEST_CASE(roots_secret_may_be_read_by_the_group_of_another_user) {
  if (::geteuid() != 0) return test::skip("only root can drop its privileges");
  constexpr unsigned other_user = 10001;
  const test::temp_dir dir;
  BOOST_REQUIRE(load_or_create_secret(dir / "keys").has_value());
  const auto file = dir / "keys/server.secret";
  for (const auto& folder : {fs::path(dir / "."), fs::path(dir / "keys")}) {
    ::chmod(folder.c_str(), 0755);
  }
  BOOST_REQUIRE(::chown(file.c_str(), 0, other_user) == 0);
  const std::map<unsigned, bool> readable{
      {0440, true}, {0640, true}, {0444, false}, {0460, false}, {0600, false}};
  for (const auto& [mode, expected] : readable) {
    ::chmod(file.c_str(), mode);
    const pid_t child = ::fork();
    if (child == 0) {
      const bool changed =
          ::setgroups(0, nullptr) == 0 && ::setgid(other_user) == 0 && ::setuid(other_user) == 0;
      ::_exit(changed && load_or_create_secret(dir / "keys").has_value() ? 0 : 1);
    }
    int status = -1;
    BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
    BOOST_TEST((status == 0) == expected, "mode " << std::oct << mode);
  }
}

BOOST_AUTO_TEST_CASE(all_who_create_at_once_get_one_secret) {
  const test::temp_dir dir;
  std::mutex mutex;
  std::set<std::string> secrets;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const auto secret = load_or_create_secret(dir / "keys");
      const std::scoped_lock lock(mutex);
      secrets.insert(secret ? secret->bytes : secret.error().detail);
    });
  }
  for (auto& t : threads) t.join();
  BOOST_TEST(secrets.size() == 1u);
  BOOST_TEST(secrets.begin()->size() == 32u);
  // Only the secret is left behind.
  BOOST_TEST(std::distance(fs::directory_iterator(dir / "keys"), {}) == 1);
}

BOOST_AUTO_TEST_CASE(fingerprints_depend_on_the_secret_and_the_purpose) {
  const token::server_secret one{std::string(32, 'a')};
  const token::server_secret other{std::string(32, 'b')};
  const token::secret_sealer seal(one, "payment instrument");
  const auto found = seal.fingerprint("8kk8451t");
  BOOST_TEST(found.size() == 32U);
  BOOST_TEST(found == token::secret_sealer(one, "payment instrument").fingerprint("8kk8451t"));
  BOOST_TEST(found != seal.fingerprint("8kk8451u"));
  BOOST_TEST(found != token::secret_sealer(one, "gift card").fingerprint("8kk8451t"));
  BOOST_TEST(found != token::secret_sealer(other, "payment instrument").fingerprint("8kk8451t"));
  // Unlike the ciphertext, which has a nonce.
  BOOST_TEST(seal.seal("8kk8451t") != seal.seal("8kk8451t"));
}

BOOST_AUTO_TEST_SUITE_END()
