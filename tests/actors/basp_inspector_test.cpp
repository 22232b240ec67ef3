// Which messages from another node pass to CAF and which do not.

#include "actors/kernel/basp_inspector.hpp"

#include "tests/support/basp_session.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace stoa::kernel;
using stoa::test::basp_session;
using stoa::test::mutator;
using opened_by = basp_inspector::opened_by;

/// A serialized CAF node id: its kind, the process and the host.
std::string node_id(char host) {
  std::string id = "\x12\x34\x56\x78\x9a\xbc\xde\xf0";
  basp_session::append(id, 4711, 4);
  return id + std::string(20, host);
}
const std::string here = node_id('h');
const std::string there = node_id('t');

std::string number(std::uint64_t n) {
  std::string s;
  basp_session::append(s, n, 8);
  return s;
}
std::string text(const std::string& t) {
  BOOST_REQUIRE(t.size() < 128);
  return std::string(1, static_cast<char>(t.size())) + t;
}
std::string handle(std::uint64_t actor, const std::string& node = there) {
  return number(actor) + node;
}
std::string state(const std::string& link, const std::string& endpoint) {
  return text("{}") + link + endpoint;
}
/// A CAF message with that content, to actor 7.
std::string direct(const std::string& types, const std::string& content, std::uint64_t source = 5,
                   std::uint64_t id = 0) {
  const auto payload = std::string(3, '\0') + text("@<>+" + types) + content;
  return basp_session::header(2, static_cast<std::uint32_t>(payload.size()), id, source, 7) +
         payload;
}
/// The answer to a request.
std::string answered(const std::string& types, const std::string& content) {
  return direct(types, content, 5, 1ULL << 63);
}
std::string monitor(const std::string& from, const std::string& to) {
  return basp_session::header(4, 64, 0, 0, 7) + from + to;
}
std::string down(std::uint64_t actor, const std::string& from = there,
                 const std::string& to = here) {
  // Code and category, then a message without elements.
  const auto payload = from + to + std::string(11, '\1').replace(9, 2, 2, '\0') + text("@<>");
  return basp_session::header(5, static_cast<std::uint32_t>(payload.size()), 0, actor, 0) + payload;
}

basp_fault take(basp_inspector& i, std::string_view message) {
  const auto head = message.substr(0, basp_inspector::header_size);
  if (const auto f = i.header(head); f != basp_fault::none || i.payload_size() == 0) return f;
  return i.payload(message.substr(basp_inspector::header_size));
}

