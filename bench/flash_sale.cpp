#include "bench/limits.hpp"
#include "bench/load.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/load_loop.hpp"
#include "tests/support/purchase_requests.hpp"
#include "tests/support/server.hpp"
#include "tests/support/store_checker.hpp"
#include "tests/support/temp_dir.hpp"

#include <stdexcept>

namespace stoa::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int customers = 10'000;
constexpr int units = 100;
constexpr seconds answer_limit{120};

struct sale {
  test::load_loop loop;
  std::uint16_t port = 0;
  std::string product;
  int shopping = customers;
  std::uint64_t answers = 0;
};

/// Until the purchase is confirmed or the product is sold out.
test::load_task customer(sale& all, int number) {
  test::load_connection c(all.loop, all.port, answer_limit);
  const auto name = "sale-" + std::to_string(number);
  std::string cart;
  for (int step = 0; step < 3;) {
    std::string text;
    if (step == 0) text = test::cart_request(name);
    if (step == 1) text = test::item_request(cart, all.product, name);
    if (step == 2) text = test::checkout_request(cart, name + "@sale.example", name);
    const auto a = co_await c.request(std::move(text));
    ++all.answers;
    if (a.status == 0 || a.status == 503 || a.status == 504) {
      co_await all.loop.sleep(milliseconds{100 + number % 200});
      continue;
    }
    // Sold out: at the item or at the checkout.
    if (a.status >= 400) break;
    if (step == 0) cart = "/store/v1/carts/" + std::string(test::text_member(a.body, "cart_id"));
    ++step;
  }
  if (--all.shopping == 0) all.loop.stop();
}

}  // namespace

flash_sale run_flash_sale(const std::filesystem::path& program) {
  if (!test::raise_open_files(customers + 1000)) {
    throw std::runtime_error("a flash sale needs 11,000 open files (ulimit -n)");
  }
  const test::temp_dir folder;
  const auto data = folder / "data";
  test::load_demo(program, data, 1, units);
  test::server server({.program = program,
                       .data = data,
                       .settings = {{"STOA_LOG_LEVEL", "error"}},
                       .arguments = {}});
  server.start();
  sale all;
  all.port = server.port();
  all.product = buyable_products(server.port()).front();
  const auto initial = test::read_stock(data);
  const auto began = load_clock::now();
  for (int i = 0; i < customers; ++i) customer(all, i);
  all.loop.run();
  flash_sale found;
  found.seconds = std::chrono::duration<double>(load_clock::now() - began).count();
  found.answers = all.answers;
  const bool quiet = test::await_quiet(data, seconds{30});
  auto report = test::check_store({data, true, true, initial, {}});
  found.sold = report.facts["orders confirmed"];
  found.is_exact = quiet && report.clean() && found.sold == units && server.stop() == 0;
  return found;
}

}  // namespace stoa::bench
