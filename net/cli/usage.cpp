#include "net/cli/usage.hpp"

#include "config/mask.hpp"
#include "config/nearest.hpp"
#include "config/options.hpp"
#include "storage/base/utf8.hpp"

#include <CLI/CLI.hpp>

namespace stoa::cli {

namespace {

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

std::string unknown_command(const CLI::App& at, const std::string& word) {
  std::vector<std::string> known;
  for (const auto* c : commands_of(at)) known.push_back(c->get_name());
  return "unknown subcommand " + shown(word) + " of `" + path_of(at) + "`" +
         config::did_you_mean(config::nearest(word, known));
}

/// Known flags: the command's, and the settings', which every command takes.
std::string unknown_flag(const CLI::App& at, const std::string& flag) {
  std::vector<std::string> known{"--config"};
  for (const auto* o : at.get_options()) {
    for (const auto& l : o->get_lnames()) known.push_back("--" + l);
  }
  for (const auto& o : config::options()) {
    known.push_back(config::flag_name(o));
    if (!o.alias.empty()) known.push_back("--" + std::string(o.alias));
  }
  return "unknown flag " + shown(flag) + " of `" + path_of(at) + "`" +
         config::did_you_mean(config::nearest(flag, known));
}

std::size_t arguments_max(const CLI::App& at) {
  std::size_t count = 0;
  for (const auto* o : at.get_options()) {
    if (o->get_positional()) count += static_cast<std::size_t>(o->get_items_expected_max());
  }
  return count;
}

}  // namespace

std::string shown(const std::string& word) {
  return "\"" + printable(log::masked_setting(word.substr(0, 100))) + "\"";
}

std::string path_of(const CLI::App& app) {
  return app.get_parent() == nullptr ? app.get_name()
                                     : path_of(*app.get_parent()) + " " + app.get_name();
}

usage check_arguments(const CLI::App& root, const std::vector<std::string>& args) {
  usage u{&root};
  std::size_t arguments = 0;
  bool has_flags = true;  // no flags after "--"
  for (std::size_t i = 0; i < args.size(); ++i) {
    const auto& word = args[i];
    if (has_flags && word.size() > 1 && word.front() == '-') {
      has_flags = word != "--";
      if (!has_flags) continue;
      const auto equals = word.find('=');
      const auto* option = u.command->get_option_no_throw(word.substr(0, equals));
      if (option == nullptr) {
        u.error = unknown_flag(*u.command, word.substr(0, equals));
        return u;
      }
      if (option->get_items_expected_max() > 0 && equals == std::string::npos) ++i;
      if (i == args.size()) {
        u.error = word + " needs a value";
        return u;
      }
    } else if (const auto below = commands_of(*u.command); !below.empty()) {
      const auto found = std::find_if(below.begin(), below.end(),
                                      [&](const auto* c) { return c->get_name() == word; });
      if (found == below.end()) {
        u.error = unknown_command(*u.command, word);
        return u;
      }
      u.command = *found;
    } else if (++arguments > arguments_max(*u.command)) {
      u.error = "unexpected argument " + shown(word) + " of `" + path_of(*u.command) + "`";
      return u;
    }
  }
  return u;
}

}  // namespace stoa::cli
