#include "net/http/chunked.hpp"

#include "net/http/characters.hpp"

#include <algorithm>

namespace stoa::http {

namespace {

constexpr int size_digits_max = 16;
constexpr std::size_t extension_bytes_max = 1024;

problem malformed_chunk(std::string detail) {
  return {400, "malformed_chunk", std::move(detail), {}};
}

}  // namespace

problem body_too_large(std::size_t bytes_max) {
  return {413,
          "body_too_large",
          bytes_max == 0 ? "This operation does not accept a body."
                         : "The body is larger than " + std::to_string(bytes_max) + " bytes.",
          {}};
}

result<std::size_t> chunk_reader::read(std::string_view input, std::string& body) {
  std::size_t taken = 0;
  while (taken < input.size() && state_ != state::done) {
    if (state_ == state::data) {
      const auto piece =
          static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, input.size() - taken));
      body.append(input.substr(taken, piece));
      taken += piece;
      remaining_ -= piece;
      if (remaining_ == 0) state_ = state::data_cr;
      continue;
    }
    if (auto ok = read_byte(input[taken], body.size()); !ok) return ok.error();
    ++taken;
  }
  return {boost::system::in_place_value, taken};
}

result<void> chunk_reader::read_byte(char c, std::size_t body_size) {
  switch (state_) {
    case state::size:
      if (const int digit = hex_digit(c); digit >= 0) {
        if (++size_digits_ > size_digits_max) return malformed_chunk("A chunk size is too long.");
        remaining_ = remaining_ * 16 + static_cast<unsigned>(digit);
        return {};
      }
      if (size_digits_ == 0 || (c != ';' && c != '\r')) {
        return malformed_chunk("A chunk size is not a hexadecimal number.");
      }
      if (remaining_ > bytes_max_ - std::min(bytes_max_, body_size)) {
        return body_too_large(bytes_max_);
      }
      state_ = c == ';' ? state::extension : state::size_lf;
      return {};
    case state::extension:
      if (c == '\r') {
        state_ = state::size_lf;
      } else if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F) {
        return malformed_chunk("A chunk extension contains a control character.");
      } else if (++extension_bytes_ > extension_bytes_max) {
        return malformed_chunk("The chunk extensions are too long.");
      }
      return {};
    case state::size_lf:
      if (c != '\n') return malformed_chunk("A chunk size line does not end in CRLF.");
      state_ = remaining_ == 0 ? state::end_cr : state::data;
      size_digits_ = 0;
      return {};
    case state::data_cr:
    case state::data_lf:
      if (c != (state_ == state::data_cr ? '\r' : '\n')) {
        return malformed_chunk("The data of a chunk is not followed by CRLF.");
      }
      state_ = state_ == state::data_cr ? state::data_lf : state::size;
      return {};
    case state::end_cr:
      if (c != '\r') return malformed_chunk("Trailer fields are not accepted.");
      state_ = state::end_lf;
      return {};
    case state::end_lf:
      if (c != '\n') return malformed_chunk("The chunked body does not end in CRLF.");
      state_ = state::done;
      return {};
    case state::data:
    case state::done:
      break;
  }
  return {};
}

}  // namespace stoa::http
