// The event bus over a real NATS server, without failures.
#include "net/nats/cloud_event.hpp"
#include "net/nats/event_types.hpp"
#include "net/nats/names.hpp"
#include "tests/support/bus_node.hpp"
#include "tests/support/nats_server.hpp"
#include "tests/support/server.hpp"
#include "tests/support/skip.hpp"

#include <fstream>

using namespace stoa;
using namespace stoa::test;

namespace {

/// One server for all cases of this file; each case uses a separate stream.
nats_server* broker() {
  static std::unique_ptr<nats_server> one =
      nats_server::available() ? std::make_unique<nats_server>() : nullptr;
  if (!one) skip("nats-server is not installed");
  return one.get();
}

nats::nats_options options_for(const std::string& stream) {
  auto o = quick_options(broker()->url());
  o.stream = stream;
  return o;
}

bool same(const kernel::published& a, const kernel::published& b) {
  const auto& x = *a.what;
  const auto& y = *b.what;
  return a.low_water == b.low_water && x.seq == y.seq && x.event_id == y.event_id &&
         x.source == y.source && x.type == y.type && x.aggregate_id == y.aggregate_id &&
         x.payload == y.payload && x.traceparent == y.traceparent && x.created_at == y.created_at &&
         x.partition == y.partition;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(nats_bus)

BOOST_AUTO_TEST_CASE(events_and_verdicts_reach_the_other_node) {
  if (broker() == nullptr) return;
  const auto o = options_for("trip");
  bus_node producer(o, {{"order", {"payment.completed"}}});
  bus_node consumer(o, {{"catalog", {"order.placed"}}, {"cart", {"order.confirmed"}}});
  BOOST_REQUIRE(producer.await_connected());
  BOOST_REQUIRE(consumer.await_connected());
  const auto placed = an_event(7);
  const auto confirmed = an_event(8, "order", "order.confirmed");
  producer.bus().publish(placed);
  producer.bus().publish(confirmed);
  BOOST_REQUIRE(eventually([&] { return consumer.count() == 2; }));
  for (const auto& a : consumer.arrivals()) {
    const bool first = a.subscriber == "catalog";
    BOOST_TEST(same(a.what, first ? placed : confirmed));
    BOOST_TEST(a.subscriber == (first ? "catalog" : "cart"));
  }
  BOOST_REQUIRE(eventually([&] { return producer.verdicts().size() == 2; }));
  for (const auto& v : producer.verdicts()) {
    BOOST_TEST(v.source == "order");
    BOOST_TEST(v.partition == 1);
    BOOST_TEST(v.subscriber == (v.seq == 7 ? "catalog" : "cart"));
    BOOST_TEST(!v.refused);
  }
  BOOST_TEST(consumer.verdicts().empty());
  BOOST_TEST(producer.metric("stoa_bus_events_published_total", "confirmed") == 2);
  BOOST_TEST(consumer.metric("stoa_bus_events_delivered_total", "consumed") == 2);
  BOOST_TEST(consumer.metric("stoa_bus_ready") == 1);
}

BOOST_AUTO_TEST_CASE(a_rejection_is_sent_with_its_reason) {
  if (broker() == nullptr) return;
  bus_node node(options_for("refusal"), {{"order", {}}});
  BOOST_REQUIRE(node.await_connected());
  const problem why{problem_kind::conflict, "not_now", "Not \"now\", Ünal.", {{"/a", "b", "c"}}};
  node.bus().tell({"payment", "order", 3, 42, why});
  BOOST_REQUIRE(eventually([&] { return node.verdicts().size() == 1; }));
  const auto v = node.verdicts().front();
  BOOST_TEST(v.partition == 3);
  BOOST_TEST(v.seq == 42);
  BOOST_REQUIRE(v.refused);
  BOOST_TEST((*v.refused == why));
}

BOOST_AUTO_TEST_CASE(many_events_arrive_each_once) {
  if (broker() == nullptr) return;
  const auto o = options_for("many");
  bus_node producer(o, {{"order", {}}});
  bus_node first(o, {{"catalog", {"order.placed"}}});
  bus_node second(o, {{"catalog", {"order.placed"}}});
  BOOST_REQUIRE(producer.await_connected());
  BOOST_REQUIRE(first.await_connected());
  BOOST_REQUIRE(second.await_connected());
  constexpr std::size_t count = 5000;
  for (std::size_t i = 1; i <= count; ++i) {
    producer.bus().publish(an_event(static_cast<std::int64_t>(i)));
  }
  BOOST_TEST(eventually([&] { return first.count() + second.count() >= count; }));
  std::this_thread::sleep_for(milliseconds{200});
  BOOST_TEST(first.count() + second.count() == count);
  BOOST_TEST(first.count() > 0);
  BOOST_TEST(second.count() > 0);
  auto all = first.seqs();
  all.merge(second.seqs());
  BOOST_TEST(all.size() == count);
  third_party other(broker()->url());
  BOOST_TEST(eventually([&] { return other.pending_at("many", "catalog_order_placed") == 0; }));
  BOOST_TEST(eventually([&] { return producer.verdicts().size() == count; }));
}

BOOST_AUTO_TEST_CASE(what_is_not_applied_comes_again) {
  if (broker() == nullptr) return;
  std::atomic<int> times = 0;
  const auto third_time_lucky = [&](const arrival&) { return std::optional<bool>(++times >= 3); };
  bus_node node(options_for("again"), {{"catalog", {"order.placed"}}}, third_time_lucky);
  BOOST_REQUIRE(node.await_connected());
  const auto began = std::chrono::steady_clock::now();
  node.bus().publish(an_event(1));
  BOOST_TEST(eventually([&] { return node.count() == 3; }));
  // Pauses of 100 ms and 200 ms: not at once, and before the broker's redelivery timeout.
  const auto took = std::chrono::steady_clock::now() - began;
  BOOST_TEST((took >= milliseconds{300}));
  std::this_thread::sleep_for(milliseconds{1500});
  BOOST_TEST(node.count() == 3u);
  BOOST_TEST(node.metric("stoa_bus_events_delivered_total", "redelivered") == 2);
}

BOOST_AUTO_TEST_CASE(unsettled_events_are_redelivered) {
  if (broker() == nullptr) return;
  std::atomic<int> times = 0;
  const auto forgets_once = [&](const arrival&) -> std::optional<bool> {
    if (++times == 1) return std::nullopt;
    return true;
  };
  bus_node node(options_for("forgotten"), {{"catalog", {"order.placed"}}}, forgets_once);
  BOOST_REQUIRE(node.await_connected());
  node.bus().publish(an_event(1));
  BOOST_TEST(eventually([&] { return node.count() == 2; }));
  BOOST_TEST(node.metric("stoa_bus_events_delivered_total", "redelivered") == 1);
}

BOOST_AUTO_TEST_CASE(a_repeated_event_is_swallowed_for_a_short_time) {
  if (broker() == nullptr) return;
  bus_node node(options_for("repeated"), {{"catalog", {"order.placed"}}});
  BOOST_REQUIRE(node.await_connected());
  const auto e = an_event(1);
  node.bus().publish(e);
  BOOST_REQUIRE(eventually([&] { return node.count() == 1; }));
  node.bus().publish(e);
  BOOST_TEST(
      eventually([&] { return node.metric("stoa_bus_events_published_total", "duplicate") == 1; }));
  BOOST_TEST(node.count() == 1u);
  std::this_thread::sleep_for(milliseconds{800});
  node.bus().publish(e);
  BOOST_TEST(eventually([&] { return node.count() == 2; }));
}

BOOST_AUTO_TEST_CASE(old_copies_are_dropped) {
  if (broker() == nullptr) return;
  auto o = options_for("old");
  o.copy_age_max = milliseconds{400};
  bus_node node(o, {{"catalog", {"order.placed"}}}, bus_node::left_open);
  BOOST_REQUIRE(node.await_connected());
  node.bus().publish(an_event(1));
  BOOST_REQUIRE(eventually([&] { return node.count() == 1; }));
  // Redelivered once, after a second, when it has expired.
  BOOST_TEST(
      eventually([&] { return node.metric("stoa_bus_events_delivered_total", "expired") == 1; }));
  third_party other(broker()->url());
  BOOST_TEST(eventually([&] { return other.pending_at("old", "catalog_order_placed") == 0; }));
  BOOST_TEST(node.count() == 1u);
}

BOOST_AUTO_TEST_CASE(a_slow_subscriber_gets_no_more_than_it_can_hold) {
  if (broker() == nullptr) return;
  auto o = options_for("slow");
  o.window = 32;
  o.fetch_max = 20;
  o.ack_wait = seconds{30};
  bus_node node(o, {{"catalog", {"order.placed"}}}, bus_node::left_open);
  BOOST_REQUIRE(node.await_connected());
  constexpr std::size_t count = 300;
  for (std::size_t i = 1; i <= count; ++i) node.bus().publish(an_event(static_cast<int>(i)));
  BOOST_TEST(eventually([&] { return node.count() >= 32; }));
  std::this_thread::sleep_for(milliseconds{500});
  BOOST_TEST(node.count() == 32u);
  for (std::size_t done = 0; done < count;) {
    const auto all = node.arrivals();
    BOOST_REQUIRE(all.size() - done <= 32);
    for (; done < all.size(); ++done) all[done].settle(true);
    std::this_thread::sleep_for(milliseconds{1});
  }
  BOOST_TEST(node.seqs().size() == count);
}

BOOST_AUTO_TEST_CASE(invalid_messages_are_rejected_permanently) {
  if (broker() == nullptr) return;
  const auto o = options_for("strange");
  bus_node node(o, {{"catalog", {"order.placed"}}});
  BOOST_REQUIRE(node.await_connected());
  third_party other(broker()->url());
  const auto id = system_ids().next_v7().str();
  const third_party::headers good{{"content-type", "application/json; charset=utf-8"},
                                  {"ce-specversion", "1.0"},
                                  {"ce-id", id},
                                  {"ce-source", "/strange/order"},
                                  {"ce-type", "order.placed"},
                                  {"ce-time", "2026-11-22T23:00:00Z"},
                                  {"ce-subject", id},
                                  {"stoa-partition", "0"},
                                  {"stoa-seq", "5"},
                                  {"stoa-low-water", "0"}};
  // Signed nevertheless: a node of another version may send what this one cannot read.
  const nats::message_signer signer(o.signing, o.cluster);
  const auto publish = [&](third_party::headers list, const std::string& payload) {
    list.emplace_back("stoa-sent", system_time().now().str());
    nats::header_list to_sign;
    for (const char* name : nats::signed_headers()) {
      for (const auto& [n, value] : list) {
        if (n == name) to_sign.emplace_back(name, value);
      }
    }
    list.emplace_back("stoa-signature",
                      signer.sign("event", "strange.order.placed", to_sign, payload));
    other.publish("strange.order.placed", payload, list);
  };
  const auto changed = [&](std::size_t at, const std::string& value) {
    auto list = good;
    list[at].second = value;
    return list;
  };
  const std::vector<third_party::headers> bad{{},
                                              changed(0, "text/plain"),
                                              changed(1, "2.0"),
                                              changed(2, "17"),
                                              changed(3, "/strange/payment"),
                                              changed(3, "elsewhere"),
                                              changed(4, "order.confirmed"),
                                              changed(5, "yesterday"),
                                              changed(6, "somebody"),
                                              changed(7, "-1"),
                                              changed(8, "99999999999999999999"),
                                              changed(9, "1x"),
                                              changed(9, "6"),
                                              third_party::headers(good.begin(), good.end() - 1)};
  for (const auto& list : bad) publish(list, "{}");
  publish(good, std::string("\0\xFF no JSON", 10));
  BOOST_REQUIRE(eventually([&] { return node.count() == 1; }));
  // The subscriber checks the payload.
  BOOST_TEST(node.arrivals().front().what.what->payload == std::string("\0\xFF no JSON", 10));
  BOOST_TEST(node.metric("stoa_bus_events_delivered_total", "malformed") ==
             static_cast<double>(bad.size()));
  BOOST_TEST(eventually([&] { return other.pending_at("strange", "catalog_order_placed") == 0; }));
  std::this_thread::sleep_for(milliseconds{1200});
  BOOST_TEST(node.metric("stoa_bus_events_delivered_total", "malformed") ==
             static_cast<double>(bad.size()));
  // Invalid verdicts do no harm either.
  for (const auto* nonsense : {"[1,2", R"({"source":"catalog"})"}) {
    const auto sent = system_time().now().str();
    const auto signature =
        signer.sign("verdicts", "strange_verdict.catalog.1", {{"stoa-sent", sent}}, nonsense);
    other.publish("strange_verdict.catalog.1", nonsense,
                  {{"stoa-sent", sent}, {"stoa-signature", signature}});
  }
  node.bus().tell({"order", "catalog", 1, 6, {}});
  BOOST_TEST(eventually([&] { return node.verdicts().size() == 1; }));
}

BOOST_AUTO_TEST_CASE(other_programs_read_the_events_as_cloudevents) {
  if (broker() == nullptr) return;
  bus_node node(options_for("world"), {{"order", {}}});
  BOOST_REQUIRE(node.await_connected());
  third_party other(broker()->url());
  const auto listening = other.subscribe("world.order.placed");
  const auto e = an_event(12);
  node.bus().publish(e);
  const auto m = third_party::next(listening.get());
  const auto header = [&](const char* name) -> std::string {
    const char* value = nullptr;
    return natsMsgHeader_Get(m.get(), name, &value) == NATS_OK ? value : "";
  };
  BOOST_TEST(header("ce-specversion") == "1.0");
  BOOST_TEST(header("ce-id") == e.what->event_id.str());
  BOOST_TEST(header("Nats-Msg-Id") == e.what->event_id.str());
  BOOST_TEST(header("ce-source") == "/world/order");
  BOOST_TEST(header("ce-type") == "order.placed");
  BOOST_TEST(header("ce-time") == e.what->created_at.str());
  BOOST_TEST(header("ce-subject") == e.what->aggregate_id.str());
  BOOST_TEST(header("ce-traceparent") == e.what->traceparent);
  BOOST_TEST(header("content-type") == "application/json");
  BOOST_TEST(natsMsg_GetData(m.get()) == e.what->payload);

  // An independent implementation: the CloudEvents project's own library.
  const auto folder = std::filesystem::current_path() / "judges-events";
  const auto python = folder / "bin" / "python";
  if (!std::filesystem::exists(folder / "ready")) {
    run_program("/usr/bin/python3", {"-m", "venv", folder.string()});
    const auto installed = run_program(python,
                                       {"-m", "pip", "install", "--quiet", "--retries", "1",
                                        "--timeout", "10", "cloudevents>=1.10,<2"},
                                       {}, std::chrono::minutes{3});
    if (installed.exit_code != 0) {
      BOOST_TEST_MESSAGE("left out: the package cloudevents cannot be installed here");
      return;
    }
    std::ofstream(folder / "ready") << "yes\n";
  }
  std::vector<std::string> words{
      "-c",
      "import sys\n"
      "from cloudevents.http import from_http\n"
      "headers = dict(a.split('=', 1) for a in sys.argv[2:])\n"
      "e = from_http(headers, sys.argv[1])\n"
      "print(e['id'], e['source'], e['type'], e['traceparent'], e.data['number'])",
      e.what->payload};
  for (const char* name : {"content-type", "ce-specversion", "ce-id", "ce-source", "ce-type",
                           "ce-time", "ce-subject", "ce-traceparent"}) {
    words.push_back(std::string(name) + "=" + header(name));
  }
  const auto judged = run_program(python, words);
  BOOST_TEST(judged.exit_code == 0);
  BOOST_TEST(judged.output == e.what->event_id.str() + " /world/order order.placed " +
                                  e.what->traceparent + " 12\n");
}

BOOST_AUTO_TEST_CASE(subjects_are_those_of_the_documents) {
  BOOST_TEST(nats::subject_of("stoa", "order", "order.placed") == "stoa.order.placed");
  BOOST_TEST(nats::subject_of("stoa", "catalog", "stock.reserved") ==
             "stoa.catalog.stock_reserved");
  BOOST_TEST(nats::subject_of("stoa", "order", "order") == "stoa.order.order");
  std::set<std::string> all;
  for (const auto& e : nats::event_types()) {
    all.insert(nats::subject_of("stoa", e.source, e.type));
  }
  BOOST_TEST(all.size() == nats::event_types().size());
}

BOOST_AUTO_TEST_CASE(a_subscription_that_cannot_be_served_is_rejected) {
  auto bus = nats::make_nats_bus(quick_options("nats://127.0.0.1:1"));
  BOOST_CHECK_THROW(bus->start({{"cart", {"no.such"}}}, nullptr, nullptr, nullptr),
                    std::invalid_argument);
  auto nowhere = quick_options("");
  nowhere.urls.clear();
  BOOST_CHECK_THROW(nats::make_nats_bus(nowhere), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
