// Partitions: a writer that has lost its partition cannot commit, concurrent updates of one record
// both count, and the outcome of a commit whose answer was lost is looked up, never guessed.

#include "storage/kernel/partition_store.hpp"
#include "tests/support/service_fixture.hpp"
#include "tests/support/toy_service.hpp"

namespace {

using namespace stoa;
using namespace stoa::test;
using kernel::job;

enum class trouble { none, lost_before_commit, lost_after_commit, overtaken };

/// A connection that loses the commit's answer, as when the server dies at that moment, which a
/// test cannot time.
class troubled_connection final : public db::connection {
 public:
  explicit troubled_connection(db::connection& real) : real_(real) {}
  trouble next = trouble::none;
  std::function<void()> lose;  ///< a further change of the database

  std::string_view dialect() const override { return real_.dialect(); }
  void begin() override { real_.begin(); }
  void begin_read() override { real_.begin_read(); }
  void rollback() noexcept override { real_.rollback(); }
  void query(std::span<const db::statement> statements, const db::row_sink& sink) override {
    real_.query(statements, sink);
  }
  void execute(std::span<const db::statement> statements) override { real_.execute(statements); }
  void run_script(const std::string& text) override { real_.run_script(text); }
  void commit() override {
    switch (std::exchange(next, trouble::none)) {
      case trouble::none:
        return real_.commit();
      case trouble::lost_after_commit:
        real_.commit();
        break;
      case trouble::lost_before_commit:
        real_.rollback();
        if (lose) lose();
        break;
      case trouble::overtaken:
        real_.rollback();
        throw db::error(db::error_kind::conflict, "", "could not serialize access");
    }
    throw db::error(db::error_kind::unknown, "", "the connection was lost");
  }

 private:
  db::connection& real_;
};

using toy_writer = kernel::service_writer<toy_service>;

struct fixture : service_fixture<toy_service> {
  troubled_connection troubled{*database};

  fixture() : service_fixture(toy_service{}) {
    database->run_script(toy_tables_of(*database));
    writer.reset();
  }
  std::unique_ptr<toy_writer> take_over(const std::string& node) {
    kernel::writer_environment e;
    e.time = &time;
    e.owner = node;
    return std::make_unique<toy_writer>(service, troubled, e);
  }
  kernel::answer add(toy_writer& w, std::int64_t by = 1, const std::string& key = "") {
    job j;
    j.message = kernel::any_message::of(add_to{counter(1), "one", by});
    j.context.idempotency_scope = key;
    kernel::answer got;
    int answers = 0;
    j.done = [&](kernel::answer a) {
      got = std::move(a);
      ++answers;
    };
    w.add(std::move(j));
    report = w.flush(256);
    BOOST_TEST(answers == 1);
    return got;
  }
  std::int64_t n() {
    auto r = read(get_count{counter(1)});
    return r ? r->n : 0;
  }
  kernel::partition_row partition() { return kernel::read_partitions(*database).at(0); }

