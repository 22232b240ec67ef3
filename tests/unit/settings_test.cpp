// Settings: precedence, strict reading, errors that name key, value, origin and range, masking.

#include "config/config_file.hpp"
#include "config/load.hpp"
#include "config/option_forms.hpp"

#include <boost/test/unit_test.hpp>
#include <rapidjson/document.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <unistd.h>

namespace config = stoa::config;
using strings = std::vector<std::string>;

namespace {

/// A settings file that is deleted at the end of the test.
class temporary_file {
 public:
  explicit temporary_file(const std::string& text) {
    path_ = (std::filesystem::temp_directory_path() / ("stoa_settings_" + std::to_string(getpid()) +
                                                       "_" + std::to_string(++count_) + ".conf"))
                .string();
    std::ofstream(path_, std::ios::binary) << text;
  }
  ~temporary_file() { std::filesystem::remove(path_); }
  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;
  const std::string& path() const { return path_; }

 private:
  static inline int count_ = 0;
  std::string path_;
};

config::loaded load(strings args, std::vector<std::pair<std::string, std::string>> environment = {},
                    std::span<const config::option> table = config::options()) {
  strings errors;
  config::sources from{config::take_flags(args, errors, table), std::move(environment)};
  auto l = config::load(from, table);
  l.errors.insert(l.errors.end(), errors.begin(), errors.end());
  return l;
}

std::string joined(const strings& lines) {
  std::string all;
  for (const auto& line : lines) all += line + "\n";
  return all;
}

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// Exactly one error, which contains each of the parts.
void check_error(const config::loaded& l, const strings& parts) {
  BOOST_TEST_CONTEXT(joined(l.errors)) {
    BOOST_TEST_REQUIRE(l.errors.size() == 1U);
    for (const auto& part : parts) {
      BOOST_TEST_CONTEXT(part) {
        BOOST_TEST(holds(l.errors[0], part));
      }
    }
  }
}

std::string source_path(const std::string& relative) {
  return std::string(STOA_SOURCE_DIR) + "/" + relative;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(settings_suite)

BOOST_AUTO_TEST_CASE(defaults_stand_when_nothing_is_given) {
  const auto l = load({});
  BOOST_TEST(joined(l.errors) == "");
  BOOST_TEST(l.values.http.listen == "127.0.0.1:8080");
  BOOST_TEST(l.values.http.body_bytes_max == 8'388'608);
  BOOST_TEST(l.values.order.checkout_wait_ms == 2000);
  BOOST_TEST(l.values.http.cors_origins.empty());
  BOOST_TEST(!l.values.store.demo);
  BOOST_TEST(std::ranges::all_of(l.origins, [](auto& o) { return o == "default"; }));
}

BOOST_AUTO_TEST_CASE(flag_beats_environment_beats_file_beats_default) {
  const temporary_file file("[http]\nthreads = 3\nlisten = 0.0.0.0:1\nidle_timeout_ms = 7\n");
  const auto l = load({"--config", file.path(), "--http-threads=5"},
                      {{"STOA_HTTP_THREADS", "4"}, {"STOA_HTTP_LISTEN", "0.0.0.0:2"}});
  BOOST_TEST(joined(l.errors) == "");
  BOOST_TEST(l.values.http.threads == 5);
  BOOST_TEST(l.values.http.listen == "0.0.0.0:2");
  BOOST_TEST(l.values.http.idle_timeout_ms == 7);
  BOOST_TEST(l.values.http.header_bytes_max == 8192);
  const auto text = config::print(l);
  BOOST_TEST(holds(text, "# --http-threads\n"));
  BOOST_TEST(holds(text, "# STOA_HTTP_LISTEN\n"));
  BOOST_TEST(holds(text, "# " + file.path() + ":4\n"));
  BOOST_TEST(holds(text, "# default\n"));
}

BOOST_AUTO_TEST_CASE(the_file_may_come_from_the_environment_and_the_flag_beats_it) {
  const temporary_file one("store.name = One\n");
  const temporary_file two("store.name = Two\n");
  BOOST_TEST(load({}, {{"STOA_CONFIG", one.path()}}).values.store.name == "One");
  BOOST_TEST(load({"--config=" + two.path()}, {{"STOA_CONFIG", one.path()}}).values.store.name ==
             "Two");
}

BOOST_AUTO_TEST_CASE(flags_are_taken_out_and_the_rest_is_left) {
  strings args = {"serve", "--listen", "127.0.0.1:0", "--products", "200",         "--store-demo",
                  "x",     "--data=d", "-v",          "--",         "--log-level", "debug"};
  strings errors;
  const auto taken = config::take_flags(args, errors);
  BOOST_TEST(errors.empty());
  BOOST_TEST(
      args == (strings{"serve", "--products", "200", "x", "-v", "--", "--log-level", "debug"}),
      boost::test_tools::per_element());
  BOOST_TEST_REQUIRE(taken.size() == 3U);
  BOOST_TEST(taken[0].key == "http.listen");
  BOOST_TEST(taken[0].value == "127.0.0.1:0");
  BOOST_TEST(taken[1].key == "store.demo");
  BOOST_TEST(taken[1].value == "true");
  BOOST_TEST(taken[2].key == "data.dir");
  BOOST_TEST(taken[2].value == "d");
}

BOOST_AUTO_TEST_CASE(a_flag_without_its_value_is_an_error) {
  check_error(load({"--http-threads"}), {"--http-threads", "0..256"});
  check_error(load({"--config"}), {"--config", "path"});
  check_error(load({"--config="}), {"--config", "path"});
}

BOOST_AUTO_TEST_CASE(a_bad_value_names_key_value_origin_and_range) {
  check_error(load({"--http-threads", "many"}),
              {"http.threads", "\"many\"", "--http-threads", "0..256"});
  check_error(
      load({}, {{"STOA_HTTP_BODY_BYTES_MAX", "12"}}),
      {"http.body_bytes_max", "\"12\"", "STOA_HTTP_BODY_BYTES_MAX", "1024..67108864 bytes"});
  const temporary_file file("# a comment\n[log]\nlevel = loud\n");
  check_error(load({"--config", file.path()}), {"log.level", "\"loud\"", file.path() + ":3",
                                                "trace|debug|info|warn|error|fatal|off"});
}

BOOST_AUTO_TEST_CASE(integers_are_read_strictly) {
  for (const auto* bad : {"", " 1", "1 ", "+1", "1.0", "1e3", "0x10", "1_000", "1ms", "-", "--1",
                          "99999999999999999999999", "-99999999999999999999999", "-1", "257"}) {
    BOOST_TEST_CONTEXT('"' << bad << '"') {
      check_error(load({"--http-threads=" + std::string(bad)}), {"http.threads"});
    }
  }
  BOOST_TEST(load({"--http-threads=256"}).values.http.threads == 256);
  BOOST_TEST(load({"--http-threads=0"}).values.http.threads == 0);
}

BOOST_AUTO_TEST_CASE(every_integer_takes_its_bounds_and_nothing_beyond) {
  for (const auto& o : config::options()) {
    stoa::settings s;
    if (!std::holds_alternative<std::int64_t*>(o.at(s))) continue;
    BOOST_TEST_CONTEXT(o.key) {
      BOOST_TEST(o.min < o.max);
      BOOST_TEST(!config::assign(o, std::to_string(o.min), s));
      BOOST_TEST(!config::assign(o, std::to_string(o.max), s));
      BOOST_TEST(!!config::assign(o, std::to_string(o.min - 1), s));
      BOOST_TEST(!!config::assign(o, std::to_string(o.max + 1), s));
      BOOST_TEST(*std::get<std::int64_t*>(o.at(s)) == o.max);
    }
  }
}

BOOST_AUTO_TEST_CASE(yes_or_no_settings) {
  BOOST_TEST(load({"--store-demo"}).values.store.demo);
  BOOST_TEST(!load({"--store-demo=false"}, {{"STOA_STORE_DEMO", "1"}}).values.store.demo);
  check_error(load({"--store-demo=maybe"}), {"store.demo", "maybe", "true or false"});
  check_error(load({}, {{"STOA_STORE_DEMO", ""}}), {"store.demo", "true or false"});
  for (const auto* yes : {"true", "on", "yes", "1"}) {
    BOOST_TEST(load({}, {{"STOA_STORE_DEMO", yes}}).values.store.demo, yes);
  }
  for (const auto* no : {"false", "off", "no", "0"}) {
    BOOST_TEST(!load({}, {{"STOA_HTTP_DOCS", no}}).values.http.docs, no);
  }
}

BOOST_AUTO_TEST_CASE(a_yes_or_no_flag_takes_the_next_word_when_it_is_a_value) {
  BOOST_TEST(!load({"--http-docs", "false"}).values.http.docs);
  BOOST_TEST(!load({"--http-docs", "off"}, {{"STOA_HTTP_DOCS", "true"}}).values.http.docs);
  BOOST_TEST(load({"--store-demo", "yes"}).values.store.demo);
  BOOST_TEST(load({"--store-demo", "--http-docs", "0"}).values.store.demo);
  for (const std::string word : {"serve", "2", "TRUE", "", "--", "-1", "falsehood"}) {
    strings args{"--http-docs", word};
    strings errors;
    const auto taken = config::take_flags(args, errors);
    BOOST_TEST(errors.empty());
    BOOST_TEST_REQUIRE(taken.size() == 1U);
    BOOST_TEST(taken[0].value == "true", word);
    BOOST_TEST(args == strings{word}, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(values_are_utf8) {
  check_error(load({}, {{"STOA_STORE_NAME", "caf\xE9"}}),
              {"store.name", "\"caf?\"", "invalid UTF-8"});
  check_error(load({"--data", "d\xC2\x9B"}), {"data.dir", "\"d?\"", "control characters"});
  check_error(load({"--http-cors-origins", "\xED\xA0\x80"}),
              {"http.cors_origins", "invalid UTF-8"});
  BOOST_TEST(load({"--store-name", "café ☕"}).values.store.name == "café ☕");
}

BOOST_AUTO_TEST_CASE(lists_are_parted_by_commas) {
  const auto l = load({"--http-cors-origins", "https://a.example, http://b.example:8080"});
  BOOST_TEST(joined(l.errors) == "");
  BOOST_TEST(l.values.http.cors_origins == (strings{"https://a.example", "http://b.example:8080"}),
             boost::test_tools::per_element());
  BOOST_TEST(load({"--http-cors-origins="}).values.http.cors_origins.empty());
  for (const auto* bad :
       {"shop.example", "https://a.example/", "ftp://a.example", "https://", "a,,b",
        "https://a.example,", ",https://a.example", "https://a.example:0",
        "https://a.example:99999", "https://a b.example", "https://u@a.example"}) {
    BOOST_TEST_CONTEXT(bad) {
      check_error(load({"--http-cors-origins=" + std::string(bad)}), {"http.cors_origins", "or *"});
    }
  }
}

BOOST_AUTO_TEST_CASE(networks_are_addresses_or_cidr) {
  const auto l = load({"--http-trusted-proxies", "192.0.2.1, 10.0.0.0/8,fd00::/8",
                       "--limits-exempt-addresses=", "--http-forwarded-field", "Forwarded"});
  BOOST_TEST(joined(l.errors) == "");
  BOOST_TEST(l.values.http.trusted_proxies == (strings{"192.0.2.1", "10.0.0.0/8", "fd00::/8"}),
             boost::test_tools::per_element());
  BOOST_TEST(l.values.limits.exempt_addresses.empty());
  for (const auto* bad : {"proxy.example", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/8,,::1"}) {
    BOOST_TEST_CONTEXT(bad) {
      check_error(load({"--http-trusted-proxies", bad}), {"http.trusted_proxies", "fd00::/8"});
    }
  }
  check_error(load({"--http-forwarded-field=Via"}), {"http.forwarded_field", "X-Forwarded-For"});
}

BOOST_AUTO_TEST_CASE(forms_of_text_settings) {
  for (const auto* good :
       {"127.0.0.1:0", "0.0.0.0:65535", "[::1]:80", "[::]:8080", "localhost:1"}) {
    BOOST_TEST_CONTEXT(good) {
      BOOST_TEST(config::is_listen_address(good));
    }
  }
  for (const auto* bad : {"", "8080", ":8080", "a:", "a:b", "a:65536", "a:-1", "a:+1", "::1:80",
                          "[::1]", "a b:1", "a:1 ", "http://a:1", "[zz]:1"}) {
    BOOST_TEST_CONTEXT(bad) {
      BOOST_TEST(!config::is_listen_address(bad));
    }
  }
  for (const auto* good : {"a@b", "Shop <shop@example.com>", "Läden <a.b+c@d.example>", "<a@b>"}) {
    BOOST_TEST_CONTEXT(good) {
      BOOST_TEST(config::is_mail_sender(good));
    }
  }
  for (const auto* bad : {"", "shop", "@b", "a@", "a@b@c", "a b@c", "Shop <a@b", "a@b>",
                          "A, B <a@b>", "Shop <a@b> x", "a@b c"}) {
    BOOST_TEST_CONTEXT(bad) {
      BOOST_TEST(!config::is_mail_sender(bad));
    }
  }
  for (const std::string bad : {"eur", "XXX", "ABC", "EURO", "XAU"}) {
    check_error(load({"--store-currency", bad}), {"store.currency", "\"" + bad + "\"", "ISO 4217"});
  }
  for (const auto* good : {"EUR", "JPY", "KWD"}) {
    BOOST_TEST(load({"--store-currency", good}).errors.empty());
  }
  for (const auto* bad : {"", "xx", "english", "en_US", "en-US.UTF-8", "en-XX", "root", "C",
                          "de-u-co-bogus", "de-u-co"}) {
    check_error(load({"--store-locale", bad}), {"store.locale", bad, "BCP 47"});
  }
  for (const auto* good :
       {"en", "DE", "de-AT", "zh-TW", "sr-Latn-RS", "es-419", "de-u-co-phonebk", "en-u-kn-true"}) {
    BOOST_TEST(load({"--store-locale", good}).errors.empty());
  }
  check_error(load({"--store-name", ""}), {"store.name", "1 to 200 characters"});
  check_error(load({"--store-name", "a\nb"}), {"store.name", "control characters"});
  check_error(load({"--data", ""}), {"data.dir", "--data", "a path"});
  check_error(load({"--data", std::string(5000, 'a')}), {"data.dir", "4096"});
}

BOOST_AUTO_TEST_CASE(unknown_names_are_errors_with_a_hint) {
  check_error(load({}, {{"STOA_HTP_LISTEN", "x"}}),
              {"STOA_HTP_LISTEN", "\"x\"", "STOA_HTTP_LISTEN"});
  const temporary_file file("\n[htpp]\nlisten = y\n");
  check_error(load({"--config", file.path()}),
              {"htpp.listen", "\"y\"", file.path() + ":3", "http.listen"});
  // A transposition of neighbours is one edit; the section may be missing.
  check_error(load({}, {{"STOA_HTPT_LISTNE", "x"}}), {"STOA_HTTP_LISTEN?"});
  check_error(load({}, {{"STOA_LISTEN", "x"}}), {"STOA_HTTP_LISTEN?"});
  check_error(load({}, {{"STOA_GATEWAY_TIMEOUT_MS", "5"}}), {"STOA_PAYMENT_GATEWAY_TIMEOUT_MS?"});
  // An unknown name may have a secret value, too.
  const auto l = load({}, {{"STOA_POSTGRES_PASSWORDFILE", "hunter2"}});
  check_error(l, {"STOA_POSTGRES_PASSWORDFILE", "STOA_POSTGRES_PASSWORD_FILE?"});
  BOOST_TEST(!holds(joined(l.errors), "hunter2"));
}

BOOST_AUTO_TEST_CASE(names_that_are_no_settings_are_let_pass) {
  BOOST_TEST(joined(load({}, {{"STOA_TEST_SEEDS", "1"},
                              {"STOA_SERVICE_HOST", "10.0.0.1"},
                              {"STOA_SERVICE_PORT_HTTP", "80"},
                              {"STOA_PORT", "tcp://10.0.0.1:80"},
                              {"STOA_PORT_80_TCP_ADDR", "10.0.0.1"}})
                        .errors) == "");
}

BOOST_AUTO_TEST_CASE(variables_that_resemble_no_setting_are_warned_of) {
  const auto l = load({}, {{"STOA_WAREHOUSE_BADGE", "hunter2"},
                           {"STOA_FOO", "1"},
                           {"STOA_", "1"},
                           {"STOA_PASSWORD", "of a login"},
                           {"STOA_LOG_LEVEL", "warn"}});
  BOOST_TEST(joined(l.errors) == "");
  BOOST_TEST(l.values.log.level == "warn");
  BOOST_TEST_REQUIRE(l.warnings.size() == 3U, joined(l.warnings));
  BOOST_TEST(holds(l.warnings[0], "STOA_WAREHOUSE_BADGE"));
  BOOST_TEST(holds(l.warnings[1], "STOA_FOO"));
  BOOST_TEST(holds(l.warnings[2], "variable STOA_ is not a setting"));
  BOOST_TEST(!holds(joined(l.warnings), "hunter2"));
}

BOOST_AUTO_TEST_CASE(settings_are_printed_as_json) {
  const auto l = load({"--listen", "127.0.0.1:9", "--store-name", "A \"shop\""},
                      {{"STOA_HTTP_THREADS", "3"}, {"STOA_AUTH_VERIFY_EMAIL", "true"}});
  rapidjson::Document d;
  d.Parse(config::print_json(l));
  BOOST_TEST_REQUIRE(!d.HasParseError());
  BOOST_TEST(d.MemberCount() == config::options().size());
  BOOST_TEST(d["http.listen"]["value"].GetString() == "127.0.0.1:9");
  BOOST_TEST(d["http.listen"]["origin"].GetString() == "--listen");
  BOOST_TEST(d["store.name"]["value"].GetString() == "A \"shop\"");
  BOOST_TEST(d["http.threads"]["value"].GetInt64() == 3);
  BOOST_TEST(d["http.threads"]["default"].GetInt64() == 0);
  BOOST_TEST(d["http.threads"]["origin"].GetString() == "STOA_HTTP_THREADS");
  BOOST_TEST(d["auth.verify_email"]["value"].GetBool());
  BOOST_TEST(d["cluster.peers"]["value"].IsArray());
}

BOOST_AUTO_TEST_CASE(all_errors_are_collected) {
  const temporary_file file("nonsense\nhttp.threads = x\nhttp.threads = 2\nno.such = 1\n");
  const auto l =
      load({"--config", file.path(), "--log-level", "x"}, {{"STOA_JSON_DEPTH_MAX", "1"}});
  BOOST_TEST_CONTEXT(joined(l.errors)) {
    BOOST_TEST(l.errors.size() == 6U);
  }
}

BOOST_AUTO_TEST_CASE(values_must_fit_together) {
  const auto l = load({"--order-checkout-wait-ms", "50000"});
  check_error(l, {"order.checkout_wait_ms = 50000 (from --order-checkout-wait-ms)",
                  "is greater than", "order.checkout_wait_ms_max = 30000 (from default)"});
  const auto warned = load({"--catalog-reservation-ttl-s", "300"});
  BOOST_TEST(warned.errors.empty());
  BOOST_TEST(holds(joined(warned.warnings), "payment.give_up_s = 600 (from default) is greater"));
  for (const auto& rule : config::order_rules()) {
    BOOST_TEST(config::find_key(config::options(), rule.low) != nullptr);
    BOOST_TEST(config::find_key(config::options(), rule.high) != nullptr);
  }
}

BOOST_AUTO_TEST_CASE(secrets_are_never_shown) {
  std::vector<config::option> table(config::options().begin(), config::options().end());
  auto& name = *std::ranges::find(table, "store.name", &config::option::key);
  name.secret = true;
  const auto good = load({"--store-name", "hunter2"}, {}, table);
  const auto text = config::print(good, table);
  BOOST_TEST(!holds(text, "hunter2"));
  BOOST_TEST(holds(text, "name = ********"));
  const auto bad = load({"--store-name", "hunter2\n"}, {}, table);
  check_error(bad, {"store.name", "--store-name", "the secret value"});
  BOOST_TEST(!holds(joined(bad.errors), "hunter2"));
}

BOOST_AUTO_TEST_CASE(every_setting_is_read_from_its_variable) {
  // "STOA_..._PORT" is also the form of a variable of a container platform.
  for (const auto& o : config::options()) {
    const auto l = load({}, {{config::env_name(o), "\x01"}});
    const bool set =
        !l.errors.empty() ||
        l.origins[static_cast<std::size_t>(&o - config::options().data())] != "default";
    BOOST_TEST(set, o.key);
  }
}

BOOST_AUTO_TEST_CASE(the_table_is_sound) {
  std::set<std::string> flags = {"--config", "--help", "--version"};
  std::set<const void*> places;
  stoa::settings s;
  for (const auto& o : config::options()) {
    BOOST_TEST_CONTEXT(o.key) {
      BOOST_TEST(flags.insert(config::flag_name(o)).second);
      if (!o.alias.empty()) BOOST_TEST(flags.insert("--" + std::string(o.alias)).second);
      // Two rows must not share a member.
      BOOST_TEST(
          places.insert(std::visit([](auto* p) -> const void* { return p; }, o.at(s))).second);
      BOOST_TEST(!o.help.empty());
      BOOST_TEST(std::ranges::count(o.key, '.') == 1);
      // The default itself must be valid.
      std::string text = config::value_text(o, stoa::settings{});
      if (text.starts_with('"')) text = config::parse_file("a = " + text, "").entries.at(0).value;
      BOOST_TEST(!config::assign(o, text, s));
    }
  }
}

BOOST_AUTO_TEST_CASE(what_is_printed_can_be_read_again) {
  const strings args = {"--store-name",
                        "A \"B\" # \\ C",
                        "--store-demo",
                        "--http-cors-origins",
                        "https://a.example,https://b.example",
                        "--http-threads",
                        "9"};
  const auto first = load(args);
  BOOST_TEST(joined(first.errors) == "");
  const temporary_file file(config::print(first));
  const auto second = load({"--config", file.path()});
  BOOST_TEST(joined(second.errors) == "");
  for (const auto& o : config::options()) {
    BOOST_TEST(config::value_text(o, second.values) == config::value_text(o, first.values));
  }
}

BOOST_AUTO_TEST_CASE(the_example_file_is_that_of_the_table) {
  const auto path = source_path("config/stoa.example.conf");
  // With STOA_TEST_UPDATE=1 the test writes the file instead.
  if (std::getenv("STOA_TEST_UPDATE") != nullptr) std::ofstream(path) << config::example_file();
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  BOOST_TEST((text.str() == config::example_file()),
             "config/stoa.example.conf does not match the table: "
             "run this test with STOA_TEST_UPDATE=1");
  BOOST_TEST(joined(load({"--config", path}).errors) == "");
  // With all settings uncommented it must still be valid.
  std::string settings;
  for (std::string line; std::getline(text, line);) {
    const bool is_setting = line.size() > 1 && line[0] == '#' && line[1] != ' ';
    settings += (is_setting ? line.substr(1) : line) + "\n";
  }
  const temporary_file file(settings);
  const auto l = load({"--config", file.path()});
  BOOST_TEST(joined(l.errors) == "");
  BOOST_TEST(std::ranges::none_of(l.origins, [](auto& o) { return o == "default"; }));
}

BOOST_AUTO_TEST_CASE(help_names_every_setting) {
  const auto text = config::help_text();
  for (const auto& o : config::options()) {
    BOOST_TEST(holds(text, config::flag_name(o)));
    BOOST_TEST(holds(text, config::env_name(o)));
    BOOST_TEST(holds(text, o.help));
  }
}

BOOST_AUTO_TEST_CASE(files_that_cannot_be_read) {
  check_error(load({"--config", "/no/such/file"}), {"/no/such/file", "No such file"});
  check_error(load({"--config", "/tmp"}), {"/tmp", "not a regular file"});
  check_error(load({"--config", "/dev/zero"}), {"/dev/zero", "not a regular file"});
  const temporary_file large(std::string((1 << 20) + 1, '#'));
  check_error(load({"--config", large.path()}), {large.path(), "larger than 1 MiB"});
  const temporary_file empty("");
  BOOST_TEST(joined(load({"--config", empty.path()}).errors) == "");
}

BOOST_AUTO_TEST_SUITE_END()
