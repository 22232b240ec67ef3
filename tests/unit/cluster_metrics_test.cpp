// The metrics of the cluster and of the services' databases, aggregated from node reports.

#include "net/front/cluster_metrics.hpp"

#include <boost/test/unit_test.hpp>
#include <prometheus/text_serializer.h>

using namespace stoa;

namespace {

kernel::node_state node(const std::string& name, std::vector<kernel::service_state> services) {
  kernel::node_state n;
  n.node = name;
  n.bus = "broker";
  n.services = std::move(services);
  return n;
}

kernel::service_state service(const std::string& name, std::vector<kernel::partition_state> owned) {
  kernel::service_state s;
  s.service = name;
  s.partitions = 2;
  s.owned = std::move(owned);
  s.store = "ok";
  return s;
}

std::string text_of(const std::vector<kernel::node_state>& nodes) {
  std::vector<prometheus::MetricFamily> families;
  front::collect_cluster(families, nodes);
  return prometheus::TextSerializer().Serialize(families);
}

/// The sample's value; empty when it is absent.
std::string value_of(const std::string& text, const std::string& sample) {
  const auto at = text.find("\n" + sample + " ");
  if (at == text.npos) return {};
  const auto begin = at + sample.size() + 2;
  return text.substr(begin, text.find('\n', begin) - begin);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cluster_metrics)

BOOST_AUTO_TEST_CASE(figures_stand_at_the_node_that_has_read_them) {
  auto order = service("order", {{0, 1}, {1, 1}});
  order.figures = {3, 42, std::nullopt, std::nullopt, std::nullopt};
  auto mails = service("notification", {{0, 1}, {1, 1}});
  mails.figures = {0, 0, 7, 2, 60};
  mails.store = "failing";
  auto other = service("payment", {{0, 1}, {1, 1}});
  other.figures = {9, 99, std::nullopt, std::nullopt, std::nullopt};
  other.figures->disputes.emplace({kernel::dispute_figure{"stripe", "Open", 4}});
  auto payments = service("payment", {{0, 1}});
  payments.figures = {0, 0, std::nullopt, std::nullopt, std::nullopt};
  payments.figures->disputes.emplace(
      {kernel::dispute_figure{"paypal", "Open", 2}, kernel::dispute_figure{"stripe", "Won", 1}});
  const auto text = text_of({node("a", {order, mails, payments}), node("b", {other})});
  BOOST_TEST(value_of(text, "stoa_dead_letters{service=\"order\"}") == "3");
  BOOST_TEST(value_of(text, "stoa_dead_letters{service=\"payment\"}") == "0");
  BOOST_TEST(value_of(text, "stoa_oldest_pending_seconds{service=\"order\"}") == "42");
  BOOST_TEST(value_of(text, "stoa_oldest_pending_seconds{service=\"notification\"}") == "0");
  BOOST_TEST(value_of(text, "stoa_notifications_failed{service=\"notification\"}") == "7");
  BOOST_TEST(value_of(text, "stoa_webhooks_disabled{service=\"notification\"}") == "2");
  BOOST_TEST(value_of(text, "stoa_webhook_oldest_pending_seconds{service=\"notification\"}") ==
             "60");
  BOOST_TEST(value_of(text, "stoa_webhooks_disabled{service=\"order\"}") == "");
  BOOST_TEST(value_of(text, "stoa_store_up{service=\"order\"}") == "1");
  BOOST_TEST(value_of(text, "stoa_store_up{service=\"notification\"}") == "0");
  BOOST_TEST(value_of(text, R"(stoa_payment_disputes{gateway="paypal",state="Open"})") == "2");
  BOOST_TEST(value_of(text, R"(stoa_payment_disputes{gateway="stripe",state="Won"})") == "1");
  BOOST_TEST(value_of(text, R"(stoa_payment_disputes{gateway="stripe",state="Open"})") == "");
  BOOST_TEST(value_of(text, "stoa_bus_up{bus=\"nats\"}") == "1");
}

BOOST_AUTO_TEST_CASE(partitions_of_all_nodes_count_as_owned) {
  auto a = node("a", {service("order", {{0, 1}}), service("cart", {{0, 1}})});
  auto b = node("b", {service("order", {{1, 1}})});
  BOOST_TEST(value_of(text_of({a, b}), "stoa_partitions_without_owner{service=\"order\"}") == "0");
  BOOST_TEST(value_of(text_of({a, b}), "stoa_partitions_without_owner{service=\"cart\"}") == "1");
  BOOST_TEST(value_of(text_of({a}), "stoa_partitions_without_owner{service=\"order\"}") == "1");
}

BOOST_AUTO_TEST_CASE(peers_are_counted_by_state) {
  auto leaving = node("c", {});
  leaving.leaving = true;
  auto alone = node("a", {});
  alone.bus = "nodes";
  const auto text = text_of({alone, node("b", {}), leaving});
  BOOST_TEST(value_of(text, "stoa_peers{state=\"serving\"}") == "1");
  BOOST_TEST(value_of(text, "stoa_peers{state=\"leaving\"}") == "1");
  BOOST_TEST(text.find("stoa_bus_up") == text.npos);
  BOOST_TEST(value_of(text_of({alone}), "stoa_peers{state=\"serving\"}") == "0");
  BOOST_TEST(value_of(text, "stoa_peers{state=\"refused\"}") == "0");
  alone.refused = {{"stray", "its cart.store is redis"}};
  BOOST_TEST(value_of(text_of({alone}), "stoa_peers{state=\"refused\"}") == "1");
  BOOST_TEST(value_of(text, "stoa_node_cordoned") == "0");
  alone.cordoned = true;
  BOOST_TEST(value_of(text_of({alone}), "stoa_node_cordoned") == "1");
}

BOOST_AUTO_TEST_SUITE_END()
