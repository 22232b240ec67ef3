#include "net/cli/progress.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <unistd.h>
#include <utility>

namespace stoa::cli {

namespace {

constexpr std::chrono::milliseconds draw_interval{100};
constexpr std::size_t bar_width = 30;

bool is_terminal() {
  const char* term = std::getenv("TERM");
  return ::isatty(STDERR_FILENO) == 1 && term && std::string_view(term) != "dumb";
}

}  // namespace

std::string megabytes(std::uint64_t bytes) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f MB", static_cast<double>(bytes) / 1e6);
  return text.data();
}

progress_bar::progress_bar(std::string label, std::uint64_t total, unit what)
    : label_(std::move(label)), total_(total), unit_(what), shown_(is_terminal()) {}

progress_bar::~progress_bar() {
  clear();
}

double progress_bar::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
}

void progress_bar::update(std::uint64_t done) {
  if (!shown_) return;
  auto now = std::chrono::steady_clock::now();
  if (now < next_draw_) return;
  next_draw_ = now + draw_interval;
  draw(done);
}

void progress_bar::draw(std::uint64_t done) {
  std::string line = "\r\033[K" + label_ + " ";
  auto count = [&](std::uint64_t n) {
    return unit_ == unit::bytes ? megabytes(n) : std::to_string(n);
  };
  double elapsed = std::max(seconds(), 0.001);
  if (total_ > 0) {
    auto share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total_));
    auto filled = static_cast<std::size_t>(share * static_cast<double>(bar_width));
    line += "[" + std::string(filled, '#') + std::string(bar_width - filled, '-') + "] " +
            std::to_string(static_cast<int>(share * 100)) + " %  " + count(done) + " of " +
            count(total_);
    if (share > 0.01) {
      line += ", " + std::to_string(static_cast<int>(elapsed / share - elapsed)) + " s left";
    }
  } else {
    line += count(done);
  }
  std::fputs(line.c_str(), stderr);
  std::fflush(stderr);
  drawn_ = true;
}

void progress_bar::clear() {
  if (!drawn_) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
  drawn_ = false;
}

}  // namespace stoa::cli
