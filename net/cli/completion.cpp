// Completion scripts. All three shells use the same tables, as one `case` over the command path.

#include "net/cli/command_tree.hpp"
#include "storage/base/text.hpp"

#include <sstream>

namespace stoa::cli {

namespace {

std::vector<std::string> names_of(const std::vector<option_text>& options) {
  std::vector<std::string> all;
  for (const auto& o : options) all.insert(all.end(), o.names.begin(), o.names.end());
  return all;
}

/// "user create" for "stoa user create"; empty for "stoa".
std::string below_root(const command_text& c) {
  const auto space = c.path.find(' ');
  return space == std::string::npos ? "" : c.path.substr(space + 1);
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

/// Quotes for a POSIX shell.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

/// Quotes for fish, which has backslash escapes within single quotes.
std::string fish_quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

/// Options of all commands, and the settings.
std::vector<option_text> all_options(const command_text& root) {
  auto all = setting_flags();
  for (const auto* c : all_commands(root)) {
    all.insert(all.end(), c->options.begin(), c->options.end());
  }
  return all;
}

/// Completions after a command path, without the settings.
struct place {
  std::string path;                ///< "user create", "help user"; empty for "stoa" alone
  std::vector<std::string> words;  ///< subcommands, or values of the argument
  std::vector<std::string> flags{};
  bool takes_file = false;
};

std::vector<std::string> names_of(const std::vector<command_text>& commands) {
  std::vector<std::string> all;
  all.reserve(commands.size());
  for (const auto& c : commands) all.push_back(c.name);
  return all;
}

bool takes_file(const option_text& positional) {
  return positional.choices.empty() && positional.names.front() == "FILE";
}

/// The completions of each command path, including those after `help` and `man`.
std::vector<place> places(const command_text& root) {
  std::vector<place> all;
  for (const auto* c : all_commands(root)) {
    place p{below_root(*c), names_of(c->commands), names_of(c->options)};
    for (const auto& argument : c->positionals) {
      p.words.insert(p.words.end(), argument.choices.begin(), argument.choices.end());
      p.takes_file = p.takes_file || takes_file(argument);
    }
    for (const std::string command : {"help", "man"}) {
      if (p.path == command) p.words = names_of(root.commands);
      if (p.path == "man") p.words.emplace_back("stoa.conf");
      if (c != &root) all.push_back({command + " " + below_root(*c), names_of(c->commands)});
    }
    all.push_back(std::move(p));
  }
  return all;
}

/// `_stoa_path`, `_stoa_words`, `_stoa_flags` and `_stoa_values` for bash and zsh: the completions
/// for the words before the cursor.
void write_tables(std::ostream& out, const command_text& root) {
  const auto all = places(root);
  std::string paths;
  for (const auto& p : all) {
    if (!p.path.empty()) paths += (paths.empty() ? "" : "|") + quoted(p.path);
  }
  const auto options = all_options(root);
  std::string valued;
  std::string optional;
  for (const auto& o : options) {
    if (!o.value.empty()) {
      valued += text::join(o.names, " ") + " ";
    } else if (!o.choices.empty()) {
      optional += text::join(o.names, " ") + " ";
    }
  }
  out << "_stoa_valued=" << quoted(" " + valued) << "\n"
      << "_stoa_optional=" << quoted(" " + optional) << "\n"
      << "_stoa_settings=" << quoted(text::join(names_of(setting_flags()), " ")) << "\n\n"
      << "# The subcommand in the given words.\n"
         "_stoa_find() {\n"
         "  local word before='' next\n"
         "  _stoa_path=''\n"
         "  for word in \"$@\"; do\n"
         "    next=\"${_stoa_path:+$_stoa_path }$word\"\n"
         "    if [[ \"$_stoa_valued\" != *\" $before \"* || -z \"$before\" ]]; then\n"
         "      case \"$next\" in "
      << paths
      << ") _stoa_path=\"$next\" ;; esac\n"
         "    fi\n"
         "    before=\"$word\"\n"
         "  done\n"
         "  _stoa_files=''\n"
         "  case \"$_stoa_path\" in\n";
  for (const auto& p : all) {
    out << "    " << quoted(p.path) << ") _stoa_words=" << quoted(text::join(p.words, " "))
        << " _stoa_flags=" << quoted(text::join(p.flags, " "))
        << (p.takes_file ? " _stoa_files=1" : "") << " ;;\n";
  }
  out << "  esac\n}\n\n"
         "# The values of a flag; fails when it takes free text.\n"
         "_stoa_choices() {\n  case \"$1\" in\n";
  for (const auto& o : options) {
    if (o.choices.empty()) continue;
    std::string names;
    for (const auto& n : o.names) names += (names.empty() ? "" : "|") + n;
    out << "    " << names << ") _stoa_values=" << quoted(text::join(o.choices, " ")) << " ;;\n";
  }
  out << "    *) return 1 ;;\n  esac\n}\n\n";
}

std::string bash_script(const command_text& root) {
  std::ostringstream out;
  out << "# Completion of stoa for bash: source <(stoa completion bash)\n";
  write_tables(out, root);
  out << R"(_stoa() {
  local cur="${COMP_WORDS[COMP_CWORD]}" prev="${COMP_WORDS[COMP_CWORD-1]}" equals=''
  COMPREPLY=()
  # bash cuts --flag=value into three words.
  if [[ "$cur" == '=' ]]; then cur='' equals=1
  elif [[ "$prev" == '=' ]]; then prev="${COMP_WORDS[COMP_CWORD-2]}" equals=1; fi
  _stoa_find "${COMP_WORDS[@]:1:COMP_CWORD-1}"
  if [[ -n "$equals" || "$_stoa_valued" == *" $prev "* ]]; then
    if _stoa_choices "$prev"; then
      mapfile -t COMPREPLY < <(compgen -W "$_stoa_values" -- "$cur")
    else
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    fi
  elif [[ "$cur" == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$_stoa_flags $_stoa_settings" -- "$cur")
  elif [[ -n "$_stoa_files" ]]; then
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
  else
    # Behind a flag that may stand alone, a value may follow, or another word.
    _stoa_values=''
    if [[ "$_stoa_optional" == *" $prev "* ]]; then _stoa_choices "$prev"; fi
    mapfile -t COMPREPLY < <(compgen -W "$_stoa_values $_stoa_words" -- "$cur")
  fi
}
complete -F _stoa stoa
)";
  return out.str();
}

std::string zsh_script(const command_text& root) {
  std::ostringstream out;
  out << "#compdef stoa\n# Completion of stoa for zsh: source <(stoa completion zsh), or the file "
         "_stoa in a folder of $fpath\n";
  write_tables(out, root);
  out << R"(_stoa() {
  local cur="${words[CURRENT]}" prev="${words[CURRENT-1]}"
  local _stoa_path _stoa_words _stoa_flags _stoa_files _stoa_values
  _stoa_find "${(@)words[2,CURRENT-1]}"
  if [[ "$cur" == --*=* ]] && _stoa_choices "${cur%%=*}"; then
    compadd -P "${cur%%=*}=" -- ${=_stoa_values}
  elif [[ "$_stoa_valued" == *" $prev "* ]]; then
    if _stoa_choices "$prev"; then compadd -- ${=_stoa_values}; else _files; fi
  elif [[ "$cur" == -* ]]; then
    compadd -- ${=_stoa_flags} ${=_stoa_settings}
  elif [[ -n "$_stoa_files" ]]; then
    _files
  else
    # Behind a flag that may stand alone, a value may follow, or another word.
    if [[ "$_stoa_optional" == *" $prev "* ]]; then
      _stoa_choices "$prev" && compadd -- ${=_stoa_values}
    fi
    compadd -- ${=_stoa_words}
  fi
}
if [[ "${funcstack[1]}" == _stoa ]]; then _stoa "$@"; else compdef _stoa stoa; fi
)";
  return out.str();
}

void write_fish_option(std::ostream& out, const std::string& condition, const option_text& o) {
  out << "complete -c stoa";
  if (!condition.empty()) out << " -n " << fish_quoted(condition);
  for (const auto& n : o.names)
    out << (n.starts_with("--") ? " -l " + n.substr(2) : " -s " + n.substr(1));
  if (!o.value.empty()) out << (o.choices.empty() ? " -rF" : " -x");
  if (!o.value.empty() && !o.choices.empty())
    out << " -a " << fish_quoted(text::join(o.choices, " "));
  out << " -d " << fish_quoted(first_line(o.help)) << "\n";
  if (!o.value.empty() || o.choices.empty()) return;
  // A flag with an optional value: a value or another word may follow.
  std::string names;
  for (const auto& n : o.names) names += " " + n;
  out << "complete -c stoa -n " << fish_quoted("contains -- (commandline -opc)[-1]" + names)
      << " -a " << fish_quoted(text::join(o.choices, " ")) << "\n";
}

/// The subcommands as arguments of `help` and `man`.
void write_fish_names(std::ostream& out, const command_text& root) {
  std::string all;
  for (const auto& c : root.commands) {
    if (c.name != "help" && c.name != "man") all += " " + c.name;
  }
  for (const std::string command : {"help", "man"}) {
    out << "complete -c stoa -n "
        << fish_quoted("__fish_seen_subcommand_from " + command +
                       "; and not __fish_seen_subcommand_from" + all)
        << " -a " << fish_quoted((command == "man" ? "help man stoa.conf" : "help man") + all)
        << "\n";
  }
}

std::string fish_script(const command_text& root) {
  std::ostringstream out;
  out << "# Completion of stoa for fish: stoa completion fish | source\n"
         "complete -c stoa -f\n";
  write_fish_names(out, root);
  for (const auto* c : all_commands(root)) {
    std::string inside;  // all words of its path are present, and none of its subcommands
    std::istringstream words(below_root(*c));
    for (std::string w; words >> w;) {
      inside += (inside.empty() ? "" : "; and ") + ("__fish_seen_subcommand_from " + w);
    }
    std::string next = inside;
    if (!c->commands.empty()) {
      next += next.empty() ? "not __fish_seen_subcommand_from"
                           : "; and not __fish_seen_subcommand_from";
      for (const auto& sub : c->commands) next += " " + sub.name;
    }
    for (const auto& sub : c->commands) {
      out << "complete -c stoa -n " << fish_quoted(next) << " -a " << sub.name << " -d "
          << fish_quoted(first_line(sub.help)) << "\n";
    }
    for (const auto& p : c->positionals) {
      if (!p.choices.empty()) {
        out << "complete -c stoa -n " << fish_quoted(inside) << " -a "
            << fish_quoted(text::join(p.choices, " ")) << "\n";
      } else if (takes_file(p)) {
        out << "complete -c stoa -n " << fish_quoted(inside) << " -F\n";
      }
    }
    for (const auto& o : c->options) write_fish_option(out, inside, o);
  }
  for (const auto& o : setting_flags()) write_fish_option(out, "", o);
  return out.str();
}

}  // namespace

std::string completion_script(const command_text& root, const std::string& shell) {
  if (shell == "zsh") return zsh_script(root);
  return shell == "fish" ? fish_script(root) : bash_script(root);
}

}  // namespace stoa::cli
