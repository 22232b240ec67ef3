// Notifications over HTTP: languages, templates in a folder, preferences, links that unsubscribe,
// previews, and notifications that staff send again.

#include "net/mail/mbox.hpp"
#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>

using namespace stoa;
using namespace stoa::test;
namespace fs = std::filesystem;

namespace {

constexpr const char* unsubscribe_url = "https://shop.example/unsubscribe?token=";

void write(const fs::path& file, std::string_view content) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary | std::ios::trunc) << content;
}

const temp_dir& templates() {
  static const temp_dir dir;
  return dir;
}

storefront& shop() {
  static storefront one({.products = 5,
                         .settings = {{"STOA_NOTIFICATION_TEMPLATES_DIR", templates().path()},
                                      {"STOA_NOTIFICATION_UNSUBSCRIBE_URL", unsubscribe_url}}});
  return one;
}

struct customer : visitor {
  customer() : visitor(shop().port()) {}

  /// The mails to the address in the order of their creation, once there are `count`.
  static std::vector<mail::mail> mails_to(const std::string& address, std::size_t count) {
    std::vector<mail::mail> found;
    BOOST_TEST_REQUIRE(eventually([&] {
      found.clear();
      for (const auto& m : mail::read_mbox(shop().data() / "mail")) {
        if (m.content.to == address) found.push_back(m.content);
      }
      return found.size() >= count;
    }));
    std::ranges::sort(found, {}, &mail::mail::key);
    return found;
  }
  /// Buys one product and ships it.
  std::string shipped(const header_list& root, const std::string& email,
                      const std::string& more = "") {
    const auto order =
        text_at(bought(goods().front().id, {}, {.email = email, .more = more}).json(), "/order_id");
    const auto done = client.post("/admin/v1/orders/" + order + "/ship", "{}", root);
    BOOST_TEST(done.status == 200, done.body);
    return order;
  }
  /// The path and query of the link in the mail.
  static std::string link_in(const mail::mail& m) {
    const auto at = m.unsubscribe.find("/unsubscribe");
    BOOST_TEST_REQUIRE(at != std::string::npos, m.unsubscribe);
    return m.unsubscribe.substr(at, m.unsubscribe.find('>') - at);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(notifications, customer)

BOOST_AUTO_TEST_CASE(the_language_is_sent_or_preferred_by_the_client) {
  const auto buy = [&](const std::string& email, const std::string& more,
                       const header_list& headers) {
    const auto done =
        checkout(cart_with(goods().front().id, 1), {.email = email, .more = more}, headers);
    BOOST_TEST(done.status == 201, done.body);
    return mails_to(email, 1).front();
  };
  const header_list german{{"Accept-Language", "fr;q=0.3, de-AT;q=0.9, en;q=0.5"}};
  const auto first = buy("hans@example.com", "", german);
  BOOST_TEST(first.subject.starts_with("Ihre Bestellung bei "));
  BOOST_TEST(first.text.find("Summe: €\u00a0") != std::string::npos, first.text);
  BOOST_TEST(first.html.find("<html lang=\"de\">") != std::string::npos);
  BOOST_TEST(buy("jane@example.com", R"(,"locale":"en-gb")", german)
                 .subject.starts_with("Your order at "));
  BOOST_TEST(buy("jean@example.com", "", {}).subject.starts_with("Your order at "));
}

BOOST_AUTO_TEST_CASE(an_account_has_a_language) {
  const auto made = client.post("/store/v1/users",
                                R"({"username":"heidi","email":"heidi@example.com","password":)"
                                R"("correct horse","first_name":"H","last_name":"B"})",
                                {{"Accept-Language", "de-ch"}});
  BOOST_TEST(made.status == 201, made.body);
  BOOST_TEST(text_at(made.json(), "/locale") == "de-CH");
  const auto me = log_in("heidi");
  const auto order = bought(goods().front().id, me, {.email = "heidi@example.com"}).json();
  BOOST_TEST(text_at(order, "/locale") == "de-CH");
  BOOST_TEST(mails_to("heidi@example.com", 1)[0].subject.starts_with("Ihre Bestellung"));
  const auto path = "/store/v1/users/me";
  const auto wrong = client.patch(path, R"({"locale":"de_CH"})", me);
  BOOST_TEST(wrong.status == 422, wrong.body);
  BOOST_TEST(pointers_of(wrong) == "/locale");
  BOOST_TEST(text_at(client.patch(path, R"({"locale":"en-us"})", me).json(), "/locale") == "en-US");
  BOOST_TEST(!has(client.patch(path, R"({"locale":null})", me).json(), "/locale"));
}

BOOST_AUTO_TEST_CASE(a_link_in_the_mail_unsubscribes_once_and_for_all) {
  const auto root = log_in("root");
  shipped(root, "guest@example.com", R"(,"locale":"de")");
  const auto mails = mails_to("guest@example.com", 2);
  BOOST_TEST(mails[0].unsubscribe == "");
  const auto link = link_in(mails[1]);
  BOOST_TEST(mails[1].text.find(unsubscribe_url) != std::string::npos);
  // Following the link changes nothing.
  const auto page = client.get(link, {{"Accept-Language", "de"}});
  BOOST_TEST(page.status == 200);
  BOOST_TEST(page.header("Content-Type") == "text/html; charset=utf-8");
  BOOST_TEST(page.body.find("<form method=\"post\">") != std::string::npos);
  BOOST_TEST(page.body.find("Abmelden") != std::string::npos);
  shipped(root, "guest@example.com");
  BOOST_TEST(mails_to("guest@example.com", 4).size() == 4U);
  for (int i = 0; i < 2; ++i) {
    const auto done = client.post(link, "List-Unsubscribe=One-Click",
                                  {{"Content-Type", "application/x-www-form-urlencoded"}});
    BOOST_TEST(done.status == 200, done.body);
    BOOST_TEST(done.body.find("no more emails of this kind") != std::string::npos);
  }
  const auto order = shipped(root, "Guest@example.com");
  BOOST_TEST(mails_to("Guest@example.com", 1)[0].subject.find("confirmed") != std::string::npos);
  // A redrive does not create it either.
  const auto redriven = client.post("/admin/v1/orders/" + order + "/redrive",
                                    R"({"mails":["confirmed","shipped"]})", root);
  BOOST_TEST(size_at(redriven.json(), "/done") == 0U, redriven.body);
  BOOST_TEST(mails_to("Guest@example.com", 1).size() == 1U);
  for (const auto* bad : {"/unsubscribe", "/unsubscribe?token=", "/unsubscribe?token=a.b"}) {
    BOOST_TEST(client.get(bad).status == 404, bad);
    BOOST_TEST(client.post(bad, "").status == 404, bad);
  }
}

BOOST_AUTO_TEST_CASE(a_customer_chooses) {
  const auto me = sign_up("carol");
  const auto path = "/store/v1/users/me/notification-preferences";
  const auto all = client.get(path, me);
  BOOST_TEST(size_at(all.json(), "/data") == 13U, all.body);
  BOOST_TEST(client.put(path, all.body, me).status == 200);
  const auto off = client.put(
      path, R"({"data":[{"category":"shipping_updates","channel":"Email","enabled":false}]})", me);
  BOOST_TEST(off.status == 200, off.body);
  BOOST_TEST(client.get(path, me).body == off.body);
  BOOST_TEST(off.body.find(R"("enabled":false)") != std::string::npos);
  const auto receipts = client.put(
      path, R"({"data":[{"category":"receipts","channel":"Email","enabled":false}]})", me);
  BOOST_TEST(receipts.status == 422);
  BOOST_TEST(pointers_of(receipts) == "/data/0/enabled");
  BOOST_TEST(receipts.body.find("required_category") != std::string::npos);
  BOOST_TEST(client.get(path).status == 401);
}

BOOST_AUTO_TEST_CASE(an_announcement_reaches_who_has_agreed_until_they_unsubscribe) {
  const auto root = log_in("root");
  const std::string path = "/store/v1/users/me/notification-preferences";
  const std::string agree =
      R"({"data":[{"category":"marketing","channel":"Email","enabled":true}]})";
  const auto fan = sign_up("fan");
  sign_up("other");
  BOOST_TEST(client.put(path, agree, fan).status == 200);
  BOOST_TEST(client.put(path, client.get(path, fan).body, fan).status == 200);
  const auto announce = [&](const std::string& subject) {
    const auto made = client.post("/admin/v1/announcements",
                                  R"({"texts":[{"locale":"en","subject":")" + subject +
                                      R"(","text":"Good <news>.\n\nMore."}]})",
                                  with(root, "Idempotency-Key", unique("announcement")));
    BOOST_TEST_REQUIRE(made.status == 201, made.body);
    BOOST_TEST_REQUIRE(eventually([&] {
      return text_at(client.get(made.header("Location"), root).json(), "/announcement/status") ==
             "Finished";
    }));
    return client.get(made.header("Location"), root).json();
  };
  BOOST_TEST(number_at(announce("First"), "/announcement/created") == 1);
  const auto mail = mails_to("fan@example.com", 1)[0];
  BOOST_TEST(mail.subject == "First");
  BOOST_TEST(mail.html.find("Good &lt;news&gt;.") != std::string::npos, mail.html);
  BOOST_TEST(client
                 .post(link_in(mail), "List-Unsubscribe=One-Click",
                       {{"Content-Type", "application/x-www-form-urlencoded"}})
                 .status == 200);
  BOOST_TEST(client.get(path, fan).body.find(R"("marketing","channel":"Email","enabled":false)") !=
             std::string::npos);
  BOOST_TEST(number_at(announce("Second"), "/announcement/created") == 0);
  BOOST_TEST(mails_to("fan@example.com", 1).size() == 1U);
  const auto list = client.get("/admin/v1/announcements?limit=1", root).json();
  BOOST_TEST(text_at(list, "/data/0/texts/0/subject") == "Second");
  BOOST_TEST(client.post("/admin/v1/announcements", R"({"texts":[]})", root).status == 422);
  const auto twice = client.post("/admin/v1/announcements",
                                 R"({"texts":[{"locale":"en","subject":"a","text":"b"},)"
                                 R"({"locale":"EN","subject":"a","text":"b"}]})",
                                 root);
  BOOST_TEST(twice.status == 422);
  BOOST_TEST(pointers_of(twice) == "/texts/1/locale");
  BOOST_TEST(client.post("/admin/v1/announcements", "{}", fan).status == 403);
}