  kernel::batch_report report;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(partition, fixture)

BOOST_AUTO_TEST_CASE(a_writer_that_lost_its_partition_changes_nothing_and_says_so) {
  auto first = take_over("first");
  BOOST_TEST(!add(*first).error);
  auto second = take_over("second");
  auto refused = add(*first);
  BOOST_TEST(report.partition_lost);
  BOOST_REQUIRE(refused.error);
  BOOST_TEST(is_transient(*refused.error));
  BOOST_TEST(n() == 1);
  BOOST_TEST(number("SELECT count(*) FROM outbox") == 1);
  BOOST_TEST(!add(*second).error);
  BOOST_TEST(n() == 2);
  BOOST_TEST(partition().owner == "second");
}

BOOST_AUTO_TEST_CASE(the_next_owner_continues_the_numbering) {
  auto first = take_over("first");
  add(*first);
  add(*first);
  auto second = take_over("second");
  add(*second);
  BOOST_TEST(report.events.size() == 1U);
  BOOST_TEST(report.events.at(0)->seq == 3);
  BOOST_TEST(partition().batches == 3);
}

BOOST_AUTO_TEST_CASE(a_commit_that_happened_although_its_answer_was_lost_counts_once) {
  auto w = take_over("node");
  troubled.next = trouble::lost_after_commit;
  auto a = add(*w, 5, "key");
  BOOST_TEST(!a.error);
  BOOST_TEST(n() == 5);
  BOOST_TEST(report.events.size() == 1U);  // The relay receives it.
  BOOST_TEST(add(*w, 5, "key").replayed);
  BOOST_TEST(n() == 5);
}

BOOST_AUTO_TEST_CASE(a_commit_that_did_not_happen_is_done_again) {
  auto w = take_over("node");
  troubled.next = trouble::lost_before_commit;
  BOOST_TEST(!add(*w, 5, "key").error);
  BOOST_TEST(report.retries == 1U);
  BOOST_TEST(n() == 5);
  BOOST_TEST(number("SELECT count(*) FROM outbox") == 1);
}

BOOST_AUTO_TEST_CASE(a_lost_commit_of_a_lost_partition_is_not_claimed) {
  auto first = take_over("first");
  add(*first);
  auto second = take_over("second");
  add(*second);
  troubled.next = trouble::lost_before_commit;
  auto a = add(*first);
  BOOST_TEST(report.partition_lost);
  BOOST_TEST(is_transient(*a.error));
  BOOST_TEST(n() == 2);
}

BOOST_AUTO_TEST_CASE(a_database_that_has_lost_commits_of_the_partition_ends_its_writer) {
  auto w = take_over("node");
  for (int i = 0; i < 3; ++i) add(*w);
  // A failover to a lagging replica, as seen by a writer still connected to the same address: the
  // same epoch, fewer batches.
  database->run_script(
      "UPDATE partition SET batches=1, last_seq=1; UPDATE counters SET n=1;"
      "DELETE FROM outbox WHERE seq>1");
  auto refused = add(*w);
  BOOST_TEST(report.partition_lost);
  BOOST_TEST(report.database_regressed);
  BOOST_TEST(is_transient(*refused.error));
  BOOST_TEST(n() == 1);
  auto next = take_over("node");
  BOOST_TEST(!add(*next).error);
  BOOST_TEST(!report.partition_lost);
  BOOST_TEST(n() == 2);
  BOOST_TEST(report.events.at(0)->seq == 2);
  // A partition taken over by another node is not a loss.
  auto other = take_over("other");
  add(*next);
  BOOST_TEST(report.partition_lost);
  BOOST_TEST(!report.database_regressed);
}

BOOST_AUTO_TEST_CASE(a_commit_of_unknown_outcome_in_a_database_that_went_back_is_not_repeated) {
  auto w = take_over("node");
  for (int i = 0; i < 3; ++i) add(*w);
  troubled.next = trouble::lost_before_commit;
  troubled.lose = [&] {
    database->run_script(
        "UPDATE partition SET batches=1, last_seq=1; UPDATE counters SET n=1;"
        "DELETE FROM outbox WHERE seq>1");
  };
  BOOST_TEST(is_transient(*add(*w).error));
  BOOST_TEST(report.partition_lost);
  BOOST_TEST(report.database_regressed);
  BOOST_TEST(n() == 1);
}

BOOST_AUTO_TEST_CASE(what_another_transaction_got_in_between_is_run_again) {
  auto w = take_over("node");
  troubled.next = trouble::overtaken;
  BOOST_TEST(!add(*w).error);
  BOOST_TEST(report.retries == 1U);
  BOOST_TEST(n() == 1);
}

BOOST_AUTO_TEST_CASE(a_heartbeat_is_stored_in_the_partition) {
  auto w = take_over("node");
  auto before = partition();
  w->beat(256);
  BOOST_TEST(partition().beat == before.beat + 1);
  BOOST_TEST(partition().epoch == before.epoch);
  w->flush(256);  // Nothing queued: nothing is written.
  BOOST_TEST(partition().beat == before.beat + 1);
}

BOOST_AUTO_TEST_CASE(a_partition_is_taken_by_one_of_those_who_saw_it_free) {
  auto seen = partition().epoch;
  BOOST_TEST(kernel::take_partition(*database, 0, seen, "a").has_value());
  BOOST_TEST(!kernel::take_partition(*database, 0, seen, "b").has_value());
  BOOST_TEST(partition().owner == "a");
}

BOOST_AUTO_TEST_SUITE_END()
