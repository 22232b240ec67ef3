#include "net/front/access_log.hpp"

#include "config/log.hpp"
#include "net/front/route.hpp"
#include "storage/base/text.hpp"
#include "storage/base/time.hpp"

#include <chrono>

namespace stoa::front {

namespace {

constexpr std::size_t path_bytes_max = 200;
constexpr std::size_t user_agent_bytes_max = 200;
constexpr std::string_view before_secret = "/carts/";
/// Of "00-<trace>-<parent>-<flags>".
constexpr std::size_t trace_id_begin = 3;
constexpr std::size_t trace_id_bytes = 32;

/// The beginning of a text, cut between two characters; what is no UTF-8 is left out.
std::string beginning(std::string_view text, std::size_t bytes_max) {
  auto part = std::string(text.substr(0, bytes_max));
  part.resize(text::utf8_prefix(part));
  return part;
}

std::int64_t elapsed_us(std::chrono::steady_clock::time_point since) {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                               since)
      .count();
}

std::string line(log::fields fields) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return log::render(log::format::json, false, log::level::info,
                     std::chrono::duration_cast<std::chrono::microseconds>(now).count(), "access",
                     fields);
}

}  // namespace

std::string logged_path(std::string_view path) {
  auto shown = beginning(path.substr(0, path.find('?')), path_bytes_max);
  const auto found = shown.find(before_secret);
  if (found == shown.npos) return shown;
  const auto begin = found + before_secret.size();
  return shown.replace(begin, std::min(shown.find('/', begin), shown.size()) - begin, "***");
}

void access_log::answered(const exchange& x, const http::response& r) {
  const auto& request = *x.request;
  const bool has_body = request.method != http::method::head && r.status != 204 && r.status != 304;
  const auto traceparent = std::string_view(x.context.traceparent);
  lines_.write(line({
      {"method", http::to_string(request.method)},
      {"path", logged_path(request.path)},
      {"route", x.matched ? std::string_view(x.matched->path) : "none"},
      {"status", std::int64_t{r.status}},
      {"bytes", has_body ? r.content().size() : 0},
      {"duration_us", elapsed_us(request.received)},
      {"client", request.remote_address},
      {"user_agent", beginning(request.header("User-Agent").value_or(""), user_agent_bytes_max)},
      {"request_id", x.context.request_id},
      {"trace_id", traceparent.size() > trace_id_begin
                       ? traceparent.substr(trace_id_begin, trace_id_bytes)
                       : std::string_view{}},
  }));
}

void access_log::refused(const http::refused_request& r) {
  lines_.write(line({
      {"method", r.request ? http::to_string(r.request->method) : std::string_view("none")},
      {"path", r.request ? logged_path(r.request->path) : std::string()},
      {"route", "none"},
      {"status", std::int64_t{r.reason.status}},
      {"bytes", r.body_bytes},
      {"duration_us", r.request ? elapsed_us(r.request->received) : 0},
      {"client", r.remote_address},
      {"user_agent",
       r.request ? beginning(r.request->header("User-Agent").value_or(""), user_agent_bytes_max)
                 : std::string()},
      {"request_id", r.request_id},
      {"trace_id", ""},
      {"code", r.reason.code},
  }));
}

}  // namespace stoa::front
