#include "bench/load_order.hpp"

#include "bench/target.hpp"
#include "storage/base/time.hpp"

#include <algorithm>
#include <stdexcept>

namespace stoa::bench {
namespace {

constexpr double rate_min = 0.01;
constexpr double rate_max = 1e6;

int as_int(std::int64_t n) {
  return static_cast<int>(n);
}

load_plan plan_of(const load_order& o, const target& at) {
  load_plan p;
  p.once = o.scenario == sale_name;
  const bool closed = o.connections > 0 || p.once;
  p.rate = closed ? 0 : o.rate;
  p.spacing = o.poisson ? arrivals::poisson : arrivals::constant;
  p.connections = as_int(o.connections > 0 ? o.connections
                         : p.once          ? sale_buyers
                                           : o.connections_max);
  p.threads = std::min(as_int(o.threads), p.connections);
  p.warmup = std::chrono::seconds{p.once ? 0 : o.warmup_s};
  p.duration = std::chrono::seconds{o.seconds};
  p.targets = {at};
  if (o.compress) p.fields = "Accept-Encoding: gzip\r\n";
  p.timeout = std::chrono::seconds{o.timeout_s};
  p.think = std::chrono::milliseconds{o.think_ms};
  p.repeats = p.once;
  p.seed = o.seed;
  return p;
}

target target_in(const load_order& o, target_options local) {
  local.url = o.url;
  return target_of(local);
}

}  // namespace

load_order part_of(const load_order& whole, std::size_t part, std::size_t parts) {
  const auto share = [&](std::int64_t all) {
    const auto n = static_cast<std::int64_t>(parts);
    return all / n + (static_cast<std::int64_t>(part) < all % n ? 1 : 0);
  };
  auto o = whole;
  o.rate = whole.rate / static_cast<double>(parts);
  o.connections = share(whole.connections);
  o.connections_max = std::max<std::int64_t>(1, share(whole.connections_max));
  // Other random choices.
  o.seed = whole.seed + part * 1'000'000;
  return o;
}

ordered_load::ordered_load(const load_order& order, target_options local)
    : order_(order), target_(target_in(order, std::move(local))), shop_(make_shop(order.shop)) {
  if (!(order_.rate >= rate_min && order_.rate <= rate_max) ||
      order_.reads + order_.cart_changes + order_.purchases == 0) {
    throw std::runtime_error("the rate must be 0.01 to 1000000/s, and one of the weights not 0");
  }
  if (order_.scenario == get_name) {
    what_ = get_of(order_.path, as_int(order_.pipeline));
    return;
  }
  if (order_.scenario == sale_name && order_.shop != "stoa") {
    throw std::invalid_argument("a flash sale is not supported for " + order_.shop);
  }
  what_ =
      scenario_of(order_.scenario, *shop_,
                  {as_int(order_.reads), as_int(order_.cart_changes), as_int(order_.purchases)});
  shop_->prepare({.server = target_,
                  .key = order_.shop_key,
                  .accounts = order_.scenario == "login" ? as_int(order_.accounts) : 0,
                  .sells_out = order_.scenario == sale_name});
}

run_report ordered_load::run(const load_watch& watch, double rate) {
  auto order = order_;
  if (rate > 0) order.rate = rate;
  const auto plan = plan_of(order, target_);
  const auto started_at = system_time().now();
  auto r = report_of(plan, run_load(plan, what_, watch));
  r.scenario = order_.scenario;
  r.target = order_.scenario == get_name ? "http" : order_.shop;
  r.url = order_.url;
  r.started_at = started_at.str();
  return r;
}

}  // namespace stoa::bench
