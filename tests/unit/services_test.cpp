// Files that cannot include config/services.def (containers, manifests) have each service
// nevertheless.

#include "config/services.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

using namespace stoa;
namespace fs = std::filesystem;

namespace {

std::string text_of(const std::string& file) {
  std::ifstream in(fs::path(STOA_SOURCE_DIR) / file, std::ios::binary);
  BOOST_REQUIRE_MESSAGE(in.good(), file);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

/// "user catalog cart ...": the names in list order.
std::string names_in_order() {
  std::string all;
  for (const auto& name : config::service_names()) all += (all.empty() ? "" : " ") + name;
  return all;
}

std::set<std::string> folders_in(const std::string& folder) {
  std::set<std::string> found;
  for (const auto& entry : fs::directory_iterator(fs::path(STOA_SOURCE_DIR) / folder)) {
    if (entry.is_directory()) found.insert(entry.path().filename().string());
  }
  return found;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(services)

BOOST_AUTO_TEST_CASE(each_has_a_database_of_the_composed_store) {
  const auto script = text_of("docker/stores/create-databases.sh");
  BOOST_TEST(script.find("for service in " + names_in_order() + ";") != std::string::npos, script);
}

BOOST_AUTO_TEST_CASE(each_is_a_role_of_the_manifests) {
  const auto base = text_of("docker/kubernetes/base/kustomization.yaml");
  std::set<std::string> roles{"front"};
  for (const auto& name : config::service_names()) {
    roles.insert(name);
    BOOST_TEST(base.find("  - ../roles/" + name + "\n") != std::string::npos, name);
    const auto role = text_of("docker/kubernetes/roles/" + name + "/kustomization.yaml");
    BOOST_TEST(role.find("nameSuffix: -" + name + "\n") != std::string::npos, name);
    BOOST_TEST(role.find("{name: STOA_NODE_SERVICES, value: " + name + "}") != std::string::npos,
               name);
  }
  BOOST_TEST(folders_in("docker/kubernetes/roles") == roles, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(each_has_migrations_for_both_databases) {
  for (const auto& name : config::service_names()) {
    for (const auto* dialect : {"sqlite", "postgres"}) {
      const auto folder = "storage/" + name + "/migrations/" + dialect;
      BOOST_TEST(!fs::is_empty(fs::path(STOA_SOURCE_DIR) / folder), folder);
    }
  }
}

BOOST_AUTO_TEST_CASE(roles_and_capabilities_are_checked_by_name) {
  for (const auto& name : config::service_names()) BOOST_TEST(config::is_role(name));
  for (const auto* name : {"front", "all"}) BOOST_TEST(config::is_role(name));
  for (const auto* name : {"", "Front", "carts", "front "}) BOOST_TEST(!config::is_role(name));
  std::set<std::string_view> known(config::service_names().begin(), config::service_names().end());
  for (const auto& c : config::capabilities()) {
    BOOST_TEST(config::is_capability(c.name));
    for (auto list : {c.reads, c.writes}) {
      std::istringstream words{std::string(list)};
      for (std::string word; words >> word;) BOOST_TEST(known.contains(word), word);
    }
  }
  BOOST_TEST(config::is_capability("all"));
  BOOST_TEST(!config::is_capability(""));
}

BOOST_AUTO_TEST_SUITE_END()
