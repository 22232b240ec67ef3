#include "net/cli/usage.hpp"

#include "config/mask.hpp"
#include "config/nearest.hpp"
#include "config/options.hpp"
#include "net/cli/import_report.hpp"

#include <CLI/CLI.hpp>

namespace stoa::cli {

namespace {

std::string did_you_mean(const std::string& name) {
  return name.empty() ? "" : "; did you mean " + name + "?";
}

/// A mistyped word may be a URL with a password, or a text of any length.
std::string shown(const std::string& word) {
  return "\"" + printable(log::masked_setting(word.substr(0, 100))) + "\"";
}

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

std::string path_of(const CLI::App& app) {
  return app.get_parent() == nullptr ? app.get_name()
                                     : path_of(*app.get_parent()) + " " + app.get_name();
}

std::string unknown_command(const CLI::App& at, const std::string& word) {
  std::vector<std::string> known;
  for (const auto* c : commands_of(at)) known.push_back(c->get_name());
  return "there is no subcommand " + shown(word) + " of `" + path_of(at) + "`" +
         did_you_mean(config::nearest(word, known));
}

/// The flags of the command, and those of the settings, which each command takes.
std::string unknown_flag(const CLI::App& at, const std::string& flag) {
  std::vector<std::string> known{"--config"};
  for (const auto* o : at.get_options()) {
    for (const auto& l : o->get_lnames()) known.push_back("--" + l);
  }
  for (const auto& o : config::options()) {
    known.push_back(config::flag_name(o));
    if (!o.alias.empty()) known.push_back("--" + std::string(o.alias));
  }
  return "there is no flag " + shown(flag) + " of `" + path_of(at) + "`" +
         did_you_mean(config::nearest(flag, known));
}

}  // namespace

std::string find_unknown(const CLI::App& root, const std::vector<std::string>& args) {
  const auto* at = &root;
  for (std::size_t i = 0; i < args.size() && args[i] != "--"; ++i) {
    const auto& word = args[i];
    if (word.size() > 1 && word.front() == '-') {
      const auto equals = word.find('=');
      const auto* option = at->get_option_no_throw(word.substr(0, equals));
      if (option == nullptr) return unknown_flag(*at, word.substr(0, equals));
      if (option->get_items_expected_max() > 0 && equals == std::string::npos) ++i;
    } else if (const auto below = commands_of(*at); !below.empty()) {
      const auto found = std::find_if(below.begin(), below.end(),
                                      [&](const auto* c) { return c->get_name() == word; });
      if (found == below.end()) return unknown_command(*at, word);
      at = *found;
    }
  }
  return {};
}

}  // namespace stoa::cli
