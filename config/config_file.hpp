#pragma once
// The settings file: `key = value` lines, [section] lines that prefix the keys below them, and
// comments. A comment starts with a '#' at the start of a line or after a blank. A value may be in
// "quotes"; \" and \\ are the only escapes.

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
  std::vector<std::string> errors;  ///< "stoa.conf:3: ..."; without values, which may be secret
};

/// Parses strictly: a line that is not an entry, section, comment or blank is an error.
file_content parse_file(std::string_view text, std::string_view path);

/// Reads and parses the file. An unreadable file or one larger than 1 MiB is an error.
file_content read_file(const std::string& path);

}  // namespace stoa::config
