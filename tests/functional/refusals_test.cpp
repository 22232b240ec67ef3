// Malformed requests to each operation of the document: each is rejected with the specific code,
// which the document lists for the operation.

#include "tests/functional/openapi_session.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <regex>

using namespace stoa;
using namespace stoa::test;

namespace {

struct operation {
  std::string id;
  std::string method;
  std::string target;     ///< with unknown ids
  std::string body_type;  ///< empty: none
  std::vector<std::string> query;
  bool for_anyone = false;
};

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return static_cast<char>(c & ~0x20); });
  return text;
}

std::string target_of(const std::string& path, const std::string& value) {
  return std::regex_replace(path, std::regex("[{][^}]*[}]"), value);
}

operation read_operation(const std::string& path, const std::string& method,
                         const json::value& about) {
  operation o{text_at(about, "/operationId"), upper(method), target_of(path, unknown_id), {}, {}};
  if (const auto* body = about.find("requestBody")) {
    o.body_type = body->find("content")->if_object()->front().name;
  }
  for (const auto& p : *at(about, "/parameters").if_array()) {
    const auto* place = p.find("in");
    if (place && *place->if_string() == "query") o.query.push_back(text_at(p, "/name"));
  }
  for (const auto& way : *at(about, "/security").if_array()) {
    o.for_anyone = o.for_anyone || way.if_object()->empty();
  }
  return o;
}

struct refusals : session {
  refusals() {
    const auto described = client.get("/openapi.json").json();
    for (const auto& [path, methods] : *at(described, "/paths").if_object()) {
      for (const auto& [method, about] : *methods.if_object()) {
        all.push_back(read_operation(path, method, about));
        methods_of[path].insert(upper(method));
      }
    }
  }

  /// Sends the request with sufficient rights and an acceptable body.
  http_answer send(const operation& o, const std::string& query, const header_list& more = {}) {
    return send(o, o.target + query, o.body_type == "application/json" ? "{}" : "", more);
  }
  http_answer send(const operation& o, const std::string& target, const std::string& body,
                   const header_list& more) {
    auto headers = o.for_anyone ? header_list{} : root;
    headers.emplace_back("Idempotency-Key", unique("refused"));
    if (!o.body_type.empty() && !body.empty()) headers.emplace_back("Content-Type", o.body_type);
    for (const auto& [name, value] : more) {
      std::erase_if(headers, [&](const auto& h) { return h.first == name; });
      headers.emplace_back(name, value);
    }
    return call(o.method, target, body, headers);
  }
  void refused(const operation& o, const std::string& what, const http_answer& a, int status,
               const std::string& code, const std::string& pointer = {}) {
    BOOST_TEST(a.status == status, o.id << ", " << what << ": " << a.status << " " << a.body);
    BOOST_TEST(a.code() == code, o.id << ", " << what << ": " << a.code());
    BOOST_TEST(a.header("Content-Type") == "application/problem+json", o.id << ", " << what);
    // For a list the pointer may refer to an element.
    BOOST_TEST(pointers_of(a).starts_with(pointer), o.id << ", " << what << ": " << a.body);
  }

  std::vector<operation> all;
  std::map<std::string, std::set<std::string>> methods_of;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(refusals_suite, refusals)

BOOST_AUTO_TEST_CASE(methods_that_a_path_does_not_have) {
  BOOST_TEST(all.size() > 70U);
  for (const auto& [path, methods] : methods_of) {
    for (const auto* method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
      if (methods.contains(method)) continue;
      const auto a = client.request(method, target_of(path, unknown_id), "", root);
      BOOST_TEST(a.status == 405, method << " " << path << ": " << a.status);
      BOOST_TEST(a.code() == "method_not_allowed");
      for (const auto& known : methods) {
        BOOST_TEST(a.header("Allow").find(known) != std::string::npos, path);
      }
    }
    const auto longer =
        client.get(target_of(path, unknown_id) + "/none/none/" + std::string(7000, 'x'));
    BOOST_TEST(longer.status == 404, path << ": " << longer.status);
    const auto too_long = client.get(target_of(path, unknown_id) + "/" + std::string(9000, 'x'));
    BOOST_TEST(too_long.status == 414, path << ": " << too_long.status);
    if (path.find('{') == path.npos) continue;
    const auto broken = client.get(target_of(path, "%zz"), root);
    BOOST_TEST(broken.status == 400, path << ": " << broken.status);
    BOOST_TEST(broken.code() == "malformed_target");
  }
}

BOOST_AUTO_TEST_CASE(queries) {
  for (const auto& o : all) {
    refused(o, "unknown", send(o, "?colour=red"), 400, "invalid_request", "?colour");
    refused(o, "encoding", send(o, "?colour=%zz"), 400, "malformed_query");
    refused(o, "not UTF-8", send(o, "?colour=%ff"), 400, "malformed_query");
    for (const auto& name : o.query) {
      refused(o, name + " twice", send(o, "?" + name + "=1&" + name + "=1"), 400,
              "malformed_query");
      const auto a = send(o, "?" + name + "=" + std::string(2100, 'x'));
      refused(o, name + " too long", a, 400,
              name == "cursor" ? "invalid_cursor" : "invalid_request", "?" + name);
    }
  }
}

BOOST_AUTO_TEST_CASE(bodies_and_their_types) {
  for (const auto& o : all) {
    refused(o, "compressed", send(o, o.target, "{}", {{"Content-Encoding", "gzip"}}), 415,
            "content_coding_not_supported");
    for (const auto* type :
         {"text/plain", "application/xml", "application/json; charset=iso-8859-1"}) {
      const auto a = send(o, o.target, "{}", {{"Content-Type", type}});
      if (o.method == "GET") {
        refused(o, type, a, 413, "body_too_large");
      } else {
        refused(o, type, a, 415, "unsupported_media_type");
      }
    }
    // The bodies of these have the sender's format and are verified by their signature.
    if (o.id == "receive_gateway_webhook" || o.id == "receive_sms_report") continue;
    if (o.body_type != "application/json") continue;
    refused(o, "no JSON", send(o, o.target, "{\"a\":", {}), 400, "malformed_json");
    refused(o, "a list", send(o, o.target, "[]", {}), 400, "invalid_request");
    refused(o, "an unknown member", send(o, o.target, R"({"colour":1})", {}), 400,
            "invalid_request");
  }
}

BOOST_AUTO_TEST_CASE(conditions_and_tokens) {
  for (const auto& o : all) {
    if (o.id == "delete_me") continue;
    for (const auto* name : {"If-Match", "If-None-Match"}) {
      // Whether it is rejected depends on the operation; the answer must be documented.
      send(o, "", {{name, "no tag"}});
      send(o, "", {{name, R"("a",,"b")"}});
    }
    send(o, "", {{"Prefer", ";;;"}, {"Traceparent", "no trace"}, {"X-Request-Id", "a b"}});
    const auto forged = send(o, "", {{"Authorization", "Bearer forged"}});
    if (!o.for_anyone) refused(o, "forged", forged, 401, "invalid_token");
  }
}

BOOST_AUTO_TEST_SUITE_END()
