// Every message of every service on the wire between nodes: its bytes, and how other versions read
// it.
//
// golden/messages.txt      the format of this version: name, direction, JSON
// golden/messages_old.txt  formats of older versions that this one still reads
//
// STOA_TEST_UPDATE=1 rewrites the files and keeps the former form of every line that changes.

#include "actors/kernel/codec.hpp"

#include "actors/cart/cart_service.hpp"
#include "actors/catalog/catalog_service.hpp"
#include "actors/kernel/dead_letter_count.hpp"
#include "actors/kernel/kernel_commands.hpp"
#include "actors/kernel/node_operation.hpp"
#include "actors/kernel/service_definition.hpp"
#include "actors/kernel/value_type.hpp"
#include "actors/notification/notification_service.hpp"
#include "actors/order/order_service.hpp"
#include "actors/payment/payment_service.hpp"
#include "actors/pricing/pricing_service.hpp"
#include "actors/user/user_service.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"
#include "tests/support/filler.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <regex>
#include <set>
#include <sstream>
#include <stdexcept>

using namespace stoa;
using kernel::any_message;

namespace {

namespace fs = std::filesystem;
namespace mp = boost::mp11;

using services = mp::mp_list<user::user_service, catalog::catalog_service, cart::cart_service,
                             order::order_service, payment::payment_service,
                             notification::notification_service, pricing::pricing_service>;

/// Messages that stay within a node.
const std::set<std::string> effects = {
    "catalog.count_import",      "catalog.run_import",
    "catalog.count_export",      "catalog.run_export",
    "catalog.count_allocation",  "pricing.run_price_checks",
    "catalog.make_thumbnails",   "catalog.delete_media_file",
    "catalog.update_engine",     "payment.call_gateway",
    "payment.read_activity",     "payment.call_vault",
    "payment.delete_customer",   "notification.send",
    "notification.post_webhook", "notification.report_disabled_webhook"};

/// The wire format of a type, and how a text of it is read.
struct sample {
  std::string text;
  std::function<result<std::string>(std::string_view)> again;  ///< reads, then writes
  std::map<std::string, bool> required;  ///< the members, and whether they are required
};

template <class List, class F>
void for_each_type(F&& f) {
  mp::mp_for_each<mp::mp_transform<mp::mp_identity, List>>(f);
}

const kernel::codec_table& table() {
  static const kernel::codec_table all = [] {
    kernel::codec_table t;
    for_each_type<services>([&](auto s) { t.add_service<typename decltype(s)::type>(); });
    kernel::add_kernel_commands(t);
    return t;
  }();
  return all;
}

using member_readers = std::span<const json::detail::member_reader>;
template <class T>
member_readers readers_of() {
  return json::detail::struct_readers<T, members_of<T>>::list;
}

std::map<std::string, bool> members_and_whether_required(member_readers members) {
  std::map<std::string, bool> out;
  for (const auto& m : members) out[std::string(m.name)] = m.required;
  return out;
}

template <class T>
result<std::string> rewritten(result<T> read) {
  if (!read) return std::move(read).error();
  return result<std::string>(json::write(*read));
}

using samples = std::map<std::string, sample>;

/// Reads an answer, then writes it.
std::function<result<std::string>(std::string_view)> answered_again(
    const kernel::message_codec& codec) {
  return [&codec](std::string_view text) -> result<std::string> {
    auto read = codec.decode_answer(text);
    if (!read) return std::move(read).error();
    return codec.encode_answer(*read);
  };
}

/// A message with its reply, and their members.
struct message_sample {
  std::string_view name;
  bool query;
  any_message message;
  member_readers members;
  std::shared_ptr<void> reply;
  member_readers reply_members;
};

void add_message(samples& out, const message_sample& s) {
  const auto* codec = table().find(s.name);
  if (!codec) throw std::logic_error("no codec of " + std::string(s.name));
  BOOST_TEST(codec->query == s.query);
  out[std::string(s.name) + (s.query ? " query" : " command")] = {
      codec->encode(s.message),
      [name = s.name](std::string_view text) -> result<std::string> {
        auto read = table().decode(name, text);
        if (!read) return std::move(read).error();
        return table().encode(*read);
      },
      members_and_whether_required(s.members)};
  sample answer{codec->encode_answer({s.reply, std::nullopt, true}),
                answered_again(*codec),
                {{"value", true}, {"replayed", true}}};
  for (const auto& m : s.reply_members) {
    answer.required["value/" + std::string(m.name)] = m.required;
  }
  out[std::string(s.name) + " answer"] = std::move(answer);
}

template <class M>
void add_message(samples& out, bool query) {
  using reply = typename M::reply;
  add_message(out, {M::name, query, any_message::of(test::filler::filled<M>()), readers_of<M>(),
                    std::make_shared<reply>(test::filler::filled<reply>()), readers_of<reply>()});
}

void add_event(samples& out, std::string_view name, const kernel::value_type& type,
               const void* filled, member_readers members) {
  out[std::string(name) + " event"] = {
      kernel::json_of(type, filled),
      [&type](std::string_view text) -> result<std::string> {
        const auto body = type.make();
        if (auto refused =
                json::detail::read_stored(text, json::stored_limits, type.read, body.get())) {
          return std::move(*refused);
        }
        return kernel::json_of(type, body.get());
      },
      members_and_whether_required(members)};
}

void add_kernel(samples& out) {
  out["kernel.call_context context"] = {
      kernel::encode_context(test::filler::filled<kernel::call_context>()),
      [](std::string_view text) { return rewritten(kernel::decode_context(text)); },
      members_and_whether_required(readers_of<kernel::call_context>())};
  out["kernel.event event"] = {
      kernel::encode_event(test::filler::filled<kernel::event>()),
      [](std::string_view text) { return rewritten(kernel::decode_event(text)); },
      members_and_whether_required(readers_of<kernel::event>())};
  auto sent = members_and_whether_required(readers_of<kernel::event>());
  sent["outbox"] = false;
  out["kernel.sent_event event"] = {
      kernel::encode_sent(
          {std::make_shared<kernel::event>(test::filler::filled<kernel::event>()),
           std::make_shared<kernel::outbox_run>(test::filler::filled<kernel::outbox_run>())}),
      [](std::string_view text) -> result<std::string> {
        auto read = kernel::decode_sent(text);
        if (!read) return std::move(read).error();
        return kernel::encode_sent(*read);
      },
      std::move(sent)};
  const auto* codec = table().find("order.ship");
  kernel::answer bad{nullptr, test::filler::filled<problem>(), true};
  out["order.ship refusal"] = {
      codec->encode_answer(bad), answered_again(*codec), {{"problem", true}, {"replayed", true}}};
}

/// By "name direction".
const samples& all_samples() {
  static const samples all = [] {
    samples out;
    for_each_type<services>([&](auto s) {
      using service = typename decltype(s)::type;
      for_each_type<typename service::commands>(
          [&](auto m) { add_message<typename decltype(m)::type>(out, false); });
      for_each_type<typename service::queries>(
          [&](auto m) { add_message<typename decltype(m)::type>(out, true); });
      for_each_type<typename service::events>([&](auto e) {
        using event = typename decltype(e)::type;
        const auto filled = test::filler::filled<event>();
        add_event(out, event::name, kernel::value_type_of<event>, &filled, readers_of<event>());
      });
    });
    add_message<kernel::dead_letters>(out, true);
    add_message<kernel::count_dead_letters>(out, true);
    add_message<kernel::discard_dead_letter>(out, false);
    add_message<kernel::apply_event>(out, false);
    add_message<kernel::note_operation>(out, false);
    add_kernel(out);
    return out;
  }();
  return all;
}

bool updating() {
  return std::getenv("STOA_TEST_UPDATE") != nullptr;
}

fs::path golden(std::string_view file) {
  return fs::path(STOA_SOURCE_DIR) / "tests/unit/golden" / file;
}

/// The lines of a golden file: "name direction", and the text. None when the file is missing.
std::vector<std::pair<std::string, std::string>> lines_of(std::string_view file) {
  std::vector<std::pair<std::string, std::string>> out;
  std::ifstream in(golden(file));
  for (std::string line; std::getline(in, line);) {
    const auto text = line.find(' ', line.find(' ') + 1) + 1;
    out.emplace_back(line.substr(0, text - 1), line.substr(text));
  }
  return out;
}

bool refused_as_malformed(const result<std::string>& r) {
  // The service's writer reads an event's payload and has a different error code.
  return !r && (r.error().code == "malformed_message" || r.error().code == "unreadable_data");
}

/// The object without one member or nested member: "value/order_id".
json::value without(const json::value& whole, std::string_view name) {
  const auto slash = name.find('/');
  json::object kept;
  for (const auto& m : *whole.if_object()) {
    if (m.name != name.substr(0, slash)) {
      kept.push_back(m);
    } else if (slash != std::string_view::npos) {
      kept.push_back({m.name, without(m.value, name.substr(slash + 1))});
    }
  }
  return json::value(std::move(kept));
}
std::string without(std::string_view text, std::string_view name) {
  return json::write(without(json::parse(text, json::stored_limits).value(), name));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(codec)

BOOST_AUTO_TEST_CASE(the_bytes_of_every_message_are_those_released) {
  std::map<std::string, std::string> released;
  for (auto& [what, text] : lines_of("messages.txt")) released[what] = text;
  if (updating()) {
    std::ofstream now(golden("messages.txt"));
    for (const auto& [what, s] : all_samples()) {
      now << what << ' ' << s.text << '\n';
      if (released.contains(what) && released[what] != s.text) {
        std::ofstream(golden("messages_old.txt"), std::ios::app)
            << what << ' ' << released[what] << '\n';
      }
      released[what] = s.text;
    }
  }
  for (const auto& [what, s] : all_samples()) {
    BOOST_TEST(released.contains(what), what << " is new: run this test with STOA_TEST_UPDATE=1");
    if (!released.contains(what)) continue;
    BOOST_TEST((released[what] == s.text),
               what << " differs from the released format. Nodes of both versions run "
                       "side by side during an upgrade: a member may only be added, and be "
                       "optional; nothing may change its name, type or meaning. If that is so, run "
                       "this test with STOA_TEST_UPDATE=1.\nreleased "
                    << released[what] << "\nnow      " << s.text);
  }
  for (const auto& [what, text] : released) {
    BOOST_TEST(all_samples().contains(what), what << " was released and is missing");
  }
}

BOOST_AUTO_TEST_CASE(an_operation_on_a_node_is_what_it_was) {
  using stoa::kernel::node_action;
  using stoa::kernel::node_operation;
  const auto text = [](const node_operation& o) { return stoa::json::write(o); };
  BOOST_TEST(text({node_action::log_level, "debug", 600}) ==
             R"({"action":"log_level","level":"debug","duration_s":600})");
  BOOST_TEST(text({node_action::cordon, {}, {}}) == R"({"action":"cordon"})");
  BOOST_TEST(text({node_action::drain, {}, {}}) == R"({"action":"drain"})");
  BOOST_TEST(text({node_action::uncordon, {}, {}}) == R"({"action":"uncordon"})");
}

BOOST_AUTO_TEST_CASE(no_message_is_forgotten) {
  // The names in the headers, in case a list lacks one.
  const std::regex name(R"re(string_view name = "([a-z_]+\.[a-z_]+)")re");
  std::size_t count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(STOA_SOURCE_DIR) / "actors")) {
    if (entry.path().extension() != ".hpp") continue;
    std::stringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    const auto source = text.str();
    for (std::sregex_iterator it(source.begin(), source.end(), name), end; it != end; ++it) {
      const auto found = (*it)[1].str();
      if (effects.contains(found) || found == stoa::kernel::node_operation::name) continue;
      ++count;
      const bool known = all_samples().contains(found + " command") ||
                         all_samples().contains(found + " query") ||
                         all_samples().contains(found + " event");
      BOOST_TEST(known, found << " in " << entry.path() << " is not in the list of a service");
    }
  }
  BOOST_TEST(count > 70u);
}

