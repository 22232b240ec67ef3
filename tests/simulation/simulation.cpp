#include "tests/simulation/simulation.hpp"

namespace stoa::simulation {

namespace {

constexpr std::size_t storm_steps_min = 400;
constexpr std::size_t storm_steps_max = 3000;
/// By now every deadline has passed several times: who has not come to rest never will.
constexpr std::size_t calm_rounds_max = 600;

/// What may happen next, with its weight.
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

/// Time passes slowly while there is something to do, and faster when nothing happens.
bool come_to_rest(world& w, buyers& people) {
  static const db::sql pending{"pending orders",
                               "SELECT count(*) FROM orders WHERE status='Pending'"};
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
  for (std::size_t round = 0; round < calm_rounds_max; ++round) {
    if (w.settle() > 0) {
      wait = milliseconds{500};
    } else if (!people.done()) {
      people.ask_again();
    } else if (w.at_rest() && none("order", pending) && none("payment", open) &&
               none("notification", unsent)) {
      return true;
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
  if (!come_to_rest(w, people)) report.violations.emplace_back("the store does not come to rest");
  auto found = check(w, people, report.orders);
  report.violations.insert(report.violations.end(), found.begin(), found.end());
}

}  // namespace

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
