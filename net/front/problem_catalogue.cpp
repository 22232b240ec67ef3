#include "net/front/problem_catalogue.hpp"

#include "net/http/problem_response.hpp"

#include <algorithm>
#include <set>

namespace stoa::front {

namespace {

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> list;
  while (!text.empty()) {
    list.push_back(text.substr(0, text.find(' ')));
    text.remove_prefix(std::min(text.size(), list.back().size() + 1));
  }
  return list;
}

bool has_status(const std::vector<int>& list, int status) {
  return std::ranges::find(list, status) != list.end();
}

bool is_write(const route& r) {
  return r.method != http::method::get;
}

/// Whether a word of problem_entry::where applies to the route; not for operationIds.
bool holds(std::string_view word, const route& r) {
  const bool staff = r.info.who == access::staff || r.info.who == access::admin;
  if (word == "any") return true;
  if (word == "body") return r.reads_json;
  if (word == "key") return r.takes_key();
  if (word == "required_key") return r.info.key_required;
  if (word == "limited") return r.info.limit != limit_class::none;
  if (word == "bad_token") return !r.ignores_bad_token();
  if (word == "role") return staff || has_status(r.info.errors, 403);
  if (word == "list") return r.takes_cursor;
  if (word == "search") return (r.query && r.info.cost > 1) || r.shape.counts;
  if (word == "path") return has_status(r.info.errors, 404) || !r.parameters.empty();
  if (word == "if_match") return is_write(r) || has_status(r.info.success, 304);
  if (word == "condition") return r.info.if_match || has_status(r.info.success, 304);
  if (word == "card") return r.info.reject_cards;
  if (word == "change") return is_write(r);
  if (word == "write") return is_write(r) && (has_status(r.info.errors, 409) || r.takes_key());
  return false;
}

/// Where a code occurs, as text.
std::string place_of(std::string_view where) {
  if (where == "edge") return "before routing";
  if (where == "any") return "any operation";
  if (where == "method") return "any resource";
  if (where == "body") return "operations with a JSON body";
  if (where == "key") return "operations that take an `Idempotency-Key`";
  if (where == "required_key") return "operations that require an `Idempotency-Key`";
  if (where == "limited") return "any operation with rate limits";
  if (where == "bad_token") return "operations that depend on an access token";
  if (where == "role") return "operations for staff and administrators";
  if (where == "list") return "lists";
  if (where == "search") return "searches and lists";
  if (where == "path") return "resources";
  if (where == "if_match") return "operations to which `If-Match` is sent";
  if (where == "condition") return "resources with an `ETag`";
  if (where == "card") return "operations that store free text";
  if (where == "body change") return "operations other than GET";
  if (where == "write") return "operations that change data";
  if (where.empty()) return "commands of the program only";
  std::string list;
  for (const auto id : words_of(where)) {
    list.append(list.empty() ? "`" : ", `").append(id).append("`");
  }
  return list;
}

}  // namespace

bool occurs(const problem_entry& kind, const route& r) {
  for (const auto word : words_of(kind.where)) {
    if (word == r.info.id || holds(word, r)) return true;
  }
  return false;
}

std::vector<int> error_statuses(const route& r) {
  std::set<int> statuses(r.info.errors.begin(), r.info.errors.end());
  for (const auto& kind : problem_entries()) {
    if (occurs(kind, r)) statuses.insert(kind.status);
  }
  return {statuses.begin(), statuses.end()};
}

std::string errors_document() {
  std::string text =
      "# Errors\n\n"
      "<!-- Generated from net/front/problem_table.cpp: STOA_TEST_UPDATE=1 on "
      "unit/errors_document_test. -->\n\n"
      "An error is a problem document (RFC 9457, `application/problem+json`). Programs should "
      "branch on "
      "`code`, which is\nstable; `detail` is for display and may change. If single fields are "
      "invalid, `errors` lists them: `pointer` is a\nJSON pointer into the body, or the name of a "
      "query parameter behind `?` or of a header field behind `#`. Report\n`request_id` to the "
      "operator.\n\n"
      "```json\n"
      "{\"type\":\"about:blank\",\"title\":\"Unprocessable Entity\",\"status\":422,\n"
      " \"detail\":\"The request contains invalid values.\",\n"
      " \"code\":\"validation_failed\",\n"
      " \"errors\":[{\"pointer\":\"/quantity\",\"code\":\"range\",\"detail\":\"This must be "
      "between 1 and 10000.\"}],\n"
      " \"request_id\":\"0194f3a2-7c1e-7d55-a1b0-5a2f4c6d8e90\"}\n"
      "```\n\n"
      "Later versions may add codes: treat unknown codes by their status.\n";
  int status = 0;
  for (const auto& kind : problem_entries()) {
    if (kind.status != status) {
      status = kind.status;
      text += "\n## " + std::to_string(status) + " " + std::string(http::reason_phrase(status)) +
              "\n\n| code | meaning | what to do | where |\n|---|---|---|---|\n";
    }
    text.append("| `").append(kind.code).append("` | ").append(kind.meaning);
    text.append(" | ").append(kind.remedy).append(" | ").append(place_of(kind.where));
    text.append(" |\n");
  }
  text += "\n## Codes of single fields\n\n| code | meaning |\n|---|---|\n";
  for (const auto& kind : field_kinds()) {
    text.append("| `").append(kind.code).append("` | ").append(kind.meaning).append(" |\n");
  }
  return text;
}

}  // namespace stoa::front
