// The kernel's tables in Redis: partitions that fence, the outbox, the inbox, answers, dead
// letters.

#include "storage/kernel/expiry.hpp"
#include "storage/kernel/kernel_store.hpp"
#include "storage/kernel/operator_action.hpp"
#include "storage/kernel/partition_store.hpp"
#include "tests/support/idempotency.hpp"
#include "tests/support/redis_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::kernel;
using db::error_kind;
using db::params;
using test::error_kind_of;
using test::error_of;

namespace {

// As the writer and the relay have them.
const db::sql read_outbox{"read outbox", ""};
const db::sql delete_outbox{"delete outbox", ""};

struct fixture : test::redis_fixture {
  using row_values = std::vector<std::vector<db::value>>;

  static row_values rows(db::connection& c, const db::sql& what, std::vector<db::value> values) {
    row_values found;
    c.query({&what, std::move(values)}, [&](db::row r) { found.emplace_back(r.begin(), r.end()); });
    return found;
  }
  template <class R>
  static db::statement insert(const R& record) {
    std::vector<db::value> values;
    db::write_record(record, values);
    return {&db::statements_of<R>().insert, std::move(values)};
  }
  static std::vector<std::int64_t> outbox_seqs(db::connection& c, std::int64_t after,
                                               std::int64_t most) {
    std::vector<std::int64_t> seqs;
    for (auto& r : rows(c, read_outbox, params(std::int64_t{0}, after, most))) {
      seqs.push_back(db::read_record<outbox_row>(r).seq);
    }
    return seqs;
  }
  static void run(db::connection& c, std::vector<db::statement> statements) {
    c.begin();
    try {
      c.execute_and_commit(statements, [] {});
    } catch (...) {
      c.rollback();
      throw;
    }
  }
  template <auto Member, class V>
  static bool has(db::connection& c, const V& v) {
    return !rows(c, db::select_by<Member>(), params(v)).empty();
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(redis_kernel, fixture)

BOOST_AUTO_TEST_CASE(a_partition_has_one_owner_and_fences_the_others) {
  if (!ready()) return;
  auto c = open();
  ask({"DEL", "{stoa:cart}:partitions"});
  BOOST_TEST(make_partitions(*c, 2) == 2);
  BOOST_TEST(make_partitions(*c, 3) == 2);  // Those that are there stay.
  auto mine = take_partition(*c, 0, 0, "node-1");
  BOOST_REQUIRE(mine.has_value());
  BOOST_TEST(mine->epoch == 1);
  BOOST_TEST(!take_partition(*c, 0, 0, "node-2").has_value());
  BOOST_TEST(!take_partition(*c, 7, 0, "node-2").has_value());
  mine->last_seq = 42;
  mine->batches = 1;
  run(*c, {save_partition(*mine)});
  auto other = open();
  auto theirs = take_partition(*other, 0, 1, "node-2");
  BOOST_REQUIRE(theirs.has_value());
  BOOST_TEST(theirs->last_seq == 42);
  BOOST_TEST(theirs->batches == 1);
  // The first owner's batch comes too late: nothing of it is kept.
  const auto cart = new_cart();
  const auto late = error_of([&] { run(*c, {insert(cart), save_partition(*mine)}); });
  BOOST_REQUIRE(late.has_value());
  BOOST_TEST(partition_lost(*late));
  BOOST_TEST(ask({"EXISTS", key_of(cart.cart_id)}).integer == 0);
  // Epoch 1 is not the beginning of epoch 12.
  while (theirs->epoch < 12) theirs = take_partition(*other, 0, theirs->epoch, "node-2");
  BOOST_TEST((error_kind_of([&] { run(*c, {save_partition(*mine)}); }) == error_kind::stale));
  release_partition(*c, *mine);
  BOOST_TEST(read_partitions(*c)[0].owner == "node-2");
  release_partition(*other, *theirs);
  const auto partitions = read_partitions(*c);
  BOOST_REQUIRE(partitions.size() == 2u);
  BOOST_TEST(partitions[0].owner.empty());
  BOOST_TEST(partitions[0].epoch == 12);
  BOOST_TEST(partitions[0].last_seq == 42);
  BOOST_TEST(partitions[0].batches == 1);
  BOOST_TEST(partitions[0].beat == 13);
  BOOST_TEST(partitions[1].partition == 1);
  BOOST_TEST(partitions[1].epoch == 0);
  BOOST_TEST(force_take_partition(*c, 1, "node-1").epoch == 1);
  // The condition is not optional.
  auto lax = save_partition({0, 1, 99, 9});
  lax.must_change_one = false;
  BOOST_TEST((error_kind_of([&] { run(*c, {insert(cart), lax}); }) == error_kind::stale));
  BOOST_TEST(read_partitions(*c)[0].last_seq == 42);
  BOOST_TEST(ask({"EXISTS", key_of(cart.cart_id)}).integer == 0);
}

BOOST_AUTO_TEST_CASE(the_outbox_gives_events_in_their_order) {
  if (!ready()) return;
  auto c = open();
  std::vector<db::statement> all;
  const auto event = [](std::int64_t partition, std::int64_t seq) {
    return insert(
        outbox_row{partition, seq, {system_ids().next_v7()}, "t", {}, "{\"a\":\";\"}", "", {5}});
  };
  for (std::int64_t seq : {3, 1, 2, 4}) all.push_back(event(0, seq));
  all.push_back(event(1, 1));
  run(*c, all);
  BOOST_TEST((outbox_seqs(*c, 0, 10) == std::vector<std::int64_t>{1, 2, 3, 4}));
  BOOST_TEST((outbox_seqs(*c, 1, 2) == std::vector<std::int64_t>{2, 3}));
  BOOST_TEST((error_kind_of([&] { run(*c, {all[0]}); }) == error_kind::unique));
  run(*c, {{&delete_outbox, params(0, 2, 3)}});
  BOOST_TEST((outbox_seqs(*c, 0, 10) == std::vector<std::int64_t>{1, 4}));
}

BOOST_AUTO_TEST_CASE(the_inbox_knows_events_until_they_may_be_forgotten) {
  if (!ready()) return;
  auto c = open();
  std::vector<inbox_row> events;
  for (std::int64_t seq = 1; seq <= 4; ++seq) {
    events.push_back({{system_ids().next_v7()}, "order/0", seq, {seq * 100}});
    run(*c, {insert(events.back())});
  }
  const auto again = error_of([&] { run(*c, {insert(events[0])}); });
  BOOST_REQUIRE(again.has_value());
  BOOST_TEST((again->kind() == error_kind::unique));
  BOOST_TEST(again->constraint() == "inbox.event_id");
  const auto known = [&](std::size_t i) {
    return has<&inbox_row::event_id>(*c, events[i].event_id);
  };
  const auto forget = [&](const std::string& source, std::int64_t low, std::int64_t before,
                          std::int64_t rows) {
    std::vector<std::int64_t> gone;
    c->query({&expired_inbox.any, params(0, low, rows, source, before)},
             [&](db::row r) { gone.push_back(std::get<std::int64_t>(r[0])); });
    return gone;
  };
  using numbers = std::vector<std::int64_t>;
  // Below the low-water mark and long enough ago: both must hold.
  BOOST_TEST((forget("order/0", 3, 200, 10) == numbers{1}));
  BOOST_TEST(!known(0));
  BOOST_TEST(known(1));
  BOOST_TEST((forget("order/1", 9, 1000, 10) == numbers{}));
  BOOST_TEST((forget("order/0", 4, 1000, 1) == numbers{2}));
  BOOST_TEST((forget("order/0", 3, 1000, 10) == numbers{}));
  BOOST_TEST(!known(1));
  BOOST_TEST(known(2));
  BOOST_TEST(known(3));
  const auto last = [&](const std::string& source) {
    static const db::sql last_applied{"last applied event",
                                      "SELECT max(seq) FROM inbox WHERE source=$1"};
    numbers found;
    c->query({&last_applied, params(source)},
             [&](db::row r) { found.push_back(std::get<std::int64_t>(r[0])); });
    return found;
  };
  BOOST_TEST((last("order/0") == numbers{4}));
  BOOST_TEST((last("order/1") == numbers{}));
  run(*c, {insert(inbox_row{{system_ids().next_v7()}, "order/0", 10, {400}})});
  BOOST_TEST((last("order/0") == numbers{10}));
}

/// Events that the producer's database has lost have higher numbers than those that follow.
BOOST_AUTO_TEST_CASE(old_inbox_rows_that_stay_do_not_keep_later_ones) {
  if (!ready()) return;
  constexpr std::int64_t lost = 50;
  constexpr std::int64_t kept_from = 1000;
  auto c = open();
  std::vector<stoa::event_id> ids;
  const auto add = [&](std::int64_t seq, std::int64_t at) {
    ids.push_back({system_ids().next_v7()});
    run(*c, {insert(inbox_row{ids.back(), "order/0", seq, {at}})});
  };
  for (std::int64_t i = 0; i < lost; ++i) add(kept_from + i, 100 + i);
  for (std::int64_t seq = 1; seq <= 20; ++seq) add(seq, 1000 + seq);
  const auto forget = [&](std::int64_t low, std::int64_t before) {
    std::int64_t gone = 0;
    c->query({&expired_inbox.any, params(0, low, 3, std::string("order/0"), before)},
             [&](db::row) { ++gone; });
    return gone;
  };
  std::int64_t gone = 0;
  for (int i = 0; i < 20; ++i) {
    const auto now = forget(18, 5000);
    BOOST_TEST(now <= 3);
    gone += now;
  }
  BOOST_TEST(gone == 17);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const bool stays = i < lost || i >= lost + 17;
    BOOST_TEST(has<&inbox_row::event_id>(*c, ids[i]) == stays, i);
  }
  // The numbers have been passed.
  gone = 0;
  for (int i = 0; i < 40; ++i) gone += forget(kept_from + lost, 5000);
  BOOST_TEST(gone == lost + 3);
}

BOOST_AUTO_TEST_CASE(the_inbox_tells_the_last_number_beyond_another_of_earlier_ids) {
  if (!ready()) return;
  auto c = open();
  const auto id_at = [](std::uint64_t ms) { return stoa::event_id{make_uuid_v7(ms, 5, 5)}; };
  for (std::int64_t seq = 10; seq <= 20; ++seq) {
    const auto ms = 1'000'000 + seq;
    run(*c,
        {insert(inbox_row{id_at(static_cast<std::uint64_t>(ms)), "order/0", seq, {ms * 1000}})});
  }
  BOOST_TEST(applied_beyond(*c, "order/0", 12, id_at(1'000'018)) == 17);
  BOOST_TEST(applied_beyond(*c, "order/0", 17, id_at(1'000'018)) == 0);
  BOOST_TEST(applied_beyond(*c, "order/0", 9, id_at(2'000'000)) == 20);
  BOOST_TEST(applied_beyond(*c, "order/0", 0, id_at(1'000'000)) == 0);
  BOOST_TEST(applied_beyond(*c, "order/1", 0, id_at(2'000'000)) == 0);
}

BOOST_AUTO_TEST_CASE(first_answers_are_kept_for_their_time) {
  if (!ready()) return;
  auto c = open();
  const idempotency_row row{"user/1 key ;\n", "print", true, "{}", {5}};
  run(*c, {insert(row)});
  BOOST_TEST((error_kind_of([&] { run(*c, {insert(row)}); }) == error_kind::unique));
  const auto found = stoa::test::read_idempotency(*c, row.scope);
  BOOST_REQUIRE(found.has_value());
  BOOST_TEST(found->fingerprint == "print");
  BOOST_TEST(found->ok);
  const auto life = ask({"PTTL", "{stoa:cart}:idempotency:" + row.scope}).integer;
  BOOST_TEST(life > 50'000);
  BOOST_TEST(life <= 60'000);
  c->query({&expired_answers.any, params(0, 1000, 10)}, [](db::row) { BOOST_TEST(false); });
  BOOST_TEST(has<&idempotency_row::scope>(*c, row.scope));
  ask({"PEXPIRE", "{stoa:cart}:idempotency:" + row.scope, "1"});
  std::this_thread::sleep_for(milliseconds{10});
  BOOST_TEST(!stoa::test::read_idempotency(*c, row.scope).has_value());
}

BOOST_AUTO_TEST_CASE(dead_letters_are_listed_changed_and_removed) {
  if (!ready()) return;
  auto c = open();
  std::vector<dead_letter_row> letters;
  for (int i = 0; i < 3; ++i) {
    dead_letter_row row;
    row.event_id = {system_ids().next_v7()};
    row.source = "order/0";
    row.error = "broken";
    letters.push_back(row);
    run(*c, {insert(row)});
  }
  const auto ids = [&](std::optional<stoa::event_id> before, std::size_t most) {
    std::vector<stoa::event_id> found;
    for (const auto& row : list_dead_letters(*c, before, most)) found.push_back(row.event_id);
    return found;
  };
  const std::vector<stoa::event_id> newest_first{letters[2].event_id, letters[1].event_id,
                                                 letters[0].event_id};
  BOOST_TEST((ids(std::nullopt, 10) == newest_first));
  BOOST_TEST(stored_dead_letters(*c) == 3);
  BOOST_TEST((ids(letters[2].event_id, 1) == std::vector{letters[1].event_id}));
  using records = db::unit_of_work<dead_letter_row>;
  const auto change = [&](auto act) {
    records r;
    db::need_list<records> needs(r);
    needs.add<&dead_letter_row::event_id>(letters[1].event_id);
    needs.load(*c);
    act(r.of<dead_letter_row>());
    std::vector<db::statement> statements;
    r.collect(statements);
    run(*c, std::move(statements));
  };
  change([&](auto& set) { set.edit(letters[1].event_id).attempts = 5; });
  BOOST_TEST(list_dead_letters(*c, letters[2].event_id, 1)[0].attempts == 5);
  // Gone before the change of another writer: that one is refused.
  const auto gone = error_kind_of([&] {
    change([&](auto& set) {
      change([&](auto& first) { first.erase(letters[1].event_id); });
      set.edit(letters[1].event_id).attempts = 6;
    });
  });
  BOOST_TEST((gone == error_kind::stale));
  BOOST_TEST(ids(std::nullopt, 10).size() == 2u);
  BOOST_TEST(stored_dead_letters(*c) == 2);
  run(*c, {note_action({system_ids().next_v7(), {}, "system", "discarded", "no use", letters[0]})});
}

BOOST_AUTO_TEST_SUITE_END()
