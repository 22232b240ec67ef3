#include "net/media/limited_program.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <sstream>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace stoa::media {

namespace {

namespace fs = std::filesystem;
using clock = std::chrono::steady_clock;

constexpr int cannot_start = 127;
constexpr int child_niceness = 10;
constexpr rlim_t descriptors_max = 64;
constexpr std::chrono::milliseconds poll_interval{10};

void set_limit(decltype(RLIMIT_AS) which, std::uint64_t value) {
  const rlimit both{value, value};
  ::setrlimit(which, &both);
}

/// In the child: calls only what is safe after a fork of a process with threads.
[[noreturn]] void become(const char* program, char* const* words, char* const* environment,
                         const char* folder, const program_limits& limits) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::setpgid(0, 0);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const auto seconds = static_cast<std::uint64_t>(limits.time.count()) / 1000 + 1;
  set_limit(RLIMIT_CPU, seconds);
  set_limit(RLIMIT_AS, limits.memory_bytes);
  set_limit(RLIMIT_FSIZE, limits.file_bytes);
  set_limit(RLIMIT_CORE, 0);
  if (::nice(child_niceness) == -1) errno = 0;
  const int null = ::open("/dev/null", O_RDWR);
  if (null < 0 || ::chdir(folder) != 0) ::_exit(cannot_start);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(null, fd);
  ::close_range(STDERR_FILENO + 1, ~0U, 0);
  set_limit(RLIMIT_NOFILE, descriptors_max);  // after open(): the parent may have more open files
  ::execve(program, words, environment);
  ::_exit(cannot_start);
}

/// The state of the child after it has ended; nothing while it runs.
bool has_ended(pid_t child, int& status) {
  const auto ended = ::waitpid(child, &status, WNOHANG);
  return ended == child || (ended < 0 && errno != EINTR);
}

void end_group(pid_t child) {
  ::kill(-child, SIGKILL);
  ::kill(child, SIGKILL);  // It may not have created its group yet.
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
}

std::vector<char*> word_pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  all.reserve(texts.size() + 1);
  for (auto& t : texts) all.push_back(t.data());
  all.push_back(nullptr);
  return all;
}

}  // namespace

fs::path find_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (folder.empty() || folder.front() != '/') continue;
    auto file = fs::path(folder) / name;
    if (::access(file.c_str(), X_OK) == 0) return file;
  }
  return {};
}

program_end run_limited(const std::vector<std::string>& words, const fs::path& folder,
                        const program_limits& limits, const std::function<bool()>& is_stopping) {
  const auto program = find_program(words.front());
  if (program.empty()) return program_end::not_started;
  // Allocate before the fork.
  auto arguments = words;
  std::vector<std::string> variables{"PATH=/usr/local/bin:/usr/bin:/bin",
                                     "LC_ALL=C",
                                     "TMPDIR=" + folder.string(),
                                     "HOME=" + folder.string(),
                                     "VIPS_CONCURRENCY=1",
                                     "VIPS_BLOCK_UNTRUSTED=1",
                                     "MALLOC_ARENA_MAX=1"};
  const auto argv = word_pointers(arguments);
  const auto envp = word_pointers(variables);
  const auto child = ::fork();
  if (child < 0) return program_end::not_started;
  if (child == 0) become(program.c_str(), argv.data(), envp.data(), folder.c_str(), limits);
  const auto until = clock::now() + limits.time;
  int status = 0;
  while (!has_ended(child, status)) {
    const bool is_late = clock::now() >= until;
    if (is_late || is_stopping()) {
      end_group(child);
      return is_late ? program_end::late : program_end::stopped;
    }
    std::this_thread::sleep_for(poll_interval);
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return program_end::done;
  if (WIFEXITED(status) && WEXITSTATUS(status) == cannot_start) return program_end::not_started;
  return program_end::failed;
}

}  // namespace stoa::media
