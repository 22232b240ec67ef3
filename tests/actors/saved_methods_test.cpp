// Payment methods that users save: only approved ones become visible, whatever happens in between.

#include "storage/payment/payment_store.hpp"
#include "tests/support/payment_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::payment;
using stoa::test::code_of;

namespace {

struct saving : payments {
  const stoa::user_id ann{system_ids().next_v7()};
  const stoa::user_id bob{system_ids().next_v7()};

  store_instrument wish() const {
    store_instrument m{{system_ids().next_v7()}, order, "card", "sealed", "tok_***sa"};
    m.save_as = {{system_ids().next_v7()}};
    m.user_id = ann;
    return m;
  }
  /// The order's payment with the instrument; undecided.
  void pay(stoa::instrument_id id) {
    BOOST_REQUIRE(!apply(catalog::stock_reserved{order, ann, {1299, "EUR"}, id}));
  }
  std::vector<saved_method_view> saved(stoa::user_id user) {
    return read(list_saved_methods{}, as_user(user)).value().data;
  }
  std::int64_t rows() { return number("SELECT count(*) FROM saved_payment_methods"); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(saved_methods, saving)

BOOST_AUTO_TEST_CASE(an_approved_one_is_saved) {
  const auto m = wish();
  BOOST_REQUIRE(run(m, as_user(ann)));
  pay(m.instrument_id);
  BOOST_TEST(saved(ann).empty());
  answer(open_effect::Authorize, paid);
  BOOST_REQUIRE(saved(ann).size() == 1u);
  BOOST_TEST(saved(ann)[0].hint == "tok_***sa");
  BOOST_TEST(saved(ann)[0].is_default);
  BOOST_TEST(saved(bob).empty());
  const auto written = log();
  BOOST_TEST(std::ranges::count(written, "method_saved") == 1);
  // A repeat of the checkout saves no second one.
  BOOST_TEST(run(m, as_user(ann)).has_value());
  BOOST_TEST(rows() == 1);
  // It pays for another order.
  store_instrument later{{system_ids().next_v7()}, {system_ids().next_v7()}, "card", "", ""};
  later.saved = m.save_as;
  BOOST_REQUIRE(run(later, as_user(ann)));
  BOOST_REQUIRE(
      !apply(catalog::stock_reserved{later.order_id, ann, {500, "EUR"}, later.instrument_id}));
  BOOST_TEST(effects.back().as<call_gateway>().sealed_token == "sealed");
  later.instrument_id = {system_ids().next_v7()};
  BOOST_TEST(code_of(run(later, as_user(bob))) == "payment_method_unknown");
  BOOST_TEST(code_of(run(later)) == "payment_method_unknown");
}

BOOST_AUTO_TEST_CASE(a_declined_one_expires) {
  const auto m = wish();
  BOOST_REQUIRE(run(m, as_user(ann)));
  pay(m.instrument_id);
  answer(open_effect::Authorize, refused);
  BOOST_TEST(saved(ann).empty());
  BOOST_TEST(rows() == 1);
  BOOST_TEST(number("SELECT count(*) FROM saved_payment_methods WHERE expires_at IS NULL") == 0);
}

BOOST_AUTO_TEST_CASE(one_that_is_not_saved_yet_pays_nothing) {
  const auto m = wish();
  BOOST_REQUIRE(run(m, as_user(ann)));
  auto other = wish();
  other.save_as.reset();
  other.saved = m.save_as;
  BOOST_TEST(code_of(run(other, as_user(ann))) == "payment_method_unknown");
}

BOOST_AUTO_TEST_CASE(a_deleted_account_saves_nothing) {
  const auto m = wish();
  BOOST_REQUIRE(run(m, as_user(ann)));
  pay(m.instrument_id);
  BOOST_REQUIRE(!apply(user::user_deleted{ann}));
  BOOST_TEST(rows() == 0);
  answer(open_effect::Authorize, paid);
  BOOST_TEST(rows() == 0);
  check(payment_status::Completed, open_effect::None);
}

BOOST_AUTO_TEST_CASE(a_cancelled_order_saves_nothing) {
  const auto m = wish();
  BOOST_REQUIRE(run(m, as_user(ann)));
  pay(m.instrument_id);
  cancel_order();
  answer(open_effect::Authorize, paid);
  BOOST_TEST(saved(ann).empty());
}

BOOST_AUTO_TEST_CASE(undecided_ones_are_bounded_and_make_room) {
  for (std::size_t i = 0; i < saved_methods_max + 5; ++i) {
    time.advance(seconds{1});
    BOOST_REQUIRE(run(wish(), as_user(ann)));
  }
  BOOST_TEST(rows() == static_cast<std::int64_t>(saved_methods_max));
  // Saved for another user than the caller: refused.
  auto theirs = wish();
  theirs.user_id = bob;
  BOOST_TEST(code_of(run(theirs, as_user(ann))) == "validation_failed");
  BOOST_TEST(code_of(run(wish())) == "validation_failed");
}

BOOST_AUTO_TEST_CASE(one_is_saved_without_a_payment) {
  const save_method m{ann, {system_ids().next_v7()}, "card", "sealed", "tok_***sa"};
  BOOST_TEST(code_of(run(m, as_user(bob))) == "not_found");
  const auto made = run(m, as_user(ann));
  BOOST_REQUIRE(made);
  BOOST_TEST(enum_name(made->status) == "active");
  BOOST_TEST(made->is_default);
  BOOST_TEST(run(m, as_user(ann)).has_value());
  BOOST_TEST(saved(ann).size() == 1U);
  BOOST_TEST(effects.empty());
  store_instrument pays{{system_ids().next_v7()}, order, "card", "", ""};
  pays.saved = m.payment_method_id;
  BOOST_REQUIRE(run(pays, as_user(ann)));
  pay(pays.instrument_id);
  BOOST_TEST(call().sealed_token == "sealed");
  // The sandbox keeps nothing: a deletion asks it for nothing.
  BOOST_REQUIRE(run(remove_saved_method{ann, m.payment_method_id}, as_user(ann)));
  BOOST_TEST(effects.empty());
  BOOST_REQUIRE(!apply(user::user_deleted{ann}));
  BOOST_TEST(effects.empty());
}

BOOST_AUTO_TEST_SUITE_END()
