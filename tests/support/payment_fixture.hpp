#pragma once
// The Payment service with a database and without a gateway: tests supply the gateway's answers.

#include "actors/payment/payment_service.hpp"
#include "tests/support/service_fixture.hpp"

namespace stoa::payment {

using stoa::test::as_system;
using stoa::test::as_user;
using stoa::test::status_of;

inline const gateway_answer paid{gateway_status::approved, "ch_1", "", ""};
inline const gateway_answer refused{gateway_status::declined, "", "card_declined",
                                    "The card was declined."};
inline const gateway_answer canceled{gateway_status::declined, "", "canceled", "Canceled."};
inline const gateway_answer silence{gateway_status::unknown, "", "timeout", "No answer."};

struct payments : test::service_fixture<payment_service> {
  explicit payments(payment_options o = {}) : service_fixture(payment_service(o)), options(o) {}

  const payment_options options;
  const stoa::order_id order{system_ids().next_v7()};

  /// An instrument of the caller for an order.
  stoa::instrument_id stored(kernel::caller who = {}) {
    const stoa::instrument_id id{system_ids().next_v7()};
    BOOST_REQUIRE(run(store_instrument{id, order, "card", "sealed", "tok_***2C"}, who));
    return id;
  }
  catalog::stock_reserved reserved(std::int64_t amount = 1299) {
    return {order, std::nullopt, {amount, "EUR"}, stored()};
  }
  void reserve(std::int64_t amount = 1299) {
    const auto error = apply(reserved(amount));
    BOOST_REQUIRE(!error);
  }
  std::int64_t instruments() { return number("SELECT count(*) FROM instruments"); }
  void cancel_order(const std::string& code = "customer") {
    order::order_cancelled e;
    e.order.order_id = order;
    e.code = code;
    BOOST_REQUIRE(!apply(e));
  }
  payment_row row() {
    auto found = payments_of();
    BOOST_REQUIRE(found.size() == 1u);
    return read_one(found.front().payment_id);
  }
  std::vector<payment_view> payments_of() { return read(get_order_payments{order}).value().data; }
  payment_row read_one(stoa::payment_id id) {
    payment_row p;
    static const db::sql one{"test payment", "SELECT " + db::column_list<payment_row>() +
                                                 " FROM payments WHERE payment_id=$1"};
    for (auto& found : db::select<payment_row>(*database, one, db::params(id))) p = found;
    return p;
  }
  void answer(open_effect operation, const gateway_answer& a) {
    BOOST_REQUIRE(run(gateway_result{row().payment_id, order, operation, key(), a}, as_system()));
  }
  /// The key of the last attempt.
  std::string key() { return detail().attempts.back().key; }
  payment_detail_view detail() { return read(get_payment{row().payment_id}, as_system()).value(); }
  /// Removes and returns the only pending gateway call.
  call_gateway call() {
    BOOST_REQUIRE(effects.size() == 1u);
    auto e = effects.front().as<call_gateway>();
    effects.clear();
    return e;
  }
  std::string last_event() { return events.empty() ? "" : events.back()->type; }
  void check(payment_status status, open_effect effect) {
    auto p = row();
    BOOST_TEST(enum_name(p.status) == enum_name(status));
    BOOST_TEST(enum_name(p.effect) == enum_name(effect));
  }
  std::vector<std::string> log() {
    std::vector<std::string> names;
    auto found = read(get_payment{row().payment_id}, as_system());
    for (const auto& l : found.value().logs) names.push_back(l.event);
    return names;
  }
};

using names = std::vector<std::string>;

}  // namespace stoa::payment
