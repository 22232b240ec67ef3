#pragma once
// CSV (RFC 4180) in and out, streaming: memory stays constant however long the file is.

#include <cstddef>
#include <istream>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::csv {

/// What one row may take. Beyond it the row is an error, and reading goes on behind it.
struct limits {
  std::size_t field_bytes_max = std::size_t{2} << 20;  ///< the longest description
  std::size_t row_bytes_max = std::size_t{8} << 20;
  std::size_t fields_max = 1024;
};

/// Where and why a row could not be read. All numbers count from 1.
struct error {
  std::size_t line = 0;    ///< line of the file, quoted line breaks counted
  std::size_t column = 0;  ///< byte within that line
  std::size_t field = 0;   ///< field within the row
  std::string reason;
};

/// The fields of one row, without their quotes. A field behind the last one reads as empty.
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
  bad_row,  ///< last_error() says what is wrong; the next call goes on behind it
  end,
};

/// Reads rows one by one. Fields are separated by commas; rows end with LF, CRLF or CR; a UTF-8
/// byte order mark and blank lines are passed over. Text must be UTF-8 without NUL.
///
/// Strict about quotes: one inside an unquoted field, text behind a closing quote, and a quote that
/// is never closed are errors. After those, reading goes on at the line after the one where the row
/// began, because what looked like the inside of the quotes is most likely good rows.
class reader {
 public:
  /// `in` must outlive the reader.
  explicit reader(std::istream& in, limits bounds = {});

  outcome next();
  const row& current() const noexcept { return row_; }
  const error& last_error() const noexcept { return error_; }

  /// From now on a row with values in more fields is an error (0: any number). Fewer fields are
  /// always allowed, and so are empty ones behind the last.
  void expect_fields(std::size_t count) noexcept { fields_expected_ = count; }

  /// Bytes taken from the stream and worked through so far, for a progress bar.
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
  std::size_t pos_ = 0;  ///< start of the row being read; the buffer keeps everything behind it
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

/// Writes rows, quoting only what needs it. Rows end with LF.
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
