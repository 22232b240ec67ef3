#include "net/front/access_log.hpp"

#include "config/log.hpp"
#include "net/front/route.hpp"
#include "net/front/trace.hpp"
#include "storage/base/service_clock.hpp"
#include "storage/base/text.hpp"
#include "storage/base/uuid.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace stoa::front {

namespace {

constexpr std::size_t path_bytes_max = 200;
constexpr std::size_t user_agent_bytes_max = 200;
/// Shorter parts of an id may be shown: the missing 60 bits cannot be guessed.
constexpr std::size_t secret_bytes_min = 20;
constexpr std::string_view mask = "***";

/// A prefix of a text, cut between two characters. Invalid UTF-8 and backslashes are written as
/// \xHH.
std::string beginning(std::string_view text, std::size_t bytes_max) {
  constexpr std::size_t character_bytes_max = 4;
  std::string out;
  const bool is_cut = text.size() > bytes_max;
  for (std::size_t at = 0; at < std::min(text.size(), bytes_max);) {
    const auto left = text.substr(0, bytes_max).substr(at);
    const auto valid = left.substr(0, text::utf8_prefix(left));
    const auto plain = valid.substr(0, valid.find('\\'));
    out += plain;
    at += plain.size();
    if (plain.size() == left.size()) break;
    const bool is_split = is_cut && plain.size() == valid.size() &&
                          text::utf8_prefix(text.substr(at, character_bytes_max)) > 0;
    if (is_split) break;
    out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[at++]));
  }
  return out;
}

/// The characters of ids and tokens, and '%' for doubly encoded ones.
bool is_id_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("-_%+=~").find(c) != std::string_view::npos;
}

/// True for what may be a secret by its form. Cart ids are UUIDs of version 4, all other ids of
/// version 7, or of version 8 when derived from a name.
bool may_be_secret(std::string_view word) {
  if (word.size() < secret_bytes_min) return false;
  if (const auto id = uuid::parse(word)) {
    const int version = id->bytes[6] >> 4;
    return version != 7 && version != 8;
  }
  const auto has = [&](char first, char last) {
    return std::ranges::any_of(word, [&](char c) { return c >= first && c <= last; });
  };
  return has('0', '9') || (has('a', 'z') && has('A', 'Z'));
}

std::string line(log::fields fields) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return log::render(log::format::json, false, log::level::info,
                     std::chrono::duration_cast<std::chrono::microseconds>(now).count(), "access",
                     fields);
}

}  // namespace

std::string logged_path(std::string_view path) {
  path = path.substr(0, path.find('?'));
  std::string shown;
  while (!path.empty() && shown.size() <= path_bytes_max) {
    const auto end = std::ranges::find_if_not(path, is_id_character) - path.begin();
    const auto word = path.substr(0, std::max<std::size_t>(static_cast<std::size_t>(end), 1));
    shown += may_be_secret(word) ? mask : word;
    path.remove_prefix(word.size());
  }
  return beginning(shown, path_bytes_max);
}

void access_log::answered(const exchange& x, const http::response& r) {
  const auto& request = *x.request;
  const bool has_body = request.method != http::method::head && r.status != 204 && r.status != 304;
  lines_.write(line({
      {"http.request.method", http::to_string(request.method)},
      {"url.path", logged_path(request.path)},
      {"http.route", x.matched ? std::string_view(x.matched->path) : "none"},
      {"http.response.status_code", std::int64_t{r.status}},
      {"http.response.body.size", has_body ? r.content().size() : 0},
      {"duration_us", elapsed_us(request.received)},
      {"client.address", request.remote_address},
      {"user_agent.original",
       beginning(request.header("User-Agent").value_or(""), user_agent_bytes_max)},
      {"request_id", x.context.request_id},
      {"trace_id", trace_id_of(x.context.traceparent)},
  }));
}

void access_log::answered(const http::server_response& a) {
  lines_.write(line({
      {"http.request.method", a.method.empty() ? "none" : a.method},
      {"url.path", logged_path(a.path)},
      {"http.route", "none"},
      {"http.response.status_code", std::int64_t{a.status}},
      {"http.response.body.size", a.body_bytes},
      {"duration_us", a.received ? elapsed_us(*a.received) : 0},
      {"client.address", a.remote_address},
      {"user_agent.original", beginning(a.user_agent, user_agent_bytes_max)},
      {"request_id", a.request_id},
      {"trace_id", ""},
      {"code", a.code},
  }));
}

}  // namespace stoa::front
