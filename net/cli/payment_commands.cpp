#include "net/cli/payment_commands.hpp"

#include "actors/payment/reconciliation_messages.hpp"
#include "net/cli/commands.hpp"
#include "net/cli/server_session.hpp"
#include "net/http/percent.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/utf8.hpp"

#include <cstdio>
#include <stdexcept>

namespace stoa::cli {

namespace {

using namespace stoa::payment;

/// The server's own limit is http.request_timeout_ms.
constexpr std::chrono::seconds reconcile_limit{120};

std::string text_of(const std::vector<money>& sums) {
  std::string all;
  for (const auto& sum : sums) all += (all.empty() ? "" : ", ") + to_display(sum);
  return all.empty() ? all : " (" + all + ")";
}

std::string text_of(const reconciled_totals& t) {
  return std::to_string(t.payments) + " payments" + text_of(t.captured) + ", " +
         std::to_string(t.refunds) + " refunds" + text_of(t.refunded);
}

std::string text_of(const std::optional<reconciled_side>& side) {
  return side ? side->status + " " + to_display(side->amount) : "none";
}

void print(const reconciliation_view& report) {
  for (const auto& d : report.differences) {
    const auto line = std::string(enum_name(d.kind)) + " " + std::string(enum_name(d.object)) +
                      " " + d.payment_id.value_or("-") + " " + d.transaction_id.value_or("-") +
                      ": here " + text_of(d.here) + ", at the gateway " + text_of(d.at_gateway);
    std::printf("%s\n", printable(line).c_str());
  }
  const auto listed = std::ssize(report.differences);
  if (report.difference_count > listed) {
    std::printf("... and %lld more\n", static_cast<long long>(report.difference_count - listed));
  }
  std::printf("here: %s\nat the gateway: %s\n", printable(text_of(report.here)).c_str(),
              printable(text_of(report.at_gateway)).c_str());
  std::printf("%lld differences, %lld in progress, %lld not of this store\n",
              static_cast<long long>(report.difference_count),
              static_cast<long long>(report.in_progress),
              static_cast<long long>(report.not_of_this_store));
}

}  // namespace

int run_reconcile(const reconcile_options& o) {
  return in_session(o.server, [&](server_session& session) {
    http_request q;
    q.method = "GET";
    q.target = "/admin/v1/payments/reconciliation?from=" + http::percent_encode(o.from) +
               "&to=" + http::percent_encode(o.to);
    if (!o.gateway.empty()) q.target += "&gateway=" + http::percent_encode(o.gateway);
    const auto reply = session.call(std::move(q), reconcile_limit);
    if (reply.status != 200) throw std::runtime_error(reason_of(reply));
    const auto report = json::read_lenient<reconciliation_view>(reply.body);
    if (!report) {
      throw std::runtime_error("cannot parse the response: " + report.error().detail);
    }
    if (o.json) {
      std::printf("%s\n", reply.body.c_str());
    } else {
      print(*report);
    }
    return report->difference_count == 0 ? exit_done : exit_partly;
  });
}

}  // namespace stoa::cli
