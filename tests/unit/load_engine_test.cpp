// The load generator's engine against a server that answers as the test wants.

#include "bench/report_html.hpp"
#include "bench/scenario.hpp"
#include "storage/base/json_write.hpp"

#include <boost/test/unit_test.hpp>

#include <arpa/inet.h>
#include <atomic>
#include <poll.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

using namespace stoa::bench;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// Answers each request on each connection, in one thread, with 200 or another status. Stalls once.
class small_server {
 public:
  explicit small_server(milliseconds stalls_after = {}, milliseconds stall = {}, int status = 200)
      : stalls_after_(stalls_after), stall_(stall), status_(status) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    BOOST_REQUIRE(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    BOOST_REQUIRE(::listen(listener_, 1024) == 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
  }
  ~small_server() {
    stop_ = true;
    thread_.join();
    ::close(listener_);
  }
  small_server(const small_server&) = delete;
  small_server& operator=(const small_server&) = delete;

  std::uint16_t port() const { return port_; }
  int answered() const { return answered_; }

 private:
  void run() {
    const auto began = load_clock::now();
    std::vector<pollfd> open{{listener_, POLLIN, 0}};
    while (!stop_) {
      if (stall_.count() > 0 && load_clock::now() - began > stalls_after_) {
        std::this_thread::sleep_for(std::exchange(stall_, milliseconds{0}));
      }
      if (::poll(open.data(), open.size(), 20) <= 0) continue;
      for (std::size_t i = 1; i < open.size(); ++i) {
        if (open[i].revents != 0) answer(open[i].fd);
      }
      if (open[0].revents != 0) {
        open.push_back({::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC), POLLIN, 0});
      }
    }
    for (std::size_t i = 1; i < open.size(); ++i) ::close(open[i].fd);
  }
  void answer(int connection) {
    char bytes[65536];
    const auto n = ::recv(connection, bytes, sizeof bytes, MSG_DONTWAIT);
    if (n <= 0) return;
    const std::string_view text(bytes, static_cast<std::size_t>(n));
    for (auto at = text.find("\r\n\r\n"); at != text.npos; at = text.find("\r\n\r\n", at + 4)) {
      const auto out = "HTTP/1.1 " + std::to_string(status_) + " X\r\nContent-Length: 2\r\n\r\nok";
      ::send(connection, out.data(), out.size(), MSG_NOSIGNAL);
      ++answered_;
    }
  }

  const milliseconds stalls_after_;
  milliseconds stall_;
  const int status_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> stop_{false};
  std::atomic<int> answered_{0};
  std::thread thread_;
};