BOOST_AUTO_TEST_CASE(what_was_released_is_read_and_written_again) {
  for (const auto& [what, text] : lines_of("messages.txt")) {
    const auto it = all_samples().find(what);
    if (it == all_samples().end()) continue;
    const auto again = it->second.again(text);
    BOOST_TEST(again.has_value(), what << ": " << (again ? "" : again.error().detail));
    if (again) BOOST_TEST(*again == text);
  }
  for (const auto& [what, text] : lines_of("messages_old.txt")) {
    const auto it = all_samples().find(what);
    if (it == all_samples().end()) continue;
    const auto again = it->second.again(text);
    BOOST_TEST(again.has_value(),
               what << " of an older version: " << (again ? "" : again.error().detail));
  }
}

BOOST_AUTO_TEST_CASE(members_of_a_newer_version_are_ignored) {
  for (const auto& [what, s] : all_samples()) {
    const auto more = std::string(R"({"of_a_newer_version":{"list":[1,null,"x"]})") +
                      (s.text == "{}" ? "" : ",") + s.text.substr(1);
    const auto again = s.again(more);
    BOOST_TEST(again.has_value(), what);
    if (again) BOOST_TEST(*again == s.text);
  }
}

BOOST_AUTO_TEST_CASE(members_may_be_missing_where_they_are_optional_and_only_there) {
  std::size_t optional = 0;
  for (const auto& [what, s] : all_samples()) {
    for (const auto& [member, required] : s.required) {
      const auto less = without(s.text, member);
      const auto again = s.again(less);
      BOOST_TEST(again.has_value() == !required, what << " without " << member);
      if (again) {
        ++optional;
        // An omitted member with a default is written with it.
        BOOST_TEST(without(*again, member) == less);
      } else {
        BOOST_TEST(refused_as_malformed(again));
      }
    }
  }
  BOOST_TEST(optional > 100u);
}

