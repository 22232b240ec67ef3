#pragma once
// The terminal of `stoa top`: an alternate screen that is redrawn and finally restored.

#include <chrono>
#include <string>
#include <termios.h>
#include <vector>

namespace stoa::cli {

struct screen_line {
  std::string text;
  bool heading = false;
};

/// One instance at a time: it installs handlers for the signals that end the program.
class top_screen {
 public:
  /// Not live: prints lines sequentially, as to a file.
  explicit top_screen(bool live);
  ~top_screen();
  top_screen(const top_screen&) = delete;
  top_screen& operator=(const top_screen&) = delete;

  /// Whether standard output is a terminal that supports drawing.
  static bool possible();

  /// Shows the lines, cut to the terminal's size. False when writing fails.
  bool draw(const std::vector<screen_line>& lines) const;
  /// Waits; false when the user wants to quit: a signal, or the key q.
  bool wait(std::chrono::milliseconds time) const;

 private:
  void take_keys();

  bool live_;
  bool keys_ = false;  ///< standard input is the same terminal
  termios before_{};
};

}  // namespace stoa::cli
