#include "net/mail/mime.hpp"

#include "net/mail/coding.hpp"
#include "net/mail/mail_date.hpp"
#include "storage/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace stoa::mail {
namespace {

constexpr std::size_t address_bytes_max = 254;  // RFC 5321, 4.5.3.1.3, without the brackets
constexpr std::size_t local_bytes_max = 64;
constexpr std::size_t header_bytes_max = 2000;
constexpr std::size_t body_bytes_max = 4 << 20;

problem wrong(std::string_view member, std::string code, std::string detail) {
  return invalid_field("/" + std::string(member), std::move(code), std::move(detail));
}

// An address that needs no quoting: local@domain, UTF-8 allowed (RFC 6532).
bool valid_address(std::string_view address) {
  const auto at = address.find('@');
  if (address.size() > address_bytes_max || at == 0 || at == std::string_view::npos ||
      at > local_bytes_max || at + 1 == address.size()) {
    return false;
  }
  constexpr std::string_view specials = " \"(),:;<>[\\]";
  const auto domain = address.substr(at + 1);
  return address.find_first_of(specials) == std::string_view::npos &&
         domain.find('@') == std::string_view::npos && domain.front() != '.' &&
         domain.back() != '.' && domain.front() != '-' && address.front() != '.' &&
         address[at - 1] != '.' && address.find("..") == std::string_view::npos;
}

struct mailbox {
  std::string_view name;
  std::string_view address;
};

// "Name <address>" or "address".
std::optional<mailbox> parse_mailbox(std::string_view text) {
  const auto open = text.rfind('<');
  if (open == std::string_view::npos) {
    return valid_address(text) ? std::optional(mailbox{{}, text}) : std::nullopt;
  }
  if (text.back() != '>') return std::nullopt;
  mailbox box{text.substr(0, open), text.substr(open + 1, text.size() - open - 2)};
  while (!box.name.empty() && box.name.back() == ' ') box.name.remove_suffix(1);
  if (!valid_address(box.address)) return std::nullopt;
  return box;
}

std::string mailbox_text(const mailbox& box) {
  if (box.name.empty()) return std::string(box.address);
  const bool atoms = std::all_of(box.name.begin(), box.name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == ' ';
  });
  // A name with special characters would need quoting; an encoded word does not.
  const auto name = atoms ? header_text(box.name) : encoded_words(box.name);
  return name + "\r\n <" + std::string(box.address) + ">";
}

/// A link that fits into one line (RFC 5322, section 2.1.1); may be empty.
bool valid_link(std::string_view link) {
  constexpr std::size_t link_bytes_max = 900;
  return link.size() <= link_bytes_max && std::all_of(link.begin(), link.end(), [](char c) {
           return c > ' ' && c < 0x7F && c != '<' && c != '>';
         });
}

std::optional<problem> find_error(const notification::outgoing& m) {
  struct header {
    std::string_view member;
    const std::string& value;
  };
  const header headers[] = {{"key", m.key},
                            {"to", m.to},
                            {"from", m.from},
                            {"subject", m.subject},
                            {"unsubscribe_url", m.unsubscribe_url},
                            {"resend_of", m.resend_of}};
  for (const auto& [member, value] : headers) {
    if (has_control(value) || !text::is_utf8(value)) {
      return wrong(member, "format", "A header must be UTF-8 without control characters.");
    }
    if (value.size() > header_bytes_max)
      return wrong(member, "too_long", "The header is too long.");
  }
  if (m.key.empty()) return wrong("key", "required", "The message has no key.");
  if (!valid_address(m.to)) return wrong("to", "format", "This is not a single email address.");
  if (!parse_mailbox(m.from)) return wrong("from", "format", "This is not a valid sender address.");
  if (!valid_link(m.unsubscribe_url)) {
    return wrong("unsubscribe_url", "format", "This is not a link of printable ASCII characters.");
  }
  for (const auto& [member, value] : {header{"text", m.text}, header{"html", m.html}}) {
    if (!text::is_utf8(value)) return wrong(member, "format", "The body is not UTF-8.");
    if (value.size() > body_bytes_max) return wrong(member, "too_long", "The body is too long.");
  }
  return std::nullopt;
}

std::string part(std::string_view subtype, std::string_view body) {
  return fmt::format(
      "Content-Type: text/{}; charset=utf-8\r\n"
      "Content-Transfer-Encoding: quoted-printable\r\n\r\n{}",
      subtype, quoted_printable(body));
}

// Finds a header before the empty line, joining folded lines.
std::optional<std::string> take_header(std::string_view& rest, std::string_view wanted) {
  std::optional<std::string> found;
  bool inside = false;
  auto copy = rest;
  while (!copy.empty()) {
    auto end = copy.find('\n');
    if (end == std::string_view::npos) end = copy.size();
    auto line = copy.substr(0, end);
    copy.remove_prefix(std::min(end + 1, copy.size()));
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty()) break;
    if (line.front() == ' ' || line.front() == '\t') {
      if (inside) found->append(line);
      continue;
    }
    inside = !found && line.size() > wanted.size() && line.starts_with(wanted) &&
             line.substr(wanted.size()).starts_with(": ");
    if (inside) found = std::string(line.substr(wanted.size() + 2));
  }
  return found;
}

