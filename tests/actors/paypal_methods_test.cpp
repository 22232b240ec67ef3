// PayPal accounts that users save: kept by the gateway with the payment or later, and events of the
// gateway about them, which may be late, repeated and out of order.

#include "storage/payment/payment_store.hpp"
#include "tests/support/payment_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::payment;
using stoa::test::code_of;

namespace {

gateway_answer kept(const std::string& token = "T1") {
  gateway_answer a{gateway_status::approved, "C1"};
  a.customer_id = "cust_1";
  a.vaulted = vaulted_method{"sealed " + token};
  a.vaulted->hint = "a***@example.com";
  a.vaulted->token_key = "key " + token;
  return a;
}
gateway_answer kept_later() {
  gateway_answer a{gateway_status::approved, "C1"};
  a.vaulted = vaulted_method{"sealed order"};
  a.vaulted->is_pending = true;
  return a;
}

struct accounts : payments {
  const stoa::user_id ann{system_ids().next_v7()};
  const stoa::user_id bob{system_ids().next_v7()};

  store_instrument wish() const {
    store_instrument m{{system_ids().next_v7()}, order, "paypal", "sealed nothing", ""};
    m.save_as = {{system_ids().next_v7()}};
    m.user_id = ann;
    return m;
  }
  /// The payment with the wish; undecided.
  call_gateway pay(const store_instrument& m) {
    BOOST_REQUIRE(run(m, as_user(ann)));
    BOOST_REQUIRE(!apply(catalog::stock_reserved{m.order_id, ann, {1299, "EUR"}, m.instrument_id}));
    return call();
  }
  stoa::payment_method_id saved_by_payment(const gateway_answer& a = kept()) {
    auto m = wish();
    m.order_id = {system_ids().next_v7()};
    pay(m);
    decided(m.order_id, a);
    return *m.save_as;
  }
  void decided(stoa::order_id of, const gateway_answer& a) {
    const auto p = read(get_order_payments{of}).value().data.at(0).payment_id;
    const auto k = read(get_payment{p}, as_system()).value().attempts.back().key;
    BOOST_REQUIRE(run(gateway_result{p, of, open_effect::Authorize, k, a}, as_system()));
  }
  std::vector<saved_method_view> saved() {
    return read(list_saved_methods{}, as_user(ann)).value().data;
  }
  std::string status_of(stoa::payment_method_id id) {
    return std::string(enum_name(read(get_saved_method{id}, as_user(ann)).value().status));
  }
  template <class E>
  E effect() {
    BOOST_REQUIRE(effects.size() == 1U);
    BOOST_REQUIRE(effects.front().kind() == &kernel::kind_of<E>());
    auto e = effects.front().as<E>();
    effects.clear();
    return e;
  }
  void result(const call_vault& of, const gateway_answer& a) {
    BOOST_REQUIRE(run(method_result{of.payment_method_id, of.user_id, of.gateway, of.operation, a},
                      as_system()));
  }
  std::string event(const std::string& id, const std::string& token, bool removed = false) {
    const auto r =
        run(receive_method_webhook{ann, "paypal", id, "key " + token, "sealed " + token, removed});
    BOOST_REQUIRE(r);
    return std::string(enum_name(r->outcome));
  }
  std::int64_t operations() { return number("SELECT count(*) FROM method_operations"); }
};

const gateway_answer gone{gateway_status::declined, "", "invalid_token"};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(paypal_methods, accounts)

BOOST_AUTO_TEST_CASE(a_payment_saves_an_account_and_another_one_uses_it) {
  const auto m = wish();
  const auto first = pay(m);
  BOOST_TEST(first.gateway == "paypal");
  BOOST_TEST(first.saves);
  BOOST_TEST(first.customer.value().user_id == ann.str());
  answer(open_effect::Authorize, kept());
  BOOST_REQUIRE(saved().size() == 1U);
  BOOST_TEST(saved()[0].type == "paypal");
  BOOST_TEST(saved()[0].gateway == "paypal");
  BOOST_TEST(saved()[0].hint == "a***@example.com");
  BOOST_TEST(effects.empty());
  store_instrument with{{system_ids().next_v7()}, {system_ids().next_v7()}, "paypal", "", ""};
  with.saved = m.save_as;
  const auto second = pay(with);
  BOOST_TEST(second.sealed_token == "sealed T1");
  BOOST_TEST(!second.saves);
  BOOST_TEST(second.with_saved);
  // Its void says so, as the gateway may have paid without an approval.
  order::order_cancelled e;
  e.order.order_id = with.order_id;
  e.code = "customer";
  BOOST_REQUIRE(!apply(e));
  const auto voided = call();
  BOOST_TEST((voided.operation == open_effect::Void));
  BOOST_TEST(voided.with_saved);
  // It is neither a card nor another user's.
  with.instrument_id = {system_ids().next_v7()};
  BOOST_TEST(code_of(run(with, as_user(bob))) == "payment_method_unknown");
  with.payment_method = "card";
  BOOST_TEST(code_of(run(with, as_user(ann))) == "payment_method_unknown");
}

BOOST_AUTO_TEST_CASE(the_void_of_a_payment_that_saves_is_not_one_with_a_token) {
  saved_by_payment();
  const auto m = wish();
  BOOST_TEST(pay(m).customer.value().customer_id == "cust_1");
  cancel_order();
  BOOST_TEST(!call().with_saved);
}

BOOST_AUTO_TEST_CASE(one_that_the_gateway_keeps_later_is_pending) {
  const auto m = wish();
  pay(m);
  answer(open_effect::Authorize, kept_later());
  check(payment_status::Completed, open_effect::None);
  BOOST_TEST(saved().empty());
  BOOST_TEST(status_of(*m.save_as) == "pending");
  BOOST_TEST(std::ranges::count(log(), "method_pending") == 1);
  const auto asked = effect<call_vault>();
  BOOST_TEST(enum_name(asked.operation) == "Save");
  BOOST_TEST(asked.sealed_token == "sealed order");
  BOOST_TEST(operations() == 1);
  // It is asked for again, also after a crash.
  result(asked, silence);
  time.advance(seconds{10});
  BOOST_TEST(sweep() == 1U);
  result(effect<call_vault>(), kept());
  BOOST_TEST(saved().size() == 1U);
  BOOST_TEST(operations() == 0);
  result(asked, kept());  // Answered twice.
  BOOST_TEST(saved().size() == 1U);
  BOOST_TEST(operations() == 0);
  BOOST_TEST(effects.empty());
}

BOOST_AUTO_TEST_CASE(one_that_comes_too_late_is_removed) {
  const auto m = wish();
  pay(m);
  answer(open_effect::Authorize, kept_later());
  effect<call_vault>();
  time.advance(options.instrument_ttl + seconds{1});
  BOOST_TEST(sweep() == 1U);
  const auto removal = effect<call_vault>();
  BOOST_TEST(enum_name(removal.operation) == "Remove");
  BOOST_TEST(removal.sealed_token == "sealed order");
  result(removal, {gateway_status::approved});
  BOOST_TEST(operations() == 0);
  BOOST_TEST(saved().empty());
}

BOOST_AUTO_TEST_CASE(an_event_names_the_token_that_a_payment_waits_for) {
  const auto id = saved_by_payment(kept_later());
  effect<call_vault>();
  BOOST_TEST(event("e1", "T1") == "applied");
  const auto named = effect<call_vault>();
  BOOST_TEST(named.payment_method_id.str() == id.str());
  BOOST_TEST(named.sealed_token == "sealed T1");
  BOOST_TEST(event("e1", "T1") == "repeated");
  BOOST_TEST(effects.empty());
  result(named, kept());
  BOOST_TEST(saved().size() == 1U);
  // Known by now.
  BOOST_TEST(event("e2", "T1") == "ignored");
  BOOST_TEST(effects.empty());
}

BOOST_AUTO_TEST_CASE(two_payments_that_wait_are_looked_up_by_their_orders) {
  const auto first = saved_by_payment(kept_later());
  effects.clear();
  time.advance(seconds{1});
  const auto second = saved_by_payment(kept_later());
  effects.clear();
  // The event does not say whose token it is.
  BOOST_TEST(event("e2", "T2") == "applied");
  BOOST_REQUIRE(effects.size() == 2U);
  auto one = effects[0].as<call_vault>();
  auto two = effects[1].as<call_vault>();
  if (one.payment_method_id != first) std::swap(one, two);
  BOOST_TEST(one.sealed_token == "sealed order");
  BOOST_TEST(two.sealed_token == "sealed order");
  effects.clear();
  result(one, kept("T1"));
  BOOST_TEST(event("e1", "T1") == "ignored");
  result(two, silence);
  BOOST_TEST(event("e3", "T2") == "applied");
  const auto named = effect<call_vault>();
  BOOST_TEST(named.payment_method_id.str() == second.str());
  BOOST_TEST(named.sealed_token == "sealed T2");
  // A repeat under another id asks for the same one again.
  BOOST_TEST(event("e4", "T2") == "applied");
  BOOST_TEST(effect<call_vault>().payment_method_id.str() == second.str());
  BOOST_TEST(event("e5", "T3") == "ignored");
  result(named, kept("T2"));
  BOOST_TEST(saved().size() == 2U);
  BOOST_TEST(operations() == 0);
}

BOOST_AUTO_TEST_CASE(events_out_of_order_save_nothing_that_is_gone) {
  // Deleted before the event of its creation arrives: the gateway does not have it.
  const auto id = saved_by_payment(kept_later());
  effect<call_vault>();
  BOOST_TEST(event("e2", "T1", true) == "ignored");
  BOOST_TEST(event("e1", "T1") == "applied");
  result(effect<call_vault>(), gone);
  BOOST_TEST(saved().empty());
  BOOST_TEST(status_of(id) == "declined");
  BOOST_TEST(operations() == 0);
  // The event of the creation before the answer to the payment.
  BOOST_TEST(event("e3", "T2") == "ignored");
  saved_by_payment(kept("T2"));
  BOOST_TEST(saved().size() == 1U);
  BOOST_TEST(effects.empty());
}

BOOST_AUTO_TEST_CASE(a_deletion_at_the_gateway_deletes_it_here) {
  const auto first = saved_by_payment(kept("T1"));
  time.advance(seconds{1});
  saved_by_payment(kept("T2"));
  effects.clear();
  BOOST_TEST(event("e1", "T1", true) == "applied");
  BOOST_REQUIRE(saved().size() == 1U);
  BOOST_TEST(saved()[0].is_default);
  BOOST_TEST(code_of(read(get_saved_method{first}, as_user(ann))) == "not_found");
  BOOST_TEST(effects.empty());
  BOOST_TEST(operations() == 0);
  BOOST_TEST(event("e1", "T1", true) == "repeated");
  BOOST_TEST(event("e2", "T1", true) == "ignored");
  // One that was deleted here, whose event follows.
  BOOST_REQUIRE(run(remove_saved_method{ann, saved()[0].payment_method_id}, as_user(ann)));
  const auto removal = effect<call_vault>();
  BOOST_TEST(removal.sealed_token == "sealed T2");
  BOOST_TEST(event("e3", "T2", true) == "ignored");
  BOOST_TEST(operations() == 1);
  result(removal, {gateway_status::approved});
  BOOST_TEST(operations() == 0);
}

BOOST_AUTO_TEST_CASE(one_token_is_saved_once) {
  saved_by_payment(kept("T1"));
  saved_by_payment(kept("T1"));
  BOOST_TEST(saved().size() == 1U);
  BOOST_TEST(number("SELECT count(*) FROM saved_payment_methods") == 1);
  // The token stays, as the other one needs it.
  BOOST_TEST(effects.empty());
  BOOST_TEST(operations() == 0);
}

BOOST_AUTO_TEST_CASE(the_owner_of_a_token_is_found) {
  const auto owner = [&](const std::string& key, const std::string& customer) {
    const auto found = read(get_method_owner{"paypal", key, customer});
    return found ? found->user_id.str() : code_of(found);
  };
  saved_by_payment(kept("T1"));
  BOOST_TEST(owner("key T1", "") == ann.str());
  BOOST_TEST(owner("key T2", "cust_1") == ann.str());
  BOOST_TEST(owner("key T2", "cust_2") == "not_found");
  BOOST_TEST(owner("", "") == "not_found");
  BOOST_TEST(!read(get_method_owner{"stripe", "key T1", "cust_1"}));
}

BOOST_AUTO_TEST_CASE(a_deleted_account_leaves_nothing_at_the_gateway) {
  saved_by_payment(kept("T1"));
  // Two payments began before the gateway had a customer.
  auto other = kept("T2");
  other.customer_id = "cust_2";
  saved_by_payment(other);
  saved_by_payment(kept_later());
  effects.clear();
  BOOST_REQUIRE(!apply(user::user_deleted{ann}));
  std::vector<std::string> tokens;
  std::vector<std::string> customers;
  for (const auto& e : effects) {
    if (e.kind() == &kernel::kind_of<call_vault>()) {
      tokens.push_back(e.as<call_vault>().sealed_token);
    } else {
      customers.push_back(e.as<delete_customer>().customer_id);
    }
  }
  BOOST_TEST(tokens == std::vector<std::string>{"sealed T1"}, boost::test_tools::per_element());
  BOOST_TEST(customers == std::vector<std::string>{"cust_2"}, boost::test_tools::per_element());
  BOOST_TEST(number("SELECT count(*) FROM saved_payment_methods") == 0);
  // What the gateway keeps later is removed.
  effects.clear();
  time.advance(seconds{10});
  BOOST_TEST(sweep() > 0U);
  const auto is_late = [](const auto& e) {
    return e.kind() == &kernel::kind_of<call_vault>() &&
           e.template as<call_vault>().sealed_token == "sealed order";
  };
  const auto late = std::ranges::find_if(effects, is_late);
  BOOST_REQUIRE(late != effects.end());
  BOOST_TEST(enum_name(late->template as<call_vault>().operation) == "Remove");
}

BOOST_AUTO_TEST_SUITE_END()
