// The comparison of a gateway's records with those of the Payment service.

#include "actors/payment/reconciliation.hpp"

#include "storage/base/json_write.hpp"
#include "storage/base/uuid.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::payment;

namespace {

const timestamp from{1'000'000'000};
const timestamp to{2'000'000'000};
const timestamp within{1'500'000'000};
const timestamp later{2'000'000'001};

struct pair_of_books {
  reconciliation both{"stripe", from, to};
  stoa::payment_id id{system_ids().next_v7()};
  stoa::refund_id refund_id{system_ids().next_v7()};

  recorded_payment ours(payment_status status = payment_status::Completed,
                        std::int64_t amount = 1000) const {
    return {id, {}, "pi_1", status, {amount, "EUR"}, false};
  }
  gateway_payment theirs(gateway_payment_status status = gateway_payment_status::captured,
                         std::int64_t amount = 1000, timestamp created = within) const {
    return {"pi_1", id.str(), {amount, "EUR"}, status, created};
  }
  recorded_refund our_refund(refund_status status = refund_status::Succeeded) const {
    return {refund_id, id, status == refund_status::Pending ? "" : "re_1", status, {300, "EUR"}};
  }
  gateway_refund their_refund(
      gateway_refund_status status = gateway_refund_status::succeeded) const {
    return {"re_1", "refund:" + refund_id.str(), id.str(), "pi_1", {300, "EUR"}, status, "",
            within};
  }
  /// "kind object" of each difference.
  std::string differences() const {
    std::string text;
    for (const auto& d : both.report().differences) {
      text += std::string(enum_name(d.kind)) + " " + std::string(enum_name(d.object)) + "; ";
    }
    return text;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(reconciling, pair_of_books)

BOOST_AUTO_TEST_CASE(equal_books_have_no_difference) {
  both.add_theirs(std::vector{theirs()});
  both.add_theirs(std::vector{their_refund()});
  both.add_ours(std::vector{ours(payment_status::PartiallyRefunded)});
  both.add_ours(std::vector{our_refund()});
  BOOST_TEST(both.unknown().empty());
  const auto report = both.report();
  BOOST_TEST(report.difference_count == 0, json::write(report));
  BOOST_TEST(report.here.payments == 1);
  BOOST_TEST(report.at_gateway.payments == 1);
  BOOST_TEST(json::write(report.here) == json::write(report.at_gateway));
  BOOST_TEST(report.here.refunded.at(0).amount == 300);
}

BOOST_AUTO_TEST_CASE(a_charge_that_is_not_recorded_is_missing_here) {
  both.add_theirs(std::vector{theirs()});
  both.add_theirs(std::vector{their_refund()});
  const auto queries = both.unknown();
  BOOST_REQUIRE(queries.size() == 1u);
  BOOST_TEST(queries[0].payment_ids.size() == 1u);
  both.add_others({});
  BOOST_TEST(differences() == "missing_here payment; missing_here refund; ");
}

BOOST_AUTO_TEST_CASE(a_payment_that_the_gateway_does_not_have_is_missing_there) {
  both.add_ours(std::vector{ours()});
  both.add_ours(std::vector{our_refund()});
  BOOST_TEST(differences() == "missing_at_gateway payment; missing_at_gateway refund; ");
}

BOOST_AUTO_TEST_CASE(amounts_and_statuses_differ) {
  both.add_ours(std::vector{ours()});
  both.add_theirs(std::vector{theirs(gateway_payment_status::captured, 999)});
  BOOST_TEST(differences() == "amount_differs payment; ");
  const auto d = both.report().differences.at(0);
  BOOST_TEST(d.here->amount.amount == 1000);
  BOOST_TEST(d.at_gateway->amount.amount == 999);
  BOOST_TEST(d.payment_id.value() == id.str());
}

BOOST_AUTO_TEST_CASE(a_status_differs_unless_an_operation_is_open) {
  both.add_theirs(std::vector{theirs(gateway_payment_status::authorized)});
  auto record = ours();
  record.in_progress = true;
  auto other = both;
  both.add_ours(std::vector{record});
  BOOST_TEST(differences() == "");
  BOOST_TEST(both.report().in_progress == 1);
  other.add_ours(std::vector{ours()});
  both = other;
  BOOST_TEST(differences() == "status_differs payment; ");
}

BOOST_AUTO_TEST_CASE(money_for_a_failed_payment_is_found) {
  both.add_ours(std::vector{ours(payment_status::Failed)});
  auto other = both;
  both.add_theirs(std::vector{theirs(gateway_payment_status::none)});
  BOOST_TEST(differences() == "");
  other.add_theirs(std::vector{theirs()});
  both = other;
  BOOST_TEST(differences() == "status_differs payment; ");
}

BOOST_AUTO_TEST_CASE(a_second_charge_of_a_payment_is_missing_here) {
  both.add_ours(std::vector{ours()});
  auto second = theirs();
  second.transaction_id = "pi_2";
  auto abandoned = theirs(gateway_payment_status::open);
  abandoned.transaction_id = "pi_3";
  both.add_theirs(std::vector{theirs(), second, abandoned});
  BOOST_TEST(differences() == "missing_here payment; ");
  BOOST_TEST(both.report().differences.at(0).transaction_id.value() == "pi_2");
}

// As PayPal lists them: the authorisation, then its capture as a separate transaction.
BOOST_AUTO_TEST_CASE(a_capture_that_is_listed_apart_belongs_to_its_payment) {
  auto recorded = ours();
  recorded.capture_id = "C1";
  auto held = theirs(gateway_payment_status::authorized);
  auto captured = theirs();
  captured.transaction_id = "C1";
  both.add_ours(std::vector{recorded});
  both.add_theirs(std::vector{captured, held});
  BOOST_TEST(differences() == "");
  BOOST_TEST(both.report().at_gateway.payments == 1);
  captured.transaction_id = "C2";
  both.add_theirs(std::vector{captured});
  BOOST_TEST(differences() == "missing_here payment; ");
}

BOOST_AUTO_TEST_CASE(a_separate_capture_may_be_in_a_later_period) {
  auto recorded = ours();
  recorded.capture_id = "C1";
  both.add_ours(std::vector{recorded});
  both.add_theirs(std::vector{theirs(gateway_payment_status::authorized)});
  BOOST_TEST(differences() == "");
}

BOOST_AUTO_TEST_CASE(an_authorisation_without_a_known_id_is_that_of_its_payment) {
  auto held = theirs(gateway_payment_status::authorized);
  held.transaction_id.clear();
  both.add_ours(std::vector{ours(payment_status::Authorized)});
  both.add_theirs(std::vector{held});
  BOOST_TEST(differences() == "");
}

BOOST_AUTO_TEST_CASE(a_refund_without_a_key_may_be_the_one_in_progress) {
  auto recorded = ours();
  recorded.in_progress = true;
  auto refunded = their_refund();
  refunded.key.clear();
  both.add_ours(std::vector{recorded});
  both.add_theirs(std::vector{theirs()});
  both.add_theirs(std::vector{refunded});
  BOOST_TEST(differences() == "");
}

BOOST_AUTO_TEST_CASE(records_just_after_the_period_belong_to_its_payments) {
  both.add_ours(std::vector{ours()});
  auto stray = theirs(gateway_payment_status::captured, 5, later);
  stray.payment_id = stoa::payment_id{system_ids().next_v7()}.str();
  stray.transaction_id = "pi_9";
  both.add_theirs(std::vector{theirs(gateway_payment_status::captured, 1000, later), stray});
  BOOST_TEST(differences() == "");
  // Neither is in the gateway's totals of the period.
  BOOST_TEST(both.report().at_gateway.payments == 0);
}

BOOST_AUTO_TEST_CASE(a_payment_from_before_the_period_is_looked_up) {
  both.add_theirs(std::vector{their_refund()});
  const auto queries = both.unknown();
  BOOST_REQUIRE(queries.size() == 1u);
  both.add_others({{ours(payment_status::Completed)}, {our_refund(refund_status::Declined)}});
  BOOST_TEST(differences() == "status_differs refund; ");
  BOOST_TEST(both.report().here.payments == 0);
}

BOOST_AUTO_TEST_CASE(a_refund_made_in_the_dashboard_is_found_by_the_payments_reference) {
  auto manual = their_refund();
  manual.key.clear();
  manual.payment_id.clear();
  both.add_theirs(std::vector{manual});
  const auto queries = both.unknown();
  BOOST_REQUIRE(queries.size() == 1u);
  BOOST_TEST(queries[0].transaction_ids.at(0) == "pi_1");
  both.add_others({{ours()}, {}});
  BOOST_TEST(differences() == "missing_here refund; ");
}

BOOST_AUTO_TEST_CASE(records_of_others_are_counted_only) {
  auto foreign = theirs();
  foreign.payment_id.clear();
  auto refund = their_refund();
  refund.payment_id = refund.key = "";
  both.add_theirs(std::vector{foreign});
  both.add_theirs(std::vector{refund});
  both.add_others({});
  BOOST_TEST(differences() == "");
  BOOST_TEST(both.report().not_of_this_store == 2);
}

BOOST_AUTO_TEST_CASE(a_refund_that_was_retried_has_failed_once_before) {
  both.add_ours(std::vector{ours(payment_status::PartiallyRefunded)});
  both.add_ours(std::vector{our_refund()});
  auto failed = their_refund(gateway_refund_status::failed);
  failed.transaction_id = "re_0";
  both.add_theirs(std::vector{theirs()});
  both.add_theirs(std::vector{failed, their_refund()});
  BOOST_TEST(differences() == "");
}

BOOST_AUTO_TEST_CASE(lookups_and_listed_differences_are_bounded) {
  std::vector<gateway_payment> many;
  for (int i = 0; i < 1010; ++i) {
    many.push_back(theirs());
    many.back().payment_id = stoa::payment_id{system_ids().next_v7()}.str();
  }
  both.add_theirs(many);
  const auto queries = both.unknown();
  BOOST_TEST(queries.size() == 11u);
  for (const auto& q : queries) BOOST_TEST(q.payment_ids.size() <= get_recorded::ids_max);
  const auto report = both.report();
  BOOST_TEST(report.difference_count == 1010);
  BOOST_TEST(report.differences.size() == reconciliation_view::differences_max);
}

BOOST_AUTO_TEST_SUITE_END()
