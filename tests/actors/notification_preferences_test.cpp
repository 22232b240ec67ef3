// What recipients receive: languages, their choices, notifications that staff send again, and
// missing ones.

#include "actors/notification/notification_service.hpp"
#include "tests/support/service_fixture.hpp"

using namespace stoa;
using namespace stoa::notification;
using stoa::test::as_system;
using stoa::test::as_user;
using stoa::test::status_of;

namespace {

notification_options options() {
  notification_options o;
  o.unsubscribe_url = "https://shop.example/unsubscribe?token=";
  return o;
}

struct recipients : test::service_fixture<notification_service> {
  recipients() : service_fixture(notification_service(options())) {}

  const stoa::user_id alice{system_ids().next_v7()};
  const stoa::user_id clerk{system_ids().next_v7()};

  order::order_summary about(std::optional<stoa::user_id> user, std::string email) {
    order::order_summary s;
    s.order_id = {system_ids().next_v7()};
    s.user_id = user;
    s.email = std::move(email);
    s.lines = {{{system_ids().next_v7()}, "Mug", 2, {2598, "EUR"}}};
    s.total = {2598, "EUR"};
    return s;
  }
  std::vector<notification_view> all() {
    list_notifications_query q;
    q.all = true;
    return read(q, as_system()).value().data;
  }
  auto staff() { return as_user(clerk, kernel::role::staff); }
  result<preference_list> choose(std::vector<preference_choice> choices) {
    return run(set_preferences{alice, std::move(choices)}, as_user(alice));
  }
  bool receives_shipping() {
    const auto list = read(get_preferences{alice}, as_user(alice)).value();
    for (const auto& p : list.data) {
      if (p.category == notification_category::shipping_updates) return p.enabled;
    }
    return false;
  }
  std::int64_t suppressed() { return number("SELECT count(*) FROM suppressed_notifications"); }
};

const preference_choice no_shipping{notification_category::shipping_updates,
                                    notification_type::Email, false};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(notification_recipients, recipients)

BOOST_AUTO_TEST_CASE(mails_are_in_the_language_of_the_order) {
  auto order = about(alice, "alice@example.org");
  order.locale = "de-AT";
  BOOST_REQUIRE(!apply(order::order_confirmed{order}));
  BOOST_TEST(all()[0].subject.starts_with("Ihre Bestellung bei "));
  BOOST_TEST(all()[0].message.find("Summe: €\u00a025,98") != std::string::npos);
  BOOST_REQUIRE(!apply(order::order_cancelled{order, "stock_rejected", "sku 7 is sold out"}));
  BOOST_TEST(all()[0].message.find("Grund: Ein Artikel ist nicht mehr verfügbar.") !=
             std::string::npos);
  BOOST_REQUIRE(
      !apply(order::order_cancelled{order, "staff", std::string(order::no_reason_of_store)}));
  BOOST_TEST(all()[0].message.find("Grund: Vom Shop storniert.") != std::string::npos);
  user::account_mail mail{user::mail_purpose::registration, "a@example.com", "Ann", std::nullopt};
  mail.locale = "de";
  BOOST_REQUIRE(!apply(mail));
  BOOST_TEST(all()[0].message.starts_with("Guten Tag Ann,"));
}

BOOST_AUTO_TEST_CASE(only_shipping_updates_can_be_switched_off) {
  const auto first = read(get_preferences{alice}, as_user(alice)).value();
  BOOST_TEST(first.data.size() == 13u);
  for (const auto& p : first.data) {
    if (p.category == notification_category::marketing) continue;  // announcements_test
    BOOST_TEST(p.enabled);
    BOOST_TEST(p.required == (p.category != notification_category::shipping_updates));
  }
  BOOST_REQUIRE(choose({no_shipping}));
  BOOST_TEST(!receives_shipping());
  const auto order = about(alice, "alice@example.org");
  BOOST_REQUIRE(!apply(order::order_confirmed{order}));
  BOOST_REQUIRE(!apply(order::order_shipped{order}));
  BOOST_REQUIRE(!apply(order::order_delivered{order}));
  BOOST_TEST(all().size() == 1u);
  BOOST_TEST(effects.size() == 1u);
  BOOST_TEST(suppressed() == 2);
  BOOST_REQUIRE(!apply(order::order_shipped{order}));  // applied again by hand
  BOOST_TEST(suppressed() == 2);
  // Without an account, although the address is the same.
  BOOST_REQUIRE(!apply(order::order_shipped{about({}, "alice@example.org")}));
  BOOST_TEST(all().size() == 2u);
  BOOST_REQUIRE(choose({}));
  BOOST_TEST(receives_shipping());
  BOOST_REQUIRE(!apply(order::order_shipped{about(alice, "alice@example.org")}));
  BOOST_TEST(all().size() == 3u);
}

BOOST_AUTO_TEST_CASE(a_wrong_choice_changes_nothing) {
  const auto pointer_of = [](const result<preference_list>& r) {
    return r ? "" : r.error().errors.at(0).pointer + " " + r.error().errors.at(0).code;
  };
  auto receipts = no_shipping;
  receipts.category = notification_category::receipts;
  BOOST_TEST(pointer_of(choose({no_shipping, receipts})) == "/data/1/enabled required_category");
  BOOST_TEST(pointer_of(choose({no_shipping, no_shipping})) == "/data/1 duplicate");
  BOOST_TEST(receives_shipping());
  receipts.enabled = true;
  BOOST_TEST(choose({receipts}).has_value());
  BOOST_TEST(status_of(run(set_preferences{alice, {no_shipping}}, as_user(clerk))) == 404);
  BOOST_TEST(status_of(read(get_preferences{alice}, staff())) == 404);
}

BOOST_AUTO_TEST_CASE(the_link_unsubscribes_the_recipient_of_the_mail) {
  BOOST_REQUIRE(!apply(order::order_shipped{about({}, "Guest@Example.org")}));
  const auto id = all()[0].notification_id;
  BOOST_REQUIRE(run(unsubscribe{id}));
  BOOST_REQUIRE(run(unsubscribe{id}));
  BOOST_TEST(number("SELECT count(*) FROM notification_opt_outs") == 1);
  BOOST_REQUIRE(!apply(order::order_delivered{about({}, "guest@example.org")}));
  BOOST_TEST(all().size() == 1u);
  BOOST_REQUIRE(!apply(order::order_confirmed{about({}, "guest@example.org")}));
  const auto confirmed = all()[0].notification_id;
  BOOST_TEST(status_of(run(unsubscribe{confirmed})) == 404);
  BOOST_TEST(status_of(run(unsubscribe{{system_ids().next_v7()}})) == 404);
  BOOST_REQUIRE(!apply(order::order_shipped{about(alice, "alice@example.org")}));
  BOOST_REQUIRE(run(unsubscribe{all()[0].notification_id}));
  BOOST_TEST(!receives_shipping());
  BOOST_REQUIRE(!apply(user::user_deleted{alice}));
  BOOST_TEST(number("SELECT count(*) FROM notification_opt_outs") == 1);
}

BOOST_AUTO_TEST_CASE(staff_can_send_a_notification_again) {
  BOOST_REQUIRE(!apply(order::order_shipped{about(alice, "alice@example.org")}));
  const auto first = all()[0];
  const auto again = [&] { return run(resend_notification{first.notification_id}, staff()); };
  BOOST_TEST(again().error().code == "notification_pending");
  BOOST_REQUIRE(run(delivery_result{first.notification_id, "no such mailbox", true}, as_system()));
  effects.clear();
  BOOST_TEST(status_of(run(resend_notification{first.notification_id}, as_user(alice))) == 404);
  const auto made = again().value();
  BOOST_TEST(made.notification_id.str() != first.notification_id.str());
  BOOST_TEST(made.resend_of.value().str() == first.notification_id.str());
  BOOST_TEST(made.requested_by.value() == clerk.str());
  BOOST_TEST(enum_name(made.status) == "Pending");
  BOOST_TEST(made.recipient == "alice@example.org");
  BOOST_TEST(made.subject == first.subject);
  // The link unsubscribes by the new one.
  BOOST_TEST(first.message.find("[unsubscribe " + first.notification_id.str() + "]") !=
             std::string::npos);
  BOOST_TEST(made.message.find("[unsubscribe " + made.notification_id.str() + "]") !=
             std::string::npos);
  BOOST_TEST(made.html.find(first.notification_id.str()) == std::string::npos);
  BOOST_REQUIRE(effects.size() == 1u);
  const auto e = effects.front().as<send_notification>();
  BOOST_TEST(e.message.key == made.notification_id.str());
  BOOST_TEST(e.message.resend_of == first.notification_id.str());
  BOOST_TEST(enum_name(all()[1].status) == "Failed");
  BOOST_REQUIRE(run(delivery_result{made.notification_id, std::nullopt}, as_system()));
  BOOST_TEST(enum_name(all()[0].status) == "Sent");
  BOOST_TEST(again().has_value());
  BOOST_REQUIRE(!apply(order::order_shipped{about({}, "")}));
  BOOST_TEST(run(resend_notification{all()[0].notification_id}, staff()).error().code ==
             "no_recipient");
  BOOST_TEST(status_of(run(resend_notification{{system_ids().next_v7()}}, staff())) == 404);
}

BOOST_AUTO_TEST_CASE(a_missing_notification_is_created_once) {
  const auto order = about(alice, "alice@example.org");
  const auto create = [&](mail_kind kind) {
    return run(create_missing{order.order_id, kind, order, "customer", "Too late."}, staff())
        .value()
        .changed;
  };
  BOOST_TEST(create(mail_kind::confirmed));
  BOOST_TEST(!create(mail_kind::confirmed));
  BOOST_TEST(create(mail_kind::cancelled));
  BOOST_TEST(all()[0].message.find("Reason: Too late.") != std::string::npos);
  BOOST_REQUIRE(!apply(order::order_shipped{order}));
  BOOST_TEST(!create(mail_kind::shipped));
  BOOST_TEST(all().size() == 3u);
  BOOST_REQUIRE(choose({no_shipping}));
  BOOST_REQUIRE(!apply(order::order_delivered{order}));
  BOOST_TEST(!create(mail_kind::delivered));
  BOOST_TEST(all().size() == 3u);
  BOOST_TEST(status_of(run(create_missing{order.order_id, mail_kind::confirmed, order},
                           as_user(alice))) == 404);
}

BOOST_AUTO_TEST_CASE(staff_see_templates_and_previews) {
  const auto list = read(list_templates{}, staff()).value().data;
  BOOST_REQUIRE(list.size() == 18u);
  for (const auto& t : list) {
    if (enum_name(t.channels.front()) != "Email") continue;
    BOOST_TEST(t.languages.size() >= 2u, t.type);
    BOOST_TEST(!t.variables.empty());
    for (const char* language : {"de-AT", "en", "fr"}) {
      const auto preview = read(preview_template{t.type, language, {}}, staff()).value();
      BOOST_TEST(preview.language == (language == std::string("de-AT") ? "de" : "en"));
      BOOST_TEST(!preview.subject.empty());
      BOOST_TEST(preview.text.find("{{") == std::string::npos);
      BOOST_TEST(preview.html.find("</html>") != std::string::npos);
    }
  }
  preview_values values;
  values.customer_name = "Zoë";
  values.cause = "sold_out";
  const auto text = read(preview_template{"cancelled", "de", values}, staff()).value().text;
  BOOST_TEST(text.starts_with("Guten Tag Zoë,"));
  BOOST_TEST(text.find("Grund: Ein Artikel") != std::string::npos);
  values.cause = "none";
  BOOST_TEST(status_of(read(preview_template{"cancelled", "de", values}, staff())) == 422);
  BOOST_TEST(status_of(read(preview_template{"unknown", "de", {}}, staff())) == 404);
  BOOST_TEST(status_of(read(preview_template{"cancelled", "de", {}}, as_user(alice))) == 404);
  BOOST_TEST(status_of(read(list_templates{}, as_user(alice))) == 404);
}

BOOST_AUTO_TEST_CASE(staff_see_previews_of_text_messages_and_push_messages) {
  for (const auto& t : read(list_templates{}, staff()).value().data) {
    if (enum_name(t.channels.front()) == "Email") continue;
    BOOST_TEST(t.channels.size() == 2u);
    for (const auto channel : t.channels) {
      for (const char* language : {"de-AT", "en", "fr"}) {
        const auto preview = read(preview_template{t.type, language, {}, channel}, staff()).value();
        BOOST_TEST(preview.language == (language == std::string("de-AT") ? "de" : "en"));
        BOOST_TEST(preview.text.find("7F3A9-1C2BP") != std::string::npos);
        BOOST_TEST(preview.html.empty());
        const bool is_sms = channel == notification_type::SMS;
        BOOST_TEST(preview.text.starts_with("Stoa demo store: ") == is_sms);
        BOOST_TEST(preview.subject == (is_sms ? "" : "Stoa demo store"));
        BOOST_TEST(preview.segments.value_or(0) == (is_sms ? 1 : 0));
      }
    }
  }
  const auto of = [&](std::string type, std::optional<notification_type> channel) {
    return status_of(read(preview_template{std::move(type), "en", {}, channel}, staff()));
  };
  BOOST_TEST(of("action_required", notification_type::SMS) == 200);
  BOOST_TEST(of("action_required", std::nullopt) == 404);
  BOOST_TEST(of("registration", notification_type::Push) == 404);
}

BOOST_AUTO_TEST_SUITE_END()
