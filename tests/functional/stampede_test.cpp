// 10,000 customers with as many open connections and addresses request 100 units of one product
// concurrently: exactly 100 of them get one, and each gets a final answer.

#include "tests/support/load_loop.hpp"
#include "tests/support/purchase_requests.hpp"
#include "tests/support/server.hpp"
#include "tests/support/shoppers.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr int buyers = 10'000;
constexpr int units = 100;
constexpr int setting_up_max = 500;  ///< carts made at once before the rush
constexpr milliseconds limit{150'000};

struct crowd {
  load_loop loop;
  std::uint16_t port = 0;
  std::string product;
  int next = 0;   ///< the next customer to set up
  int ready = 0;  ///< customers with a cart
  int finished = 0;
  int open_at_once = 0;
  std::vector<std::coroutine_handle<>> waiting;  ///< until the rush begins
  std::map<std::string, int> outcomes;
  std::vector<reported_checkout> reported;
};

struct doors {
  crowd& all;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> h) const { all.waiting.push_back(h); }
  void await_resume() const noexcept {}
};

/// 0: the connection ended or timed out; each request has a key or changes nothing. 429: these
/// customers retry earlier than Retry-After and reach their own limits.
bool retries(int status) {
  return status == 0 || status == 429 || status == 503 || status == 504;
}

void note_repeat(crowd& all, const load_answer& a) {
  ++all.outcomes["retried: " + std::to_string(a.status) + " " +
                 std::string(a.status == 0 ? a.body : text_member(a.body, "code"))];
}

/// The request as forwarded by a proxy that the program trusts.
std::string from_address_of(int number, std::string text) {
  const auto field = "X-Forwarded-For: 10.1." + std::to_string(number / 250) + "." +
                     std::to_string(1 + number % 250) + "\r\n";
  text.insert(text.find("\r\n") + 2, field);
  return text;
}

// Built outside the coroutine: GCC 12 rejects braces in an expression with co_await.
std::string look_request(const std::string& order_id, std::string_view access_token) {
  return request_text("GET", "/store/v1/orders/" + order_id, {},
                      {{"Authorization", "Bearer " + std::string(access_token)}});
}

void open_doors(crowd& all) {
  all.open_at_once = all.ready;
  for (auto h : std::exchange(all.waiting, {})) h.resume();
}

/// One customer, from the empty cart to the outcome.
load_task buyer(crowd& all, int number) {
  load_connection c(all.loop, all.port, seconds{60});
  const auto name = "rush-" + std::to_string(number);
  reported_checkout reported;
  reported.email = name + "@shoppers.example";
  std::string cart;
  for (int step = 0; step < 2; ++step) {
    const bool item = step == 1;
    const auto text =
        from_address_of(number, item ? item_request(cart, all.product, name) : cart_request(name));
    load_answer a;
    for (a.status = 503; retries(a.status);) {
      a = co_await c.request(text);
      if (retries(a.status)) {
        note_repeat(all, a);
        co_await all.loop.sleep(milliseconds{20 + number % 50});
      }
    }
    if (a.status != 201) {
      ++all.outcomes["setting up: " + std::to_string(a.status) + " " + std::string(a.body)];
    }
    if (!item) cart = "/store/v1/carts/" + std::string(text_member(a.body, "cart_id"));
  }
  ++all.ready;
  if (all.next < buyers) buyer(all, all.next++);
  if (all.ready == buyers) all.loop.after(milliseconds{1}, [&all] { open_doors(all); });
  co_await doors{all};

  std::string text = from_address_of(number, checkout_request(cart, reported.email, name));
  for (;;) {
    const auto a = co_await c.request(text);
    if (retries(a.status)) {
      note_repeat(all, a);
      co_await all.loop.sleep(milliseconds{50 + number % 400});
      continue;
    }
    const auto status = text_member(a.body, "status");
    if (a.status == 202 || (a.status == 200 && status == "Pending")) {
      reported.order_id = text_member(a.body, "order_id");
      if (a.status == 202) {
        text = from_address_of(
            number, look_request(reported.order_id, text_member(a.body, "access_token")));
      }
      co_await all.loop.sleep(milliseconds{100 + number % 100});
      continue;
    }
    reported.confirmed = a.status == 201 || (a.status == 200 && status == "Confirmed");
    reported.refused = a.status == 409 || (a.status == 200 && status == "Cancelled");
    if (reported.confirmed) reported.order_id = text_member(a.body, "order_id");
    ++all.outcomes[reported.confirmed ? "confirmed"
                   : reported.refused ? "sold out"
                                      : std::to_string(a.status) + " " + std::string(a.body)];
    break;
  }
  all.reported.push_back(std::move(reported));
  if (++all.finished == buyers) all.loop.stop();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(stampede)

BOOST_AUTO_TEST_CASE(ten_thousand_buyers_get_a_hundred_units) {
  BOOST_TEST_REQUIRE(raise_open_files(buyers + 2000), "this test needs 12000 open files");
  temp_dir folder;
  load_demo(stoa_binary(), folder / "data", 1, units);
  server stoa({.program = {},
               .data = folder / "data",
               .settings = {{"STOA_LOG_LEVEL", "warn"}, {"STOA_HTTP_TRUSTED_PROXIES", "127.0.0.1"}},
               .arguments = {}});
  stoa.start();
  check_options check{stoa.data(), true, true, read_stock(stoa.data()), {}};
  crowd all;
  all.port = stoa.port();
  for (const auto& [id, on_hand] : check.initial) {
    if (on_hand == units) all.product = uuid_text(id);
  }
  BOOST_TEST_REQUIRE(!all.product.empty());

  bool late = false;
  all.loop.after(limit, [&] {
    late = true;
    all.loop.stop();
  });
  all.next = setting_up_max;
  for (int i = 0; i < setting_up_max; ++i) buyer(all, i);
  all.loop.run();

  for (const auto& [what, many] : all.outcomes) BOOST_TEST_MESSAGE(what << ": " << many);
  BOOST_TEST(!late, "only " << all.finished << " of the customers have an answer");
  BOOST_TEST(all.open_at_once == buyers);
  BOOST_TEST(all.outcomes["confirmed"] == units);
  BOOST_TEST(all.outcomes["sold out"] == buyers - units);
  BOOST_TEST(await_quiet(stoa.data(), seconds{30}));
  check.reported = std::move(all.reported);
  const auto report = check_store(check);
  for (const auto& v : report.violations) BOOST_ERROR(v);
  BOOST_TEST(report.facts.at("orders bought") == units);
  BOOST_TEST(report.facts.at("units sold") == units);
  BOOST_TEST(stoa.stop().value_or(-1) == 0, "it did not stop cleanly:\n" << stoa.log_end());
}

BOOST_AUTO_TEST_SUITE_END()