BOOST_AUTO_TEST_CASE(what_is_cut_off_or_no_message_is_refused) {
  for (const auto& [what, s] : all_samples()) {
    const std::size_t step = 1 + s.text.size() / 100;
    for (std::size_t length = 0; length < s.text.size(); length += step) {
      const auto again = s.again(std::string_view(s.text).substr(0, length));
      BOOST_TEST(refused_as_malformed(again), what << " cut off at " << length);
    }
    for (const auto* text : {"", " ", "null", "7", "\"text\"", "[]", "[{}]", "{}}", "{\"a\"}",
                             "\xFF\xFE", "{\"value\":", "nothing"}) {
      BOOST_TEST(refused_as_malformed(s.again(text)), what << " from " << text);
    }
    const auto deep = std::string(100'000, '[') + std::string(100'000, ']');
    BOOST_TEST(refused_as_malformed(s.again(deep)));
  }
}

BOOST_AUTO_TEST_CASE(a_damaged_byte_does_no_more_than_change_or_refuse) {
  std::mt19937 random(7);
  std::size_t refused = 0;
  for (const auto& [what, s] : all_samples()) {
    for (int i = 0; i < 200; ++i) {
      auto damaged = s.text;
      damaged[random() % damaged.size()] = static_cast<char>(random());
      const auto again = s.again(damaged);
      if (again) continue;
      ++refused;
      BOOST_TEST(refused_as_malformed(again), what);
    }
  }
  BOOST_TEST(refused > 1000u);
}

BOOST_AUTO_TEST_CASE(unknown_messages_are_refused_by_name) {
  const auto unknown = table().decode("order.paint", "{}");
  BOOST_REQUIRE(!unknown);
  BOOST_TEST((unknown.error().kind == problem_kind::malformed));
  BOOST_TEST(unknown.error().code == "unknown_message");
  BOOST_TEST(unknown.error().detail.find("order.paint") != std::string::npos);
  for (const auto& effect : effects) BOOST_TEST(table().find(effect) == nullptr);
  const auto effect = table().encode(any_message::of(payment::call_gateway{}));
  BOOST_REQUIRE(!effect);
  BOOST_TEST(effect.error().code == "unknown_message");
  const auto empty = table().encode(any_message{});
  BOOST_REQUIRE(!empty);
  BOOST_TEST(empty.error().code == "unknown_message");
}

BOOST_AUTO_TEST_CASE(a_malformed_message_is_refused_with_the_place) {
  const auto refused = table().decode("order.cancel", R"({"order_id":7,"by_token":true})");
  BOOST_REQUIRE(!refused);
  BOOST_TEST((refused.error().kind == problem_kind::malformed));
  BOOST_TEST(refused.error().code == "malformed_message");
  BOOST_TEST(refused.error().detail.find("order.cancel") != std::string::npos);
  BOOST_REQUIRE(refused.error().errors.size() == 1u);
  BOOST_TEST(refused.error().errors[0].pointer == "/order_id");
}

BOOST_AUTO_TEST_CASE(an_answer_holds_either_a_value_or_a_problem) {
  const auto& codec = *table().find("order.get");
  order::order_view order;
  order.email = "a@example.org";
  const kernel::answer good{std::make_shared<order::order_view>(order), std::nullopt, true};
  const auto read = codec.decode_answer(codec.encode_answer(good)).value();
  BOOST_TEST(read.replayed);
  BOOST_TEST(!read.error.has_value());
  BOOST_TEST(static_cast<const order::order_view*>(read.value.get())->email == "a@example.org");

  const kernel::answer bad{
      nullptr,
      problem{problem_kind::precondition_failed, "precondition_failed", "no", {{"/a", "b", "c"}}}};
  const auto refused = codec.decode_answer(codec.encode_answer(bad)).value();
  BOOST_TEST(!refused.replayed);
  BOOST_TEST(!refused.value);
  BOOST_TEST((refused.error == bad.error));

  // What replaces the answer to any message.
  const auto text = kernel::encode_refusal(unavailable("No partition."), false);
  for (const auto* name :
       {"order.get", "cart.delete", "order.find_checkout", "kernel.dead_letters"}) {
    BOOST_TEST(table().find(name)->decode_answer(text).value().error.value().code == "unavailable");
  }
  for (
      const auto* wrong :
      {R"({"replayed":false})", R"({"value":null,"replayed":false})",
       R"({"value":{},"problem":{"kind":"internal","code":"","detail":"","errors":[]},"replayed":true})"}) {
    const auto r = table().find("cart.delete")->decode_answer(wrong);
    BOOST_REQUIRE(!r);
    BOOST_TEST(r.error().code == "malformed_message");
  }
}

BOOST_AUTO_TEST_CASE(the_context_of_a_call_arrives_whole) {
  kernel::call_context context;
  context.request_id = "r-1";
  context.who = {kernel::caller_kind::user, {system_ids().next_v7()}, kernel::role::staff};
  context.deadline = system_time().now();
  const auto read = kernel::decode_context(kernel::encode_context(context)).value();
  BOOST_TEST(read.request_id == "r-1");
  BOOST_TEST((read.who.kind == kernel::caller_kind::user));
  BOOST_TEST((read.who.user == context.who.user));
  BOOST_TEST((read.who.user_role == kernel::role::staff));
  BOOST_TEST((read.deadline == context.deadline));
  const auto none = kernel::decode_context(kernel::encode_context({})).value();
  BOOST_TEST(none.deadline.us == 0);
  BOOST_TEST((none.who.kind == kernel::caller_kind::guest));
}

BOOST_AUTO_TEST_SUITE_END()
