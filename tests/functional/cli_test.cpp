// The command line itself: version, help, suggestions, completion scripts and manual pages.

#include "tests/support/server.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <sstream>

using namespace stoa;
using namespace stoa::test;
namespace fs = std::filesystem;
using strings = std::vector<std::string>;

namespace {

finished_program stoa_run(const strings& arguments, const environment& settings = {}) {
  return run_program(stoa_binary(), arguments, settings, std::chrono::seconds{20});
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string read(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

fs::path tool(const std::string& name) {
  for (const auto* folder : {"/usr/bin", "/bin", "/usr/local/bin"}) {
    if (fs::exists(fs::path(folder) / name)) return fs::path(folder) / name;
  }
  return {};
}

/// bash's completions of the last word with the printed script.
std::string completed(const fs::path& script, const strings& words) {
  std::string line = "source " + script.string() + "; COMP_WORDS=(";
  for (const auto& w : words) line += "'" + w + "' ";
  line += "); COMP_CWORD=" + std::to_string(words.size() - 1) + "; _stoa; echo \"${COMPREPLY[*]}\"";
  auto done = run_program(tool("bash"), {"--norc", "-c", line});
  BOOST_TEST(done.exit_code == 0, done.output);
  if (done.output.ends_with('\n')) done.output.pop_back();
  return done.output;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_version) {
  const auto line = stoa_run({"--version"});
  BOOST_TEST(line.exit_code == 0);
  BOOST_TEST(line.output.starts_with("stoa "));
  BOOST_TEST(stoa_run({"version"}).output == line.output);
  const auto all = stoa_run({"version", "--verbose"});
  BOOST_TEST(all.output.starts_with(line.output));
  for (const auto* library : {"SQLite 3.", "OpenSSL ", "libpq ", "Boost 1.81", "ICU "}) {
    BOOST_TEST(holds(all.output, library), all.output);
  }
}

BOOST_AUTO_TEST_CASE(help_is_that_of_the_flag) {
  BOOST_TEST(stoa_run({"help"}).output == stoa_run({"--help"}).output);
  const auto create = stoa_run({"help", "user", "create"});
  BOOST_TEST(create.exit_code == 0);
  BOOST_TEST(create.output == stoa_run({"user", "create", "--help"}).output);
  BOOST_TEST(holds(create.output, "--role"));
  const auto unknown = stoa_run({"help", "user", "craete"});
  BOOST_TEST(unknown.exit_code == 2);
  BOOST_TEST(holds(unknown.output, "did you mean create?"), unknown.output);
}

BOOST_AUTO_TEST_CASE(mistyped_words_get_a_suggestion) {
  struct mistake {
    strings arguments;
    std::string suggested;  // empty: none
  };
  const mistake all[] = {{{"improt", "shopify", "x.csv"}, "did you mean import?"},
                         {{"serev"}, "did you mean serve?"},
                         {{"serv"}, "did you mean serve?"},
                         {{"import", "shopfy", "x.csv"}, "did you mean shopify?"},
                         {{"serve", "--lisen", "127.0.0.1:0"}, "did you mean --listen?"},
                         {{"serve", "--http-lsiten=127.0.0.1:0"}, "did you mean --http-listen?"},
                         {{"user", "create", "--rol", "admin"}, "did you mean --role?"},
                         {{"config", "print", "--jsno"}, "did you mean --json?"},
                         {{"SERVE"}, "did you mean serve?"},
                         {{"serve", "--LISTEN", "127.0.0.1:0"}, "did you mean --listen?"},
                         {{"help", "Improt"}, "did you mean import?"},
                         {{"man", "serv"}, "did you mean stoa-serve?"},
                         {{"man", "stoa-user-craete"}, "did you mean stoa-user-create?"},
                         {{"man", "user", "craete"}, "did you mean stoa-user-create?"},
                         {{"man", "stoa.cnf"}, "did you mean stoa.conf?"},
                         {{"man", "nothing-like-it"}, ""},
                         {{"man", "x\xFF"}, ""},
                         {{"sing"}, ""},
                         {{"serve", "--nonsense"}, ""}};
  for (const auto& m : all) {
    const auto done = stoa_run(m.arguments);
    BOOST_TEST(done.exit_code == 2, done.output);
    BOOST_TEST(holds(done.output, "unknown "), done.output);
    if (m.suggested.empty()) {
      BOOST_TEST(!holds(done.output, "did you mean"), done.output);
    } else {
      BOOST_TEST(holds(done.output, m.suggested), done.output);
    }
  }
  const auto secret = stoa_run({"top", "--ulr=http://ada:hunter2@127.0.0.1"});
  BOOST_TEST(secret.exit_code == 2);
  BOOST_TEST(!holds(secret.output, "hunter2"), secret.output);
}

BOOST_AUTO_TEST_CASE(a_wrong_use_names_the_argument_and_the_help_to_read) {
  struct mistake {
    strings arguments;
    std::string error;
    std::string help;
  };
  const mistake all[] = {
      {{}, "A subcommand is required", "`stoa --help`"},
      {{"config"}, "A subcommand is required", "`stoa config --help`"},
      {{"user", "create"}, "--role is required", "`stoa user create --help`"},
      {{"migrate", "x", "y"},
       "unexpected argument \"x\" of `stoa migrate`",
       "`stoa migrate --help`"},
      {{"config", "print", "--", "x"}, "unexpected argument \"x\"", "`stoa config print --help`"},
      {{"export", "shopify", "a", "b"},
       "unexpected argument \"b\"",
       "`stoa export shopify --help`"},
      {{"serve", "--http-docs", "maybe"}, "unexpected argument \"maybe\"", "`stoa serve --help`"},
      {{"\xFF\xC2\x9B"}, "unknown subcommand \"??\"", "`stoa --help`"},
      {{"completion", "c\xFFsh"}, "c?sh not in", "`stoa completion --help`"},
      {{"demo", "--products"}, "--products needs a value", "`stoa demo --help`"},
      {{"demo", "--products", "many\x1B[31m"}, "many?[31m", "`stoa demo --help`"}};
  for (const auto& m : all) {
    const auto done = stoa_run(m.arguments);
    BOOST_TEST(done.exit_code == 2, done.output);
    BOOST_TEST(holds(done.output, m.error), done.output);
    BOOST_TEST(holds(done.output, m.help), done.output);
  }
  const auto set = stoa_run({"config", "print", "--http-docs", "off"});
  BOOST_TEST(set.exit_code == 0);
  BOOST_TEST(holds(set.output, "\ndocs = false "), set.output);
}

BOOST_AUTO_TEST_CASE(variables_that_are_no_settings) {
  const auto warned = stoa_run({"config", "check"}, {{"STOA_WAREHOUSE_BADGE", "hunter2"}});
  BOOST_TEST(warned.exit_code == 0, warned.output);
  BOOST_TEST(holds(warned.output, "warning: the environment variable STOA_WAREHOUSE_BADGE"),
             warned.output);
  BOOST_TEST(!holds(warned.output, "hunter2"));
  const auto refused = stoa_run({"config", "check"}, {{"STOA_STORE_CURENCY", "EUR"}});
  BOOST_TEST(refused.exit_code == 2);
  BOOST_TEST(holds(refused.output, "did you mean STOA_STORE_CURRENCY?"), refused.output);
}

BOOST_AUTO_TEST_CASE(output_that_cannot_be_written_is_an_error) {
  const temp_dir dir;
  const auto sh = [&](const std::string& line) {
    return run_program(
        "/bin/sh",
        {"-c", "cd " + (dir / ".").string() + "; S=" + stoa_binary().string() + "; " + line}, {},
        std::chrono::seconds{20});
  };
  for (const std::string command : {"version", "--help", "config print", "completion bash", "man",
                                    "demo --products 1 --data full", "store check --data full"}) {
    for (const auto* to : {">/dev/full", ">&-"}) {
      const auto done = sh("$S " + command + " " + to);
      BOOST_TEST(done.exit_code == 1, command << to << done.output);
      BOOST_TEST(holds(done.output, "stoa: cannot write to standard output"), command);
    }
  }
  // No database uses a closed standard descriptor's number, which other output would overwrite.
  BOOST_TEST(sh("$S demo --products 3 --data closed <&- >&- 2>&-").exit_code == 1);
  const auto written = sh("$S export shopify --data closed");
  BOOST_TEST(written.exit_code == 0);
  BOOST_TEST(holds(written.output, "3 products exported"), written.output);
}

BOOST_AUTO_TEST_CASE(folders_that_cannot_be_used_are_named) {
  const temp_dir dir;
  std::ofstream(dir / "file") << "x";
  for (const auto& data : {dir / "file", dir / "file/below", fs::path("/proc/none")}) {
    const auto done = stoa_run({"migrate", "--data", data.string()});
    BOOST_TEST(done.exit_code == 1);
    BOOST_TEST(holds(done.output, "stoa: " + data.string() + ": "), done.output);
  }
}

BOOST_AUTO_TEST_CASE(bash_completes) {
  if (tool("bash").empty()) skip("bash is not installed");
  const temp_dir dir;
  const auto script = dir / "stoa.bash";
  std::ofstream(script) << stoa_run({"completion", "bash"}).output;
  BOOST_TEST(completed(script, {"stoa", "imp"}) == "import");
  BOOST_TEST(completed(script, {"stoa", "user", ""}) == "create");
  BOOST_TEST(completed(script, {"stoa", "user", "create", "--role", ""}) == "admin staff customer");
  BOOST_TEST(completed(script, {"stoa", "user", "create", "--rol"}) == "--role");
  BOOST_TEST(completed(script, {"stoa", "serve", "--log-lev"}) == "--log-level");
  BOOST_TEST(completed(script, {"stoa", "serve", "--log-level", "wa"}) == "warn");
  BOOST_TEST(completed(script, {"stoa", "serve", "--log-level", "=", "de"}) == "debug");
  // The value of a flag is not a subcommand.
  BOOST_TEST(completed(script, {"stoa", "--data", "import", "ser"}) == "serve");
  BOOST_TEST(completed(script, {"stoa", "help", "us"}) == "user");
  BOOST_TEST(completed(script, {"stoa", "help", "config", ""}) == "print check");
  BOOST_TEST(completed(script, {"stoa", "help", "config", "print", ""}) == "");
  BOOST_TEST(completed(script, {"stoa", "man", "ser"}) == "serve");
  BOOST_TEST(completed(script, {"stoa", "man", "st"}) == "store status stoa.conf");
  BOOST_TEST(completed(script, {"stoa", "man", "user", ""}) == "create");
  BOOST_TEST(completed(script, {"stoa", "serve", "--http-docs", ""}) == "true false");
  BOOST_TEST(completed(script, {"stoa", "serve", "--http-docs", "=", "f"}) == "false");
  BOOST_TEST(completed(script, {"stoa", "--http-docs", "t"}) == "true top");
  BOOST_TEST(completed(script, {"stoa", "--http-docs", "true", "ser"}) == "serve");
  BOOST_TEST(completed(script, {"stoa", "completion", ""}) == "bash zsh fish");
  BOOST_TEST(completed(script, {"stoa", "import", "shopify",
                                script.string().substr(0, script.string().size() - 3)}) ==
             script.string());
}

BOOST_AUTO_TEST_CASE(zsh_completes) {
  if (tool("zsh").empty()) return skip("zsh is not installed");
  const temp_dir dir;
  std::ofstream(dir / "stoa.zsh") << stoa_run({"completion", "zsh"}).output;
  const auto offered = [&](const strings& words) {
    std::string line =
        "compdef() { : }; _files() { print -r -- FILES }\n"
        "compadd() { [[ $1 == -P ]] && shift 2; shift; print -r -- \"$@\" }\n"
        "source " +
        (dir / "stoa.zsh").string() + "\nwords=(";
    for (const auto& w : words) line += "'" + w + "' ";
    line += ") CURRENT=" + std::to_string(words.size()) + "; _stoa";
    const auto done = run_program(tool("zsh"), {"-f", "-c", line});
    BOOST_TEST(done.exit_code == 0, done.output);
    return done.output;
  };
  BOOST_TEST(offered({"stoa", "help", "config", ""}) == "print check\n");
  BOOST_TEST(offered({"stoa", "man", "user", ""}) == "create\n");
  BOOST_TEST(holds(offered({"stoa", "man", ""}), " stoa.conf\n"));
  BOOST_TEST(offered({"stoa", "serve", "--http-docs", ""}) == "true false\n\n");
  BOOST_TEST(offered({"stoa", "serve", "--log-format="}) == "auto json text\n");
  BOOST_TEST(offered({"stoa", "serve", "--log-format", ""}) == "auto json text\n");
  BOOST_TEST(offered({"stoa", "serve", "--config", ""}) == "FILES\n");
}

BOOST_AUTO_TEST_CASE(fish_completes) {
  if (tool("fish").empty()) return skip("fish is not installed");
  const temp_dir dir;
  std::ofstream(dir / "stoa.fish") << stoa_run({"completion", "fish"}).output;
  const auto offered = [&](const std::string& line) {
    const auto done = run_program(
        tool("fish"), {"-N", "-c",
                       "source " + (dir / "stoa.fish").string() + "; complete -C '" + line +
                           "' | string replace -r '\\t.*' '' | string join ' '; true"});
    BOOST_TEST(done.exit_code == 0, done.output);
    return done.output;
  };
  BOOST_TEST(offered("stoa imp") == "import\n");
  BOOST_TEST(offered("stoa help config ") == "check print\n");
  BOOST_TEST(offered("stoa help us") == "user\n");
  BOOST_TEST(offered("stoa man sto") == "stoa.conf store\n");
  BOOST_TEST(offered("stoa serve --http-docs ") == "false true\n");
  BOOST_TEST(offered("stoa serve --log-format ") == "auto json text\n");
  BOOST_TEST(offered("stoa user create --role ") == "admin customer staff\n");
}

BOOST_AUTO_TEST_CASE(scripts_of_other_shells_parse) {
  const temp_dir dir;
  for (const auto* shell : {"zsh", "fish"}) {
    const auto script = dir / shell;
    const auto made = stoa_run({"completion", shell});
    BOOST_TEST(made.exit_code == 0);
    BOOST_TEST(holds(made.output, "shopify"));
    std::ofstream(script) << made.output;
    if (tool(shell).empty()) continue;
    const auto read = run_program(tool(shell), {"-n", script.string()});
    BOOST_TEST(read.exit_code == 0, read.output);
  }
  BOOST_TEST(stoa_run({"completion", "csh"}).exit_code == 2);
}

BOOST_AUTO_TEST_CASE(manual_pages_are_whole) {
  const temp_dir dir;
  const auto pages = dir / "man";
  BOOST_TEST_REQUIRE(stoa_run({"man", "--dir", pages.string()}).exit_code == 0);
  for (const auto* name :
       {"stoa.1", "stoa-user-create.1", "stoa-import-shopify.1", "stoa.conf.5"}) {
    BOOST_TEST(fs::exists(pages / name), name);
  }
  BOOST_TEST(stoa_run({"man"}).output == read(pages / "stoa.1"));
  BOOST_TEST(stoa_run({"man", "stoa.conf"}).output == read(pages / "stoa.conf.5"));
  BOOST_TEST(stoa_run({"man", "serve"}).output == read(pages / "stoa-serve.1"));
  BOOST_TEST(stoa_run({"man", "stoa.conf.5"}).output == read(pages / "stoa.conf.5"));
  BOOST_TEST(stoa_run({"man", "config", "print"}).output == read(pages / "stoa-config-print.1"));
  BOOST_TEST(stoa_run({"man", "stoa-config-print"}).output == read(pages / "stoa-config-print.1"));
  // The settings are in stoa.conf(5); a page's text consists of paragraphs.
  BOOST_TEST(!holds(read(pages / "stoa-version.1"), "http\\-listen"));
  BOOST_TEST(
      holds(read(pages / "stoa-store-check.1"),
            ".SH NOTES\nExit code: 0 the store can be served, 1 it cannot.\n.PP\nThe store"));
  for (const auto& page : fs::directory_iterator(pages)) {
    if (!tool("mandoc").empty()) {
      const auto lint =
          run_program(tool("mandoc"), {"-T", "lint", "-W", "error", page.path().string()});
      BOOST_TEST(lint.exit_code == 0, lint.output);
    }
    if (!tool("groff").empty()) {
      const auto made = run_program(
          tool("groff"), {"-man", "-ww", "-z", "-T", "utf8", "-K", "utf8", page.path().string()});
      BOOST_TEST((made.exit_code == 0 && made.output.empty()), page.path() << made.output);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_preview_renders_a_template_without_a_server) {
  const temp_dir dir;
  fs::create_directories(dir / "de");
  std::ofstream(dir / "de" / "shipped.short.mustache") << "Unterwegs: {{order_number}}";
  const environment settings{{"STOA_NOTIFICATION_TEMPLATES_DIR", dir.path().string()},
                             {"STOA_STORE_NAME", "Tea"}};
  const auto preview = [&](strings more) {
    more.insert(more.begin(), {"notifications", "preview"});
    return stoa_run(more, settings);
  };
  const auto sms = preview({"shipped", "--locale", "de-AT", "--channel", "sms"});
  BOOST_TEST(sms.exit_code == 0, sms.output);
  BOOST_TEST(sms.output == "Tea: Unterwegs: 7F3A9-1C2BP\n\nSegments: 1\n");
  const auto push = preview({"action_required", "--channel", "push"});
  BOOST_TEST(push.output ==
             "Title: Tea\n\nPlease confirm the payment of your order 7F3A9-1C2BP.\n");
  const auto mail = preview({"confirmed"});
  BOOST_TEST(mail.exit_code == 0, mail.output);
  BOOST_TEST(mail.output.starts_with("Subject: Your order at Tea is confirmed\n\nHello "));
  BOOST_TEST(holds(preview({"confirmed", "--html"}).output, "</html>"));
  BOOST_TEST(preview({"action_required"}).exit_code == 1);
  BOOST_TEST(holds(preview({"nothing", "--channel", "sms"}).output, "no sms is sent"));
  BOOST_TEST(preview({"shipped", "--locale", "de_AT"}).exit_code == 2);
  BOOST_TEST(preview({"shipped", "--channel", "fax"}).exit_code == 2);
  std::ofstream(dir / "de" / "shipped.short.mustache") << "{{order}}";
  const auto bad = preview({"confirmed"});
  BOOST_TEST(bad.exit_code != 0);
  BOOST_TEST(holds(bad.output, "de/shipped.short.mustache:1: "), bad.output);
}

BOOST_AUTO_TEST_CASE(an_error_of_a_request_names_the_server_once) {
  const temp_dir dir;
  std::ofstream(dir / "token") << "a.b.c\n";
  const auto url = "http://127.0.0.1:" + std::to_string(free_port());
  for (const strings& command : {strings{"payments", "reconcile", "--from", "2026-11-01T00:00:00Z",
                                         "--to", "2026-11-02T00:00:00Z"},
                                 strings{"status"}}) {
    auto words = command;
    for (const auto& w :
         {std::string("--url"), url, std::string("--token-file"), (dir / "token").string()}) {
      words.push_back(w);
    }
    const auto failed = stoa_run(words);
    BOOST_TEST(failed.exit_code == 1);
    BOOST_TEST(holds("\n" + failed.output, "\nstoa: cannot connect to " + url + "\n"),
               failed.output);
  }
}
