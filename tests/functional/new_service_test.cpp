// A service added as described in ARCHITECTURE.md ("Adding a service") is part of everything that
// is derived from the list of services: the program is built with tests/new_service.

#include "tests/support/server.hpp"
#include "tests/support/storefront.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>
#include <sqlite3.h>

using namespace stoa::test;
namespace fs = std::filesystem;

namespace {

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

finished_program run(std::vector<std::string> words, const environment& settings = {}) {
  return run_program(stoa_with_new_service(), words, settings);
}

std::int64_t notes_in(const fs::path& data) {
  sqlite3* db = nullptr;
  BOOST_REQUIRE(sqlite3_open_v2((data / "note.db").c_str(), &db, SQLITE_OPEN_READONLY, nullptr) ==
                SQLITE_OK);
  std::int64_t found = -1;
  const auto sink = [](void* to, int, char** values, char**) {
    *static_cast<std::int64_t*>(to) = std::stoll(values[0]);
    return 0;
  };
  BOOST_TEST(sqlite3_exec(db, "SELECT count(*) FROM notes", sink, &found, nullptr) == SQLITE_OK);
  sqlite3_close(db);
  return found;
}

/// A store of the program with the new service, with products, not started.
struct extended_store {
  extended_store() { load_demo(stoa_with_new_service(), data, 3, 100); }
  temp_dir dir;
  const fs::path data = dir / "data";
};

}  // namespace

BOOST_AUTO_TEST_SUITE(new_service)

BOOST_AUTO_TEST_CASE(its_name_is_a_role_and_a_capability) {
  const auto help = run({"--help"}).output;
  BOOST_TEST(holds(help, "payment, pricing, notification, note, front, all"), help);
  BOOST_TEST(holds(help, "notification, notes, all; or empty"), help);
  const environment unknown{{"STOA_NODE_SERVICES", "note"}};
  BOOST_TEST(run({"config", "check"}, unknown).exit_code == 0);
  BOOST_TEST(run_program(stoa_binary(), {"config", "check"}, unknown).exit_code == 2);
}

BOOST_FIXTURE_TEST_CASE(it_runs_with_the_others, extended_store) {
  server_options o;
  o.program = stoa_with_new_service();
  o.data = data;
  server stoa(o);
  stoa.start();
  visitor v(stoa.port());

  const auto ready = v.client.get("/readyz").body;
  BOOST_TEST(holds(ready, R"("service":"note")"), ready);
  BOOST_TEST(holds(ready, R"("capability":"notes","available":true)"), ready);
  const auto document = v.client.get("/asyncapi.json").body;
  BOOST_TEST(holds(document, "note.written"));
  BOOST_TEST(holds(document, "A note was written."));

  // It applies another service's event and emits one; its partition has a relay.
  v.bought(v.goods().front().id);
  BOOST_TEST(eventually([&] { return notes_in(data) == 1; }));
  const auto metrics = v.client.get("/metrics").body;
  BOOST_TEST(holds(metrics, R"(service="note")"));
  BOOST_TEST(holds(metrics, R"(capability="notes")"));

  BOOST_REQUIRE(stoa.stop().value_or(-1) == 0);
  const auto check = run({"check", "--data", data.string()});
  BOOST_TEST(check.exit_code == 0, check.output);
  const auto backup = dir / "backup";
  const auto taken = run({"backup", backup.string(), "--data", data.string()});
  BOOST_TEST(taken.exit_code == 0, taken.output);
  const auto restored = dir / "restored";
  const auto done = run({"restore", backup.string(), "--data", restored.string()});
  BOOST_TEST(done.exit_code == 0, done.output);
  BOOST_TEST(notes_in(restored) == 1);
  const auto migrated = run({"migrate", "--data", restored.string()});
  BOOST_TEST(migrated.exit_code == 0, migrated.output);
  BOOST_TEST(holds(migrated.output, "note           0 applied"), migrated.output);
}

BOOST_AUTO_TEST_SUITE_END()
