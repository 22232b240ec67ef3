// Manual pages in roff with the macros of man(7).

#include "config/options.hpp"
#include "net/cli/command_tree.hpp"

#include <algorithm>
#include <sstream>

namespace stoa::cli {

namespace {

/// Escapes text for roff: special characters, characters that would not stay ASCII, and lines that
/// start with a control character. An empty line separates paragraphs.
std::string roff(const std::string& text) {
  std::string out;
  bool line_begins = true;
  for (const char c : text) {
    if (line_begins && c == '\n') {
      out += ".PP";
    } else if (line_begins && (c == '.' || c == '\'')) {
      out += "\\&";
    }
    line_begins = c == '\n';
    switch (c) {
      case '\\':
        out += "\\e";
        break;
      case '-':
        out += "\\-";
        break;
      case '`':
        out += "\\(ga";
        break;
      case '~':
        out += "\\(ti";
        break;
      case '^':
        out += "\\(ha";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return text;
}

std::string page_name(const command_text& c) {
  std::string name = c.path;
  std::ranges::replace(name, ' ', '-');
  return name;
}

/// The first sentence, up to a colon, on one line and without its full stop.
std::string summary(const std::string& text) {
  std::string line = text.substr(0, text.find(". "));
  line = line.substr(0, line.find(".\n"));
  line = line.substr(0, line.find(": "));
  std::ranges::replace(line, '\n', ' ');
  if (line.ends_with('.')) line.pop_back();
  return line;
}

std::string sentence(const std::string& text) {
  return text.empty() || text.ends_with('.') ? text : text + ".";
}

void begin(std::ostream& out, const std::string& title, int section, const std::string& name,
           const std::string& what) {
  out << ".TH " << upper(roff(title)) << " " << section << " \"\" \"Stoa " STOA_VERSION
      << "\" \"Stoa Manual\"\n.SH NAME\n"
      << roff(name) << " \\- " << roff(what) << "\n";
}

void write_option(std::ostream& out, const option_text& o) {
  out << ".TP\n";
  for (std::size_t i = 0; i < o.names.size(); ++i) {
    out << (i == 0 ? "" : ", ") << "\\fB" << roff(o.names[i]) << "\\fR";
  }
  if (!o.value.empty() && o.names.front().starts_with('-'))
    out << " \\fI" << roff(o.value) << "\\fR";
  out << "\n" << roff(sentence(o.help)) << "\n";
  if (!o.choices.empty()) {
    std::string all;
    for (const auto& c : o.choices) all += (all.empty() ? "" : ", ") + c;
    out << "One of: " << roff(all) << ".\n";
  }
  if (!o.standard.empty()) out << "Default: " << roff(o.standard) << ".\n";
}

void write_options(std::ostream& out, const char* heading, const std::vector<option_text>& all) {
  if (all.empty()) return;
  out << ".SH " << heading << "\n";
  for (const auto& o : all) write_option(out, o);
}

std::string command_page(const command_text& c, bool is_root) {
  std::ostringstream out;
  begin(out, page_name(c), 1, page_name(c), summary(c.help));
  out << ".SH SYNOPSIS\n\\fB" << roff(c.path) << "\\fR";
  if (!c.commands.empty()) out << " \\fISUBCOMMAND\\fR";
  out << " [\\fIOPTION\\fR]...";
  for (const auto& p : c.positionals) {
    out << (p.required ? " \\fI" : " [\\fI") << roff(p.names.front())
        << (p.required ? "\\fR" : "\\fR]");
  }
  out << "\n.SH DESCRIPTION\n" << roff(c.help) << "\n";
  write_options(out, "ARGUMENTS", c.positionals);
  write_options(out, "OPTIONS", c.options);
  if (!c.commands.empty()) {
    out << ".SH SUBCOMMANDS\n";
    for (const auto& sub : c.commands) {
      out << ".TP\n\\fB" << roff(page_name(sub)) << "\\fR(1)\n" << roff(summary(sub.help)) << "\n";
    }
  }
  if (!is_root && !c.footer.empty()) out << ".SH NOTES\n" << roff(c.footer) << "\n";
  out << ".SH SETTINGS\nEvery command takes the settings of \\fBstoa.conf\\fR(5) as flags.\n"
         ".SH EXIT STATUS\n"
         "0: done. 1: failed. 2: bad settings or usage. 3: done in part.\n"
         ".SH SEE ALSO\n";
  if (!is_root) out << "\\fBstoa\\fR(1), ";
  out << "\\fBstoa.conf\\fR(5)\n";
  return out.str();
}

std::string settings_page() {
  std::ostringstream out;
  begin(out, "stoa.conf", 5, "stoa.conf", "settings of Stoa");
  out << ".SH DESCRIPTION\n"
         "A flag overrides an environment variable, which overrides the settings file, which\n"
         "overrides the default. The file is that of \\fB\\-\\-config\\fR, otherwise of "
         "\\fBSTOA_CONFIG\\fR.\n"
         "The file has lines \\fIkey\\fR = \\fIvalue\\fR and sections [\\fIname\\fR], which prefix "
         "the\n"
         "keys below them. A # starts a comment. A value that contains # or \\(dq is written in\n"
         "\\(dqquotes\\(dq.\n"
         ".PP\n"
         "A boolean setting also accepts on, yes, 1, off, no and 0. Its flag without a value "
         "means\n"
         "true; the next word is taken as its value only if it is one of these.\n";
  std::string section;
  for (const auto& o : config::options()) {
    const std::string group(o.key.substr(0, o.key.find('.')));
    if (group != section) out << ".SH " << upper(roff(group)) << "\n";
    section = group;
    const auto standard = config::value_text(o, settings{});
    out << ".TP\n\\fB" << roff(std::string(o.key)) << "\\fR\n"
        << roff(std::string(o.help)) << "\n.br\nAllowed: " << roff(config::allowed_values(o))
        << ".\nDefault: " << (standard.empty() ? "empty" : roff(standard)) << ".\n.br\nFlag: \\fB"
        << roff(config::flag_name(o)) << "\\fR";
    if (!o.alias.empty()) out << ", \\fB\\-\\-" << o.alias << "\\fR";
    out << ".\nEnvironment: \\fB" << config::env_name(o) << "\\fR.\n";
  }
  out << ".SH SEE ALSO\n\\fBstoa\\fR(1)\n";
  return out.str();
}

}  // namespace

std::vector<man_page> man_pages(const command_text& root) {
  std::vector<man_page> pages;
  for (const auto* c : all_commands(root)) {
    pages.push_back({page_name(*c) + ".1", command_page(*c, c == &root)});
  }
  pages.push_back({"stoa.conf.5", settings_page()});
  return pages;
}

}  // namespace stoa::cli