BOOST_AUTO_TEST_CASE(staff_send_a_notification_again) {
  const auto root = log_in("root");
  bought(goods().front().id, {}, {.email = "again@example.com"});
  const auto first = mails_to("again@example.com", 1)[0];
  const auto path = "/admin/v1/notifications/" + first.key;
  BOOST_TEST_REQUIRE(
      eventually([&] { return text_at(client.get(path, root).json(), "/status") == "Sent"; }));
  const header_list once{root[0], {"Idempotency-Key", "again"}};
  const auto made = client.post(path + "/resend", "", once);
  BOOST_TEST(made.status == 201, made.body);
  BOOST_TEST(client.post(path + "/resend", "", once).body == made.body);
  const auto mails = mails_to("again@example.com", 2);
  BOOST_TEST(mails.size() == 2U);
  BOOST_TEST(mails[1].resend_of == first.key);
  BOOST_TEST(mails[1].message_id != first.message_id);
  BOOST_TEST(mails[1].text == first.text);
  const auto detail = client.get(made.header("Location"), root).json();
  BOOST_TEST(text_at(detail, "/resend_of") == first.key);
  BOOST_TEST(has(detail, "/requested_by"));
  BOOST_TEST(client.post(path + "/resend", "", sign_up("eve")).status == 403);
}

