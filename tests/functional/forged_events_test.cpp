// The running program with a NATS server where another client may publish: unsigned messages have
// no effect, and no payment detail can be read there.

#include "tests/support/bus_node.hpp"
#include "tests/support/file_bytes.hpp"
#include "tests/support/nats_server.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

#include <memory>

using namespace stoa;
using namespace stoa::test;

namespace {

constexpr const char* slow_token = "tok_timeoutPaid";
const header_list wait_long{{"Prefer", "wait=20"}};

nats_server* broker() {
  static std::unique_ptr<nats_server> one =
      nats_server::available() ? std::make_unique<nats_server>() : nullptr;
  if (!one) skip("nats-server is not installed");
  return one.get();
}

/// The gateway times out: an order paid with `slow_token` stays Pending.
storefront& shop() {
  static storefront one({.products = 5,
                         .settings = {{"STOA_EVENTS_BUS", "nats"},
                                      {"STOA_NATS_URLS", broker()->url()},
                                      {"STOA_PAYMENT_GATEWAY_TIMEOUT_MS", "60000"},
                                      {"STOA_LOG_LEVEL", "debug"},
                                      {"STOA_LOG_FORMAT", "json"}}});
  return one;
}

/// One event as read from the broker.
struct seen_event {
  std::string subject;
  std::string payload;
  third_party::headers headers;

  void set(const std::string& name, const std::string& value) {
    for (auto& h : headers) {
      if (h.first == name) h.second = value;
    }
  }
  std::string get(const std::string& name) const {
    for (const auto& h : headers) {
      if (h.first == name) return h.second;
    }
    return {};
  }
  void drop(const std::string& name) {
    std::erase_if(headers, [&](const auto& h) { return h.first == name; });
  }
};

seen_event read(natsMsg* m) {
  seen_event e{natsMsg_GetSubject(m),
               {natsMsg_GetData(m), static_cast<std::size_t>(natsMsg_GetDataLength(m))},
               {}};
  const char** names = nullptr;
  int count = 0;
  third_party::check(natsMsgHeader_Keys(m, &names, &count));
  for (int i = 0; i < count; ++i) {
    const char* value = nullptr;
    third_party::check(natsMsgHeader_Get(m, names[i], &value));
    e.headers.emplace_back(names[i], value);
  }
  free(names);
  return e;
}

/// A client that may read and write at the broker.
struct attacker : visitor {
  attacker() : visitor(shop().port()), broker_(broker()->url()) {}

  void publish(const seen_event& e) { broker_.publish(e.subject, e.payload, e.headers); }
  /// Buys something and returns the event of that subject.
  seen_event overhear(const std::string& subject) {
    const auto listening = broker_.subscribe(subject);
    bought(goods().front().id);
    return read(third_party::next(listening.get()).get());
  }
  /// A counter's value at /metrics, summed over all labels.
  double counted(const std::string& name) {
    std::istringstream lines(client.get("/metrics").body);
    double sum = 0;
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with(name)) sum += std::stod(line.substr(line.rfind(' ')));
    }
    return sum;
  }
  double rejected(const std::string& reason) {
    return counted("stoa_bus_events_rejected_total{reason=\"" + reason + "\"}");
  }
  void publish_and_see_rejected(const seen_event& e, const std::string& reason) {
    const auto before = rejected(reason);
    publish(e);
    BOOST_TEST(eventually([&] { return rejected(reason) > before; }), reason);
  }

  third_party broker_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(forged_events)

