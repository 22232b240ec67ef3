#pragma once
// Streaming CSV (RFC 4180) reader and writer; memory use does not depend on the file's size.

#include <cstddef>
#include <istream>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::csv {

/// Limits of a row. A row that exceeds them is an error; reading continues after it.
struct limits {
  std::size_t field_bytes_max = std::size_t{2} << 20;  ///< the longest description
  std::size_t row_bytes_max = std::size_t{8} << 20;
  std::size_t fields_max = 1024;
};

/// Location and reason of an error in a row. Numbers start at 1.
struct error {
  std::size_t line = 0;    ///< line of the file, including quoted line breaks
  std::size_t column = 0;  ///< byte within that line
  std::size_t field = 0;   ///< field of the row
  std::string reason;
};

/// The fields of one row, unquoted. Fields beyond the last one are empty.
class row {
 public:
  std::size_t line() const noexcept { return line_; }
  std::size_t size() const noexcept { return ends_.size(); }
  std::string_view operator[](std::size_t field) const noexcept {
    if (field >= ends_.size()) return {};
    std::size_t begin = field == 0 ? 0 : ends_[field - 1];
    return std::string_view(text_).substr(begin, ends_[field] - begin);
  }

 private:
  friend class reader;
  std::string text_;
  std::vector<std::size_t> ends_;
  std::size_t line_ = 0;
};

enum class outcome {
  row,      ///< current() holds the next row
  bad_row,  ///< last_error() has the reason; next() continues after it
  end,
};

/// Reads rows one by one. Commas separate fields; LF, CRLF or CR end rows; a UTF-8 byte order mark
/// and blank lines are skipped. Text must be UTF-8 without NUL.
///
/// Strict about quotes: a quote in an unquoted field, text after a closing quote, and an unclosed
/// quote are errors. Reading then continues at the line after the first line of the row, because
/// the rows that appeared to be quoted are probably valid.
class reader {
 public:
  /// `in` must outlive the reader.
  explicit reader(std::istream& in, limits bounds = {});

  outcome next();
  const row& current() const noexcept { return row_; }
  const error& last_error() const noexcept { return error_; }

  /// From now on, a row with values in more fields is an error (0: any number). Fewer fields and
  /// additional empty fields are allowed.
  void expect_fields(std::size_t count) noexcept { fields_expected_ = count; }

  /// Bytes processed so far, for a progress bar.
  std::size_t bytes_read() const noexcept { return bytes_before_buffer_ + pos_; }

 private:
  enum class stop { comma, row_end, input_end, failed };

  bool fill();
  bool has(std::size_t offset);
  char peek(std::size_t offset) const { return buffer_[pos_ + offset]; }
  bool start();
  outcome finish();
  outcome read_row();
  stop read_plain(std::size_t& offset);
  stop read_quoted(std::size_t& offset);
  stop stop_at(std::size_t& offset);
  bool has_surplus() const;
  void add_field(std::string_view raw, std::size_t raw_offset, bool quoted);
  void consume_line_break(std::size_t offset);
  void skip_line();
  void note(std::size_t offset, std::string reason);
  stop fail(std::size_t offset, std::string reason);

  std::istream& in_;
  limits bounds_;
  std::size_t fields_expected_ = 0;
  std::string buffer_;
  std::size_t pos_ = 0;  ///< start of the current row; the buffer keeps everything from here
  std::size_t end_ = 0;
  std::size_t bytes_before_buffer_ = 0;
  std::size_t line_ = 1;
  bool started_ = false;
  bool input_done_ = false;
  bool done_ = false;
  bool noted_ = false;
  row row_;
  error error_;
};

/// Writes rows that end with LF; quotes only where necessary.
class writer {
 public:
  explicit writer(std::ostream& out) : out_(out) {}
  void field(std::string_view text);
  void end_row();

 private:
  std::ostream& out_;
  std::string line_;
  std::size_t fields_ = 0;
};

}  // namespace stoa::csv