load_plan plan_for(const small_server& server, double rate, int connections) {
  load_plan p;
  p.targets = {server.port()};
  p.rate = rate;
  p.connections = connections;
  p.duration = seconds{1};
  return p;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(load_engine)

BOOST_AUTO_TEST_CASE(an_open_loop_shows_a_stall_that_a_closed_loop_hides) {
  const auto measure = [](double rate, int connections) {
    const small_server server(milliseconds{300}, milliseconds{300});
    return run_load(plan_for(server, rate, connections), get_of("/", 1)).all.all_times();
  };
  // A third of the operations should have begun while the server stalled.
  const auto open = measure(400, 500);
  BOOST_TEST(open.count() == 400);
  BOOST_TEST(open.percentile_ms(0.5) < 100.0);
  BOOST_TEST(open.percentile_ms(0.9) > 150.0);
  BOOST_TEST(open.percentile_ms(0.99) > 250.0);
  // With one connection the delays are of the same operations, as they wait for the connection.
  const auto narrow = measure(400, 1);
  BOOST_TEST(narrow.percentile_ms(0.9) > 150.0);
  const auto closed = measure(0, 1);
  BOOST_TEST(closed.percentile_ms(0.99) < 100.0);
  BOOST_TEST(closed.max_ms() > 250.0);
}

BOOST_AUTO_TEST_CASE(the_rate_is_kept_by_several_threads) {
  const small_server server;
  for (const auto spacing : {arrivals::constant, arrivals::poisson}) {
    auto plan = plan_for(server, 1000, 100);
    plan.threads = 3;
    plan.spacing = spacing;
    plan.warmup = milliseconds{200};
    const auto result = run_load(plan, get_of("/", 1));
    // The number of random arrivals has a standard deviation of 2 per cent.
    const auto allowed = spacing == arrivals::constant ? 0.01 : 0.1;
    BOOST_TEST(result.rate() > 1000 * (1 - allowed));
    BOOST_TEST(result.rate() < 1000 * (1 + allowed));
    BOOST_TEST(result.late == 0u);
    BOOST_TEST(result.all.failed() == 0u);
    BOOST_TEST(result.seconds.size() >= 1u);
  }
}

BOOST_AUTO_TEST_CASE(operations_that_were_not_started_are_reported) {
  const small_server server(milliseconds{200}, milliseconds{1000});
  const auto result = run_load(plan_for(server, 200, 2), get_of("/", 1));
  BOOST_TEST(result.late > 50u);
  load_plan plan = plan_for(server, 200, 2);
  BOOST_TEST(!report_of(plan, result).ok);
}

BOOST_AUTO_TEST_CASE(pipelined_requests_are_all_counted) {
  const small_server server;
  auto plan = plan_for(server, 0, 4);
  plan.duration = milliseconds{500};
  const auto result = run_load(plan, get_of("/", 8));
  BOOST_TEST(result.all.done() > 100u);
  BOOST_TEST(result.all.done() <= static_cast<std::uint64_t>(server.answered()));
  BOOST_TEST(result.all.done() + 64 >= static_cast<std::uint64_t>(server.answered()));
  BOOST_TEST(result.all.failed() == 0u);
}

BOOST_AUTO_TEST_CASE(each_user_runs_one_operation) {
  const small_server server;
  auto plan = plan_for(server, 0, 25);
  plan.once = true;
  const auto result = run_load(plan, get_of("/", 1));
  BOOST_TEST(result.all.done() == 25u);
  BOOST_TEST(server.answered() == 25);
}

BOOST_AUTO_TEST_CASE(an_unexpected_status_is_an_error) {
  const small_server server({}, {}, 503);
  const auto plan = plan_for(server, 100, 10);
  const auto result = run_load(plan, get_of("/", 1));
  BOOST_TEST(result.all.failed() == 100u);
  BOOST_TEST(result.all.errors.at("get: 503") == 100u);
  const auto report = report_of(plan, result);
  BOOST_TEST(!report.ok);
  BOOST_TEST(table_of(report).find("error: get: 503: 100") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(no_server_is_an_error) {
  std::uint16_t port = 0;
  {
    const small_server gone;
    port = gone.port();
  }
  load_plan plan;
  plan.targets = {port};
  plan.rate = 50;
  plan.duration = seconds{1};
  const auto result = run_load(plan, get_of("/", 1));
  BOOST_TEST(result.all.failed() == 50u);
  // Many operations that fail at once, one after the other.
  plan.rate = 1'000'000;
  plan.connections = 10;
  plan.duration = milliseconds{500};
  const auto many = run_load(plan, get_of("/", 1));
  BOOST_TEST(many.all.failed() > 1000u);
  BOOST_TEST(many.all.failed() + many.late == 500'000u);
  plan.rate = 0;
  BOOST_TEST(run_load(plan, get_of("/", 1)).all.failed() < 500u);
}

BOOST_AUTO_TEST_CASE(a_report_is_read_again) {
  const small_server server;
  const auto plan = plan_for(server, 100, 10);
  auto report = report_of(plan, run_load(plan, get_of("/", 1)));
  report.audit = audit_report{true, "as it should be"};
  const auto again = read_report(stoa::json::write(report));
  BOOST_REQUIRE(again.has_value());
  BOOST_TEST((*again == report));
  report.format = 2;
  BOOST_TEST(!read_report(stoa::json::write(report)).has_value());
  BOOST_TEST(!read_report("{}").has_value());
}

BOOST_AUTO_TEST_CASE(a_page_shows_any_report) {
  run_report empty;
  run_report strange;
  strange.scenario = "<script>alert(1)</script>";
  strange.errors["\"a\" & <b>"] = 1;
  strange.samples = {"</pre><img src=x>"};
  strange.operations["<i>"].histogram = "not a histogram";
  strange.series.resize(3);
  strange.audit = audit_report{false, "<u>"};
  for (const auto& runs : {std::vector{empty}, std::vector{strange}, std::vector{empty, strange}}) {
    const auto page = html_of(runs);
    for (const char* bad : {"<script>", "<img", "<b>", "<i>", "<u>", "nan", "inf\""}) {
      BOOST_TEST(page.find(bad) == std::string::npos, bad);
    }
    BOOST_TEST(page.ends_with("</html>\n"));
  }
}

BOOST_AUTO_TEST_CASE(parts_are_merged_without_loss) {
  const small_server server;
  const auto plan = plan_for(server, 200, 10);
  std::vector<run_report> parts;
  histogram sum;
  for (int i = 0; i < 2; ++i) {
    const auto result = run_load(plan, get_of("/", 1));
    sum.add(result.all.all_times());
    parts.push_back(report_of(plan, result));
    parts.back().facts["orders confirmed"] = 3;
    parts.back().errors["x"] = 1;
  }
  const auto whole = merged(parts);
  BOOST_TEST(whole.all.count == 400);
  BOOST_TEST(whole.all.histogram == sum.encoded());
  BOOST_TEST(whole.operations.at("get").histogram == sum.encoded());
  BOOST_TEST(whole.facts.at("orders confirmed") == 6);
  BOOST_TEST(whole.errors.at("x") == 2);
  BOOST_TEST(whole.rate == 400.0);
  BOOST_TEST(whole.series.front().per_second ==
             parts[0].series.front().per_second + parts[1].series.front().per_second);
  parts.back().all.histogram.clear();
  parts.back().operations.at("get").histogram = "damaged";
  BOOST_CHECK_THROW(merged(parts), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(popular_items_are_chosen_by_their_rank) {
  const zipf popular(1000, false);
  std::mt19937_64 random(1);
  std::vector<int> picked(1000);
  for (int i = 0; i < 100'000; ++i) ++picked[popular.pick(random)];
  // The sum of 1/n to 1000 is 7.49.
  BOOST_TEST(picked[0] > 12'500);
  BOOST_TEST(picked[0] < 14'200);
  BOOST_TEST(picked[9] > 1100);
  BOOST_TEST(picked[9] < 1600);
}

BOOST_AUTO_TEST_SUITE_END()
