#include "tests/support/child_process.hpp"

#include <array>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <grp.h>
#include <pwd.h>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace stoa::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what + ": " + std::strerror(errno));
}

const passwd* account(const std::string& user) {
  const passwd* found = ::getpwnam(user.c_str());
  if (found == nullptr) throw std::runtime_error("there is no user " + user);
  return found;
}

std::optional<int> wait_end(pid_t pid, milliseconds limit) {
  const auto until = steady_clock::now() + limit;
  for (;;) {
    int status = 0;
    const pid_t ended = ::waitpid(pid, &status, WNOHANG);
    if (ended == pid) return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (ended < 0) fail("waitpid");
    if (steady_clock::now() >= until) return std::nullopt;
    std::this_thread::sleep_for(milliseconds{2});
  }
}

/// All descendants of the process.
std::vector<pid_t> descendants(pid_t pid) {
  std::vector<pid_t> found;
  const auto name = std::to_string(pid);
  std::ifstream children("/proc/" + name + "/task/" + name + "/children");
  for (pid_t child = 0; children >> child;) {
    found.push_back(child);
    const auto below = descendants(child);
    found.insert(found.end(), below.begin(), below.end());
  }
  return found;
}

}  // namespace

child_process::child_process(child_options options) : options_(std::move(options)) {}

child_process::~child_process() {
  try {
    end();
  } catch (const std::exception&) {
    pid_ = -1;  // A process that cannot be waited for is given up.
  }
}

void child_process::set_arguments(std::vector<std::string> arguments) {
  options_.arguments = std::move(arguments);
}

void child_process::start() {
  if (running()) throw std::logic_error(options_.program.string() + " is already running");
  std::vector<std::string> words{options_.program.string()};
  words.insert(words.end(), options_.arguments.begin(), options_.arguments.end());
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const passwd* user = options_.user.empty() || ::geteuid() != 0 ? nullptr : account(options_.user);
  const uid_t uid = user != nullptr ? user->pw_uid : 0;
  const gid_t gid = user != nullptr ? user->pw_gid : 0;
  const int log = ::open(options_.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (log < 0) fail("cannot write " + options_.log.string());
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) fail("fork");
  if (child == 0) {
    if (user != nullptr &&
        (::setgroups(0, nullptr) != 0 || ::setgid(gid) != 0 || ::setuid(uid) != 0)) {
      ::_exit(125);
    }
    // After the change of the user, which clears it.
    ::prctl(PR_SET_PDEATHSIG, options_.end_signal);
    if (::getppid() != parent) ::_exit(126);
    ::setpgid(0, 0);  // Ctrl-C ends the test, which then ends the servers.
    const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::dup2(null, STDIN_FILENO);
    ::dup2(log, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  ::close(log);
  pid_ = child;
}

std::optional<int> child_process::wait(milliseconds limit) {
  if (pid_ < 0) return std::nullopt;
  const auto ended = wait_end(pid_, limit);
  if (ended) pid_ = -1;
  return ended;
}

bool child_process::running() {
  return pid_ >= 0 && !wait(milliseconds{0});
}

void child_process::signal_all(int signal) {
  if (pid_ < 0) return;
  const auto below = descendants(pid_);
  ::kill(pid_, signal);  // First, so that a server which restarts its child processes cannot do so.
  for (const pid_t child : below) ::kill(child, signal);
}

void child_process::kill() {
  if (pid_ < 0) return;
  signal_all(SIGKILL);
  if (!wait(std::chrono::seconds{20})) {
    throw std::runtime_error(options_.program.string() + " is still running after SIGKILL");
  }
}

void child_process::end() {
  if (pid_ < 0) return;
  if (options_.end_signal == SIGKILL) return kill();
  ::kill(pid_, options_.end_signal);
  signal_all(SIGCONT);
  if (!wait(std::chrono::seconds{5})) kill();
}

std::optional<int> child_process::stop(int signal, milliseconds limit) {
  if (pid_ < 0) return std::nullopt;
  ::kill(pid_, signal);
  const auto ended = wait(limit);
  if (!ended) kill();
  return ended;
}

std::string child_process::log_end(std::size_t bytes) const {
  std::ifstream in(options_.log, std::ios::binary | std::ios::ate);
  if (!in) return {};
  const auto size = static_cast<std::size_t>(in.tellg());
  std::string text(std::min(size, bytes), '\0');
  in.seekg(static_cast<std::streamoff>(size - text.size()));
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  return text;
}

void run_to_end(const child_options& options, milliseconds limit) {
  child_process child(options);
  child.start();
  const auto ended = child.wait(limit);
  if (!ended) throw std::runtime_error(options.program.string() + " timed out");
  if (*ended != 0) {
    throw std::runtime_error(options.program.string() + " ended with " + std::to_string(*ended) +
                             ": " + child.log_end());
  }
}

std::string server_user() {
  return ::geteuid() == 0 ? "postgres" : "";
}

void give_to_server_user(const std::filesystem::path& path) {
  const auto user = server_user();
  if (user.empty()) return;
  const passwd* owner = account(user);
  if (::chown(path.c_str(), owner->pw_uid, owner->pw_gid) != 0) fail("chown " + path.string());
}

}  // namespace stoa::test
