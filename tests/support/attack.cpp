#include "tests/support/attack.hpp"

#include "tests/support/purchase_requests.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace stoa::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int buyers = 4;
constexpr int readers = 4;
constexpr milliseconds buyer_pause{25};
constexpr milliseconds reader_pause{10};
constexpr int looks = 40;  ///< product requests of one reader
constexpr int tries = 3;
constexpr milliseconds warm_up{300};
constexpr milliseconds first_look{500};

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* given = std::getenv(variable);
  return given ? std::strtoull(given, nullptr, 10) : otherwise;
}

/// Honest clients in one thread.
struct crowd {
  load_loop loop;
  std::uint16_t port = 0;
  std::string product;
  std::string name;
  int* customers = nullptr;
  bool closing = false;
  int busy = 0;
  std::vector<double> latencies_ms;
  honest_figures figures;
};

void leave(crowd& all) {
  if (--all.busy == 0) all.loop.stop();
}

void note(crowd& all, const char* what, load_loop::clock::time_point since, const load_answer& a) {
  const std::chrono::duration<double, std::milli> took = load_loop::clock::now() - since;
  all.latencies_ms.push_back(took.count());
  ++all.figures.answers;
  if (a.status >= 200 && a.status < 300) return;
  ++all.figures.failures;
  if (all.figures.first_failure.empty()) {
    all.figures.first_failure = std::string(what) + ": " + std::to_string(a.status) + " " +
                                std::string(a.body.substr(0, 300));
  }
}

std::uint32_t customer_address(int number) {
  return loopback(100 + number / 250, 1 + number % 250);
}

/// The server may close an idle connection; the request is then repeated once on a new one, as HTTP
/// clients do with repeatable requests.
bool was_closed_while_idle(const load_answer& a, bool& is_fresh) {
  return a.status == 0 && !std::exchange(is_fresh, true);
}

/// Each purchase is by a different customer with a different address.
load_task buyer(crowd& all) {
  static constexpr std::array<const char*, 3> what = {"cart", "item", "checkout"};
  while (!all.closing) {
    const int number = ++*all.customers;
    const auto name = all.name + "-" + std::to_string(number);
    load_connection c(all.loop, all.port, seconds{20}, customer_address(number));
    std::string cart;
    bool is_fresh = true;
    auto asked = load_loop::clock::now();
    for (std::size_t step = 0; step < what.size();) {
      std::string text;
      if (step == 0) text = cart_request(name);
      if (step == 1) text = item_request(cart, all.product, name);
      if (step == 2) text = checkout_request(cart, name + "@shoppers.example", name);
      const auto a = co_await c.request(std::move(text));
      if (was_closed_while_idle(a, is_fresh)) continue;
      is_fresh = false;
      note(all, what[step], asked, a);
      if (a.status < 200 || a.status >= 300) break;
      if (step == 0) cart = "/store/v1/carts/" + std::string(text_member(a.body, "cart_id"));
      ++step;
      asked = load_loop::clock::now();
    }
    co_await all.loop.sleep(buyer_pause);
  }
  leave(all);
}

/// Reads some products, then continues as another visitor.
load_task reader(crowd& all) {
  const auto list = request_text("GET", "/store/v1/products?limit=20", {}, {});
  const auto one = request_text("GET", "/store/v1/products/" + all.product, {}, {});
  while (!all.closing) {
    const int number = ++*all.customers;
    load_connection c(all.loop, all.port, seconds{20}, customer_address(number));
    bool is_fresh = true;
    auto asked = load_loop::clock::now();
    for (int i = 0; i < looks && !all.closing;) {
      std::string text = i % 4 == 0 ? list : one;
      const auto a = co_await c.request(std::move(text));
      if (was_closed_while_idle(a, is_fresh)) continue;
      is_fresh = false;
      note(all, "read", asked, a);
      co_await all.loop.sleep(reader_pause);
      ++i;
      asked = load_loop::clock::now();
    }
  }
  leave(all);
}

struct flooding {
  load_loop loop;
  std::uint16_t port = 0;
  const flood_plan* plan = nullptr;
  const std::atomic<bool>* over = nullptr;
  std::uint64_t next = 0;
  int busy = 0;
  flood_answers answers;
};

load_task flooder(flooding& all, int number) {
  load_connection c(all.loop, all.port, seconds{5}, all.plan->source(number));
  while (!*all.over) {
    std::string text = all.plan->request(all.next++);
    const auto a = co_await c.request(std::move(text));
    ++all.answers[a.status];
    co_await all.loop.sleep(all.plan->pause);
  }
  if (--all.busy == 0) all.loop.stop();
}

