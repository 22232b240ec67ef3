#include "tests/simulation/simulation.hpp"

namespace stoa::simulation {

namespace {

constexpr std::size_t storm_steps_min = 400;
constexpr std::size_t storm_steps_max = 3000;
/// By then every deadline has passed several times: a store that is not at rest never will be.
constexpr std::size_t calm_rounds_max = 3000;

constexpr std::size_t fail_over_steps_min = 400;
constexpr std::size_t fail_over_steps_max = 1800;
constexpr std::size_t new_customers = 6;
/// Limit between two orders, and until the last order is decided.
constexpr std::size_t decide_rounds_max = 60;

/// The scheduler's moves, with their weights.
enum class move { happen_inside, happen_outside, flush, pump, buyer, time, tick, restart, crash };
constexpr std::pair<move, unsigned> weights[] = {
    {move::happen_inside, 300}, {move::happen_outside, 150}, {move::flush, 220},
    {move::pump, 120},          {move::buyer, 90},           {move::time, 60},
    {move::tick, 52},           {move::restart, 5},          {move::crash, 3},
};

move choose(random_source& random) {
  unsigned sum = 0;
  for (const auto& w : weights) sum += w.second;
  auto at = static_cast<unsigned>(random.below(sum));
  for (const auto& [m, weight] : weights) {
    if (at < weight) return m;
    at -= weight;
  }
  return move::time;
}

void storm_step(world& w, buyers& people) {
  ++w.counts.steps;
  switch (choose(w.random)) {
    case move::happen_inside:
      w.happen_some(w.inside);
      return;
    case move::happen_outside:
      w.happen_some(w.outside);
      return;
    case move::flush:
      w.flush_some();
      return;
    case move::pump:
      w.pump_some();
      return;
    case move::buyer:
      people.step();
      return;
    case move::time:
      w.let_time_pass();
      return;
    case move::tick:
      w.tick_some();
      return;
    case move::restart:
      w.restart_some();
      return;
    case move::crash:
      w.crash();
      return;
  }
}

/// Staff retry the declined refunds, and refund the rest of a cancelled order when one of them
/// cannot be retried, since others have taken its amount. False if there was nothing to do.
bool retry_refunds(world& w, std::set<stoa::refund_id>& refused) {
  static const db::sql declined{
      "declined refunds",
      "SELECT r.refund_id, r.payment_id, p.order_id, p.order_cancelled FROM payment_refunds r"
      " JOIN payments p ON p.payment_id=r.payment_id WHERE r.status='Declined'"};
  std::vector<std::pair<payment::retry_refund, bool>> retries;
  w.at("payment").database->query({&declined, {}}, [&](db::row r) {
    const stoa::refund_id id{std::get<uuid>(r[0])};
    if (refused.contains(id)) return;
    retries.push_back(
        {{{std::get<uuid>(r[1])}, {std::get<uuid>(r[2])}, id}, std::get<std::int64_t>(r[3]) != 0});
  });
  for (const auto& [r, cancelled] : retries) {
    kernel::job j;
    j.context.who = {kernel::caller_kind::user, {}, kernel::role::staff};
    j.message = kernel::any_message::of(r);
    j.done = [&w, &refused, r = r, cancelled = cancelled](const kernel::answer& a) {
      if (!a.error) return;
      refused.insert(r.refund_id);
      if (!cancelled) return;
      kernel::job rest;
      rest.context.who = {kernel::caller_kind::user, {}, kernel::role::staff};
      rest.message = kernel::any_message::of(
          payment::request_refund{r.payment_id, r.order_id, std::nullopt, "the rest"});
      rest.done = [](const kernel::answer&) {};  // There may be no rest.
      w.at("payment").writer->add(std::move(rest));
    };
    w.at("payment").writer->add(std::move(j));
    w.settle();
  }
  return !retries.empty();
}

/// Time advances slowly while there is work and faster while idle.
bool come_to_rest(world& w, buyers& people) {
  static const db::sql pending{"pending orders",
                               "SELECT count(*) FROM orders WHERE status='Pending'"
                               " OR shipment_requested_at IS NOT NULL"};
  static const db::sql open{"open payments", "SELECT count(*) FROM payments WHERE effect<>'None'"};
  static const db::sql unsent{"unsent",
                              "SELECT count(*) FROM notifications WHERE status='Pending'"};
  auto none = [&w](std::string_view service, const db::sql& what) {
    std::int64_t n = 0;
    w.at(service).database->query({&what, {}},
                                  [&](db::row r) { n = std::get<std::int64_t>(r[0]); });
    return n == 0;
  };
  microseconds wait = milliseconds{500};
  std::set<stoa::refund_id> retried;
  for (std::size_t round = 0; round < calm_rounds_max; ++round) {
    if (w.settle() > 0) {
      wait = milliseconds{500};
    } else if (!people.done()) {
      people.ask_again();
    } else if (w.at_rest() && none("order", pending) && none("payment", open) &&
               none("notification", unsent)) {
      const auto next = w.next_arrival();
      if (!next && !retry_refunds(w, retried)) return true;
      if (next) w.time.advance(*next - w.time.now());
    } else {
      wait = std::min<microseconds>(wait * 2, seconds{60});
    }
    w.time.advance(wait);
  }
  return false;
}

}  // namespace

namespace {

void run_in(world& w, const world_template& from, run_report& report) {
  buyers people(w, from);
  auto steps = storm_steps_min + w.random.below(storm_steps_max - storm_steps_min);
  for (std::size_t i = 0; i < steps; ++i) storm_step(w, people);
  w.calm();
  if (!come_to_rest(w, people)) report.violations.emplace_back("the store does not settle");
  auto found = check(w, people, report.orders);
  for (const auto& list : {w.violations, w.bank.violations()}) {
    report.violations.insert(report.violations.end(), list.begin(), list.end());
  }
  report.violations.insert(report.violations.end(), found.begin(), found.end());
}

}  // namespace

namespace {

/// A new customer buys one of the product.
stoa::order_id buy(world& w, const world_template::product& what, std::size_t number) {
  const kernel::caller guest;
  checkout::checkout_request r;
  r.cart_id = w.demand("cart", cart::create_cart{}, guest).cart_id;
  w.demand("cart", cart::add_item{r.cart_id, what.id, what.name, 1, what.price, std::nullopt},
           guest);
  r.order_id = {w.ids.next_v7()};
  r.rules = w.rules(true);
  r.currency = what.price.currency;
  r.email = "new-" + std::to_string(number) + "@example.org";
  r.shipping_address.address_line1 = "1 Main Street";
  r.shipping_address.city = "Athens";
  r.shipping_address.postal_code = "10551";
  r.shipping_address.country = "GR";
  r.instrument = {
      {w.ids.next_v7()}, r.order_id, "card", w.seal.seal(token_of(*r.email)), "tok_***"};
  kernel::call_context context;
  context.idempotency_scope = context.fingerprint = *r.email;
  const auto id = r.order_id;
  const auto answered = std::make_shared<kernel::answer>();
  w.begin(std::make_shared<checkout_run>(
      w, std::move(context), std::move(r), [](const cart::cart_content&) {},
      [answered](const kernel::answer& a) { *answered = a; }));
  w.settle();
  if (answered->error) {
    throw std::logic_error("a new order is refused: " + answered->error->code + ": " +
                           answered->error->detail);
  }
  return id;
}

void sell_to_new_customers(world& w, const world_template& from, run_report& report) {
  const kernel::caller system{kernel::caller_kind::system, {}, kernel::role::customer};
  const auto& product = from.products.front();
  w.demand("catalog", catalog::adjust_stock{product.id, {1000, std::nullopt, "delivered"}}, system);
  std::vector<stoa::order_id> placed;
  const auto buy_and_wait = [&](std::size_t number) {
    const auto id = buy(w, product, number);
    for (std::size_t round = 0; round < decide_rounds_max; ++round) {
      w.settle();
      w.time.advance(milliseconds{500});
    }
    return id;
  };
  for (std::size_t i = 0; i < new_customers; ++i) {
    auto id = buy_and_wait(i);
    const auto o = w.ask("order", order::get_order{id, true}, system);
    // An order from before the fail-over may have taken the last use of a promotion after the
    // quote. The customer buys again, without the promotion, and that must work.
    if (o && o->cancel_code == "redemption_rejected") id = buy_and_wait(new_customers + i);
    placed.push_back(id);
  }
  for (const auto id : placed) {
    const auto o = w.ask("order", order::get_order{id, true}, system);
    ++report.orders.orders;
    if (!o) {
      report.violations.push_back("a new order is gone: " + id.str());
    } else if (o->status == order::order_status::Confirmed) {
      ++report.orders.confirmed;
    } else if (o->status == order::order_status::Cancelled && o->cancel_code == "payment_failed") {
      ++report.orders.declined;
    } else {
      report.violations.push_back("a new order is " + std::string(enum_name(o->status)) + ": " +
                                  id.str() + ": " + o->status_history.back().reason.value_or(""));
    }
  }
}

void fail_over_in(world& w, const world_template& from, run_report& report) {
  buyers people(w, from);
  const auto storm = [&] {
    const auto steps =
        w.random.between(fail_over_steps_min, static_cast<std::int64_t>(fail_over_steps_max));
    for (std::int64_t i = 0; i < steps; ++i) storm_step(w, people);
  };
  auto host = w.hosts().begin();
  std::advance(host, static_cast<std::ptrdiff_t>(w.random.below(w.hosts().size())));
  storm();
  w.replicate(host->second);
  storm();
  // With another owner or the present one.
  w.fail_over(host->second);
  if (w.random.chance(50)) w.crash();
  // Without a storm the new orders get the numbers of lost events.
  if (w.random.chance(50)) storm();
  w.calm();
  w.beat();
  w.settle();
  for (int i = 0; i < 10; ++i) w.settle();
  sell_to_new_customers(w, from, report);
}

}  // namespace

run_report run_fail_over(world_template& from, std::uint64_t seed, bool trace) {
  run_report report;
  world w(from, seed, trace);
  try {
    fail_over_in(w, from, report);
  } catch (const std::exception& e) {
    report.violations.emplace_back(std::string("thrown: ") + e.what());
  }
  report.happened = w.counts;
  return report;
}

run_report run(world_template& from, std::uint64_t seed, bool trace) {
  run_report report;
  world w(from, seed, trace);
  try {
    run_in(w, from, report);
  } catch (const std::exception& e) {
    report.violations.emplace_back(std::string("thrown: ") + e.what());
  }
  for (const auto& v : report.violations) w.say("WRONG: " + v);
  report.happened = w.counts;
  return report;
}

}  // namespace stoa::simulation
