#include "net/mail/mbox_format.hpp"

#include "net/mail/mail_date.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>

namespace stoa::mail {
namespace {

constexpr std::string_view separator = "From ";
constexpr std::string_view length_field = "Content-Length: ";
constexpr std::string_view id_field = "Message-ID: <";
constexpr auto npos = std::string_view::npos;

/// The value of a field, which is not folded, in the head of a message.
std::string_view value_of(std::string_view head, std::string_view field) {
  auto at = head.starts_with(field) ? 0 : head.find(std::string("\n").append(field));
  if (at == npos) return {};
  if (at != 0 || !head.starts_with(field)) ++at;
  const auto value = head.substr(at + field.size());
  return value.substr(0, value.find('\n'));
}

std::optional<std::size_t> length_of(std::string_view head) {
  const auto value = value_of(head, length_field);
  std::size_t length = 0;
  const auto read = std::from_chars(value.data(), value.data() + value.size(), length);
  if (value.empty() || read.ec != std::errc{}) return std::nullopt;
  return length;
}

}  // namespace

void append_entry(std::string& out, std::string_view message, std::string_view from,
                  timestamp when) {
  std::string text(message);
  std::erase(text, '\r');
  if (!text.ends_with('\n')) text += '\n';
  const auto head = text.find("\n\n") + 2;
  fmt::format_to(std::back_inserter(out), "{}{} {}\n{}{}\n", separator, from, entry_date(when),
                 length_field, text.size() - head);
  out += text;
  out += '\n';
}

std::optional<mbox_entry> first_entry(std::string_view text, bool to_end) {
  const auto line = text.find('\n');
  if (!text.starts_with(separator) || line == npos) return std::nullopt;
  const auto message = text.substr(line + 1);
  const auto head = message.find("\n\n");
  if (head == npos) return std::nullopt;
  if (const auto body = length_of(message.substr(0, head + 1))) {
    const auto size = head + 2 + *body;
    const bool complete = *body < message.size() && size < message.size() &&
                          message[size] == '\n' && message.substr(0, size).find('\0') == npos;
    if (!complete) return std::nullopt;
    return mbox_entry{message.substr(0, size), line + 1 + size + 1};
  }
  const auto next = message.find("\n\nFrom ", head);
  if (next == npos && !to_end) return std::nullopt;
  // With the last line break of the message, without the empty line after it.
  const auto size = next != npos ? next + 1 : message.size() - (message.ends_with("\n\n") ? 1 : 0);
  return mbox_entry{message.substr(0, size), next == npos ? text.size() : line + 1 + size + 1};
}

std::string_view message_name(std::string_view message) {
  const auto id = value_of(message.substr(0, message.find("\n\n")), id_field);
  return id.substr(0, std::min(id.size(), id.find('@')));
}

}  // namespace stoa::mail
