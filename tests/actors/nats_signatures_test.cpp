// Signatures over a real NATS server: forged messages are rejected permanently and disturb nothing;
// keys change while events flow.

#include "net/nats/cloud_event.hpp"
#include "net/nats/names.hpp"
#include "storage/base/json_write.hpp"
#include "tests/support/bus_node.hpp"
#include "tests/support/nats_server.hpp"
#include "tests/support/skip.hpp"

using namespace stoa;
using namespace stoa::test;

namespace {

nats_server* broker() {
  static std::unique_ptr<nats_server> one =
      nats_server::available() ? std::make_unique<nats_server>() : nullptr;
  if (!one) skip("nats-server is not installed");
  return one.get();
}

nats::nats_options options_for(const std::string& stream, std::vector<std::string> keys = {"a"}) {
  auto o = quick_options(broker()->url());
  o.stream = stream;
  nats::signing_keys all;
  for (const auto& id : keys) all.push_back(test_key(id));
  o.signing = std::make_shared<nats::signing_ring>(std::move(all));
  return o;
}

using headers = third_party::headers;

/// A received message, to be sent again.
struct message {
  std::string subject;
  std::string payload;
  headers all;
};

message copy_of(const nats::message_handle& m) {
  message c{natsMsg_GetSubject(m.get()),
            {natsMsg_GetData(m.get()), static_cast<std::size_t>(natsMsg_GetDataLength(m.get()))},
            {}};
  auto names = nats::signed_headers();
  for (const char* name :
       {nats::header::signature, nats::header::outbox, nats::header::outbox_signature}) {
    names.push_back(name);
  }
  for (const char* name : names) {
    const char* value = nullptr;
    if (natsMsgHeader_Get(m.get(), name, &value) == NATS_OK) c.all.emplace_back(name, value);
  }
  return c;
}

message with(message m, const std::string& name, const std::string& value) {
  for (auto& h : m.all) {
    if (h.first == name) h.second = value;
  }
  return m;
}
message without(message m, const std::string& name) {
  std::erase_if(m.all, [&](const auto& h) { return h.first == name; });
  return m;
}

const bus_node::subscriptions placed{{"catalog", {"order.placed"}}};

}  // namespace

BOOST_AUTO_TEST_SUITE(nats_signatures)

BOOST_AUTO_TEST_CASE(forged_messages_are_rejected_permanently_and_disturb_nothing) {
  if (broker() == nullptr) return;
  bus_node node(options_for("forged"), placed);
  BOOST_REQUIRE(node.await_connected());
  third_party other(broker()->url());
  const auto listening = other.subscribe("forged.order.placed");
  node.bus().publish(an_event(7));
  const auto good = copy_of(third_party::next(listening.get()));
  BOOST_REQUIRE(eventually([&] { return node.count() == 1; }));

  std::vector<message> wrong;
  for (const char* name : nats::signed_headers()) {
    wrong.push_back(
        with(good, name,
             std::string(name) == "ce-subject" ? system_ids().next_v7().str() : std::string("1")));
    wrong.push_back(without(good, name));
  }
  auto more = good;
  more.payload += " ";
  wrong.push_back(more);
  wrong.push_back(with(good, "stoa-signature", "kid=a,v1="));
  for (auto m : wrong) {
    // Otherwise the broker would discard it as a duplicate.
    if (m.all.front().second == good.all.front().second) m = without(m, "Nats-Msg-Id");
    other.publish(m.subject, m.payload, m.all);
  }
  const auto unsigned_one = without(without(good, "stoa-signature"), "Nats-Msg-Id");
  other.publish(good.subject, good.payload, unsigned_one.all);
  other.publish(good.subject, "{}");
  const std::vector<std::string> unreadable{"", "kid=a", "v1=AAAA", "kid=b,v1=AAAA", "nonsense"};
  for (const auto& signature : unreadable) {
    const auto m = without(with(good, "stoa-signature", signature), "Nats-Msg-Id");
    other.publish(m.subject, m.payload, m.all);
  }
  const auto rejected = [&](const std::string& reason) {
    return node.metric("stoa_bus_events_rejected_total", reason);
  };
  BOOST_TEST(eventually([&] {
    return rejected("wrong_signature") == static_cast<double>(wrong.size()) &&
           rejected("unsigned") == 2 &&
           rejected("unknown_key") == static_cast<double>(unreadable.size());
  }));
  BOOST_TEST_MESSAGE(rejected("wrong_signature")
                     << " of " << wrong.size() << ", " << rejected("unsigned") << ", "
                     << rejected("unknown_key"));
  BOOST_TEST(eventually([&] { return other.pending_at("forged", "catalog_order_placed") == 0; }));
  node.bus().publish(an_event(8));
  BOOST_TEST(eventually([&] { return node.count() == 2; }));
  BOOST_TEST((node.seqs() == std::set<std::int64_t>{7, 8}));
  BOOST_TEST(node.metric("stoa_bus_events_delivered_total", "malformed") == 0);
}

