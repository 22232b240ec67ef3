// The AsyncAPI document: complete, consistent, and accepted by the AsyncAPI project's own parser.
#include "net/front/asyncapi.hpp"

#include "actors/cart/cart_service.hpp"
#include "actors/catalog/catalog_service.hpp"
#include "actors/notification/notification_service.hpp"
#include "actors/order/order_service.hpp"
#include "actors/payment/payment_service.hpp"
#include "actors/pricing/pricing_service.hpp"
#include "actors/user/user_service.hpp"
#include "net/nats/cloud_event.hpp"
#include "net/nats/event_types.hpp"
#include "net/nats/names.hpp"
#include "storage/base/json_read.hpp"
#include "tests/support/api_document.hpp"
#include "tests/support/server.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>

using namespace stoa;
using namespace stoa::test;
namespace fs = std::filesystem;

namespace {

const json::value& document() {
  static const json::value one = *json::parse(front::make_asyncapi("stoa"));
  return one;
}

/// The value at the path of names separated by slashes.
const json::value* at(const json::value& v, std::string_view path) {
  const auto end = path.find('/');
  const auto* next = v.find(path.substr(0, end));
  if (next == nullptr || end == std::string_view::npos) return next;
  return at(*next, path.substr(end + 1));
}

std::string string_of(const json::value* v) {
  const auto* t = v != nullptr ? v->if_string() : nullptr;
  return t != nullptr ? *t : "";
}

std::string file_text(const fs::path& file) {
  std::ostringstream out;
  out << std::ifstream(file).rdbuf();
  return out.str();
}

std::string key_of(std::string_view type) {
  std::string key(type);
  std::replace(key.begin(), key.end(), '.', '_');
  return key;
}

/// Event type -> service, as declared in the sources.
std::map<std::string, std::string> declared() {
  std::map<std::string, std::string> all;
  const std::regex name("string_view name = \"([^\"]+)\"");
  for (const auto& entry : fs::recursive_directory_iterator(STOA_SOURCE_DIR "/actors")) {
    if (!entry.path().filename().string().ends_with("_events.hpp")) continue;
    const auto source = file_text(entry.path());
    for (std::sregex_iterator m(source.begin(), source.end(), name), end; m != end; ++m) {
      all[(*m)[1]] = entry.path().parent_path().filename();
    }
  }
  return all;
}

template <class Service>
void add_subscriptions(std::set<std::string>& all) {
  boost::mp11::mp_for_each<
      boost::mp11::mp_transform<boost::mp11::mp_identity, typename Service::subscriptions>>(
      [&](auto type) { all.emplace(decltype(type)::type::name); });
}

void collect_references(const json::value& v, std::vector<std::string>& found) {
  if (const auto* list = v.if_array()) {
    for (const auto& item : *list) collect_references(item, found);
  }
  if (const auto* members = v.if_object()) {
    for (const auto& m : *members) {
      if (m.name == "$ref") found.push_back(string_of(&m.value));
      collect_references(m.value, found);
    }
  }
}

/// Events as emitted by the services, with their headers, one per line: type, headers, payload.
std::string samples() {
  order::order_summary summary;
  summary.order_id = {system_ids().next_v7()};
  summary.user_id = stoa::user_id{system_ids().next_v7()};
  summary.email = "a@example.com";
  summary.lines = {{{system_ids().next_v7()}, "Door", 2, {1998, "EUR"}}};
  summary.total = {1998, "EUR"};
  std::string lines;
  const auto add = [&](const auto& body, const std::string& source) {
    kernel::event e;
    e.event_id = {system_ids().next_v7()};
    e.source = source;
    e.type = std::decay_t<decltype(body)>::name;
    e.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    std::map<std::string, std::string> headers;
    const auto what = std::make_shared<const kernel::event>(e);
    for (const auto& [name, value] : nats::headers_of("stoa", {what, 0}, {0})) {
      headers[name] = value;
    }
    headers[nats::header::signature] = "kid=a,v1=AAAA";
    lines += json::write(std::vector<json::raw>{
                 {json::write(key_of(e.type))}, {json::write(headers)}, {json::write(body)}}) +
             "\n";
  };
  add(order::order_placed{summary, {system_ids().next_v7()}}, "order");
  summary.user_id.reset();
  add(order::order_refunded{summary, {1, "EUR"}}, "order");
  add(catalog::stock_reserved{{}, {}, {5, "JPY"}, {system_ids().next_v7()}}, "catalog");
  add(payment::payment_failed{{}, {}, "card_declined", "No."}, "payment");
  add(pricing::redemption_rejected{{}, {}, {}, "SUMMER", "The code has been used."}, "pricing");
  add(order::redemption_requested{{}, "email:a@example.com", {{{}, "SUMMER"}}, {}}, "order");
  add(user::user_deleted{}, "user");
  add(user::contact_changed{{system_ids().next_v7()}, "a@example.com", "de"}, "user");
  add(user::account_mail{user::mail_purpose::registration, "a@example.com", "Ann",
                         user::verification_id{system_ids().next_v4()}},
      "user");
  return lines;
}

/// Parses the document with the project's parser and validates the samples by its schemas.
constexpr const char* judge = R"JS(
const { Parser } = require('@asyncapi/parser');
const Ajv = require('ajv');
const fs = require('fs');
const text = fs.readFileSync(process.argv[2], 'utf8');
(async () => {
  const { document, diagnostics } = await new Parser().parse(text);
  const errors = diagnostics.filter(d => d.severity === 0);
  if (!document || errors.length > 0) throw new Error(JSON.stringify(errors));
  const messages = document.allMessages().all().length;
  const ajv = new (Ajv.default || Ajv)({ strict: false, validateFormats: false });
  ajv.addSchema(JSON.parse(text), 'all');
  let judged = 0;
  for (const line of fs.readFileSync(process.argv[3], 'utf8').trim().split('\n')) {
    const [key, headers, payload] = JSON.parse(line);
    for (const [part, value] of [['headers', headers], ['payload', payload]]) {
      const check = ajv.getSchema(`all#/components/messages/${key}/${part}`);
      if (!check(value)) throw new Error(key + ' ' + part + JSON.stringify(check.errors));
      if (check({ odd: true })) throw new Error(key + ' ' + part + ' accepts anything');
      ++judged;
    }
  }
  for (const [key, message] of Object.entries(JSON.parse(text).components.messages)) {
    const check = ajv.getSchema(`all#/components/messages/${key}/payload`);
    if (!check(message.examples[0].payload)) throw new Error(key + JSON.stringify(check.errors));
    ++judged;
  }
  console.log(`accepted ${messages} messages, ${judged} samples`);
})().catch(e => { console.log(e.message); process.exit(1); });
)JS";

}  // namespace

