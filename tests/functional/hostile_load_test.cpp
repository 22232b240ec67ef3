// Expensive requests beside honest clients, on the real process: JSON with very many members, and
// searches for a word that nearly all products contain. The honest clients' throughput is nearly
// unchanged.

#include "tests/support/http_client.hpp"
#include "tests/support/load_loop.hpp"
#include "tests/support/purchase_requests.hpp"
#include "tests/support/server.hpp"
#include "tests/support/store_checker.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>

using namespace stoa::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// Enough for a search for a common word, fully ranked, to take tens of milliseconds.
constexpr int products = 20'000;
constexpr int honest_clients = 8;
constexpr int searchers = 4;
constexpr int senders_of_json = 16;
constexpr int members = 85'000;  // 920 KB
constexpr milliseconds json_pause{100};
constexpr seconds phase_time{4};

struct phase {
  load_loop loop;
  std::uint16_t port = 0;
  std::string name;
  std::vector<std::string> products;
  bool closing = false;
  int open = 0;  ///< unfinished tasks
  std::vector<milliseconds::rep> took_us;
  std::map<std::string, int> failures;  ///< of honest clients
  std::map<std::string, int> attacks;   ///< by answer
};

void leave(phase& all) {
  if (--all.open == 0) all.loop.stop();
}

std::string describe(const load_answer& a) {
  return std::to_string(a.status) + " " + std::string(text_member(a.body, "code"));
}

milliseconds::rep us_since(load_loop::clock::time_point began) {
  return std::chrono::duration_cast<std::chrono::microseconds>(load_loop::clock::now() - began)
      .count();
}

/// An object with that many members; with itself one more value.
std::string object_of(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    text += (i == 0 ? "{\"k" : ",\"k") + std::to_string(i) + "\":0";
  }
  return text + "}";
}

load_task reads_products(phase& all, int number) {
  load_connection c(all.loop, all.port);
  for (auto i = static_cast<std::size_t>(number); !all.closing; i += 7) {
    const auto began = load_loop::clock::now();
    auto text =
        request_text("GET", "/store/v1/products/" + all.products[i % all.products.size()], {}, {});
    const auto a = co_await c.request(std::move(text));
    if (a.status == 200) {
      all.took_us.push_back(us_since(began));
    } else {
      ++all.failures[describe(a)];
    }
  }
  leave(all);
}

load_task buys(phase& all, int number) {
  load_connection c(all.loop, all.port);
  for (int round = 0; !all.closing; ++round) {
    const auto name = all.name + "-" + std::to_string(number) + "-" + std::to_string(round);
    const auto began = load_loop::clock::now();
    std::string cart;
    bool well = true;
    for (int step = 0; step < 3 && well; ++step) {
      std::string text;
      if (step == 0) text = cart_request(name);
      if (step == 1) {
        const auto i = static_cast<std::size_t>(number * 31 + round) % all.products.size();
        text = item_request(cart, all.products[i], name);
      }
      if (step == 2) text = checkout_request(cart, name + "@shoppers.example", name);
      const auto a = co_await c.request(std::move(text));
      well = a.status == 201;
      if (!well) ++all.failures[std::to_string(step) + ": " + describe(a)];
      if (step == 0) cart = "/store/v1/carts/" + std::string(text_member(a.body, "cart_id"));
    }
    if (well) all.took_us.push_back(us_since(began));
  }
  leave(all);
}

load_task searches(phase& all) {
  load_connection c(all.loop, all.port);
  while (!all.closing) {
    auto text = request_text("GET", "/store/v1/products?q=the", {}, {});
    const auto a = co_await c.request(std::move(text));
    ++all.attacks[describe(a)];
  }
  leave(all);
}

/// A checkout of an unknown cart: the costs arise before that is detected.
load_task sends_json(phase& all, const std::string& body, int number) {
  load_connection c(all.loop, all.port);
  for (int round = 0; !all.closing; ++round) {
    auto text = request_text(
        "POST", "/store/v1/carts/019a0000-0000-4000-8000-000000000000/checkout", body,
        {{"Idempotency-Key", all.name + std::to_string(number) + "-" + std::to_string(round)}});
    const auto a = co_await c.request(std::move(text));
    ++all.attacks[describe(a)];
    co_await all.loop.sleep(json_pause);
  }
  leave(all);
}

