#pragma once
// The terminal as `stoa top` uses it: a screen of its own that is drawn again and again, and given
// back as it was.

#include <chrono>
#include <string>
#include <termios.h>
#include <vector>

namespace stoa::cli {

struct screen_line {
  std::string text;
  bool heading = false;
};

/// One at a time: it takes the signals that end the program.
class top_screen {
 public:
  /// Not live: lines are printed one after another, as for a file.
  explicit top_screen(bool live);
  ~top_screen();
  top_screen(const top_screen&) = delete;
  top_screen& operator=(const top_screen&) = delete;

  /// True when standard output is a terminal that can be drawn on.
  static bool possible();

  /// Shows the lines, cut to the terminal's size. False when they cannot be written.
  bool draw(const std::vector<screen_line>& lines) const;
  /// Waits; false when the user wants to end it: a signal, or the key q.
  bool wait(std::chrono::milliseconds time) const;

 private:
  void take_keys();

  bool live_;
  bool keys_ = false;  ///< standard input is the same terminal's
  termios before_{};
};

}  // namespace stoa::cli
