#include "net/cli/command_line.hpp"

#include "config/log.hpp"
#include "config/mask.hpp"
#include "config/nearest.hpp"
#include "net/cli/command_tree.hpp"
#include "net/cli/settings_files.hpp"
#include "net/cli/usage.hpp"
#include "net/cli/version.hpp"
#include "storage/base/utf8.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

namespace stoa::cli {

namespace {

/// "help user create" is "user create --help".
std::vector<std::string> without_help_command(std::vector<std::string> args) {
  if (args.empty() || args.front() != "help") return args;
  const bool of_itself = args.size() > 1 && args[1].starts_with('-');
  if (of_itself) return args;
  args.erase(args.begin());
  args.emplace_back("--help");
  return args;
}

/// Masks URLs: a mistyped value may contain a password.
int usage_error(const std::string& what, const CLI::App& command) {
  std::fprintf(stderr, "stoa: %s\nRun `%s --help` for more information.\n",
               printable(log::masked_urls(what)).c_str(), path_of(command).c_str());
  return exit_usage;
}

/// Without the section number: "stoa-user-create".
std::string stem_of(const man_page& p) {
  return p.name.substr(0, p.name.rfind('.'));
}

void print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
}

}  // namespace

command_line::command_line(std::string commit)
    : commit_(std::move(commit)),
      app_(std::make_unique<CLI::App>("A commerce backend in one binary", "stoa")) {
  app_->require_subcommand(1);
  app_->set_version_flag("--version", version_line(commit_), "Print the version");
  app_->footer("`stoa --help` lists all settings.");  // default for subcommands
  add_service_commands();
  add_config();
  add_about();
  app_->footer(
      "Settings, for every command: flags, environment (STOA_...), file (--config), default.\n" +
      config::help_text());
}

command_line::~command_line() = default;

void command_line::add_service_commands() {
  serve_ = app_->add_subcommand("serve", "Run all services and the HTTP API");
  migrate_ = app_->add_subcommand("migrate", "Bring the databases up to date");
  others_ = std::make_unique<subcommands>(*app_);
}

void command_line::add_config() {
  auto* group = app_->add_subcommand("config", "Inspect the settings");
  group->require_subcommand(1);
  print_ = group->add_subcommand("print", "Print every setting and its origin");
  print_->add_flag("--json", json_, "As a JSON object: value, default and origin of each key");
  check_ = group->add_subcommand("check", "Check the settings");
}

void command_line::add_about() {
  version_ = app_->add_subcommand("version", "Print the version");
  version_->add_flag("--verbose", verbose_,
                     "Include the versions of the compiler and the libraries");
  auto* help = app_->add_subcommand("help", "Print the help of a subcommand");
  help->add_option("SUBCOMMAND", help_of_, "Its name, for example `stoa help user create`");
  completion_ = app_->add_subcommand(
      "completion",
      "Print a completion script for a shell.\n"
      "For the current shell: source <(stoa completion bash). For all shells: see its first line.");
  completion_->add_option("SHELL", shell_, "The shell")
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->required();
  man_ = app_->add_subcommand("man", "Print a manual page; view it with `stoa man | man -l -`");
  man_->add_option("PAGE", page_,
                   "stoa (the default), stoa.conf, or a subcommand, for example `stoa man user\n"
                   "create` or `stoa man stoa-user-create`");
  man_->add_option("--dir", man_dir_, "Write all pages into this directory instead");
}

std::optional<int> command_line::parse(std::vector<std::string> args) {
  args = without_help_command(std::move(args));
  const auto given = check_arguments(*app_, args);
  if (!given.error.empty()) return usage_error(given.error, *given.command);
  try {
    auto reversed = args;
    std::reverse(reversed.begin(), reversed.end());
    app_->parse(reversed);
    return std::nullopt;
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return app_->exit(e);  // --help, --version
    return usage_error(e.what(), *given.command);
  }
}

std::optional<int> command_line::run_about() const {
  if (*version_) {
    print(verbose_ ? version_details(commit_) : version_line(commit_) + "\n");
    return exit_done;
  }
  if (*completion_) {
    print(completion_script(describe(*app_), shell_));
    return exit_done;
  }
  if (*man_) return man_dir_.empty() ? print_man_page() : write_man_pages();
  return std::nullopt;
}

int command_line::print_man_page() const {
  std::string name;
  for (const auto& word : page_) name += (name.empty() ? "" : "-") + word;
  if (name.empty()) name = "stoa";
  const auto of_command = "stoa-" + name;
  std::vector<std::string> known;
  for (const auto& p : man_pages(describe(*app_))) {
    const auto stem = stem_of(p);
    if (stem == name || stem == of_command || p.name == name) {
      print(p.text);
      return exit_done;
    }
    known.push_back(stem);
  }
  auto meant = config::nearest(name, known);
  if (meant.empty()) meant = config::nearest(of_command, known);
  if (meant == "stoa") meant.clear();  // similar to every short name
  return usage_error("unknown manual page " + shown(name) + config::did_you_mean(meant), *man_);
}

int command_line::write_man_pages() const {
  const auto pages = man_pages(describe(*app_));
  std::error_code error;
  std::filesystem::create_directories(man_dir_, error);
  for (const auto& p : pages) {
    const auto path = std::filesystem::path(man_dir_) / p.name;
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out << p.text;
    out.close();
    if (out) continue;
    std::fprintf(stderr, "stoa: cannot write %s\n", path.c_str());
    return exit_failed;
  }
  return exit_done;
}

int command_line::run_with(const config::loaded& loaded) const {
  const auto& s = loaded.values;
  if (!*serve_) {
    for (const auto& w : loaded.warnings) std::fprintf(stderr, "stoa: warning: %s\n", w.c_str());
  }
  if (*print_) {
    print(json_ ? config::print_json(loaded) : config::print(loaded));
    return exit_done;
  }
  if (*check_) {
    const auto faults = file_faults(s);
    for (const auto& f : faults) std::fprintf(stderr, "stoa: %s\n", f.c_str());
    if (!faults.empty()) return exit_usage;
    std::puts("the settings are valid");
    return exit_done;
  }
  auto logging = log::options_for(s.log.level, s.log.format);
  logging.repeat_interval_ms = s.log.repeat_interval_ms;
  log::start(std::move(logging));
  int code = exit_failed;
  if (*serve_) {
    for (const auto& w : loaded.warnings) log::warn("questionable setting", {{"reason", w}});
    code = run_serve(s);
  }
  if (*migrate_) code = run_migrate(s);
  if (auto done = others_->run(s)) code = *done;
  log::stop();
  return code;
}

int command_line::run(std::vector<std::string> args) {
  config::sources from;
  std::vector<std::string> errors;
  from.flags = config::take_flags(args, errors);
  from.environment = config::stoa_environment();
  if (auto done = parse(std::move(args))) return *done;
  if (auto done = run_about()) return *done;
  for (auto& own : others_->own_values()) {
    const bool is_given =
        std::ranges::find(from.flags, own.key, &config::given_flag::key) != from.flags.end();
    if (!is_given) from.flags.push_back(std::move(own));
  }
  auto loaded = config::load(from);
  errors.insert(errors.end(), loaded.errors.begin(), loaded.errors.end());
  for (const auto& e : errors) std::fprintf(stderr, "stoa: %s\n", e.c_str());
  return errors.empty() ? run_with(loaded) : config::exit_bad_settings;
}

}  // namespace stoa::cli
