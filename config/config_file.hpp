#pragma once
// The settings file: `key = value` lines, [section] lines that prefix the keys below them, and
// comments from a '#' that starts a line or follows a blank. A value may stand in "quotes", where
// \" and \\ are the only escapes.

#include <string>
#include <string_view>
#include <vector>

namespace stoa::config {

struct file_entry {
  std::string key;    ///< with its section: "http.listen"
  std::string value;  ///< without quotes
  int line = 0;       ///< counted from 1
};

struct file_content {
  std::vector<file_entry> entries;
  std::vector<std::string>
      errors;  ///< "stoa.conf:3: ..."; values are not named, they may be secret
};

/// Reads the text strictly: whatever is no entry, section, comment or blank line is an error.
file_content parse_file(std::string_view text, std::string_view path);

/// Reads and parses the file; one that can't be read, or is over 1 MiB, is an error.
file_content read_file(const std::string& path);

}  // namespace stoa::config
