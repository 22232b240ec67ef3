#include "net/cli/top_session.hpp"

#include "net/cli/import_report.hpp"
#include "storage/base/describe.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"

#include <algorithm>
#include <fstream>

namespace stoa::cli {

namespace {

constexpr std::chrono::milliseconds call_limit{5000};
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

struct complaint {
  std::string detail;
};
BOOST_DESCRIBE_STRUCT(complaint, (), (detail))

/// What the server says of why it does not do what was asked.
std::string reason_of(const http_reply& r) {
  const auto told = json::read_lenient<complaint>(r.body);
  return printable(told ? told->detail : "the server answers \"" + r.status_line + "\"");
}

/// Whether the answer will be the same however often it is asked for.
bool is_final(const http_reply& r) {
  return r.status >= 400 && r.status < 500 && r.status != 408 && r.status != 429;
}

template <class Body>
http_reply post(const http_place& server, const std::string& path, const Body& body,
                std::chrono::milliseconds limit) {
  http_question q;
  q.method = "POST";
  q.target = path;
  q.body = json::write(body);
  q.headers = {{"User-Agent", "stoa-top"}};
  return http_call(server, q, limit);
}

}  // namespace

std::string top_session::nodes() {
  if (access_.empty()) take_token();
  auto reply = ask_nodes();
  if (reply.status == 401) {
    take_token();
    reply = ask_nodes();
  }
  if (reply.status == 200) return std::move(reply.body);
  if (reply.status == 403) {
    throw access_refused("only staff may look at the nodes: " + reason_of(reply));
  }
  if (is_final(reply)) throw access_refused("the nodes cannot be had: " + reason_of(reply));
  throw std::runtime_error(reason_of(reply));
}

http_reply top_session::ask_nodes() const {
  http_question q;
  q.target = "/admin/v1/nodes";
  q.headers = {{"User-Agent", "stoa-top"}, {"Authorization", "Bearer " + access_}};
  return http_call(server_, q, call_limit);
}

void top_session::take_token() {
  if (!login_.token_file.empty()) {
    read_token_file();
  } else if (refresh_.empty() || !refresh()) {
    log_in();
  }
}

/// A refresh token that is not taken is no reason to give up: its answer may have been lost the
/// last time, which ends the session.
bool top_session::refresh() {
  const auto reply = post(server_, "/store/v1/auth/refresh", refresh_request{refresh_}, call_limit);
  if (reply.status != 200 && !is_final(reply)) throw std::runtime_error(reason_of(reply));
  refresh_.clear();
  auto given = json::read_lenient<tokens>(reply.body);
  if (reply.status != 200 || !given) return false;
  access_ = std::move(given->access_token);
  refresh_ = std::move(given->refresh_token);
  return true;
}

void top_session::log_in() {
  const auto reply = post(server_, "/store/v1/auth/login",
                          login_request{login_.user, login_.password}, call_limit);
  if (is_final(reply)) throw access_refused("no login: " + reason_of(reply));
  if (reply.status != 200) throw std::runtime_error("no login: " + reason_of(reply));
  auto given = json::read_lenient<tokens>(reply.body);
  if (!given) throw std::runtime_error("the answer to the login cannot be read");
  access_ = std::move(given->access_token);
  refresh_ = std::move(given->refresh_token);
}

/// Whoever has written the file may have renewed it.
void top_session::read_token_file() {
  std::ifstream in(login_.token_file);
  std::string token;
  if (!in || !std::getline(in, token)) {
    throw access_refused("there is no token to be read in " + login_.token_file);
  }
  if (token.ends_with('\r')) token.pop_back();
  // It becomes part of a header.
  const bool plain =
      std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 0x7F; });
  if (token.empty() || !plain) throw access_refused("no token is in " + login_.token_file);
  if (token == access_) throw access_refused("the token is not valid (any more)");
  access_ = std::move(token);
}

void top_session::log_out() {
  if (refresh_.empty()) return;
  try {
    post(server_, "/store/v1/auth/logout", refresh_request{refresh_}, log_out_limit);
  } catch (const std::exception&) {
    // The session ends by itself then, when its refresh token does.
  }
  refresh_.clear();
}

}  // namespace stoa::cli