struct store {
  store()
      : program({.program = {},
                 .data = folder / "data",
                 .settings = {{"STOA_LOG_LEVEL", "error"}},
                 .arguments = {}}) {
    load_demo(stoa_binary(), folder / "data", products, 1'000'000);
    program.start();
    for (const auto& [id, stock] : read_stock(program.data())) ids.push_back(uuid_text(id));
    BOOST_TEST_REQUIRE(ids.size() >= static_cast<std::size_t>(products));
  }
  ~store() { program.stop(); }

  temp_dir folder;
  server program;
  std::vector<std::string> ids;
};

store& shop() {
  static store one;
  return one;
}

struct outcome {
  std::size_t done = 0;
  double p99_ms = 0;
};

/// Starts `begin`'s clients and returns the results of the measured ones.
outcome run(phase& p, const std::string& name, const std::function<void(phase&)>& begin) {
  p.port = shop().program.port();
  p.products = shop().ids;
  p.name = name;
  std::replace(p.name.begin(), p.name.end(), ' ', '-');  // for Idempotency-Keys and addresses
  begin(p);
  p.loop.after(phase_time, [&p] { p.closing = true; });
  p.loop.run();
  for (const auto& [what, many] : p.failures) BOOST_ERROR(name << ": " << what << ": " << many);
  outcome o;
  o.done = p.took_us.size();
  BOOST_TEST_REQUIRE(o.done > 0U);
  std::sort(p.took_us.begin(), p.took_us.end());
  o.p99_ms = static_cast<double>(p.took_us[o.done * 99 / 100]) / 1000;
  std::string attacks;
  for (const auto& [what, many] : p.attacks) {
    attacks += "; " + std::to_string(many) + " times " + what;
  }
  BOOST_TEST_MESSAGE(name << ": " << o.done << " in " << phase_time.count() << " s, p99 "
                          << o.p99_ms << " ms" << attacks);
  return o;
}

void start_readers(phase& p) {
  for (int i = 0; i < honest_clients; ++i, ++p.open) reads_products(p, i);
}
void start_buyers(phase& p) {
  for (int i = 0; i < honest_clients; ++i, ++p.open) buys(p, i);
}

/// The margins allow for a busy machine: without limits the attacks stopped nearly everything.
void nearly_as_before(const outcome& quiet, const outcome& attacked) {
  BOOST_TEST(attacked.done >= quiet.done / 3);
  BOOST_TEST(attacked.p99_ms <= 10 * quiet.p99_ms + 50);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(hostile_load)

BOOST_AUTO_TEST_CASE(searches_for_a_common_word_do_not_stop_reads) {
  phase calm;
  const auto quiet = run(calm, "reads alone", start_readers);
  phase hot;
  const auto attacked = run(hot, "reads beside searches", [](phase& p) {
    start_readers(p);
    for (int i = 0; i < searchers; ++i, ++p.open) searches(p);
  });
  nearly_as_before(quiet, attacked);
  BOOST_TEST(hot.attacks["200 "] > 0, "searches are answered, too");
}

BOOST_AUTO_TEST_CASE(json_with_very_many_members_does_not_stop_purchases) {
  const auto body = object_of(members);
  phase calm;
  const auto quiet = run(calm, "purchases alone", start_buyers);
  phase hot;
  const auto attacked = run(hot, "purchases beside JSON", [&](phase& p) {
    start_buyers(p);
    for (int i = 0; i < senders_of_json; ++i, ++p.open) sends_json(p, body, i);
  });
  nearly_as_before(quiet, attacked);
  BOOST_TEST(!hot.attacks.empty());
  for (const auto& [what, many] : hot.attacks) {
    BOOST_TEST(what.starts_with("413 "), what << ": " << many << " times");
  }
}

BOOST_AUTO_TEST_CASE(bodies_hold_as_many_values_as_their_route_allows) {
  http_client client(shop().program.port());
  const auto cart = "/store/v1/carts/" +
                    std::string(text_member(client.post("/store/v1/carts", "").body, "cart_id"));
  const std::map<std::string, int> most{
      {cart + "/checkout", 200}, {cart + "/items", 50}, {"/store/v1/users", 1000}};
  for (const auto& [target, values] : most) {
    const auto sent = [&, &to = target](int members_sent) {
      return client.post(to, object_of(members_sent), {{"Idempotency-Key", "values"}});
    };
    BOOST_TEST(sent(values - 1).status == 400, target << ": its fields are not known");
    const auto refused = sent(values);
    BOOST_TEST(refused.status == 413);
    BOOST_TEST(refused.code() == "json_too_many_values");
  }
}

BOOST_AUTO_TEST_SUITE_END()
