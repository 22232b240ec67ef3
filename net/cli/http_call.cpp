#include "net/cli/http_call.hpp"

#include <algorithm>
#include <charconv>
#include <future>
#include <memory>
#include <string_view>

namespace stoa::cli {

namespace {

std::string shown(const server_address& p) {
  const bool v6 = p.host.find(':') != std::string::npos;
  return (v6 ? "[" + p.host + "]" : p.host) + ":" + p.port;
}

/// One client per process, to reuse connections. It may connect to any network, as the operator
/// chooses the target.
outbound::http_client& client_that(bool verifies) {
  const auto config = [](bool verify) {
    outbound::client_config c;
    c.name = "cli";
    c.allowed_networks = parse_networks({"0.0.0.0/0", "::/0"});
    c.verify_certificates = verify;
    return c;
  };
  if (verifies) {
    static outbound::http_client client(config(true));
    return client;
  }
  static outbound::http_client client(config(false));
  return client;
}

}  // namespace

server_address parse_server_address(const std::string& url) {
  server_address place;
  std::string_view rest = url;
  place.tls = rest.starts_with("https://");
  if (!place.tls && !rest.starts_with("http://")) {
    throw std::invalid_argument("it must begin with http:// or https://");
  }
  rest.remove_prefix(rest.find("://") + 3);
  if (rest.ends_with('/')) rest.remove_suffix(1);
  for (const char c : rest) {
    if (c <= ' ' || c > '~' || std::string_view("/?#@\\").find(c) != std::string_view::npos) {
      throw std::invalid_argument("only host:port may follow the scheme");
    }
  }
  const bool bracketed = rest.starts_with('[');
  const auto host_end = bracketed ? rest.find(']') : rest.find(':');
  place.host = std::string(rest.substr(bracketed ? 1 : 0, host_end - (bracketed ? 1 : 0)));
  std::string_view after;
  if (host_end != rest.npos) after = rest.substr(host_end + (bracketed ? 1 : 0));
  int port = place.tls ? 443 : 80;
  if (!after.empty()) {
    const char* end = after.data() + after.size();
    const auto read = std::from_chars(after.data() + 1, end, port);
    if (after[0] != ':' || read.ec != std::errc{} || read.ptr != end) port = 0;
  }
  if (port < 1 || port > 65535) throw std::invalid_argument("the port must be between 1 and 65535");
  if (place.host.empty() || (bracketed && host_end == rest.npos)) {
    throw std::invalid_argument("the host is missing");
  }
  place.port = std::to_string(port);
  return place;
}

http_reply http_call(const server_address& place, const http_request& question,
                     std::chrono::milliseconds limit) {
  outbound::request r;
  r.method = question.method;
  const auto origin = (place.tls ? "https://" : "http://") + shown(place);
  r.url = origin + question.target;
  r.headers = question.headers;
  r.body = question.body;
  if (!r.body.empty()) r.headers.emplace_back("Content-Type", question.content_type);
  r.timeout = limit;
  r.connect_timeout = limit;
  r.response_bytes_max = answer_bytes_max;
  // Shared: the client's thread may still be in set_value() when the value is available.
  const auto promise = std::make_shared<std::promise<outbound::completion>>();
  client_that(place.check_certificate).submit(std::move(r), [promise](outbound::completion c) {
    promise->set_value(std::move(c));
  });
  auto ended = promise->get_future().get();
  if (ended.how != outbound::outcome::completed) {
    const bool is_named = ended.detail.find(place.host) != std::string::npos;
    throw no_reply(is_named ? ended.detail : origin + ": " + ended.detail);
  }
  return std::move(ended.answer);
}

}  // namespace stoa::cli
