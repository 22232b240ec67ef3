#include "net/cli/server_session.hpp"

#include "config/load.hpp"
#include "config/mask.hpp"
#include "net/cli/commands.hpp"
#include "net/cli/import_report.hpp"
#include "net/cli/password_prompt.hpp"
#include "storage/base/describe.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"
#include "storage/base/utf8.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace stoa::cli {

namespace {

constexpr std::chrono::milliseconds login_limit{5000};
constexpr std::chrono::milliseconds log_out_limit{1000};

struct login_request {
  std::string login;
  std::string password;
};
BOOST_DESCRIBE_STRUCT(login_request, (), (login, password))

struct refresh_request {
  std::string refresh_token;
};
BOOST_DESCRIBE_STRUCT(refresh_request, (), (refresh_token))

struct tokens {
  std::string access_token;
  std::string refresh_token;
};
BOOST_DESCRIBE_STRUCT(tokens, (), (access_token, refresh_token))

struct problem_document {
  std::string detail;
  std::optional<std::vector<field_error>> errors;
};
BOOST_DESCRIBE_STRUCT(problem_document, (), (detail, errors))

constexpr const char* agent = "stoa-cli";

template <class Body>
http_reply post(const server_address& server, const std::string& path, const Body& body,
                std::chrono::milliseconds limit) {
  http_request q;
  q.method = "POST";
  q.target = path;
  q.body = json::write(body);
  q.headers = {{"User-Agent", agent}};
  return http_call(server, q, limit);
}

bool is_here(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

result<std::string> password_of(const server_options& o) {
  if (!o.password_file.empty()) return read_password_file(o.password_file);
  if (const char* given = std::getenv(config::password_env); given != nullptr && *given != '\0') {
    return std::string(given);
  }
  return ask_known_password();
}

problem bad_usage(std::string why) {
  return {problem_kind::malformed, "usage", std::move(why), {}};
}

}  // namespace

std::string reason_of(const http_reply& r) {
  const auto problem_body = json::read_lenient<problem_document>(r.body);
  if (!problem_body) return printable("the server returned \"" + r.status_line + "\"");
  std::string text = problem_body->detail;
  if (problem_body->errors) {
    for (const auto& e : *problem_body->errors) text += " " + e.pointer + ": " + e.detail;
  }
  return printable(text);
}

bool is_final(const http_reply& r) {
  return r.status >= 400 && r.status < 500 && r.status != 408 && r.status != 429;
}

result<std::unique_ptr<server_session>> open_session(const server_options& o) {
  server_address place;
  try {
    place = parse_server_address(o.url);
  } catch (const std::invalid_argument& e) {
    return bad_usage("--url " + log::masked_setting(o.url) + ": " + e.what());
  }
  server_login login{o.user, {}, o.token_file};
  if (login.user.empty() == login.token_file.empty()) {
    return bad_usage("staff credentials are required: --user or --token-file");
  }
  if (!place.tls && !is_here(place.host)) {
    std::fprintf(stderr, "stoa: warning: credentials are sent to %s unencrypted\n",
                 place.host.c_str());
  }
  if (!login.user.empty()) {
    auto password = password_of(o);
    if (!password) return password.error();
    login.password = std::move(*password);
  }
  return std::make_unique<server_session>(std::move(place), std::move(login));
}

int in_session(const server_options& o, const std::function<int(server_session&)>& work) {
  const auto report_error = [](const std::string& why, int code) {
    std::fprintf(stderr, "stoa: %s\n", printable(why).c_str());
    return code;
  };
  const auto session = open_session(o);
  if (!session) return report_error(session.error().detail, exit_usage);
  try {
    return work(**session);
  } catch (const no_reply& e) {
    return report_error(e.what(), exit_failed);
  } catch (const std::exception& e) {
    return report_error(o.url + ": " + e.what(), exit_failed);
  }
}

http_reply server_session::call(http_request q, std::chrono::milliseconds limit) {
  if (access_.empty()) take_token();
  auto reply = ask(q, limit);
  if (reply.status != 401) return reply;
  take_token();
  reply = ask(std::move(q), limit);
  if (reply.status == 401) throw access_refused(reason_of(reply));
  return reply;
}

http_reply server_session::ask(http_request q, std::chrono::milliseconds limit) const {
  q.headers.emplace_back("User-Agent", agent);
  q.headers.emplace_back("Authorization", "Bearer " + access_);
  return http_call(server_, q, limit);
}

void server_session::take_token() {
  if (!login_.token_file.empty()) {
    read_token_file();
  } else if (refresh_.empty() || !refresh()) {
    log_in();
  }
}

/// Falls back to a login when the refresh token is rejected: its previous response may have been
/// lost, which revokes the session.
bool server_session::refresh() {
  const auto reply =
      post(server_, "/store/v1/auth/refresh", refresh_request{refresh_}, login_limit);
  if (reply.status != 200 && !is_final(reply)) throw std::runtime_error(reason_of(reply));
  refresh_.clear();
  auto given = json::read_lenient<tokens>(reply.body);
  if (reply.status != 200 || !given) return false;
  access_ = std::move(given->access_token);
  refresh_ = std::move(given->refresh_token);
  return true;
}

void server_session::log_in() {
  const auto reply = post(server_, "/store/v1/auth/login",
                          login_request{login_.user, login_.password}, login_limit);
  if (is_final(reply)) throw access_refused("login failed: " + reason_of(reply));
  if (reply.status != 200) throw std::runtime_error("login failed: " + reason_of(reply));
  auto given = json::read_lenient<tokens>(reply.body);
  if (!given) throw std::runtime_error("cannot parse the login response");
  access_ = std::move(given->access_token);
  refresh_ = std::move(given->refresh_token);
}

/// Reads the file again, as another program may have renewed the token.
void server_session::read_token_file() {
  std::ifstream in(login_.token_file);
  std::string token;
  if (!in || !std::getline(in, token)) {
    throw access_refused("cannot read a token from " + login_.token_file);
  }
  if (token.ends_with('\r')) token.pop_back();
  // Reject characters that are not allowed in a header.
  const bool plain =
      std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 0x7F; });
  if (token.empty() || !plain) throw access_refused("no valid token in " + login_.token_file);
  if (token == access_) throw access_refused("the token is invalid or has expired");
  access_ = std::move(token);
}

void server_session::log_out() {
  if (refresh_.empty()) return;
  try {
    post(server_, "/store/v1/auth/logout", refresh_request{refresh_}, log_out_limit);
  } catch (const std::exception&) {
    // The session ends when its refresh token expires.
  }
  refresh_.clear();
}

}  // namespace stoa::cli