BOOST_AUTO_TEST_CASE(a_genuine_event_cannot_be_replayed_later_or_elsewhere) {
  if (broker() == nullptr) return;
  auto o = options_for("late");
  o.copy_age_max = milliseconds{1000};
  bus_node node(o, placed);
  auto neighbour = o;
  neighbour.cluster = "another";
  bus_node other_cluster(neighbour, {{"cart", {"order.placed"}}});
  BOOST_REQUIRE(node.await_connected());
  BOOST_REQUIRE(other_cluster.await_connected());
  third_party other(broker()->url());
  const auto listening = other.subscribe("late.order.placed");
  node.bus().publish(an_event(1));
  const auto good = copy_of(third_party::next(listening.get()));
  BOOST_REQUIRE(eventually([&] { return node.count() == 1; }));
  BOOST_TEST(eventually([&] {
    return other_cluster.metric("stoa_bus_events_rejected_total", "wrong_signature") == 1;
  }));
  std::this_thread::sleep_for(milliseconds{1200});
  other.publish(good.subject, good.payload, good.all);
  BOOST_TEST(
      eventually([&] { return node.metric("stoa_bus_events_delivered_total", "expired") == 1; }));
  BOOST_TEST(eventually([&] { return other.pending_at("late", "catalog_order_placed") == 0; }));
  BOOST_TEST(node.count() == 1u);
  BOOST_TEST(other_cluster.count() == 0u);
}

BOOST_AUTO_TEST_CASE(a_mark_beyond_its_event_is_refused_even_when_signed) {
  if (broker() == nullptr) return;
  bus_node node(options_for("mark"), placed);
  BOOST_REQUIRE(node.await_connected());
  auto e = an_event(5);
  e.low_water = 6;
  node.bus().publish(e);
  BOOST_TEST(
      eventually([&] { return node.metric("stoa_bus_events_delivered_total", "malformed") == 1; }));
  BOOST_TEST(node.count() == 0u);
}

BOOST_AUTO_TEST_CASE(the_run_of_an_event_comes_along_and_cannot_be_changed) {
  if (broker() == nullptr) return;
  bus_node node(options_for("run"), placed);
  BOOST_REQUIRE(node.await_connected());
  third_party other(broker()->url());
  const auto listening = other.subscribe("run.order.placed");
  const kernel::outbox_run from{system_ids().next_v4(), 5, 40, system_ids().next_v4()};
  const auto publish = [&](std::int64_t seq) {
    auto e = an_event(seq);
    e.from = std::make_shared<kernel::outbox_run>(from);
    node.bus().publish(e);
    return copy_of(third_party::next(listening.get()));
  };
  const auto first = publish(41);
  const auto second = publish(42);
  BOOST_REQUIRE(eventually([&] { return node.count() == 2; }));
  const auto arrived = node.arrivals()[0].what.from;
  BOOST_REQUIRE(arrived != nullptr);
  BOOST_TEST((arrived->run == from.run));
  BOOST_TEST(arrived->epoch == 5);
  BOOST_TEST(arrived->last_seq == 40);
  BOOST_TEST((arrived->database == from.database));
  // The broker would discard copies as duplicates.
  std::this_thread::sleep_for(milliseconds{700});
  auto other_run = from;
  other_run.last_seq = 39;
  std::string of_second;
  for (const auto& [name, value] : second.all) {
    if (name == "stoa-outbox-signature") of_second = value;
  }
  other.publish(first.subject, first.payload,
                with(first, "stoa-outbox", json::write(other_run)).all);
  other.publish(second.subject, second.payload, without(second, "stoa-outbox-signature").all);
  const auto rejected = [&](const std::string& reason) {
    return node.metric("stoa_bus_events_rejected_total", reason);
  };
  BOOST_TEST(
      eventually([&] { return rejected("wrong_signature") == 1 && rejected("unsigned") == 1; }));
  // One event's run id with another event.
  std::this_thread::sleep_for(milliseconds{700});
  other.publish(first.subject, first.payload, with(first, "stoa-outbox-signature", of_second).all);
  BOOST_TEST(eventually([&] { return rejected("wrong_signature") == 2; }));
  BOOST_TEST(node.count() == 2U);
}

BOOST_AUTO_TEST_CASE(a_verdict_over_the_broker_names_the_event) {
  if (broker() == nullptr) return;
  bus_node node(options_for("told"), {{"order", {}}});
  BOOST_REQUIRE(node.await_connected());
  const stoa::event_id id{system_ids().next_v7()};
  node.bus().tell({"payment", "order", 3, 42, {}, id});
  node.bus().tell({"payment", "order", 3, 43, {}, {}});
  BOOST_REQUIRE(eventually([&] { return node.verdicts().size() == 2; }));
  for (const auto& v : node.verdicts()) {
    BOOST_TEST((v.event_id == (v.seq == 42 ? std::optional(id) : std::nullopt)));
  }
}