std::string_view body_of(std::string_view message) {
  const auto crlf = message.find("\r\n\r\n");
  const auto lf = message.find("\n\n");
  if (crlf < lf) return message.substr(crlf + 4);
  return lf == std::string_view::npos ? std::string_view{} : message.substr(lf + 2);
}

// The line break before a boundary belongs to the boundary (RFC 2046, 5.1.1).
std::string_view part_of(std::string_view piece) {
  auto body = body_of(piece);
  if (body.ends_with('\n')) body.remove_suffix(1);
  if (body.ends_with('\r')) body.remove_suffix(1);
  return body;
}

}  // namespace

std::string name_of_key(std::string_view key) {
  const bool plain = key.size() <= 64 && std::all_of(key.begin(), key.end(), [](char c) {
                       return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                              (c >= 'a' && c <= 'z') || c == '-';
                     });
  if (plain) return "k." + std::string(key);
  return "h." + text::hex(text::hash(key));
}

result<std::string> compose(const notification::outgoing& m) {
  if (auto wrong_part = find_error(m)) return *wrong_part;
  const auto from = *parse_mailbox(m.from);
  const auto name = name_of_key(m.key);
  std::string out = fmt::format(
      "Date: {}\r\nFrom: {}\r\nTo: {}\r\nSubject: {}\r\nMessage-ID: <{}@{}>\r\n"
      "X-Stoa-Key: {}\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n",
      header_date(m.date), mailbox_text(from), m.to, header_text(m.subject), name,
      from.address.substr(from.address.find('@') + 1), header_text(m.key));
  if (!m.resend_of.empty()) out += "X-Stoa-Resend-Of: " + header_text(m.resend_of) + "\r\n";
  if (!m.unsubscribe_url.empty()) {
    // RFC 8058, section 3.1. The link is not folded, which some mail programs do not support.
    out += "List-Unsubscribe: <" + m.unsubscribe_url +
           ">\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n";
  }
  if (m.html.empty()) return out + part("plain", m.text);
  // "=_" never occurs in a quoted-printable body, so no body can contain the boundary.
  const auto boundary = "=_" + name;
  out += fmt::format("Content-Type: multipart/alternative;\r\n boundary=\"{}\"\r\n\r\n", boundary);
  out += fmt::format("--{0}\r\n{1}\r\n--{0}\r\n{2}\r\n--{0}--\r\n", boundary, part("plain", m.text),
                     part("html", m.html));
  return out;
}

std::string reason_of(const problem& composing) {
  if (composing.errors.empty()) return composing.detail;
  return composing.errors[0].pointer + ": " + composing.errors[0].detail;
}

std::string_view address_in(std::string_view mailbox_text) {
  const auto box = parse_mailbox(mailbox_text);
  return box ? box->address : std::string_view{};
}

result<mail> parse(std::string_view message) {
  const auto fail = [](std::string detail) {
    return problem{problem_kind::malformed, "malformed_mail", std::move(detail), {}};
  };
  mail read;
  auto rest = message;
  struct wanted {
    std::string_view name;
    std::string& value;
  };
  for (const auto& [name, value] :
       {wanted{"X-Stoa-Key", read.key}, wanted{"To", read.to}, wanted{"From", read.from},
        wanted{"Subject", read.subject}, wanted{"Message-ID", read.message_id},
        wanted{"Date", read.date}}) {
    const auto header = take_header(rest, name);
    if (!header) return fail("The email lacks the header " + std::string(name) + ".");
    value = from_header_text(*header);
  }
  read.unsubscribe = take_header(rest, "List-Unsubscribe").value_or("");
  read.resend_of = take_header(rest, "X-Stoa-Resend-Of").value_or("");
  const auto type = take_header(rest, "Content-Type").value_or("");
  constexpr std::string_view mark = "boundary=\"";
  const auto at = type.find(mark);
  if (at == std::string::npos) {
    const auto plain = from_quoted_printable(body_of(message));
    if (!plain) return fail("The body is not quoted-printable.");
    read.text = *plain;
    return read;
  }
  const auto line =
      "--" + type.substr(at + mark.size(), type.find('"', at + mark.size()) - at - mark.size());
  const auto body = body_of(message);
  const auto first = body.find(line);
  const auto second =
      first == std::string_view::npos ? first : body.find(line, first + line.size());
  const auto last = second == std::string_view::npos ? second : body.find(line + "--", second + 1);
  if (last == std::string_view::npos) return fail("The email does not contain two parts.");
  const auto plain = from_quoted_printable(part_of(body.substr(first, second - first)));
  const auto html = from_quoted_printable(part_of(body.substr(second, last - second)));
  if (!plain || !html) return fail("A part is not quoted-printable.");
  read.text = *plain;
  read.html = *html;
  return read;
}

}  // namespace stoa::mail
