// The kernel's own statements, on each database.

#include "storage/kernel/kernel_store.hpp"

#include "tests/support/idempotency.hpp"
#include "tests/support/test_database.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::kernel;

namespace {

struct fixture {
  template <class R>
  void save(const R& record) {
    std::vector<db::value> values;
    db::write_record(record, values);
    c->execute(db::statement{&db::statements_of<R>().insert, std::move(values)});
  }
  static dead_letter_row letter() {
    return {{system_ids().next_v7()},
            "order/0",
            7,
            "order.placed",
            system_ids().next_v7(),
            R"({"a":"\u00e4\n"})",
            "00-1",
            "no \"",
            5,
            {1},
            {2}};
  }

  std::unique_ptr<db::connection> c = test::fresh_database("cart");
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(kernel_store, fixture)

BOOST_AUTO_TEST_CASE(the_first_answer_is_kept_and_no_second_one) {
  idempotency_row first{"order:ann:K1", "f", true, R"({"n":1})", {1'700'000'000'000'000}};
  save(first);
  auto found = stoa::test::read_idempotency(*c, first.scope);
  BOOST_REQUIRE(found);
  BOOST_TEST(json::write(*found) == json::write(first));
  // Keys are compared by bytes, without case folding.
  BOOST_TEST(!stoa::test::read_idempotency(*c, "order:ann:k1"));
  BOOST_TEST(!stoa::test::read_idempotency(*c, "order:ann:K1 "));
  auto second = first;
  second.ok = false;
  BOOST_CHECK_EXCEPTION(save(second), db::error, [](const db::error& e) {
    return e.kind() == db::error_kind::unique && e.constraint() == "idempotency.scope";
  });
}

BOOST_AUTO_TEST_CASE(the_inbox_tells_the_last_number_beyond_another_of_earlier_ids) {
  const auto id_at = [](std::uint64_t ms) { return stoa::event_id{make_uuid_v7(ms, 5, 5)}; };
  for (std::int64_t seq = 10; seq <= 20; ++seq) {
    const auto ms = 1'000'000 + seq;
    save(inbox_row{id_at(static_cast<std::uint64_t>(ms)), "order/0", seq, {ms * 1000}});
  }
  BOOST_TEST(applied_beyond(*c, "order/0", 12, id_at(1'000'018)) == 17);
  BOOST_TEST(applied_beyond(*c, "order/0", 17, id_at(1'000'018)) == 0);
  BOOST_TEST(applied_beyond(*c, "order/0", 9, id_at(2'000'000)) == 20);
  BOOST_TEST(applied_beyond(*c, "order/0", 0, id_at(1'000'000)) == 0);
  BOOST_TEST(applied_beyond(*c, "order/1", 0, id_at(2'000'000)) == 0);
}

BOOST_AUTO_TEST_CASE(a_refusal_is_read_back) {
  save(idempotency_row{"k",
                       "f",
                       false,
                       json::write(stored_rejection{true, conflict("taken", "It is taken.")}),
                       {1}});
  auto found = stoa::test::read_idempotency(*c, "k");
  BOOST_REQUIRE(found);
  BOOST_TEST(stored_problem(*found).code == "taken");
  BOOST_TEST((stored_problem(*found).kind == problem_kind::conflict));
}

BOOST_AUTO_TEST_CASE(dead_letters_are_listed_newest_first) {
  std::vector<dead_letter_row> all{letter(), letter(), letter()};
  for (const auto& l : all) save(l);
  BOOST_TEST(stored_dead_letters(*c) == 3);
  auto found = list_dead_letters(*c, std::nullopt, 2);
  BOOST_REQUIRE(found.size() == 2u);
  BOOST_TEST(json::write(found[0]) == json::write(all[2]));
  BOOST_TEST(json::write(found[1]) == json::write(all[1]));
  found = list_dead_letters(*c, all[1].event_id, 10);
  BOOST_REQUIRE(found.size() == 1u);
  BOOST_TEST(json::write(found[0]) == json::write(all[0]));
}

BOOST_AUTO_TEST_CASE(an_event_is_taken_once) {
  inbox_row taken{{system_ids().next_v7()}, "order/0", 7, {1}};
  save(taken);
  taken.seq = 8;
  BOOST_CHECK_EXCEPTION(save(taken), db::error,
                        [](const db::error& e) { return e.kind() == db::error_kind::unique; });
}

BOOST_AUTO_TEST_SUITE_END()
