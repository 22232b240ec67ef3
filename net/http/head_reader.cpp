// Parses with Beast the head that the validator in head.cpp has accepted.
#include "net/http/head.hpp"
#include "net/http/target.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include <limits>

namespace stoa::http {

namespace beast = boost::beast;

result<std::shared_ptr<request>> read_head(std::string_view head, std::string_view scheme) {
  beast::http::request_parser<beast::http::empty_body> parser;
  // The connection has limited the head and reads the body itself.
  parser.header_limit(std::numeric_limits<std::uint32_t>::max());
  parser.skip(true);
  beast::error_code error;
  const std::size_t taken = parser.put(boost::asio::const_buffer(head.data(), head.size()), error);
  if (error || taken != head.size() || !parser.is_header_done()) {
    return problem{
        400, "malformed_head", "The head cannot be parsed: " + error.message() + ".", {}};
  }

  const auto& message = parser.get();
  auto read = std::make_shared<request>();
  const auto name = message.method_string();
  const auto known = parse_method({name.data(), name.size()});
  if (!known) {
    return problem{501, "method_not_implemented", "The method is not implemented.", {}};
  }
  read->method = *known;
  read->headers.reserve(head.size(), 12);
  for (const auto& f : message) {
    read->headers.add({f.name_string().data(), f.name_string().size()},
                      {f.value().data(), f.value().size()});
  }

  const auto host = read->header("Host").value_or("");
  const auto origin =
      to_origin_form({message.target().data(), message.target().size()}, host, scheme);
  if (!origin) return origin.error();
  if (*origin == "*" && read->method != method::options) {
    return problem{400, "malformed_target", "The target \"*\" is only valid for OPTIONS.", {}};
  }
  auto parts = split_target(*origin);
  if (!parts) return parts.error();
  read->target = *origin;
  read->path = std::move(parts->path);
  read->query = std::move(parts->query);
  read->received = std::chrono::steady_clock::now();
  return read;
}

}  // namespace stoa::http
