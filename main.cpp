// `stoa`: one binary, its subcommands.

#include "config/load.hpp"
#include "config/log.hpp"
#include "config/mask.hpp"
#include "net/cli/commands.hpp"
#include "net/cli/subcommands.hpp"

#include <CLI/CLI.hpp>
#include <sodium.h>

#include <cstdio>
#include <sstream>

namespace {

using namespace stoa;

int print_errors(const std::vector<std::string>& errors) {
  for (const auto& e : errors) std::fprintf(stderr, "stoa: %s\n", e.c_str());
  return config::exit_bad_settings;
}

int run(std::vector<std::string> args) {
  config::sources from;
  std::vector<std::string> errors;
  from.flags = config::take_flags(args, errors);
  from.environment = config::stoa_environment();

  CLI::App app{"Stoa: a commerce backend in one binary", "stoa"};
  app.require_subcommand(1);
  app.footer(
      "Settings, for every command: flags, environment (STOA_...), file (--config), default.\n" +
      config::help_text());
  auto* serve = app.add_subcommand("serve", "Run all services and the HTTP API");
  auto* migrate = app.add_subcommand("migrate", "Bring the databases up to date");
  cli::subcommands others(app);
  auto* settings_group = app.add_subcommand("config", "Look at the settings");
  settings_group->require_subcommand(1);
  auto* print =
      settings_group->add_subcommand("print", "Print every setting and where it comes from");
  auto* check = settings_group->add_subcommand("check", "Check the settings");
  auto* version = app.add_subcommand("version", "Print the version");
  try {
    std::reverse(args.begin(), args.end());
    app.parse(args);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return app.exit(e);  // --help
    // A mistyped flag may have a URL with a password as its value.
    std::ostringstream usage;
    app.exit(e, usage, usage);
    std::fputs(log::masked_urls(usage.str()).c_str(), stderr);
    return cli::exit_usage;
  }
  if (*version) {
    std::puts("stoa " STOA_VERSION);
    return cli::exit_done;
  }
  auto loaded = config::load(from);
  errors.insert(errors.end(), loaded.errors.begin(), loaded.errors.end());
  if (!errors.empty()) return print_errors(errors);
  if (*print) {
    std::fputs(config::print(loaded).c_str(), stdout);
    return cli::exit_done;
  }
  if (*check) {
    std::puts("the settings are good");
    return cli::exit_done;
  }
  auto logging = log::options_for(loaded.values.log.level, loaded.values.log.format);
  logging.repeat_interval_ms = loaded.values.log.repeat_interval_ms;
  log::start(std::move(logging));
  int code = cli::exit_failed;
  if (*serve) code = cli::run_serve(loaded.values);
  if (*migrate) code = cli::run_migrate(loaded.values);
  if (auto done = others.run(loaded.values)) code = *done;
  log::stop();
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  if (sodium_init() < 0) {
    std::fputs("stoa: libsodium cannot be initialised\n", stderr);
    return cli::exit_failed;
  }
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::exception& e) {
    log::flush();
    std::fprintf(stderr, "stoa: %s\n", log::masked_urls(e.what()).c_str());
    return cli::exit_failed;
  }
}
