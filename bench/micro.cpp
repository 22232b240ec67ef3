// Micro-benchmarks of the parts that each request needs, by google benchmark: ./dev bench micro.

#include "actors/order/order_service.hpp"
#include "actors/pricing/price_basket.hpp"
#include "bench/order_sample.hpp"
#include "net/front/route.hpp"
#include "net/routes/all_routes.hpp"
#include "net/token/access_token.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"
#include "storage/db/migrate.hpp"
#include "storage/db/sqlite.hpp"
#include "tests/support/temp_dir.hpp"

#include <array>
#include <benchmark/benchmark.h>
#include <random>

namespace stoa::bench {
namespace {

void route_a_request(::benchmark::State& state) {
  front::routes all;
  front::add_catalog_routes(all);
  front::add_cart_routes(all);
  front::add_checkout_routes(all);
  front::add_order_routes(all);
  front::add_payment_routes(all);
  front::add_user_routes(all);
  const std::array<std::string_view, 3> paths{
      "/store/v1/products/01a228e1-64e6-722d-8860-18b2909b62f7",
      "/store/v1/carts/01a228e1-64e6-722d-8860-18b2909b62f7/items",
      "/store/v1/orders/01a228e1-64e6-722d-8860-18b2909b62f7"};
  std::size_t i = 0;
  for (auto _ : state) {
    ::benchmark::DoNotOptimize(all.match(http::method::get, paths[++i % paths.size()]));
  }
}
BENCHMARK(route_a_request);

std::string order_text() {
  const auto job = sample_order();
  return json::write(job.message.as<order::place_order>());
}

void read_an_order(::benchmark::State& state) {
  const auto text = order_text();
  for (auto _ : state) ::benchmark::DoNotOptimize(json::read<order::place_order>(text));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(read_an_order);

void write_an_order(::benchmark::State& state) {
  const auto job = sample_order();
  const auto& order = job.message.as<order::place_order>();
  const auto bytes = static_cast<std::int64_t>(json::write(order).size());
  for (auto _ : state) ::benchmark::DoNotOptimize(json::write(order));
  state.SetBytesProcessed(state.iterations() * bytes);
}
BENCHMARK(write_an_order);

token::claims sample_claims() {
  const auto now = system_time().now().us / 1'000'000;
  token::claims c;
  c.sub = {system_ids().next_v7()};
  c.role = "customer";
  c.sid = {system_ids().next_v7()};
  c.iat = c.nbf = now;
  c.exp = now + 900;
  return c;
}

void sign_a_token(::benchmark::State& state) {
  const test::temp_dir dir;
  const auto keys = token::token_keys::load_or_create(dir.path()).value();
  const auto claims = sample_claims();
  for (auto _ : state) ::benchmark::DoNotOptimize(keys.sign(claims));
}
BENCHMARK(sign_a_token);

/// The first time, or from the cache of verified tokens.
void verify_a_token(::benchmark::State& state) {
  const test::temp_dir dir;
  const auto keys = token::token_keys::load_or_create(dir.path()).value();
  const bool is_known = state.range(0) != 0;
  const auto now = system_time().now();
  auto token = keys.sign(sample_claims()).value();
  for (auto _ : state) {
    if (!is_known) {
      state.PauseTiming();
      token = keys.sign(sample_claims()).value();
      state.ResumeTiming();
    }
    ::benchmark::DoNotOptimize(keys.verify(token, now));
  }
}
BENCHMARK(verify_a_token)->ArgName("known")->Arg(0)->Arg(1);

void quote_a_cart(::benchmark::State& state) {
  std::vector<pricing::priced_line> lines;
  for (std::int64_t i = 0; i < state.range(0); ++i) lines.push_back({{1299 + i, "EUR"}, 1 + i % 5});
  const pricing::quote_context context{"EUR", {}};
  for (auto _ : state) ::benchmark::DoNotOptimize(pricing::quote_of(lines, context));
}
BENCHMARK(quote_a_cart)->ArgName("lines")->Arg(2)->Arg(100);

/// A cart whose lines are in ten categories, with promotions of items of these.
void price_a_basket(::benchmark::State& state) {
  const auto id = [](std::uint64_t n) { return make_uuid_v7(n, 0, 0); };
  pricing::basket b;
  b.currency = "EUR";
  for (std::uint64_t i = 0; i < 100; ++i) {
    b.lines.push_back({.product_id = {id(i)},
                       .parent_product_id = std::nullopt,
                       .categories = {{id(i % 10)}, {id(99)}},
                       .unit_price = {static_cast<std::int64_t>(100 * i), "EUR"},
                       .quantity = static_cast<std::int64_t>(1 + i % 3),
                       .tax_class = std::string(pricing::standard_tax_class),
                       .weight = 0});
  }
  pricing::rule_set rules;
  for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(state.range(0)); ++i) {
    auto& t = rules.promotions.emplace_back(pricing::usable_promotion{{id(i)}, {}}).terms;
    t.name = "Sale";
    t.combines_with = {pricing::discount_target::items, pricing::discount_target::order};
    t.discount.basis_points = 100;
    t.discount.items.category_ids = {{id(i % 10)}};
  }
  const pricing::rule_book book({id(1)}, std::move(rules));
  for (auto _ : state) ::benchmark::DoNotOptimize(pricing::price_basket(b, book));
}
BENCHMARK(price_a_basket)->ArgName("promotions")->Arg(0)->Arg(50)->Unit(::benchmark::kMicrosecond);

/// A batch of the order service's writer: loads, decides and saves orders in one transaction, on a
/// SQLite database in memory.
void run_a_batch(::benchmark::State& state) {
  auto database = db::open_sqlite(":memory:", db::sqlite_mode::memory);
  const std::array<std::string_view, 2> modules{"kernel", "order"};
  db::migrate(*database, "sqlite", modules);
  order::order_options options;
  options.guest_pending_max = 1'000'000'000;
  const order::order_service service(options);
  const auto writer = definition_of(service).make_writer(*database, {});
  const auto orders = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) {
    state.PauseTiming();
    for (std::size_t i = 0; i < orders; ++i) writer->add(sample_order());
    state.ResumeTiming();
    writer->flush(orders);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(run_a_batch)->ArgName("orders")->Arg(1)->Arg(16)->Arg(128);

}  // namespace
}  // namespace stoa::bench

BENCHMARK_MAIN();
