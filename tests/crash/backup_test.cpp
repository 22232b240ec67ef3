// Backups of a store in files while customers buy: each is consistent over all services. The same
// audit detects a backup whose files are from different moments.
//
// STOA_TEST_BACKUPS: how many (3).

#include "tests/support/backups.hpp"
#include "tests/support/shoppers.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <memory>

using namespace stoa::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr int faulty_backups_max = 5;

/// A served store, with customers who buy until the end.
class busy_store {
 public:
  busy_store() {
    load_demo(stoa_binary(), dir_ / "data", 20, 100'000);
    server_options o;
    o.data = dir_ / "data";
    o.settings = short_timeouts();
    stoa_ = std::make_unique<server>(o);
    stoa_->start();
    plan.data = o.data;
    plan.initial = read_stock(o.data);
    plan.work = dir_.path();
    plan.restored = [](int, const auto&) { return short_timeouts(); };
    shopper_options who;
    who.port = stoa_->port();
    for (const auto& [hex, units] : plan.initial) who.products.push_back(uuid_text(hex));
    customers_ = std::make_unique<shoppers>(who);
    customers_->start();
    std::this_thread::sleep_for(milliseconds{500});
  }
  /// Ends the shopping; returns invalid answers to customers and violations in the store.
  std::vector<std::string> close() {
    customers_->finish();
    auto shopping = customers_->take();
    auto found = std::move(shopping.complaints);
    if (!await_quiet(plan.data, seconds{30})) found.emplace_back("work is still open");
    for (auto& v :
         check_store({plan.data, true, true, plan.initial, shopping.reported}).violations) {
      found.push_back(std::move(v));
    }
    return found;
  }

  backup_plan plan;

 private:
  temp_dir dir_;
  std::unique_ptr<server> stoa_;
  std::unique_ptr<shoppers> customers_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(backups)

BOOST_AUTO_TEST_CASE(each_backup_under_load_is_consistent) {
  busy_store store;
  const auto wanted = backups_wanted(3);
  std::int64_t open = 0;
  for (int i = 0; i < wanted; ++i) {
    const auto outcome = back_up_and_audit(store.plan, i);
    for (const auto& v : outcome.violations) BOOST_ERROR("backup " << i << ": " << v);
    BOOST_TEST(outcome.orders > 0);
    open += outcome.open;
    BOOST_TEST_MESSAGE("backup " << i << ": " << outcome.orders << " orders, " << outcome.open
                                 << " effects in progress, writers held for " << outcome.held_ms
                                 << " ms");
  }
  // Otherwise the backups were taken of a store at rest.
  BOOST_TEST(open > 0);
  for (const auto& v : store.close()) BOOST_ERROR(v);
}

BOOST_AUTO_TEST_CASE(files_of_different_moments_are_found) {
  busy_store store;
  store.plan.program = stoa_with_faults();
  store.plan.settings = {{"STOA_FAULT", "cut_between_files"}};
  store.plan.settle = milliseconds{3000};
  std::vector<std::string> found;
  for (int i = 0; i < faulty_backups_max && found.empty(); ++i) {
    found = back_up_and_audit(store.plan, i).violations;
  }
  BOOST_TEST(!found.empty(), "inconsistent backups are not detected");
  if (!found.empty()) BOOST_TEST_MESSAGE("cut_between_files: " << found.front());
}

BOOST_AUTO_TEST_SUITE_END()
