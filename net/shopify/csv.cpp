#include "net/shopify/csv.hpp"

#include "storage/base/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace stoa::csv {

namespace {

constexpr std::size_t block_bytes = std::size_t{256} << 10;

constexpr std::array<bool, 256> make_special() {
  std::array<bool, 256> table{};
  for (char c : {',', '"', '\n', '\r'}) table[static_cast<unsigned char>(c)] = true;
  return table;
}
constexpr auto special = make_special();

bool is_special(char c) {
  return special[static_cast<unsigned char>(c)];
}

/// Number of line breaks: LF, CRLF (counted once) and CR.
std::size_t count_line_breaks(std::string_view text) {
  auto breaks = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  for (std::size_t at = text.find('\r'); at != std::string_view::npos;
       at = text.find('\r', at + 1)) {
    if (at + 1 == text.size() || text[at + 1] != '\n') ++breaks;
  }
  return breaks;
}

}  // namespace

reader::reader(std::istream& in, limits bounds) : in_(in), bounds_(bounds) {}

// Appends one block to the buffer. The current row stays in the buffer, because reading may return
// to its start; the row limits bound the buffer.
bool reader::fill() {
  if (input_done_) return false;
  if (pos_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + pos_, end_ - pos_);
    bytes_before_buffer_ += pos_;
    end_ -= pos_;
    pos_ = 0;
  }
  if (buffer_.size() < end_ + block_bytes) buffer_.resize(end_ + block_bytes);
  in_.read(buffer_.data() + end_, static_cast<std::streamsize>(block_bytes));
  auto got = static_cast<std::size_t>(in_.gcount());
  end_ += got;
  if (got < block_bytes) input_done_ = true;
  return got > 0;
}

bool reader::has(std::size_t offset) {
  while (pos_ + offset >= end_) {
    if (!fill()) return false;
  }
  return true;
}

/// Skips the byte order mark; false when the file has another encoding.
bool reader::start() {
  started_ = true;
  if (!has(1)) return true;
  std::string_view head(buffer_.data(), end_);
  if (head.starts_with("\xFF\xFE") || head.starts_with("\xFE\xFF")) {
    error_ = {1, 1, 1, "the file is UTF-16; save it as UTF-8"};
    done_ = true;
    return false;
  }
  if (has(2) && std::string_view(buffer_.data(), end_).starts_with("\xEF\xBB\xBF")) pos_ = 3;
  return true;
}

outcome reader::finish() {
  done_ = true;
  if (in_.bad() || (in_.fail() && !in_.eof())) {
    error_ = {line_, 1, 1, "read error before the end of the file"};
    return outcome::bad_row;
  }
  return outcome::end;
}

outcome reader::next() {
  if (done_) return outcome::end;
  if (!started_ && !start()) return outcome::bad_row;
  while (has(0) && (peek(0) == '\n' || peek(0) == '\r')) {
    consume_line_break(0);
    ++line_;
  }
  if (!has(0)) return finish();
  return read_row();
}

outcome reader::read_row() {
  row_.text_.clear();
  row_.ends_.clear();
  row_.line_ = line_;
  noted_ = false;
  std::size_t offset = 0;
  stop why = stop::comma;
  while (why == stop::comma) {
    if (row_.size() >= bounds_.fields_max) {
      why = fail(offset, "the row has more than " + std::to_string(bounds_.fields_max) + " fields");
    } else if (offset > bounds_.row_bytes_max) {
      why = fail(offset,
                 "the row is longer than " + std::to_string(bounds_.row_bytes_max) + " bytes");
    } else {
      why = has(offset) && peek(offset) == '"' ? read_quoted(offset) : read_plain(offset);
    }
  }
  if (why == stop::failed) {
    skip_line();
    return outcome::bad_row;
  }
  if (fields_expected_ != 0 && has_surplus()) {
    note(0, "the row has " + std::to_string(row_.size()) + " fields, the header " +
                std::to_string(fields_expected_));
  }
  line_ += count_line_breaks({buffer_.data() + pos_, offset});
  if (why == stop::row_end) {
    consume_line_break(offset);
    ++line_;
  } else {
    pos_ += offset;
  }
  return noted_ ? outcome::bad_row : outcome::row;
}

/// Whether fields beyond the expected ones have values. Spreadsheets add empty ones.
bool reader::has_surplus() const {
  for (std::size_t field = fields_expected_; field < row_.size(); ++field) {
    if (row_[field].find_first_not_of(" \t") != std::string_view::npos) return true;
  }
  return false;
}