BOOST_AUTO_TEST_CASE(a_lost_notification_is_created_once) {
  const auto root = log_in("root");
  const auto order = shipped(root, "lost@example.com");
  mails_to("lost@example.com", 2);
  for (int i = 0; i < 2; ++i) {
    const auto done = client.post("/admin/v1/orders/" + order + "/redrive",
                                  R"({"mails":["confirmed","shipped","delivered"]})", root);
    BOOST_TEST(done.status == 200, done.body);
    BOOST_TEST(size_at(done.json(), "/done") == 0U, done.body);
  }
  BOOST_TEST(mails_to("lost@example.com", 2).size() == 2U);
}

BOOST_AUTO_TEST_CASE(templates_are_listed_rendered_and_reloaded) {
  const auto root = log_in("root");
  const auto list = client.get("/admin/v1/notification-templates", root);
  BOOST_TEST(size_at(list.json(), "/data") == 18U);
  const std::string path = "/admin/v1/notification-templates/confirmed/preview";
  const auto subject = [&] {
    const auto done = client.post(path, R"({"locale":"de-AT"})", root);
    BOOST_TEST(done.status == 200, done.body);
    return text_at(done.json(), "/subject");
  };
  BOOST_TEST(subject().starts_with("Ihre Bestellung bei"));
  write(templates() / "de/confirmed.subject.mustache", "Danke, {{customer_name}}\n");
  BOOST_TEST(::kill(shop().process().pid(), SIGHUP) == 0);
  BOOST_TEST(eventually([&] { return subject() == "Danke, Ada Lovelace"; }));
  write(templates() / "de/confirmed.subject.mustache", "{{password}}\n");
  BOOST_TEST(::kill(shop().process().pid(), SIGHUP) == 0);
  BOOST_TEST(eventually([&] {
    return shop().log().find(
               "confirmed.subject.mustache:1: notifications of the type confirmed "
               "have no variable password here") != std::string::npos;
  }));
  BOOST_TEST(subject() == "Danke, Ada Lovelace");
  const auto values = client.post(
      path, R"({"values":{"customer_name":"<Zoë>","total":{"amount":5,"currency":"EUR"}}})", root);
  BOOST_TEST(text_at(values.json(), "/text").starts_with("Hello <Zoë>,"), values.body);
  BOOST_TEST(text_at(values.json(), "/html").find("&lt;Zoë&gt;") != std::string::npos);
  BOOST_TEST(text_at(values.json(), "/text").find("Total: €0.05") != std::string::npos);
  BOOST_TEST(client.post("/admin/v1/notification-templates/x/preview", "{}", root).status == 404);
  BOOST_TEST(client.post(path, "{}").status == 401);
  fs::remove_all(templates() / "de");
}

BOOST_AUTO_TEST_CASE(wrong_templates_prevent_the_start) {
  const temp_dir dir;
  write(dir / "en/shipped.text.mustache", "Hello\n{{#lines}}\n");
  const environment settings{{"STOA_NOTIFICATION_TEMPLATES_DIR", dir.path()},
                             {"STOA_DATA_DIR", dir / "data"}};
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"config", "check"}, std::vector<std::string>{"serve"}}) {
    const auto done = run_program(stoa_binary(), command, settings);
    BOOST_TEST(done.exit_code != 0);
    BOOST_TEST(done.output.find("shipped.text.mustache:2: the section lines has no end") !=
                   std::string::npos,
               done.output);
  }
}

BOOST_AUTO_TEST_SUITE_END()
