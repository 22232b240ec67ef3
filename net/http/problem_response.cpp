#include "net/http/problem_response.hpp"

#include "storage/base/json_write.hpp"

#include <boost/beast/http/status.hpp>
#include <boost/describe.hpp>

#include <optional>
#include <vector>

namespace stoa::http {

namespace {

/// RFC 9457, section 3.1, with Stoa's extension members.
struct problem_document {
  std::string type;
  std::string title;
  int status = 500;
  std::string detail;
  std::string code;
  std::optional<std::vector<field_error>> errors;
  std::optional<std::string> request_id;
};
BOOST_DESCRIBE_STRUCT(problem_document, (), (type, title, status, detail, code, errors, request_id))

/// RFC 6750, section 3: the error of the token, if one was presented.
std::string challenge_of(const problem& p) {
  if (p.status == 403) return "Bearer error=\"insufficient_scope\"";
  const bool bad_token =
      p.code == "invalid_token" || p.code == "token_expired" || p.code == "token_revoked";
  return bad_token ? "Bearer error=\"invalid_token\"" : "Bearer";
}

}  // namespace

std::string_view reason_phrase(int status) {
  const auto phrase = boost::beast::http::obsolete_reason(
      boost::beast::http::int_to_status(static_cast<unsigned>(status)));
  return phrase.empty() ? "Unknown Status" : std::string_view(phrase.data(), phrase.size());
}

response problem_response(const problem& p, std::string_view request_id) {
  problem_document document;
  // "about:blank" means that the problem has the semantics of its status (RFC 9457, section 4.2.1);
  // the code refines it.
  document.type = "about:blank";
  document.title = reason_phrase(p.status);
  document.status = p.status;
  document.detail = p.detail;
  document.code = p.code;
  if (!p.errors.empty()) document.errors = p.errors;
  if (!request_id.empty()) document.request_id = std::string(request_id);

  response answer;
  answer.status = p.status;
  answer.content_type = "application/problem+json";
  // Errors must not be cached: some statuses may be cached heuristically (RFC 9110, section 15.1),
  // and a rejected request may succeed a moment later.
  answer.headers.emplace_back("Cache-Control", "private, no-store");
  // RFC 9110, section 15.5.16: shows the client that the content coding was the reason.
  if (p.code == "content_coding_not_supported") {
    answer.headers.emplace_back("Accept-Encoding", "identity");
  }
  if (p.status == 503 || p.status == 429) answer.headers.emplace_back("Retry-After", "1");
  // RFC 9110, section 15.5.2; RFC 6750, section 3.1.
  if (p.status == 401 || p.status == 403) {
    answer.headers.emplace_back("WWW-Authenticate", challenge_of(p));
  }
  answer.body = json::write(document);
  return answer;
}

}  // namespace stoa::http
