#include "bench/load.hpp"
#include "tests/support/server.hpp"
#include "tests/support/store_checker.hpp"
#include "tests/support/store_files.hpp"
#include "tests/support/temp_dir.hpp"

#include <fmt/format.h>

#include <thread>

namespace stoa::bench {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds settle_limit{10'000};
constexpr milliseconds idle_time{1000};
constexpr int starts = 5;

/// Median time in milliseconds from the program's start to its first response, on an existing
/// store.
double cold_start_ms(test::server& server) {
  histogram times;
  for (int i = 0; i < starts; ++i) {
    const auto began = load_clock::now();
    server.start();
    times.add(load_clock::now() - began);
    server.stop();
  }
  return times.percentile_ms(0.5);
}

}  // namespace

std::int64_t confirmed_orders(const std::filesystem::path& data) {
  test::store_files files(data);
  return files.number(
      "SELECT count(*) FROM order_db.order_status_history WHERE status = 'Confirmed'");
}

verification verify(const std::filesystem::path& data, std::int64_t before,
                    std::uint64_t confirmed) {
  const bool quiet = test::await_quiet(data, settle_limit);
  auto report = test::check_store({data, false, true, {}, {}});
  if (!quiet) report.violations.emplace_back("work is still pending 10 s after the last response");
  const auto now = report.facts["orders confirmed"];
  if (now - before != static_cast<std::int64_t>(confirmed)) {
    report.violations.push_back(
        fmt::format("{} orders were reported as confirmed, but {} are", confirmed, now - before));
  }
  return {report.clean(), report.text()};
}

int run_own_store(const own_store_options& options) {
  const test::temp_dir folder;
  const auto data = folder / "data";
  test::load_demo(options.program, data, options.products, options.stock);
  test::server server({.program = options.program,
                       .data = data,
                       .settings = {{"STOA_LOG_LEVEL", "warn"}},
                       .arguments = {}});
  const auto cold_ms = cold_start_ms(server);
  server.start();
  std::this_thread::sleep_for(idle_time);
  const auto idle_mb = static_cast<double>(server.memory_kb()) / 1024;
  auto run = options.run;
  run.port = server.port();

  std::string text = fmt::format(
      "{}\ncold start to the first response: {:.0f} ms\n"
      "idle memory: {:.1f} MB\n\n",
      machine(), cold_ms, idle_mb);
  std::string json =
      fmt::format(R"({{"cold_start_ms":{:.1f},"idle_memory_mb":{:.1f})", cold_ms, idle_mb);
  bool ok = true;
  if (options.run_only != "read") {
    auto purchases = run_purchases(run);
    const auto check = verify(data, 0, purchases.confirmed);
    ok = check.ok && purchases.confirmed > 0;
    text += purchases.text() + (check.ok ? "verification succeeded:\n" : "VERIFICATION FAILED:\n") +
            check.text + "\n";
    json += R"(,"purchases":)" + purchases.json() + R"(,"verified":)" + (ok ? "true" : "false");
  }
  if (options.run_only != "purchase") {
    auto reads = run_reads(run);
    ok = ok && reads.done > 0;
    text += reads.text();
    json += R"(,"reads":)" + reads.json();
  }
  text +=
      fmt::format("memory afterwards: {:.1f} MB\n", static_cast<double>(server.memory_kb()) / 1024);
  const auto ended = server.stop();
  if (ended != 0) {
    text += "the server did not stop cleanly\n" + server.log_end();
    ok = false;
  }
  fmt::print("{}", options.json ? json + "}\n" : text);
  return ok ? 0 : 1;
}

}  // namespace stoa::bench
