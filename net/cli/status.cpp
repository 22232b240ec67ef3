// `stoa status`: checks once whether a running store is healthy.

#include "net/cli/commands.hpp"
#include "net/cli/fetch_nodes.hpp"
#include "net/cli/http_call.hpp"
#include "net/cli/status_report.hpp"
#include "net/cli/subcommands.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"

#include <cstdio>

namespace stoa::cli {

namespace {

constexpr std::chrono::seconds answer_limit{5};

template <class T>
T parsed_body(const std::string& body) {
  auto answer = json::read_lenient<T>(body);
  if (!answer) throw std::runtime_error("cannot parse the response: " + answer.error().detail);
  return std::move(*answer);
}

/// /readyz needs no login and so works without the user service.
readiness ask_readiness(const std::string& url) {
  http_request q;
  q.target = "/readyz";
  const auto reply = http_call(parse_server_address(url), q, answer_limit);
  if (reply.status != 200 && reply.status != 503) throw std::runtime_error(reason_of(reply));
  return parsed_body<readiness>(reply.body);
}

status_report ask_all(const std::string& url, server_session& session) {
  const auto ready = ask_readiness(url);
  try {
    return report_of(parsed_body<nodes_answer>(fetch_nodes(session)).data, ready);
  } catch (const access_refused&) {
    throw;
  } catch (const std::exception& e) {
    return report_of({}, ready, e.what());
  }
}

int code_of(const status_report& report) {
  if (report.status == status_healthy) return exit_done;
  return report.status == status_degraded ? exit_degraded : exit_unhealthy;
}

}  // namespace

int run_status(const status_options& o) {
  auto session = open_session(o.server);
  if (!session) {
    std::fprintf(stderr, "stoa: %s\n", session.error().detail.c_str());
    return exit_usage;
  }
  try {
    const auto report = ask_all(o.server.url, **session);
    if (o.json) {
      std::printf("%s\n", json::write(report).c_str());
    } else {
      for (const auto& line : lines_of(report)) std::printf("%s\n", line.text.c_str());
    }
    return code_of(report);
  } catch (const no_reply& e) {
    std::fprintf(stderr, "stoa: %s\n", e.what());
    return exit_failed;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "stoa: %s: %s\n", o.server.url.c_str(), e.what());
    return exit_failed;
  }
}

}  // namespace stoa::cli