BOOST_AUTO_TEST_SUITE(asyncapi)

BOOST_AUTO_TEST_CASE(every_event_of_every_service_is_in_it) {
  const auto all = declared();
  BOOST_TEST(all.size() >= 13u);
  BOOST_TEST(all.size() == nats::event_types().size());
  for (const auto& e : nats::event_types()) {
    const auto found = all.find(std::string(e.type));
    BOOST_REQUIRE_MESSAGE(found != all.end(), e.type);
    BOOST_TEST(found->second == e.source);
    const auto channel = "channels/" + key_of(e.type);
    BOOST_TEST(string_of(at(document(), channel + "/address")) ==
               nats::subject_of("stoa", e.source, e.type));
    const auto message = "components/messages/" + key_of(e.type);
    BOOST_TEST(string_of(at(document(), message + "/name")) == e.type);
    BOOST_TEST(string_of(at(document(), "operations/send_" + key_of(e.type) + "/action")) ==
               "send");
  }
  std::set<std::string> wanted;
  add_subscriptions<cart::cart_service>(wanted);
  add_subscriptions<catalog::catalog_service>(wanted);
  add_subscriptions<notification::notification_service>(wanted);
  add_subscriptions<pricing::pricing_service>(wanted);
  add_subscriptions<order::order_service>(wanted);
  add_subscriptions<payment::payment_service>(wanted);
  add_subscriptions<user::user_service>(wanted);
  BOOST_TEST(wanted.size() >= 10u);
  for (const auto& type : wanted) BOOST_TEST(all.contains(type), type);
}

