#include "net/cli/program_run.hpp"

#include <cerrno>
#include <csignal>
#include <map>
#include <stdexcept>
#include <string_view>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace stoa::cli {

namespace {

constexpr int program_niceness = 5;
/// Exit code of shells when a program cannot be started.
constexpr int not_started = 127;

std::vector<std::string> merged_environment(const program_call& call) {
  std::map<std::string, std::string> all;
  for (char** one = environ; *one != nullptr; ++one) {
    const std::string_view entry = *one;
    all.emplace(entry.substr(0, entry.find('=')), entry);
  }
  for (const auto& [name, value] : call.environment) all[name] = name + "=" + value;
  std::vector<std::string> entries;
  entries.reserve(all.size());
  for (auto& [name, entry] : all) entries.push_back(std::move(entry));
  return entries;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  all.reserve(texts.size() + 1);
  for (auto& t : texts) all.push_back(t.data());
  all.push_back(nullptr);
  return all;
}

}  // namespace

void run_program(const program_call& call) {
  // Allocate before the fork.
  auto words = call.words;
  auto entries = merged_environment(call);
  auto arguments = pointers(words);
  auto environment = pointers(entries);
  const auto parent = ::getpid();
  const auto child = ::fork();
  if (child < 0) throw std::runtime_error("fork: " + std::generic_category().message(errno));
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) ::_exit(not_started);
    if (::nice(program_niceness) == -1) errno = 0;
    ::dup2(STDERR_FILENO, STDOUT_FILENO);
    ::execvpe(arguments[0], arguments.data(), environment.data());
    ::_exit(not_started);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
  if (WIFEXITED(status) && WEXITSTATUS(status) == not_started) {
    throw std::runtime_error(words[0] +
                             " cannot be started; it is one of PostgreSQL's client "
                             "programs (Debian: postgresql-client)");
  }
  throw std::runtime_error(
      words[0] + (WIFEXITED(status) ? " ended with code " + std::to_string(WEXITSTATUS(status))
                                    : " was ended by a signal"));
}

}  // namespace stoa::cli
