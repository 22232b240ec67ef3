#include "net/cli/password_prompt.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

namespace stoa::cli {

namespace {

constexpr std::size_t line_bytes_max = 4096;
volatile std::sig_atomic_t caught_signal = 0;

void remember_signal(int signal) {
  caught_signal = signal;
}

problem no_password(std::string why) {
  return {problem_kind::malformed, "no_password", std::move(why), {}};
}

/// Disables echo. A signal first restores the terminal and is then raised again.
class silent_terminal {
 public:
  silent_terminal() {
    struct sigaction action {};
    action.sa_handler = remember_signal;  // without SA_RESTART: read() must return
    ::sigaction(SIGINT, &action, &interrupt_);
    ::sigaction(SIGTERM, &action, &terminate_);
    ::tcgetattr(STDIN_FILENO, &before_);
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    silent.c_lflag |= ECHONL;
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  ~silent_terminal() {
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    ::sigaction(SIGINT, &interrupt_, nullptr);
    ::sigaction(SIGTERM, &terminate_, nullptr);
    if (caught_signal != 0) std::raise(static_cast<int>(caught_signal));
  }
  silent_terminal(const silent_terminal&) = delete;
  silent_terminal& operator=(const silent_terminal&) = delete;

 private:
  termios before_{};
  struct sigaction interrupt_ {};
  struct sigaction terminate_ {};
};

/// A line from the terminal; nothing when the input ends first.
std::optional<std::string> read_line() {
  std::string line;
  char c = 0;
  while (line.size() < line_bytes_max) {
    ssize_t n = ::read(STDIN_FILENO, &c, 1);
    if (n < 0 && errno == EINTR && caught_signal == 0) continue;
    if (n != 1) return std::nullopt;
    if (c == '\n') return line;
    line.push_back(c);
  }
  return std::nullopt;
}

std::optional<std::string> ask(const char* what) {
  std::fputs(what, stderr);
  std::fflush(stderr);
  silent_terminal silent;
  return read_line();
}

}  // namespace

result<std::string> ask_known_password() {
  if (::isatty(STDIN_FILENO) != 1) {
    return no_password("no terminal to prompt for the password; use --password-file");
  }
  auto given = ask("Password: ");
  if (!given) return no_password("no password was given");
  return std::move(*given);
}

result<std::string> ask_password() {
  auto first = ask_known_password();
  if (!first) return first;
  auto second = ask("Repeat the password: ");
  if (!second) return no_password("the password was not repeated");
  if (*first != *second) return no_password("the passwords do not match");
  return std::move(*first);
}

result<std::string> read_password_file(const std::string& file) {
  std::error_code error;
  std::ifstream in;
  if (std::filesystem::is_directory(file, error)) {
    return no_password(file + " is a directory");
  }
  in.open(file, std::ios::binary);
  if (!in) return no_password("cannot read " + file + ": " + std::strerror(errno));
  struct stat about {};
  if (::stat(file.c_str(), &about) == 0 && S_ISREG(about.st_mode) &&
      (about.st_mode & (S_IRGRP | S_IROTH)) != 0) {
    std::fprintf(stderr, "stoa: warning: %s is readable by other users (chmod 600)\n",
                 file.c_str());
  }
  std::string line;
  char c = 0;
  while (in.get(c) && c != '\n') {
    line.push_back(c);
    if (line.size() > line_bytes_max)
      return no_password("the first line of " + file + " is too long");
  }
  if (line.ends_with('\r')) line.pop_back();
  if (line.empty()) return no_password("the first line of " + file + " is empty");
  return line;
}

}  // namespace stoa::cli