environment with_limits(environment settings) {
  environment all = {{"STOA_LIMITS_EXEMPT_ADDRESSES", ""}, {"STOA_LOG_FORMAT", "json"}};
  all.insert(all.end(), settings.begin(), settings.end());
  return all;
}

}  // namespace

milliseconds attack_time() {
  return seconds{static_cast<std::int64_t>(number_from("STOA_TEST_ATTACK_SECONDS", 2))};
}

std::uint64_t attack_seed() {
  return number_from("STOA_TEST_SEED", 1);
}

std::uint32_t loopback(int a, int b) {
  return INADDR_LOOPBACK - 1 + (static_cast<std::uint32_t>(a) << 8U) +
         static_cast<std::uint32_t>(b);
}

int attacker_socket(std::uint16_t port, std::uint32_t source) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return -1;
  sockaddr_in from{};
  from.sin_family = AF_INET;
  from.sin_addr.s_addr = htonl(source);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(socket, reinterpret_cast<const sockaddr*>(&from), sizeof from) == 0 &&
      ::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0) {
    return socket;
  }
  ::close(socket);
  return -1;
}

bool is_closed(int socket) {
  std::array<char, 4096> piece{};
  for (;;) {
    const auto count = ::recv(socket, piece.data(), piece.size(), MSG_DONTWAIT);
    if (count == 0) return true;
    if (count < 0) return errno != EAGAIN && errno != EWOULDBLOCK;
  }
}

flood_answers flood(std::uint16_t port, const std::atomic<bool>& over, const flood_plan& plan) {
  flooding all;
  all.port = port;
  all.plan = &plan;
  all.over = &over;
  all.busy = plan.connections;
  for (int i = 0; i < plan.connections; ++i) flooder(all, i);
  all.loop.run();
  return std::move(all.answers);
}

attack_ground::attack_ground(environment settings) {
  raise_open_files(8000);
  shop_ = std::make_unique<storefront>(storefront_options{
      .products = 50, .stock = 1'000'000, .settings = with_limits(std::move(settings))});
  visitor v(port());
  product_ = v.goods().at(0).id;
  customers_ = 0;
  measure(first_look);  // Warm-up: fills caches and pages in code before the comparison.
}

honest_figures attack_ground::measure(milliseconds time) {
  crowd all;
  all.port = port();
  all.product = product_;
  all.name = "honest-" + std::to_string(attack_seed());
  all.customers = &customers_;
  all.busy = buyers + readers;
  for (int i = 0; i < buyers; ++i) buyer(all);
  for (int i = 0; i < readers; ++i) reader(all);
  all.loop.after(time, [&all] { all.closing = true; });
  all.loop.run();
  auto& times = all.latencies_ms;
  std::sort(times.begin(), times.end());
  if (!times.empty()) all.figures.p99_ms = times[(times.size() - 1) * 99 / 100];
  return all.figures;
}

void attack_ground::withstand(const std::string& name,
                              const std::function<void(const std::atomic<bool>&)>& attack,
                              withstand_limits limits) {
  for (int i = 1;; ++i) {
    if (!quiet_ || i > 1) quiet_ = measure(attack_time());
    const auto& quiet = *quiet_;
    std::atomic<bool> over = false;
    std::thread attacker([&] { attack(over); });
    std::this_thread::sleep_for(warm_up);
    const auto during = measure(attack_time());
    over = true;
    attacker.join();
    const double ratio = quiet.p99_ms > 0 ? during.p99_ms / quiet.p99_ms : 0;
    BOOST_TEST_MESSAGE(
        fmt::format("attack {}: honest p99 quiet {:.1f} ms, during {:.1f} ms (ratio {:.1f}), "
                    "answers {}, honest "
                    "failures {}",
                    name, quiet.p99_ms, during.p99_ms, ratio, during.answers, during.failures));
    const bool slow = ratio > limits.ratio_max && during.p99_ms > limits.p99_ms_floor;
    if (slow && during.failures == 0 && i < tries) continue;
    BOOST_TEST(quiet.failures == 0, quiet.first_failure);
    BOOST_TEST(during.failures == 0, during.first_failure);
    BOOST_TEST(during.answers > 0);
    BOOST_TEST(!slow);
    BOOST_TEST(shop_->process().running());
    return;
  }
}

double attack_ground::metric(const std::string& name_and_labels) {
  visitor v(port());
  const auto all = "\n" + v.client.get("/metrics").body;
  const auto at = all.find("\n" + name_and_labels + " ");
  if (at == std::string::npos) return 0;
  return std::strtod(all.c_str() + at + name_and_labels.size() + 2, nullptr);
}

}  // namespace stoa::test
