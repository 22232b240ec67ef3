// Credentials in URLs: masked in errors, in the log and in `config print`, and rejected as
// settings.

#include "config/mask.hpp"

#include "config/load.hpp"
#include "config/log.hpp"
#include "config/option_forms.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace stoa;
using log::masked_setting;
using log::masked_urls;

namespace {

constexpr std::string_view password = "hunter2";

bool is_hidden(const std::string& text) {
  return text.find(password) == std::string::npos;
}

std::string all_errors(std::vector<std::string> arguments) {
  config::sources from;
  std::vector<std::string> errors;
  from.flags = config::take_flags(arguments, errors);
  BOOST_TEST(arguments.empty());
  const auto loaded = config::load(from);
  errors.insert(errors.end(), loaded.errors.begin(), loaded.errors.end());
  std::string text;
  for (const auto& e : errors) text += e + "\n";
  return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(mask)

BOOST_AUTO_TEST_CASE(urls_lose_their_credentials_and_nothing_else) {
  const std::pair<std::string_view, std::string_view> all[] = {
      {"postgresql://stoa@db:5432/stoa_{service}", "postgresql://stoa@db:5432/stoa_{service}"},
      {"postgresql://stoa:hunter2@db/x", "postgresql://stoa:****@db/x"},
      {"postgresql://stoa:hun@ter2@db/x", "postgresql://stoa:****@db/x"},
      {"postgresql://stoa:h/unter2@db/x", "postgresql://stoa:****@db/x"},
      {"postgres://db/x?user=a&password=hunter2&sslmode=require",
       "postgres://db/x?user=a&password=****&sslmode=require"},
      {"postgres://db/x?passwor%64=hunter2", "postgres://db/x?passwor%64=****"},
      {"redis://:hunter2@127.0.0.1:6379/0", "redis://:****@127.0.0.1:6379/0"},
      {"nats://hunter2@127.0.0.1:4222", "nats://****@127.0.0.1:4222"},
      {"nats://127.0.0.1:4222", "nats://127.0.0.1:4222"},
      {"Stoa demo store <store@localhost>", "Stoa demo store <store@localhost>"},
      {"./stoa-data", "./stoa-data"},
      {"", ""}};
  for (const auto& [given, masked] : all) {
    BOOST_TEST(masked_setting(given) == masked);
    BOOST_TEST(masked_urls(given) == masked);
  }
}

BOOST_AUTO_TEST_CASE(malformed_values_are_masked_too) {
  for (const std::string_view value :
       {"stoa:hunter2@db:5432/x", "postgres:/stoa:hunter2@db", "host=db password=hunter2",
        "host=db password='hunter2 and more' user=a", "nats://a:hunter2@h1,nats://b:hunter2@h2",
        "PASSWORD=hunter2", "postgresql//stoa:hunter2@db", "rediss://u:a b hunter2@h"}) {
    BOOST_TEST(is_hidden(masked_setting(value)), value);
  }
  BOOST_TEST(masked_setting("host=db password='hunter2 and more' user=a") ==
             "host=db password=**** user=a");
}

BOOST_AUTO_TEST_CASE(only_the_urls_of_a_text_are_masked) {
  BOOST_TEST(masked_urls("no route to \"nats://a:hunter2@h:1\" for bob@example.com: b@c") ==
             "no route to \"nats://a:****@h:1\" for bob@example.com: b@c");
  BOOST_TEST(masked_urls("redis://x:1@h and redis://y:2@h") ==
             "redis://x:****@h and redis://y:****@h");
}

BOOST_AUTO_TEST_CASE(settings_with_a_password_are_refused_without_showing_it) {
  for (const std::vector<std::string>& given :
       {std::vector<std::string>{"--postgres-url", "postgresql://stoa:hunter2@db/stoa_{service}"},
        std::vector<std::string>{"--postgres-url", "postgresql://stoa:h/hunter2@db/stoa_{service}"},
        std::vector<std::string>{"--postgres-url=postgresql://db/{service}?passwor%64=hunter2"},
        std::vector<std::string>{"--postgres-url", "stoa:hunter2@db/stoa_{service}"},
        std::vector<std::string>{"--postgres-replica-url", "host=db password=hunter2"},
        std::vector<std::string>{"--redis-url", "redis://:hunter2@127.0.0.1:6379/0"},
        std::vector<std::string>{"--nats-urls", "nats://a:1@h:1,nats://user:hunter2@h:2"},
        std::vector<std::string>{"--nats-urls", "nats://hunter2@h:2"}}) {
    const auto errors = all_errors(given);
    BOOST_TEST(errors.find("invalid format") != std::string::npos, errors);
    BOOST_TEST(is_hidden(errors), errors);
    BOOST_TEST(errors.find("without") != std::string::npos, errors);
  }
}

BOOST_AUTO_TEST_CASE(unknown_settings_do_not_show_one_either) {
  config::sources from;
  from.environment = {{"STOA_POSTGRES_URLS", "postgresql://stoa:hunter2@db/stoa_{service}"}};
  const auto loaded = config::load(from);
  BOOST_TEST_REQUIRE(loaded.errors.size() == 1U);
  BOOST_TEST(is_hidden(loaded.errors[0]), loaded.errors[0]);
  BOOST_TEST(loaded.errors[0].find("stoa:****@db") != std::string::npos, loaded.errors[0]);
}

BOOST_AUTO_TEST_CASE(a_password_with_a_slash_is_one) {
  BOOST_TEST(!config::is_postgres_url("postgresql://stoa:hun/ter2@db/stoa_{service}"));
  BOOST_TEST(!config::is_postgres_url("postgresql://db/stoa_{service}?sslpassword=x"));
  BOOST_TEST(config::is_postgres_url("postgresql://stoa@[::1]:5432/stoa_{service}"));
  BOOST_TEST(config::is_postgres_url("postgresql://stoa@/stoa_{service}?host=/var/run/postgresql"));
  BOOST_TEST(config::is_postgres_url("postgresql://stoa@a:1,b:2/stoa_{service}?sslmode=require"));
}

BOOST_AUTO_TEST_CASE(log_values_are_masked) {
  const auto line = log::render(log::format::json, false, log::level::warn, 0, "no connection",
                                {{"error", "cannot reach redis://:hunter2@h:1 now"}});
  BOOST_TEST(is_hidden(line), line);
  BOOST_TEST(line.find("redis://:****@h:1 now") != std::string::npos, line);
}

BOOST_AUTO_TEST_SUITE_END()
