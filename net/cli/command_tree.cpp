#include "net/cli/command_tree.hpp"

#include "config/options.hpp"

#include <CLI/CLI.hpp>

#include <sstream>

namespace stoa::cli {

namespace {

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, at);) parts.push_back(part);
  return parts;
}

/// CLI11 appends the values of IsMember to the type: "TEXT:{admin,staff}".
std::vector<std::string> choices_of(const std::string& type) {
  const auto open = type.find('{');
  const auto close = type.find('}', open);
  if (open == std::string::npos || close == std::string::npos) return {};
  return split(type.substr(open + 1, close - open - 1), ',');
}

option_text describe(const CLI::Option& o) {
  option_text text;
  for (const auto& s : o.get_snames()) text.names.push_back("-" + s);
  for (const auto& l : o.get_lnames()) text.names.push_back("--" + l);
  if (o.get_positional()) text.names = {o.get_name(true)};
  text.help = o.get_description();
  const auto type = o.get_type_name();
  if (o.get_items_expected_max() > 0) {
    text.value = type.substr(0, type.find_first_of(":{ "));
    if (text.value.empty()) text.value = "VALUE";
    text.choices = choices_of(type);
  }
  text.standard = o.get_default_str();
  text.required = o.get_required();
  return text;
}

}  // namespace

command_text describe(const CLI::App& app, const std::string& parent) {
  command_text c;
  c.name = app.get_name();
  c.path = parent.empty() ? c.name : parent + " " + c.name;
  c.help = app.get_description();
  c.footer = app.get_footer();
  for (const auto* o : app.get_options()) {
    (o->get_positional() ? c.positionals : c.options).push_back(describe(*o));
  }
  for (const auto* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    c.commands.push_back(describe(*sub, c.path));
  }
  return c;
}

std::vector<option_text> setting_flags() {
  std::vector<option_text> all;
  all.push_back({{"--config"}, "The settings file.", "FILE", {}, {}, false});
  for (const auto& o : config::options()) {
    option_text text;
    text.names.push_back(config::flag_name(o));
    if (!o.alias.empty()) text.names.push_back("--" + std::string(o.alias));
    text.help = o.help;
    settings s;
    const bool is_yes_or_no = std::holds_alternative<bool*>(o.at(s));
    if (is_yes_or_no) text.choices = {"true", "false"};
    if (!o.allowed.empty()) text.choices = split(std::string(o.allowed), '|');
    text.value = is_yes_or_no ? "" : "VALUE";
    text.standard = config::value_text(o, settings{});
    all.push_back(std::move(text));
  }
  return all;
}

std::vector<const command_text*> all_commands(const command_text& root) {
  std::vector<const command_text*> all{&root};
  for (const auto& sub : root.commands) {
    const auto below = all_commands(sub);
    all.insert(all.end(), below.begin(), below.end());
  }
  return all;
}

}  // namespace stoa::cli