/// The verdict on a message after the handshake.
basp_fault met(const std::string& message) {
  basp_inspector i(here, opened_by::peer);
  BOOST_REQUIRE((take(i, basp_session::handshake(there)) == basp_fault::none));
  return take(i, message);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(basp_inspectors)

BOOST_AUTO_TEST_CASE(what_nodes_say_passes) {
  basp_inspector i(here, opened_by::peer);
  const auto passes = [&](const std::string& m) { return take(i, m) == basp_fault::none; };
  BOOST_TEST(passes(basp_session::handshake(there)));
  BOOST_TEST(passes(basp_session::header(6, 0)));
  BOOST_TEST(passes(monitor(there, here)));
  BOOST_TEST(!i.is_proven());
  BOOST_TEST(passes(direct("stoa.hello", state(handle(1), handle(2)))));
  BOOST_TEST(i.is_proven());
  BOOST_TEST(i.live_actors() == 3U);
  const auto watch = text("id") + "\1" + text("type") + number(1);
  const auto request =
      number(1) + text("order") + text("order.place") + text("{}") + text("{}") + number(1) + watch;
  BOOST_TEST(passes(direct("stoa.requests", "\2" + request + request)));
  BOOST_TEST(passes(direct("stoa.replay", number(1) + text("order") + text("id"))));
  BOOST_TEST(passes(direct("stoa.answers", "\1" + number(1) + text("{}") + text(""))));
  BOOST_TEST(passes(direct("stoa.deliveries", text("cart") + "\1" + text("{}") + number(1) +
                                                  number(1) + "\1" + text("why"))));
  BOOST_TEST(passes(direct(
      "stoa.verdicts", text("cart") + text("order") + number(0) + "\1" + number(9) + text("why"))));
  BOOST_TEST(passes(answered("@error", std::string(11, '\0') + text("@<>+@str") + text("why"))));
  BOOST_TEST(passes(down(5)));
  BOOST_TEST(i.live_actors() == 2U);
  BOOST_TEST(!i.to_be_dropped());
  // The client selects this connection.
  auto selected = basp_session::handshake(there);
  selected[3] = 2;
  BOOST_TEST(passes(selected));
}

BOOST_AUTO_TEST_CASE(a_length_that_does_not_fit_the_operation_is_refused) {
  for (const std::uint8_t operation : {0, 1, 2, 4, 5}) {
    const auto without = basp_session::header(operation, 0, operation == 0 ? 3 : 0,
                                              operation == 5 ? 1 : 0, operation % 2 == 0 ? 7 : 0);
    basp_inspector i(here, operation == 0 ? opened_by::us : opened_by::peer);
    BOOST_TEST((take(i, without) == basp_fault::header));
    if (operation > 1) BOOST_TEST((met(without) == basp_fault::header));
  }
  BOOST_TEST((met(basp_session::header(6, 1)) == basp_fault::header));
  BOOST_TEST((met(basp_session::header(2, 0xffffffff, 0, 5, 7)) == basp_fault::header));
  for (const int operation : {3, 7, 8, 255}) {
    const auto h = basp_session::header(static_cast<std::uint8_t>(operation), 64, 0, 5, 7);
    BOOST_TEST((met(h + std::string(64, 'x')) == basp_fault::header));
  }
  // The payload is longer or shorter than its content.
  const auto good = direct("stoa.replay", number(1) + text("order") + text("id"));
  BOOST_TEST((met(good) == basp_fault::none));
  BOOST_TEST((met(direct("stoa.replay", number(1) + text("order") + text("id") + "x")) ==
              basp_fault::payload));
  BOOST_TEST((met(direct("stoa.replay", number(1) + text("order"))) == basp_fault::payload));
}

BOOST_AUTO_TEST_CASE(nothing_passes_before_the_handshake_and_no_second_one) {
  for (const auto& m : {basp_session::header(6, 0), monitor(there, here), down(5),
                        direct("stoa.hello", state(handle(1), handle(2)))}) {
    basp_inspector i(here, opened_by::peer);
    BOOST_TEST((take(i, m) == basp_fault::order));
  }
  BOOST_TEST((met(basp_session::handshake(there)) == basp_fault::order));
  auto selected = basp_session::handshake(node_id('u'));
  selected[3] = 2;
  BOOST_TEST((met(selected) == basp_fault::order));
  // The server's handshake on a connection opened by the other side.
  const auto server = there + std::string(1, '\0') + number(1) + std::string(1, '\0');
  const auto message =
      basp_session::header(0, static_cast<std::uint32_t>(server.size()), 3) + server;
  basp_inspector accepted(here, opened_by::peer);
  BOOST_TEST((take(accepted, message) == basp_fault::order));
  basp_inspector called(here, opened_by::us);
  BOOST_TEST((take(called, message) == basp_fault::none));
  BOOST_TEST((take(called, message) == basp_fault::order));
}

BOOST_AUTO_TEST_CASE(ids_that_CAF_would_take_for_none_or_for_its_own_are_refused) {
  basp_inspector i(here, opened_by::peer);
  BOOST_TEST((take(i, basp_session::handshake(here)) == basp_fault::itself));
  auto other_kind = there;
  other_kind[0] = 'u';
  auto no_process = there;
  no_process.replace(8, 4, 4, '\0');
  for (const auto& id : {other_kind, no_process, node_id('\0'), std::string(32, '\0')}) {
    BOOST_TEST((take(i, basp_session::handshake(id)) == basp_fault::payload));
  }
}

BOOST_AUTO_TEST_CASE(only_the_sending_nodes_own_actors_are_taken) {
  const std::string none = std::string(7, '\0') + std::string(8, '\0') + '\x0f';
  for (const auto& bad : {none, handle(0), handle(1, here), handle(1, node_id('u'))}) {
    BOOST_TEST((met(direct("stoa.hello", state(bad, handle(2)))) == basp_fault::handle));
    BOOST_TEST((met(direct("stoa.state", state(handle(1), bad))) == basp_fault::handle));
    BOOST_TEST((met(direct("stoa.welcome", text("") + state(bad, bad))) == basp_fault::handle));
  }
  BOOST_TEST((met(monitor(node_id('u'), here)) == basp_fault::handle));
  BOOST_TEST((met(monitor(there, node_id('u'))) == basp_fault::handle));
  BOOST_TEST((met(down(5, node_id('u'))) == basp_fault::handle));
  BOOST_TEST((met(down(5, there, node_id('u'))) == basp_fault::handle));
}

BOOST_AUTO_TEST_CASE(messages_that_nodes_do_not_send_are_refused) {
  for (const auto& types : {"@atom+@strong_actor_ptr", "@exit", "@down", "@message", "stoa", "@str",
                            "stoa.hello+stoa.hello", "@error+@error", ""}) {
    BOOST_TEST_CONTEXT(types) {
      BOOST_TEST((met(direct(types, std::string(64, '\0'))) != basp_fault::none));
    }
  }
  // An error that is not an answer terminates the receiving actor.
  const std::string error = std::string(11, '\0') + text("@<>");
  BOOST_TEST((met(direct("@error", error)) == basp_fault::type));
  BOOST_TEST((met(answered("@error", error)) == basp_fault::none));
  // A message inside an error inside a message, and so on.
  BOOST_TEST((met(answered("@error", std::string(11, '\0') + text("@<>+@message"))) ==
              basp_fault::payload));
  // A message of a later version is ignored and does not close the connection.
  basp_inspector i(here, opened_by::peer);
  BOOST_TEST((take(i, basp_session::handshake(there)) == basp_fault::none));
  BOOST_TEST((take(i, direct("stoa.later", "anything")) == basp_fault::none));
  BOOST_TEST(i.to_be_dropped());
  BOOST_TEST(!i.is_proven());
}

BOOST_AUTO_TEST_CASE(lists_and_texts_longer_than_the_message_are_refused) {
  const std::string most = "\xff\xff\xff\xff\x0f";
  const std::string endless(10, '\xff');
  for (const auto& size : {most, endless, endless + '\x01', std::string("\x80\x80\x04")}) {
    BOOST_TEST((met(direct("stoa.requests", size)) == basp_fault::payload));
    BOOST_TEST((met(direct("stoa.replay", number(1) + size)) == basp_fault::payload));
    BOOST_TEST((met(direct("stoa.deliveries", text("cart") + size)) == basp_fault::payload));
  }
}

BOOST_AUTO_TEST_CASE(one_node_has_a_bounded_number_of_live_actors) {
  basp_inspector i(here, opened_by::peer);
  BOOST_TEST((take(i, basp_session::handshake(there)) == basp_fault::none));
  const auto from = [](std::uint64_t actor) {
    return direct("stoa.replay", number(1) + text("order") + text("id"), actor);
  };
  for (std::uint64_t n = 1; n <= basp_inspector::actors_max; ++n) {
    BOOST_REQUIRE((take(i, from(n)) == basp_fault::none));
  }
  BOOST_TEST((take(i, down(1)) == basp_fault::none));
  BOOST_TEST((take(i, from(5000)) == basp_fault::none));
  BOOST_TEST((take(i, from(5001)) == basp_fault::actors));
}

BOOST_AUTO_TEST_CASE(changed_messages_are_read_within_their_bounds) {
  const std::vector<std::string> messages{
      monitor(there, here),
      down(5),
      direct("stoa.hello", state(handle(1), handle(2))),
      direct("stoa.replay", number(1) + text("order") + text("id")),
      direct("stoa.deliveries",
             text("cart") + "\1" + text("{}") + number(1) + number(1) + "\1" + text("why")),
      answered("@error", std::string(11, '\0') + text("@<>+@str") + text("why"))};
  std::size_t refused = 0;
  constexpr std::size_t cases = 200'000;
  for (std::uint64_t seed = 0; seed < cases; ++seed) {
    mutator m(seed);
    basp_inspector i(here, opened_by::peer);
    BOOST_REQUIRE((take(i, basp_session::handshake(there)) == basp_fault::none));
    const auto& message = m.any(messages);
    const auto changed = m.one_in(2) ? m.structure(message) : m.bytes(message);
    // In a separate allocation, so that a sanitizer detects reads past its end.
    const std::vector<char> head(changed.begin(), changed.begin() + basp_inspector::header_size);
    const std::vector<char> rest(changed.begin() + basp_inspector::header_size, changed.end());
    if (i.header(head) != basp_fault::none ||
        (i.payload_size() > 0 && i.payload(rest) != basp_fault::none)) {
      ++refused;
    }
  }
  BOOST_TEST(refused > cases / 4);
  BOOST_TEST(refused < cases);
}

BOOST_AUTO_TEST_SUITE_END()
