// Payment methods that a gateway keeps for users: what the service stores, and what it asks the
// gateway for until it has answered.

#include "storage/payment/payment_store.hpp"
#include "tests/support/payment_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::payment;
using stoa::test::code_of;

namespace {

payment_options with_stripe() {
  payment_options o;
  o.gateway = "stripe";
  return o;
}

/// Approved by a gateway that keeps the method.
gateway_answer kept(const std::string& token = "sealed pm_1",
                    gateway_status status = gateway_status::approved) {
  gateway_answer a{status, "pi_1"};
  a.customer_id = "cus_1";
  a.vaulted = vaulted_method{token, "visa", "4242", 12, 2040};
  return a;
}

struct keeping : payments {
  keeping() : payments(with_stripe()) {}

  const stoa::user_id ann{system_ids().next_v7()};
  const stoa::user_id bob{system_ids().next_v7()};

  store_instrument wish() const {
    store_instrument m{{system_ids().next_v7()}, order, "card", "sealed token", "pm_1***sa"};
    m.save_as = {{system_ids().next_v7()}};
    m.user_id = ann;
    return m;
  }
  /// The order's payment with the wish; undecided.
  call_gateway pay(const store_instrument& m) {
    BOOST_REQUIRE(run(m, as_user(ann)));
    BOOST_REQUIRE(!apply(catalog::stock_reserved{m.order_id, ann, {1299, "EUR"}, m.instrument_id}));
    return call();
  }
  stoa::payment_method_id saved_by_payment() {
    const auto m = wish();
    pay(m);
    answer(open_effect::Authorize, kept());
    return *m.save_as;
  }
  save_method saving() const {
    return {ann, {system_ids().next_v7()}, "card", "sealed token", "pm_1***sa"};
  }
  std::vector<saved_method_view> saved() {
    return read(list_saved_methods{}, as_user(ann)).value().data;
  }
  saved_method_view view(stoa::payment_method_id id) {
    return read(get_saved_method{id}, as_user(ann)).value();
  }
  /// Removes and returns the only effect.
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
  void result(const delete_customer& of, const gateway_answer& a) {
    BOOST_REQUIRE(run(customer_result{of.user_id, of.gateway, of.customer_id, a}, as_system()));
  }
  std::int64_t operations() { return number("SELECT count(*) FROM method_operations"); }
  std::int64_t customers() { return number("SELECT count(*) FROM gateway_customers"); }
  std::int64_t removing() {
    return number("SELECT count(*) FROM gateway_customers WHERE removing=1");
  }
};

const gateway_answer done{gateway_status::approved};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(gateway_methods, keeping)

BOOST_AUTO_TEST_CASE(a_payment_saves_what_the_gateway_keeps) {
  const auto m = wish();
  const auto first = pay(m);
  BOOST_TEST(first.saves);
  BOOST_REQUIRE(first.customer);
  BOOST_TEST(first.customer->user_id == ann.str());
  BOOST_TEST(first.customer->customer_id.empty());
  BOOST_TEST(customers() == 1);
  BOOST_TEST(saved().empty());
  answer(open_effect::Authorize, kept());
  BOOST_REQUIRE(saved().size() == 1U);
  const auto shown = saved()[0];
  BOOST_TEST(shown.brand.value() == "visa");
  BOOST_TEST(shown.last4.value() == "4242");
  BOOST_TEST(shown.exp_month.value() == 12);
  BOOST_TEST(shown.exp_year.value() == 2040);
  BOOST_TEST(enum_name(shown.status) == "active");
  BOOST_TEST(std::ranges::count(log(), "method_saved") == 1);
  BOOST_TEST(effects.empty());
  // The next payment that saves one knows the customer.
  auto next = wish();
  next.order_id = {system_ids().next_v7()};
  const auto second = pay(next);
  BOOST_TEST(second.customer->customer_id == "cus_1");
  BOOST_TEST(customers() == 1);
  // A payment with the saved one has its token and customer, and saves nothing.
  store_instrument with{{system_ids().next_v7()}, {system_ids().next_v7()}, "card", "", ""};
  with.saved = m.save_as;
  const auto third = pay(with);
  BOOST_TEST(third.sealed_token == "sealed pm_1");
  BOOST_TEST(third.customer->customer_id == "cus_1");
  BOOST_TEST(!third.saves);
  with.instrument_id = {system_ids().next_v7()};
  BOOST_TEST(code_of(run(with, as_user(bob))) == "payment_method_unknown");
}

BOOST_AUTO_TEST_CASE(a_payment_that_saves_nothing_has_no_customer) {
  auto m = wish();
  m.save_as.reset();
  m.user_id.reset();
  const auto e = pay(m);
  BOOST_TEST(!e.customer);
  BOOST_TEST(!e.saves);
  BOOST_TEST(customers() == 0);
}

BOOST_AUTO_TEST_CASE(what_the_gateway_does_not_keep_is_not_saved) {
  pay(wish());
  answer(open_effect::Authorize, paid);
  check(payment_status::Completed, open_effect::None);
  BOOST_TEST(saved().empty());
  BOOST_TEST(number("SELECT count(*) FROM saved_payment_methods") == 0);
  BOOST_TEST(std::ranges::count(log(), "method_not_saved") == 1);
}

BOOST_AUTO_TEST_CASE(the_customer_is_stored_before_the_payment_is_decided) {
  pay(wish());
  gateway_answer asked{gateway_status::action_required, "pi_1", "", "", "https://bank.example"};
  asked.customer_id = "cus_1";
  answer(open_effect::Authorize, asked);
  time.advance(seconds{10});
  sweep();
  const auto looked = call();
  BOOST_TEST(looked.look_up);
  BOOST_TEST(looked.customer->customer_id == "cus_1");
  answer(open_effect::Authorize, kept());
  BOOST_TEST(saved().size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_cancelled_order_is_not_kept_at_the_gateway) {
  pay(wish());
  cancel_order();
  effects.clear();
  answer(open_effect::Authorize, kept());
  BOOST_TEST(saved().empty());
  const auto is_removal = [](const auto& e) { return e.kind() == &kernel::kind_of<call_vault>(); };
  const auto found = std::ranges::find_if(effects, is_removal);
  BOOST_REQUIRE(found != effects.end());
  const auto removal = found->template as<call_vault>();
  BOOST_TEST(enum_name(removal.operation) == "Remove");
  BOOST_TEST(removal.customer_id == "cus_1");
  BOOST_TEST(removal.sealed_token == "sealed pm_1");
  BOOST_TEST(operations() == 1);
  result(removal, done);
  BOOST_TEST(operations() == 0);
}

BOOST_AUTO_TEST_CASE(one_that_has_no_place_is_removed_at_the_gateway) {
  const auto m = wish();
  pay(m);
  for (std::size_t i = 0; i < saved_methods_max; ++i) {
    time.advance(seconds{1});
    const auto other = saving();
    BOOST_REQUIRE(run(other, as_user(ann)));
    result(effect<call_vault>(), kept("sealed pm_" + std::to_string(i + 2)));
  }
  BOOST_TEST(saved().size() == saved_methods_max);
  BOOST_TEST(code_of(run(saving(), as_user(ann))) == "too_many_payment_methods");
  answer(open_effect::Authorize, kept());
  BOOST_TEST(saved().size() == saved_methods_max);
  BOOST_TEST(effect<call_vault>().sealed_token == "sealed pm_1");
}

BOOST_AUTO_TEST_CASE(a_deletion_is_repeated_until_the_gateway_has_answered) {
  const auto id = saved_by_payment();
  effects.clear();
  BOOST_TEST(code_of(run(remove_saved_method{bob, id}, as_user(bob))) == "not_found");
  BOOST_REQUIRE(run(remove_saved_method{ann, id}, as_user(ann)));
  const auto removal = effect<call_vault>();
  BOOST_TEST(removal.customer_id == "cus_1");
  BOOST_TEST(saved().empty());
  BOOST_TEST(operations() == 1);
  // The effect was lost in a crash: the sweep finds the operation.
  BOOST_TEST(sweep() == 0U);
  time.advance(seconds{6});
  BOOST_TEST(sweep() == 1U);
  const auto repeated = effect<call_vault>();
  BOOST_TEST(repeated.sealed_token == removal.sealed_token);
  for (const auto status : {gateway_status::unknown, gateway_status::declined}) {
    result(repeated, {status, "", "timeout"});
    BOOST_TEST(operations() == 1);
    time.advance(seconds{120});
    BOOST_TEST(sweep() == 1U);
    effect<call_vault>();
  }
  result(repeated, done);
  BOOST_TEST(operations() == 0);
  result(repeated, done);  // Answered twice.
  BOOST_TEST(operations() == 0);
}

BOOST_AUTO_TEST_CASE(one_is_saved_without_a_payment) {
  const auto m = saving();
  BOOST_TEST(code_of(run(m, as_user(bob))) == "not_found");
  BOOST_TEST(code_of(run(m)) == "not_found");
  BOOST_REQUIRE(run(m, as_user(ann)));
  const auto request = effect<call_vault>();
  BOOST_TEST(enum_name(request.operation) == "Save");
  BOOST_TEST(request.customer_id.empty());
  BOOST_TEST(saved().empty());
  BOOST_TEST(enum_name(view(m.payment_method_id).status) == "pending");
  // It cannot be used or deleted yet, and a repeat asks for nothing.
  store_instrument with{{system_ids().next_v7()}, order, "card", "", ""};
  with.saved = m.payment_method_id;
  BOOST_TEST(code_of(run(with, as_user(ann))) == "payment_method_unknown");
  BOOST_REQUIRE(run(m, as_user(ann)));
  BOOST_TEST(effects.empty());
  BOOST_TEST(operations() == 1);

  gateway_answer unknown{gateway_status::unknown, "", "timeout"};
  unknown.customer_id = "cus_1";
  result(request, unknown);
  time.advance(seconds{10});
  BOOST_TEST(sweep() == 1U);
  const auto again = effect<call_vault>();
  BOOST_TEST(again.customer_id == "cus_1");
  result(again, kept());
  BOOST_TEST(enum_name(view(m.payment_method_id).status) == "active");
  BOOST_TEST(view(m.payment_method_id).is_default);
  BOOST_TEST(operations() == 0);
  // The answer to the first request comes late: nothing is removed.
  result(request, kept());
  BOOST_TEST(saved().size() == 1U);
  BOOST_TEST(effects.empty());
  // Deleted: a late answer removes what the gateway keeps again.
  BOOST_REQUIRE(run(remove_saved_method{ann, m.payment_method_id}, as_user(ann)));
  result(effect<call_vault>(), done);
  result(request, kept());
  BOOST_TEST(enum_name(effect<call_vault>().operation) == "Remove");
}

BOOST_AUTO_TEST_CASE(operations_of_a_gateway_that_does_not_answer_are_bounded) {
  for (std::size_t i = 0; i < saved_methods_max; ++i) {
    time.advance(seconds{1});
    BOOST_REQUIRE(run(saving(), as_user(ann)));
  }
  BOOST_TEST(code_of(run(saving(), as_user(ann))) == "too_many_payment_methods");
  BOOST_TEST(operations() == static_cast<std::int64_t>(saved_methods_max));
  // A checkout makes room: what it has replaced is removed when it is answered.
  const auto replaced = effects.front().as<call_vault>();
  effects.clear();
  pay(wish());
  result(replaced, kept());
  BOOST_TEST(enum_name(effect<call_vault>().operation) == "Remove");
}

BOOST_AUTO_TEST_CASE(a_declined_one_says_why) {
  const auto m = saving();
  BOOST_REQUIRE(run(m, as_user(ann)));
  gateway_answer no{gateway_status::declined, "", "card_declined"};
  no.customer_id = "cus_1";
  result(effect<call_vault>(), no);
  BOOST_TEST(enum_name(view(m.payment_method_id).status) == "declined");
  BOOST_TEST(view(m.payment_method_id).failure_code.value() == "card_declined");
  BOOST_TEST(saved().empty());
  BOOST_TEST(operations() == 0);
  BOOST_TEST(customers() == 1);
  time.advance(options.instrument_ttl + seconds{1});
  BOOST_TEST(clean_up() >= 1U);
  BOOST_TEST(code_of(read(get_saved_method{m.payment_method_id}, as_user(ann))) == "not_found");
}

BOOST_AUTO_TEST_CASE(one_that_is_not_saved_in_time_is_removed) {
  const auto m = saving();
  BOOST_REQUIRE(run(m, as_user(ann)));
  effects.clear();
  time.advance(options.instrument_ttl + seconds{1});
  BOOST_TEST(sweep() == 1U);
  const auto removal = effect<call_vault>();
  BOOST_TEST(enum_name(removal.operation) == "Remove");
  result(removal, done);
  BOOST_TEST(operations() == 0);
}

BOOST_AUTO_TEST_CASE(a_deleted_account_is_deleted_at_the_gateway) {
  saved_by_payment();
  effects.clear();
  BOOST_REQUIRE(!apply(user::user_deleted{ann}));
  BOOST_TEST(number("SELECT count(*) FROM saved_payment_methods") == 0);
  const auto removal = effect<delete_customer>();
  BOOST_TEST(removal.customer_id == "cus_1");
  time.advance(seconds{6});
  BOOST_TEST(sweep() == 1U);
  effect<delete_customer>();
  result(removal, {gateway_status::unknown, "", "timeout"});
  BOOST_TEST(removing() == 1);
  result(removal, done);
  BOOST_TEST(customers() == 0);
  BOOST_REQUIRE(!apply(user::user_deleted{ann}));
  BOOST_TEST(effects.empty());
}

BOOST_AUTO_TEST_CASE(a_customer_that_is_reported_after_the_account_was_deleted_is_deleted) {
  const auto m = wish();
  pay(m);
  BOOST_REQUIRE(!apply(user::user_deleted{ann}));
  const auto unknown = effect<delete_customer>();
  BOOST_TEST(unknown.customer_id.empty());
  answer(open_effect::Authorize, kept());
  BOOST_TEST(saved().empty());
  BOOST_TEST(removing() == 1);
  // The answer about the customer that was not known yet does not end it.
  result(unknown, done);
  BOOST_TEST(removing() == 1);
  delete_customer removal{ann, "stripe", "cus_1"};
  result(removal, done);
  BOOST_TEST(customers() == 0);
  // So does one that is reported when all was deleted.
  const auto late = saving();
  result({late.payment_method_id, ann, method_operation::Save, "stripe", "", ""}, kept());
  BOOST_TEST(removing() == 1);
  BOOST_TEST(operations() >= 1);
}

BOOST_AUTO_TEST_CASE(a_replaced_customer_is_stored) {
  saved_by_payment();
  auto next = wish();
  next.order_id = {system_ids().next_v7()};
  pay(next);
  auto replaced = kept("sealed pm_2");
  replaced.customer_id = "cus_2";
  const auto payment = read(get_order_payments{next.order_id}).value().data.at(0).payment_id;
  const auto key = read(get_payment{payment}, as_system()).value().attempts.back().key;
  BOOST_REQUIRE(run(gateway_result{payment, next.order_id, open_effect::Authorize, key, replaced},
                    as_system()));
  BOOST_TEST(saved().size() == 2U);
  BOOST_TEST(number("SELECT count(*) FROM gateway_customers WHERE customer_id='cus_2'") == 1);
  BOOST_TEST(removing() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
