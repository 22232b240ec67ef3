#include "bench/limits.hpp"
#include "bench/load.hpp"
#include "bench/scenario.hpp"
#include "tests/support/server.hpp"
#include "tests/support/store_checker.hpp"
#include "tests/support/temp_dir.hpp"

#include <stdexcept>

namespace stoa::bench {
namespace {

using std::chrono::seconds;

constexpr int customers = 10'000;
constexpr int units = 100;
constexpr seconds answer_limit{120};

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
  const auto initial = test::read_stock(data);
  const auto target = make_stoa_shop();
  target->prepare({.server = server.port(), .sells_out = true});
  load_plan plan;
  plan.connections = customers;
  plan.duration = answer_limit;
  plan.targets = {server.port()};
  plan.timeout = answer_limit;
  plan.once = true;
  plan.repeats = true;
  const auto began = load_clock::now();
  const auto result = run_load(plan, scenario_of("flash-sale", *target));
  flash_sale found;
  found.seconds = std::chrono::duration<double>(load_clock::now() - began).count();
  for (const auto& [step, m] : result.all.steps) {
    found.answers += static_cast<std::uint64_t>(m.times.count());
  }
  const bool quiet = test::await_quiet(data, seconds{30});
  auto report = test::check_store({data, true, true, initial, {}});
  found.sold = report.facts["orders confirmed"];
  found.is_exact = quiet && report.clean() && found.sold == units && server.stop() == 0;
  return found;
}

}  // namespace stoa::bench
