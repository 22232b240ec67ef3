// Proves the checker of the crash test: a program with a planted mistake is found out, each time by
// the same customers and the same checks; the same program without it is not.

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

/// A planted mistake, and what must be found of it. What is merely still under way when the time to
/// settle is over does not count as found, unless the mistake is just that.
struct planted {
  const char* fault;
  const char* finding;
  int kills = 0;     ///< how often the process must die for it to show
  int stock = 1000;  ///< of each product; little of it makes sold out ones
};

constexpr planted all_faults[] = {
    // An event that comes twice acts twice.
    {"skip_inbox", "made more than once", 6},
    // An event lives in memory only.
    {"drop_outbox", "still Pending", 3},
    {"skip_idempotency", "the repeat of a checkout"},
    {"answer_long_before_commit", "acknowledged", 4},
    {"lose:inventory", "what was sold and what is left", 0, 6},
    {"lose:reservations", "stock is still reserved"},
    // Confirmed, but the stock stays reserved.
    {"forget:catalog:order.confirmed", "a reservation is still active"},
    // Cancelled, but the stock stays reserved.
    {"forget:catalog:order.cancelled", "a reservation is still active"},
    // Asks the bank again as if for the first time.
    {"charge_new_key", "charged more than once"},
    {"forget:payment:order.cancelled", "money is not refunded"},
    // Takes the bank's silence for a no.
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

/// The first that tells of the fault, or "".
std::string finding_in(const planted& p, const std::vector<std::string>& violations) {
  if (!p.finding[0]) return "";
  const auto found = std::find_if(violations.begin(), violations.end(), [&](const auto& v) {
    return v.find(p.finding) != std::string::npos;
  });
  return found == violations.end() ? "" : *found;
}

/// A store under one planted fault, opened for as many rounds of shopping as it takes.
class faulty_store {
 public:
  explicit faulty_store(const planted& p)
      : planted_(p), data_(make_data(folder_, p.stock)), server_(options(data_, p.fault)) {
    server_.start();
    check_ = {data_, true, true, read_stock(data_), {}};
  }

  /// Lets customers shop for a while, with the kills in between; what is wrong afterwards.
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
    for (auto& t : shopping.told) check_.told.push_back(std::move(t));
    std::vector<std::string> found;
    for (const auto& c : shopping.complaints) found.push_back("a customer's complaint: " + c);
    // These are true at once; all else is only when the store has had time to settle.
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
    o.settings = hasty_settings();
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
  BOOST_TEST(!finding.empty(), "the checker has not noticed " << fault.fault);
  BOOST_TEST_MESSAGE(fault.fault << ": " << finding);
}

BOOST_AUTO_TEST_SUITE_END()