BOOST_AUTO_TEST_CASE(a_forged_low_water_mark_stops_no_order) {
  if (broker() == nullptr) return;
  attacker eve;
  auto forged = eve.overhear("stoa.order.placed");
  BOOST_TEST(!forged.get("stoa-signature").empty());
  const auto far = std::to_string(std::int64_t{1} << 62);
  forged.set("Nats-Msg-Id", system_ids().next_v7().str());
  forged.set("ce-id", forged.get("Nats-Msg-Id"));
  forged.set("stoa-seq", far);
  forged.set("stoa-low-water", far);
  eve.publish_and_see_rejected(forged, "wrong_signature");
  forged.set("Nats-Msg-Id", system_ids().next_v7().str());
  forged.set("stoa-signature", "kid=mine,v1=AAAA");
  eve.publish_and_see_rejected(forged, "unknown_key");
  forged.set("Nats-Msg-Id", system_ids().next_v7().str());
  forged.drop("stoa-signature");
  eve.publish_and_see_rejected(forged, "unsigned");
  for (int i = 0; i < 3; ++i) eve.bought(eve.goods().front().id);  // Confirmed, or it throws.
  BOOST_TEST(shop().log().find("event bus: event rejected") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_forged_payment_confirms_nothing) {
  if (broker() == nullptr) return;
  attacker eve;
  auto forged = eve.overhear("stoa.payment.completed");
  const auto pending = eve.checkout(eve.cart_with(eve.goods().front().id, 1), {.token = slow_token},
                                    {{"Prefer", "respond-async"}});
  BOOST_REQUIRE_EQUAL(pending.status, 202);
  const auto order = text_at(pending.json(), "/order_id");
  const auto token = bearer(text_at(pending.json(), "/access_token"));
  const auto old_id = forged.get("ce-subject");
  for (auto at = forged.payload.find(old_id); at != std::string::npos;
       at = forged.payload.find(old_id)) {
    forged.payload.replace(at, old_id.size(), order);
  }
  BOOST_TEST(forged.payload.find(order) != std::string::npos);
  forged.set("ce-subject", order);
  forged.set("ce-id", system_ids().next_v7().str());
  forged.set("Nats-Msg-Id", forged.get("ce-id"));
  eve.publish_and_see_rejected(forged, "wrong_signature");
  forged.drop("stoa-signature");
  forged.drop("Nats-Msg-Id");
  eve.publish_and_see_rejected(forged, "unsigned");
  eve.bought(eve.goods().front().id);  // Later events are processed.
  BOOST_TEST(text_at(eve.client.get("/store/v1/orders/" + order, token).json(), "/status") ==
             "Pending");
}

BOOST_AUTO_TEST_CASE(a_genuine_event_again_changes_nothing) {
  if (broker() == nullptr) return;
  attacker eve;
  const auto placed = eve.overhear("stoa.order.placed");
  const auto product = eve.goods().front();
  const auto received = eve.counted("stoa_bus_events_delivered_total{kind=\"consumed\"");
  std::this_thread::sleep_for(seconds{2});  // Before that the broker discards it as a duplicate.
  eve.publish(placed);
  BOOST_TEST(eventually(
      [&] { return eve.counted("stoa_bus_events_delivered_total{kind=\"consumed\"") > received; }));
  eve.bought(eve.goods().back().id);  // Later events are processed.
  BOOST_TEST(eve.product(product.id).stock == product.stock);
  // And not under another subject.
  auto moved = placed;
  moved.subject = "stoa.order.confirmed";
  moved.set("ce-type", "order.confirmed");
  moved.set("Nats-Msg-Id", system_ids().next_v7().str());
  eve.publish_and_see_rejected(moved, "wrong_signature");
}

BOOST_AUTO_TEST_CASE(no_stored_byte_shows_what_was_paid_with) {
  if (broker() == nullptr) return;
  attacker eve;
  const auto product = eve.goods().front().id;
  const auto paid = eve.bought(product);
  const auto cart = eve.cart_with(product, 1);
  const auto declined = eve.checkout(cart, {.token = "tok_chargeDeclined"}, wait_long, "repeated");
  BOOST_TEST(declined.status == 402);
  BOOST_TEST(eve.checkout(cart, {.token = "tok_chargeDeclined"}, wait_long, "repeated").status ==
             402);
  BOOST_TEST(
      eve.checkout(eve.cart_with(product, 1), {.token = slow_token}, {{"Prefer", "respond-async"}})
          .status == 202);
  BOOST_TEST(eve.checkout(eve.cart_with(product, 9999), {.token = "tok_visa"}, wait_long).status ==
             409);
  const auto root = eve.log_in("root");
  const auto payments = eve.client.get("/admin/v1/payments", root);
  BOOST_REQUIRE_EQUAL(payments.status, 200);
  const auto detail =
      eve.client.get("/admin/v1/payments/" + text_at(payments.json(), "/data/0/payment_id"), root);
  BOOST_REQUIRE_EQUAL(detail.status, 200);
  // The sandbox's ledger is the bank's: it contains the tokens, which shows that they were used.
  const auto bank = bytes_below(shop().data() / "sandbox");
  const std::pair<const char*, std::string> places[] = {
      {"databases", bytes_below(shop().data(), "sandbox")},
      {"broker", bytes_below(broker()->store())},
      {"log", shop().log()},
      {"metrics", eve.client.get("/metrics").body},
      {"payments", payments.body + detail.body}};
  for (const auto* token : {"tok_visa", "tok_chargeDeclined", slow_token}) {
    BOOST_TEST(bank.find(token) != std::string::npos, token);
    for (const auto& [place, bytes] : places) {
      BOOST_TEST(bytes.find(token) == std::string::npos, place << " holds " << token);
    }
  }
  // The search covered events and the order's database.
  const auto id = text_at(paid.json(), "/order_id");
  BOOST_TEST(places[1].second.find(id) != std::string::npos);
  BOOST_TEST(places[0].second.find("instruments") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