BOOST_AUTO_TEST_CASE(its_references_lead_somewhere) {
  std::vector<std::string> references;
  collect_references(document(), references);
  BOOST_TEST(references.size() > 50u);
  for (const auto& r : references) {
    BOOST_TEST(r.starts_with("#/"));
    BOOST_TEST(at(document(), r.substr(2)) != nullptr, r << " leads nowhere");
  }
}

BOOST_AUTO_TEST_CASE(every_event_has_an_example) {
  for (const auto& m : *at(document(), "components/messages")->if_object()) {
    const auto& example = m.value.find("examples")->if_array()->front();
    BOOST_TEST(!example.find("payload")->if_object()->empty(), m.name);
  }
  const auto& placed =
      at(document(), "components/messages/order_placed/examples")->if_array()->front();
  BOOST_TEST(string_of(at(placed, "payload/order/email")) == "ada@example.com");
  const auto& line = at(placed, "payload/order/lines")->if_array()->front();
  BOOST_TEST(string_of(at(line, "line_total/currency")) == "EUR");
}

BOOST_AUTO_TEST_CASE(every_member_of_an_event_is_described) {
  std::size_t members = 0;
  for (const auto& schema : *at(document(), "components/schemas")->if_object()) {
    BOOST_TEST(!schema.name.starts_with("anonymous_"), schema.name << " needs a schema_name");
    for (const auto& p : *schema.value.find("properties")->if_object()) {
      const auto text = string_of(p.value.find("description"));
      ++members;
      BOOST_TEST(is_sentence(text), schema.name << "." << p.name << ": \"" << text
                                                << "\" is no description: add a rule with one or a "
                                                   "row in net/front/asyncapi_texts.cpp");
    }
  }
  BOOST_TEST(members > 50u);
}

BOOST_AUTO_TEST_CASE(subjects_begin_with_the_stream) {
  const auto other = *json::parse(front::make_asyncapi("shop-7"));
  BOOST_TEST(string_of(at(other, "channels/order_placed/address")) == "shop-7.order.placed");
  const auto* source =
      at(other, "components/messages/order_placed/headers/properties/ce-source/const");
  BOOST_TEST(string_of(source) == "/shop-7/order");
}

BOOST_AUTO_TEST_CASE(another_judge_accepts_it) {
  const auto folder = fs::current_path() / "judges-asyncapi";
  fs::create_directories(folder);
  if (!fs::exists(folder / "ready")) {
    const auto installed =
        run_program("/usr/bin/env",
                    {"npm", "install", "--prefix", folder.string(), "--ignore-scripts",
                     "--no-audit", "--no-fund", "--fetch-retries=1", "@asyncapi/parser@3"},
                    {}, std::chrono::seconds{90});
    if (installed.exit_code != 0) {
      BOOST_TEST_MESSAGE("left out: @asyncapi/parser cannot be installed here");
      return;
    }
    std::ofstream(folder / "ready") << "yes\n";
  }
  const temp_dir dir;
  const auto file = dir / "asyncapi.json";
  std::ofstream(file) << front::make_asyncapi("stoa");
  std::ofstream(dir / "samples") << samples();
  // In the folder of the installed modules, so that the program finds them.
  const auto program = folder / "judge.js";
  std::ofstream(program) << judge;
  const auto judged = run_program(
      "/usr/bin/env", {"node", program.string(), file.string(), (dir / "samples").string()});
  BOOST_TEST(judged.exit_code == 0, judged.output);
  const auto events = nats::event_types().size();
  BOOST_TEST(judged.output == "accepted " + std::to_string(events) + " messages, " +
                                  std::to_string(18 + events) + " samples\n");
}

BOOST_AUTO_TEST_SUITE_END()
