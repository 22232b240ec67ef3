#include "tests/support/backups.hpp"

#include "tests/support/store_copy.hpp"
#include "tests/support/store_files.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace stoa::test {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds command_limit{180};

std::int64_t orders_in(const fs::path& data) {
  // Carts in Redis may not exist yet.
  if (const auto place = place_of(data)) return row_counter(*place).count("order", "orders", "1=1");
  return store_files(data).number("SELECT count(*) FROM order_db.orders");
}

std::string run(const fs::path& program, const std::vector<std::string>& words,
                const environment& settings) {
  const auto done = run_program(program, words, settings, command_limit);
  if (done.exit_code != 0) throw std::runtime_error("stoa " + words[0] + ": " + done.output);
  return done.output;
}

/// "... writers were paused for 3.2 ms".
double held_ms_in(const std::string& output) {
  static constexpr std::string_view before = "paused for ";
  const auto at = output.find(before);
  return at == std::string::npos ? 0 : std::atof(output.c_str() + at + before.size());
}

}  // namespace

int backups_wanted(int otherwise) {
  const char* text = std::getenv("STOA_TEST_BACKUPS");
  return text ? std::atoi(text) : otherwise;
}

backup_outcome back_up_and_audit(const backup_plan& plan, int number) {
  backup_outcome outcome;
  const auto copy = plan.work / ("backup-" + std::to_string(number));
  const auto data = plan.work / ("restored-" + std::to_string(number));
  const auto before = orders_in(plan.data);
  outcome.held_ms =
      held_ms_in(run(plan.program.empty() ? stoa_binary() : plan.program,
                     {"backup", copy.string(), "--data", plan.data.string()}, plan.settings));
  const auto after = orders_in(plan.data);
  server_options options;
  options.data = data;
  options.settings = plan.restored(number, data);
  options.alone = true;
  run(stoa_binary(), {"restore", copy.string(), "--data", data.string()}, options.settings);
  outcome.orders = orders_in(data);
  if (outcome.orders < before || outcome.orders > after) {
    outcome.violations.push_back("the backup has " + std::to_string(outcome.orders) +
                                 " orders, and the store had " + std::to_string(before) +
                                 " before it and " + std::to_string(after) + " after it");
  }
  for (const auto& [what, many] : open_work(data)) outcome.open += many;
  server restored(options);
  restored.start();
  await_quiet(data, plan.settle);
  if (restored.stop().value_or(-1) != 0) {
    outcome.violations.push_back("the restored store did not stop cleanly: " + restored.log_end());
  }
  // Mails sent before the backup remain in the original folder.
  const auto report = check_store({data, false, true, plan.initial, {}});
  outcome.violations.insert(outcome.violations.end(), report.violations.begin(),
                            report.violations.end());
  // The program's own check must agree.
  const auto check = run_program(stoa_binary(), {"check", "--data", data.string()},
                                 options.settings, command_limit);
  if (check.exit_code != 0) outcome.violations.push_back("stoa check: " + check.output);
  fs::remove_all(copy);
  return outcome;
}

}  // namespace stoa::test
