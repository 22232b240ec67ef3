// Proves the checker of the crash test: it detects a program with a planted fault, and reports
// nothing without the fault, with the same customers and checks.

#include "tests/support/server.hpp"
#include "tests/support/shoppers.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdlib>
#include <iostream>

using namespace stoa::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// A planted fault and the violation that it must cause. Work that is merely unfinished at the end
/// of the settle time does not count, unless the fault is exactly that.
struct planted {
  const char* fault;
  const char* finding;
  int kills = 0;     ///< process kills needed for it to show
  int stock = 1000;  ///< of each product; a low value causes sold-out products
};

constexpr planted all_faults[] = {
    // Duplicate events are applied twice.
    {"skip_inbox", "created more than once", 6},
    // Events are in memory only.
    {"drop_outbox", "still Pending", 3},
    {"skip_idempotency", "the repeat of a checkout"},
    {"answer_long_before_commit", "acknowledged", 4},
    {"lose:inventory", "units sold and left", 0, 6},
    // The writer has them in memory until it is killed.
    {"lose:reservations", "stock is still reserved", 6},
    // Confirmed, but the stock stays reserved.
    {"forget:catalog:order.confirmed", "a reservation is still active"},
    // Cancelled, but the stock stays reserved.
    {"forget:catalog:order.cancelled", "a reservation is still active"},
    // Retries at the bank under a new key.
    {"charge_new_key", "charged more than once"},
    {"forget:payment:order.cancelled", "money is not refunded"},
    // Treats a timeout of the bank as a decline.
    {"fail_on_timeout", "the card was declined with tok_timeoutPaid"},
    {"forget:notification:order.confirmed", "a notification is missing"},
    {"mail_twice", "a mail was sent more than once"},
    {"raise:orders:subtotal", "not the sum of its parts"},
};

constexpr int rounds_max = 5;
constexpr milliseconds settle{3000};

std::ostream& operator<<(std::ostream& out, const planted& p) {
  return out << p.fault;
}

/// The first violation caused by the fault, or "".
std::string finding_in(const planted& p, const std::vector<std::string>& violations) {
  if (!p.finding[0]) return "";
  const auto found = std::find_if(violations.begin(), violations.end(), [&](const auto& v) {
    return v.find(p.finding) != std::string::npos;
  });
  return found == violations.end() ? "" : *found;
}

/// A store with one planted fault, opened for as many rounds of shopping as needed.
class faulty_store {
 public:
  explicit faulty_store(const planted& p)
      : planted_(p), data_(make_data(folder_, p.stock)), server_(options(data_, p.fault)) {
    server_.start();
    check_ = {data_, true, true, read_stock(data_), {}};
  }

  /// Customers shop for a while, with the kills in between; returns the violations.
  std::vector<std::string> round(milliseconds limit) {
    shopper_options o;
    o.port = server_.port();
    o.seed = static_cast<std::uint64_t>(++rounds_);
    o.patience = planted_.fault[0] ? milliseconds{4000} : milliseconds{60'000};
    o.silent_paid_percent = 15;
    o.cancel_percent = 20;
    for (const auto& [hex, units] : check_.initial) o.products.push_back(uuid_text(hex));
    shoppers customers(o);
    customers.start();
    std::this_thread::sleep_for(milliseconds{600});
    for (int i = 0; i < planted_.kills; ++i) {
      std::this_thread::sleep_for(milliseconds{250});
      server_.kill();
      server_.start();
    }
    customers.finish();
    auto shopping = customers.take();
    for (auto& t : shopping.reported) check_.reported.push_back(std::move(t));
    std::vector<std::string> found;
    for (const auto& c : shopping.complaints) found.push_back("invalid answer to a customer: " + c);
    // These hold at any time; the others only after the store has settled.
    if (!finding_in(planted_, found).empty()) return found;
    await_quiet(data_, limit);
    for (auto& v : check_store(check_).violations) found.push_back(std::move(v));
    return found;
  }

 private:
  static std::filesystem::path make_data(const temp_dir& folder, int stock) {
    load_demo(stoa_with_faults(), folder / "data", 10, stock);
    return folder / "data";
  }
  static server_options options(const std::filesystem::path& data, const std::string& fault) {
    server_options o;
    o.program = stoa_with_faults();
    o.data = data;
    o.settings = short_timeouts();
    o.settings.emplace_back("STOA_FAULT", fault);
    return o;
  }

  const planted planted_;
  temp_dir folder_;
  std::filesystem::path data_;
  server server_;
  check_options check_;
  int rounds_ = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(faults)

BOOST_AUTO_TEST_CASE(without_a_fault_nothing_is_found) {
  faulty_store store({"", "", 5});
  const auto found = store.round(seconds{30});
  BOOST_TEST(found.empty());
  for (const auto& v : found) BOOST_ERROR(v);
}

BOOST_DATA_TEST_CASE(a_planted_fault_is_found, boost::unit_test::data::make(all_faults), fault) {
  faulty_store store(fault);
  std::string finding;
  for (int i = 0; i < rounds_max && finding.empty(); ++i) {
    finding = finding_in(fault, store.round(settle));
  }
  BOOST_TEST(!finding.empty(), "the checker did not detect " << fault.fault);
  BOOST_TEST_MESSAGE(fault.fault << ": " << finding);
}

BOOST_AUTO_TEST_SUITE_END()