reader::stop reader::read_plain(std::size_t& offset) {
  std::size_t begin = offset;
  for (;;) {
    const char* from = buffer_.data() + pos_ + offset;
    const char* to =
        std::find_if(from, static_cast<const char*>(buffer_.data() + end_), is_special);
    offset += static_cast<std::size_t>(to - from);
    if (offset - begin > bounds_.field_bytes_max) {
      return fail(begin,
                  "the field is longer than " + std::to_string(bounds_.field_bytes_max) + " bytes");
    }
    if (pos_ + offset < end_ || !fill()) break;
  }
  if (pos_ + offset < end_ && peek(offset) == '"') {
    return fail(offset, "a quote inside an unquoted field");
  }
  add_field({buffer_.data() + pos_ + begin, offset - begin}, begin, false);
  return stop_at(offset);
}

reader::stop reader::read_quoted(std::size_t& offset) {
  std::size_t begin = ++offset;
  for (;;) {
    const char* from = buffer_.data() + pos_ + offset;
    std::size_t left = end_ - pos_ - offset;
    const void* quote = left == 0 ? nullptr : std::memchr(from, '"', left);
    offset +=
        quote == nullptr ? left : static_cast<std::size_t>(static_cast<const char*>(quote) - from);
    if (offset - begin > bounds_.field_bytes_max) {
      return fail(begin - 1, "the quoted field is not closed within " +
                                 std::to_string(bounds_.field_bytes_max) + " bytes");
    }
    if (quote == nullptr) {
      if (fill()) continue;
      return fail(begin - 1, "the quoted field is not closed before the end of the file");
    }
    if (!has(offset + 1) || peek(offset + 1) != '"') break;
    offset += 2;
  }
  if (has(offset + 1) && (!is_special(peek(offset + 1)))) {
    return fail(offset + 1, "text after the closing quote of a field");
  }
  add_field({buffer_.data() + pos_ + begin, offset - begin}, begin, true);
  ++offset;
  return stop_at(offset);
}

/// Determines what follows the field that ends before `offset`; skips a comma.
reader::stop reader::stop_at(std::size_t& offset) {
  if (!has(offset)) return stop::input_end;
  if (peek(offset) != ',') return stop::row_end;
  ++offset;
  return stop::comma;
}

void reader::add_field(std::string_view raw, std::size_t raw_offset, bool quoted) {
  if (const auto bad = std::min(text::utf8_prefix(raw), raw.find('\0')); bad < raw.size()) {
    note(raw_offset + bad, raw[bad] == '\0' ? "a NUL byte" : "the text is not valid UTF-8");
  }
  if (quoted) {
    std::size_t at = 0;
    for (std::size_t q = raw.find('"'); q != std::string_view::npos; q = raw.find('"', at)) {
      row_.text_.append(raw.substr(at, q + 1 - at));
      at = q + 2;  // the second quote of the pair
    }
    if (at < raw.size()) row_.text_.append(raw.substr(at));
  } else {
    row_.text_.append(raw);
  }
  row_.ends_.push_back(row_.text_.size());
}

void reader::consume_line_break(std::size_t offset) {
  bool pair = peek(offset) == '\r' && has(offset + 1) && peek(offset + 1) == '\n';
  pos_ += offset + (pair ? 2 : 1);
}

/// Skips to the line after the first line of the row. Bytes already inspected are read again.
void reader::skip_line() {
  for (;;) {
    const char* from = buffer_.data() + pos_;
    const char* to = std::find_if(from, static_cast<const char*>(buffer_.data() + end_),
                                  [](char c) { return c == '\n' || c == '\r'; });
    pos_ += static_cast<std::size_t>(to - from);
    if (pos_ < end_) {
      consume_line_break(0);
      ++line_;
      return;
    }
    if (!fill()) return;
  }
}

/// Records the row's first error.
void reader::note(std::size_t offset, std::string reason) {
  if (noted_) return;
  noted_ = true;
  std::string_view before(buffer_.data() + pos_, offset);
  std::size_t breaks = count_line_breaks(before);
  std::size_t line_start = before.find_last_of("\r\n");
  std::size_t column = line_start == std::string_view::npos ? offset : offset - line_start - 1;
  error_ = {line_ + breaks, column + 1, row_.size() + 1, std::move(reason)};
}

reader::stop reader::fail(std::size_t offset, std::string reason) {
  note(offset, std::move(reason));
  return stop::failed;
}

void writer::field(std::string_view text) {
  if (fields_++ > 0) line_ += ',';
  // Quote a byte order mark, so that it is not mistaken for that of the file.
  bool quote =
      text.find_first_of(",\"\r\n") != std::string_view::npos || text.starts_with("\xEF\xBB\xBF");
  if (!quote) {
    line_ += text;
    return;
  }
  line_ += '"';
  for (char c : text) {
    if (c == '"') line_ += '"';
    line_ += c;
  }
  line_ += '"';
}

void writer::end_row() {
  if (line_.empty()) line_ = "\"\"";  // a single empty field; unquoted it would be a blank line
  line_ += '\n';
  out_.write(line_.data(), static_cast<std::streamsize>(line_.size()));
  line_.clear();
  fields_ = 0;
}

}  // namespace stoa::csv