BOOST_AUTO_TEST_CASE(forged_and_repeated_verdicts_are_rejected) {
  if (broker() == nullptr) return;
  bus_node node(options_for("word"), {{"order", {}}});
  BOOST_REQUIRE(node.await_connected());
  third_party other(broker()->url());
  const auto listening = other.subscribe("word_verdict.order.3");
  const auto rejected = [&](const std::string& reason) {
    return node.metric("stoa_bus_verdicts_rejected_total", reason);
  };
  node.bus().tell(
      {"payment", "order", 3, 42, problem{problem_kind::conflict, "not_now", "Not now.", {}}});
  const auto refusal = copy_of(third_party::next(listening.get()));
  BOOST_REQUIRE(eventually([&] { return node.verdicts().size() == 1; }));
  other.publish(refusal.subject, refusal.payload, refusal.all);
  BOOST_TEST(eventually([&] { return rejected("repeated") == 1; }));
  other.publish(refusal.subject, refusal.payload);
  BOOST_TEST(eventually([&] { return rejected("unsigned") == 1; }));
  other.publish("word_verdict.order.2", refusal.payload, refusal.all);
  auto changed = refusal;
  changed.payload.replace(changed.payload.find("42"), 2, "43");
  other.publish(changed.subject, changed.payload, changed.all);
  BOOST_TEST(eventually([&] { return rejected("wrong_signature") == 2; }));
  // A repeated verdict is harmless.
  node.bus().tell({"payment", "order", 3, 44, {}});
  const auto applied = copy_of(third_party::next(listening.get()));
  BOOST_TEST(applied.payload.find("43") == std::string::npos);
  BOOST_TEST(eventually([&] { return node.verdicts().size() == 2; }));
}

BOOST_AUTO_TEST_CASE(verdicts_of_long_ago_are_rejected) {
  if (broker() == nullptr) return;
  auto o = options_for("past");
  o.copy_age_max = milliseconds{500};
  bus_node node(o, {{"order", {}}});
  BOOST_REQUIRE(node.await_connected());
  third_party other(broker()->url());
  const auto listening = other.subscribe("past_verdict.order.3");
  node.bus().tell({"payment", "order", 3, 42, {}});
  const auto applied = copy_of(third_party::next(listening.get()));
  BOOST_REQUIRE(eventually([&] { return node.verdicts().size() == 1; }));
  std::this_thread::sleep_for(milliseconds{700});
  other.publish(applied.subject, applied.payload, applied.all);
  BOOST_TEST(
      eventually([&] { return node.metric("stoa_bus_verdicts_rejected_total", "old") == 1; }));
  BOOST_TEST(node.verdicts().size() == 1u);
}

BOOST_AUTO_TEST_CASE(keys_change_while_events_flow) {
  if (broker() == nullptr) return;
  // Every combination of two nodes during a key change in two steps: all nodes accept "b" before
  // any node signs with it, and no node signs with "a" when it is removed.
  using list = std::vector<std::string>;
  const std::vector<std::pair<list, list>> steps{{{"a"}, {"a"}},
                                                 {{"a"}, {"a", "b"}},
                                                 {{"a", "b"}, {"a", "b"}},
                                                 {{"a", "b"}, {"b", "a"}},
                                                 {{"b", "a"}, {"b", "a"}},
                                                 {{"b", "a"}, {"b"}},
                                                 {{"b"}, {"b"}}};
  std::int64_t seq = 0;
  for (const auto& [left, right] : steps) {
    BOOST_TEST_CONTEXT("step " << seq) {
      bus_node producer(options_for("keys", left), {{"order", {}}});
      bus_node consumer(options_for("keys", right), placed);
      BOOST_REQUIRE(producer.await_connected());
      BOOST_REQUIRE(consumer.await_connected());
      producer.bus().publish(an_event(++seq));
      BOOST_TEST(eventually([&] { return consumer.count() == 1; }));
      BOOST_TEST(eventually([&] { return producer.verdicts().size() == 1; }));
      BOOST_TEST(consumer.metric("stoa_bus_events_rejected_total") == 0);
      BOOST_TEST(producer.metric("stoa_bus_verdicts_rejected_total") == 0);
    }
  }
  bus_node late(options_for("keys", {"a"}), {{"order", {}}});
  bus_node consumer(options_for("keys", {"b"}), placed);
  BOOST_REQUIRE(late.await_connected());
  BOOST_REQUIRE(consumer.await_connected());
  late.bus().publish(an_event(++seq));
  BOOST_TEST(eventually(
      [&] { return consumer.metric("stoa_bus_events_rejected_total", "unknown_key") == 1; }));
  BOOST_TEST(consumer.count() == 0u);
}

BOOST_AUTO_TEST_CASE(a_bus_without_a_key_is_refused) {
  auto o = quick_options("nats://127.0.0.1:1");
  o.signing.reset();
  BOOST_CHECK_THROW(nats::make_nats_bus(o), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
