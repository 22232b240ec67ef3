// The findings of `stoa status` from the nodes' reports, and their texts.

#include "net/cli/status_report.hpp"

#include "storage/base/json_write.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::cli;

namespace {

kernel::service_state service(const std::string& name, std::vector<kernel::partition_state> owned,
                              kernel::service_figures figures = {}) {
  kernel::service_state s;
  s.service = name;
  s.partitions = 2;
  s.owned = std::move(owned);
  s.store = "ok";
  s.figures = figures;
  return s;
}

kernel::node_state node(const std::string& name, std::vector<kernel::service_state> services) {
  kernel::node_state n;
  n.cluster = "shop";
  n.node = name;
  n.bus = "nodes";
  n.services = std::move(services);
  return n;
}

/// "status code" of each finding.
std::string found(const std::vector<status_finding>& all) {
  std::string text;
  for (const auto& f : all) text += (text.empty() ? "" : ", ") + f.status + " " + f.code;
  return text;
}

std::string judged(kernel::service_state s) {
  return found(findings_of({node("a", {std::move(s)})}));
}

const std::vector<kernel::partition_state> both{{0, 1}, {1, 1}};

std::string judged(const std::string& name, kernel::service_figures figures) {
  return judged(service(name, both, figures));
}

kernel::service_figures late_by(std::int64_t seconds) {
  kernel::service_figures f{0, 1000, 0};
  f.overdue_s = seconds;
  return f;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(status_reports)

BOOST_AUTO_TEST_CASE(a_store_without_findings_is_healthy) {
  const auto report = report_of({node("a", {service("order", {{0, 1}})}),
                                 node("b", {service("order", {{1, 1}}, {0, 300, std::nullopt})})},
                                {"ready", {{"order", true, {}}}, {{"browse", true, {}}}});
  BOOST_TEST(report.status == "healthy");
  BOOST_TEST(found(report.findings) == "");
  BOOST_REQUIRE(report.services.size() == 1U);
  BOOST_TEST(report.services[0].owners == (std::vector<std::string>{"a", "b"}),
             boost::test_tools::per_element());
  BOOST_TEST(report.services[0].nodes == 2);
  BOOST_TEST(report.services[0].figures->oldest_pending_s.value() == 300);
}

BOOST_AUTO_TEST_CASE(what_waits_or_failed_degrades_the_store) {
  BOOST_TEST(judged("order", {0, 301, {}}) == "degraded orders_pending");
  BOOST_TEST(judged("payment", {0, 900, {}}) == "degraded orders_pending");
  BOOST_TEST(judged("payment", {0, 901, {}}) == "degraded orders_stuck");
  BOOST_TEST(judged("notification", late_by(600)) == "");
  BOOST_TEST(judged("notification", late_by(601)) == "degraded mails_wait");
  BOOST_TEST(judged("notification", {0, 0, 1}) == "degraded mails_given_up");
  BOOST_TEST(judged("cart", {1, {}, {}}) == "degraded dead_letters");
  auto late = both;
  late[1].outbox_lag_us = 30'000'001;
  BOOST_TEST(judged(service("cart", late)) == "degraded outbox_lags");
  auto lagging = service("catalog", both);
  lagging.replica = {true, "", 2'000};
  BOOST_TEST(judged(lagging) == "");
  lagging.replica->in_use = false;
  BOOST_TEST(judged(lagging) == "degraded replica_unused");
  auto cordoned = node("a", {});
  cordoned.cordoned = true;
  BOOST_TEST(found(findings_of({cordoned})) == "degraded node_cordoned");
  auto ahead = node("a", {});
  ahead.clock_ahead_us = -1'000'000;
  BOOST_TEST(found(findings_of({ahead})) == "");
  ahead.clock_ahead_us = -1'000'001;
  BOOST_TEST(found(findings_of({ahead})) == "degraded clock_skew");
  auto picky = node("a", {});
  picky.refused = {{"stray", "its cart.store is redis"}};
  BOOST_TEST(found(findings_of({picky})) == "degraded node_refused");
  BOOST_TEST(findings_of({picky}).front().detail == "it rejects stray: its cart.store is redis");
  auto cut_off = node("a", {});
  cut_off.bus = "broker away";
  BOOST_TEST(found(findings_of({cut_off})) == "degraded bus_away");
}

BOOST_AUTO_TEST_CASE(what_is_not_answered_makes_it_unhealthy) {
  BOOST_TEST(judged(service("order", {{1, 1}})) == "unhealthy partitions_without_owner");
  for (const auto* store : {"away", "failing"}) {
    auto s = service("order", both);
    s.store = store;
    BOOST_TEST(judged(s) == "unhealthy store_away");
  }
  auto emptied = service("cart", both);
  emptied.store = kernel::store_lost;
  BOOST_TEST(judged(emptied) == "unhealthy store_data_lost");
  // A node of a version that does not report it.
  auto silent = service("order", both);
  silent.store = "";
  BOOST_TEST(judged(silent) == "");
  const auto report =
      report_of({node("a", {service("order", both, {1, {}, {}})})},
                {"degraded",
                 {{"order", true, {}}, {"cart", false, "partition 0 has no writer"}},
                 {{"browse", true, {}}, {"cart", false, "cart is unavailable"}}});
  BOOST_TEST(report.status == "unhealthy");
  BOOST_TEST(found(report.findings) ==
             "unhealthy capability_away, unhealthy not_ready, degraded dead_letters");
}

BOOST_AUTO_TEST_CASE(without_a_login_readiness_is_what_is_known) {
  const auto report =
      report_of({}, {"degraded", {{"user", false, "its database cannot be reached"}}, {}},
                "login failed: away");
  BOOST_TEST(report.status == "unhealthy");
  BOOST_TEST(found(report.findings) == "unhealthy not_ready, degraded nodes_unknown");
  BOOST_TEST(report.findings.back().detail == "login failed: away");
  BOOST_TEST(report_of({}, {"ready", {}, {}}, "login failed: away").status == "degraded");
}

BOOST_AUTO_TEST_CASE(texts_of_nodes_do_no_harm_to_a_terminal) {
  auto evil = node("evil\x1b[2J", {service("order\x1b", both)});
  evil.bus = "broker away";
  std::string text;
  for (const auto& line : lines_of(report_of({evil}, {}))) text += line.text + "\n";
  BOOST_TEST(text.find('\x1b') == text.npos);
  BOOST_TEST(text.find("degraded  cluster shop  1 node\n") == 0U);
  BOOST_TEST(text.find("bus_away") != text.npos);
}

BOOST_AUTO_TEST_CASE(the_document_holds_findings_services_and_nodes) {
  const auto text = json::write(report_of({node("a", {service("order", {{1, 1}})})}, {}));
  BOOST_TEST(text.starts_with(R"({"status":"unhealthy","cluster":"shop","findings":[{)"
                              R"("status":"unhealthy","code":"partitions_without_owner",)"
                              R"("service":"order","detail":"no owner for partition 0"}],)"
                              R"("services":[{"service":"order","partitions":2,"owners":["a"],)"));
}

BOOST_AUTO_TEST_SUITE_END()
