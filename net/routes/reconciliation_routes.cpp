// The reconciliation with a payment gateway, and the ledger's balances. The node that answers calls
// the gateway, page by page; no actor waits for it.

#include "actors/payment/payment_messages.hpp"
#include "actors/payment/reconciliation.hpp"
#include "config/settings.hpp"
#include "net/routes/all_routes.hpp"
#include "storage/base/service_clock.hpp"

namespace stoa::front {

namespace {

using namespace stoa::payment;
using response_task = task<http::response>;

constexpr int pages_max = 50;
constexpr std::chrono::hours period_max{24 * 31};
/// An operation of an order of the period reaches the gateway at most payment.give_up_s and this
/// long after the period.
constexpr microseconds later = seconds{300};
/// Reserved for the comparison and the response, before the request's deadline.
constexpr microseconds answer_time = seconds{2};

struct reconciliation_query {
  timestamp from;
  timestamp to;
  std::optional<std::string> gateway;
  static constexpr json::rule rules[] = {
      {.field = "from",
       .description = "The beginning of the period.",
       .example = R"("2026-03-01T00:00:00.000000Z")"},
      {.field = "to",
       .description = "The end of the period, exclusive; at most 31 days later.",
       .example = R"("2026-03-15T00:00:00.000000Z")"},
      {.field = "gateway",
       .length_min = 1,
       .length_max = 40,
       .description = "The gateway's name; that of new payments by default.",
       .example = R"("sandbox")"}};
};
BOOST_DESCRIBE_STRUCT(reconciliation_query, (), (from, to, gateway))

[[noreturn]] void fail_period(const std::string& why) {
  fail(
      {400, "invalid_request", "The query has invalid parameter values.", {{"?to", "range", why}}});
}

[[noreturn]] void fail_too_large() {
  fail(conflict("period_too_large", "The period has too many records. Choose a shorter period."));
}

[[noreturn]] void fail_with(const std::string& code) {
  if (code == "not_supported") {
    fail(conflict("reconciliation_not_supported", "The gateway has no lists of its records."));
  }
  if (code == "too_large") fail_too_large();
  if (code == "timeout") {
    fail({504,
          "gateway_timeout",
          "The gateway has not answered in time. Try again, or choose a shorter period.",
          {}});
  }
  fail({502, "gateway_failed", "The gateway has rejected or failed the request.", {}});
}

task<list_page> page_of(exchange& x, payment::gateway& bank, list_request request) {
  if (process_time().now() + answer_time >= x.context.deadline) fail_with("timeout");
  std::function<bool(std::function<void(list_page)>)> start =
      [&bank, request = std::move(request)](std::function<void(list_page)> done) {
        bank.list(request, std::move(done));
        return true;
      };
  auto page = co_await x.run_elsewhere<list_page>(std::move(start));
  if (!page.known) fail_with(page.code);
  co_return page;
}

/// Reads one of the gateway's lists.
task<int> read_list(exchange& x, payment::gateway& bank, list_request request,
                    reconciliation& both) {
  for (int pages = 1;; ++pages) {
    auto page = co_await page_of(x, bank, request);
    both.add_theirs(std::move(page.payments));
    both.add_theirs(std::move(page.refunds));
    if (page.next.empty()) co_return pages;
    if (pages == pages_max) fail_too_large();
    request.cursor = std::move(page.next);
  }
}

task<int> read_records(exchange& x, const std::string& gateway, const reconciliation_query& q,
                       reconciliation& both) {
  list_recorded_payments payments{gateway, q.from, q.to, std::nullopt};
  for (int pages = 1;; ++pages) {
    auto next = payments;
    auto page = co_await x.ask(std::move(next));
    both.add_ours(page.data);
    if (!page.next) break;
    if (pages == pages_max) fail_too_large();
    payments.after = page.next;
  }
  list_recorded_refunds query{gateway, q.from, q.to};
  auto refunds = co_await x.ask(std::move(query));
  if (!refunds.is_complete) fail_too_large();
  both.add_ours(refunds.data);
  auto unknown = both.unknown();
  for (auto& records : unknown) {
    auto found = co_await x.ask(std::move(records));
    both.add_others(found);
  }
  co_return 0;
}

response_task reconcile(exchange& x, reconciliation_query q) {
  if (q.from >= q.to) fail_period("This must be after `from`.");
  if (q.to - q.from > period_max) fail_period("This must be at most 31 days after `from`.");
  const auto name = q.gateway.value_or(x.shared->config->payment.gateway);
  const auto found = x.shared->gateways.find(name);
  if (found == x.shared->gateways.end()) {
    fail({503,
          "gateway_not_configured",
          "This node has no gateway " + name +
              ": check the name, and the gateway's settings on this node.",
          {}});
  }
  reconciliation both(name, q.from, q.to);
  const auto until = q.to + seconds{x.shared->config->payment.give_up_s} + later;
  for (const auto what : {gateway_list::payments, gateway_list::refunds}) {
    list_request request{what, q.from, until, {}};
    co_await read_list(x, *found->second, std::move(request), both);
  }
  // After the gateway's: what it has recorded, this store recorded before, or reads now.
  co_await read_records(x, name, q, both);
  co_return x.json(200, both.report());
}

response_task list_balances(exchange& x, none) {
  auto list = co_await x.ask(get_ledger_balances{});
  co_return x.json(200, list);
}

}  // namespace

void add_reconciliation_routes(routes& r) {
  r.get<reconciliation_query, reconciliation_view>(
      "/admin/v1/payments/reconciliation",
      {.id = "admin_reconcile_payments",
       .tag = "admin",
       .summary = "Compare the payments and refunds of a period with the gateway's records",
       .description =
           "Payments of orders that were placed in the period, refunds that were requested in it, "
           "and the gateway's records that were created in it. Payments with an operation that is "
           "in progress are counted and not compared. 409 `period_too_large` for a period with "
           "more than 5,000 records. The node that answers calls the gateway: 503 "
           "`gateway_not_configured` if it has no access to it.",
       .who = access::staff,
       .errors = {409, 502, 504},
       .cost = list_cost},
      reconcile);
  r.get<none, balance_list>("/admin/v1/ledger/balances",
                            {.id = "admin_list_ledger_balances",
                             .tag = "admin",
                             .summary = "List the balances of the ledger's accounts",
                             .description = "The accounts are described in docs/gateways.md.",
                             .who = access::staff,
                             .cost = list_cost},
                            list_balances);
}

}  // namespace stoa::front
