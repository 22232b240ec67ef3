#pragma once
// The chunked transfer coding (RFC 9112, section 7.1), parsed strictly.

#include "net/http/problem.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace stoa::http {

/// 413 `body_too_large`, with the limit.
problem body_too_large(std::size_t bytes_max);

/// Decodes a chunked body incrementally. Rejected with 400 `malformed_chunk`: sizes that are not 1
/// to 16 hexadecimal digits, lines that don't end in CRLF, more than 1 KiB of chunk extensions in
/// total, and any trailer. A body larger than `bytes_max` is 413 `body_too_large`, detected at the
/// chunk size.
class chunk_reader {
 public:
  explicit chunk_reader(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// Reads from `input`, appends the body's bytes to `body` and returns the number of bytes
  /// consumed. Less than all only when the body is complete.
  result<std::size_t> read(std::string_view input, std::string& body);
  bool done() const { return state_ == state::done; }

 private:
  enum class state { size, extension, size_lf, data, data_cr, data_lf, end_cr, end_lf, done };

  result<void> read_byte(char c, std::size_t body_size);

  std::size_t bytes_max_;
  state state_ = state::size;
  std::uint64_t remaining_ = 0;  ///< bytes of the current chunk still to come
  int size_digits_ = 0;
  std::size_t extension_bytes_ = 0;
};

}  // namespace stoa::http
