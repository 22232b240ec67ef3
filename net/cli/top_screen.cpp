#include "net/cli/top_screen.hpp"

#include "storage/base/utf8.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <poll.h>
#include <string_view>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <system_error>
#include <unistd.h>

namespace stoa::cli {

namespace {

using clock = std::chrono::steady_clock;
constexpr std::array end_signals{SIGINT, SIGTERM, SIGHUP};
/// An eventfd that the signal handler writes, so that poll() cannot miss a signal.
volatile std::sig_atomic_t signal_event = -1;

void note_signal(int) {
  const int error = errno;
  const std::uint64_t one = 1;
  [[maybe_unused]] auto written = ::write(static_cast<int>(signal_event), &one, sizeof one);
  errno = error;
}

winsize terminal_size() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) {
    size.ws_col = 80;
    size.ws_row = 24;
  }
  return size;
}

/// The first columns of a valid UTF-8 text, counting one column per code point.
std::string cut_to(const std::string& text, std::size_t columns) {
  std::size_t end = 0;
  for (std::size_t shown = 0; end < text.size(); ++end) {
    if (!is_utf8_continuation(text[end]) && shown++ == columns) break;
  }
  return text.substr(0, end);
}

/// Overwrites in place to avoid flicker.
std::string drawing(const std::vector<screen_line>& lines) {
  const auto size = terminal_size();
  const std::size_t rows = size.ws_row;
  std::string out = "\033[H";
  for (std::size_t i = 0; i < lines.size() && i < rows; ++i) {
    std::string text = lines[i].text;
    if (i + 1 == rows && lines.size() > rows) {
      text = "... and " + std::to_string(lines.size() - i) + " more lines";
    }
    text = cut_to(text, size.ws_col);
    if (i > 0) out += "\r\n";
    out += (lines[i].heading ? "\033[1m" + text + "\033[0m" : text) + "\033[K";
  }
  return out + "\033[J";
}

}  // namespace

bool top_screen::possible() {
  const char* term = std::getenv("TERM");
  return ::isatty(STDOUT_FILENO) == 1 && term != nullptr && std::string_view(term) != "dumb";
}

top_screen::top_screen(bool live) : live_(live) {
  const int event = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (event < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  signal_event = event;
  struct sigaction action {};
  action.sa_handler = note_signal;  // without SA_RESTART: a call that waits must return
  for (const int s : end_signals) ::sigaction(s, &action, nullptr);
  if (!live_) return;
  take_keys();
  std::fputs("\033[?1049h\033[?25l", stdout);  // alternate screen, cursor hidden
  std::fflush(stdout);
}

top_screen::~top_screen() {
  if (live_) {
    std::fputs("\033[?25h\033[?1049l", stdout);
    std::fflush(stdout);
  }
  if (keys_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  for (const int s : end_signals) std::signal(s, SIG_DFL);
  ::close(static_cast<int>(signal_event));
}

/// Reads single keys without echo. Disables Ctrl-Z, which would leave the shell on the alternate
/// screen.
void top_screen::take_keys() {
  keys_ = ::isatty(STDIN_FILENO) == 1 && ::tcgetattr(STDIN_FILENO, &before_) == 0;
  if (!keys_) return;
  termios keys = before_;
  keys.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON);
  keys.c_cc[VSUSP] = _POSIX_VDISABLE;
  // Ctrl-C discards pending keys, even one that poll() has reported: read() must not block.
  keys.c_cc[VMIN] = 0;
  keys.c_cc[VTIME] = 0;
  ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &keys);
}

bool top_screen::draw(const std::vector<screen_line>& lines) const {
  std::string out;
  if (live_) {
    out = drawing(lines);
  } else {
    for (const auto& line : lines) out += line.text + "\n";
  }
  std::fputs(out.c_str(), stdout);
  return std::fflush(stdout) == 0;
}

bool top_screen::wait(std::chrono::milliseconds time) const {
  const auto until = clock::now() + time;
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now());
    std::array<pollfd, 2> watched{pollfd{static_cast<int>(signal_event), POLLIN, 0},
                                  pollfd{keys_ ? STDIN_FILENO : -1, POLLIN, 0}};
    const int ready = ::poll(watched.data(), watched.size(),
                             static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return true;
    if (watched[0].revents != 0) return false;
    if ((watched[1].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) return false;
    char key = 0;
    const auto got = ::read(STDIN_FILENO, &key, 1);
    if (got < 0 && errno != EINTR) return false;
    if (got == 1 && key == 'q') return false;
  }
}

}  // namespace stoa::cli
