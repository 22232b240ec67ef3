// No record outside of the gateway holds a payment token: databases and their logs, the broker's
// streams, Redis, nodes' logs, metrics, dead letters and backups of a store on two nodes.

#include "tests/support/cluster.hpp"
#include "tests/support/cluster_settings.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <map>
#include <sstream>

using namespace stoa::test;
namespace fs = std::filesystem;

namespace {

/// The sandbox stores the tokens that it knows in plain text, and hashes of all others.
const std::string unknown_token = "tok_" + unique("markedtoken");
const std::string known_token = "tok_visa_debit";

/// The names of the texts that contain a token, with the token.
class token_search {
 public:
  void look(const std::string& name, const std::string& text) {
    ++looked_at_;
    for (const auto& token : {unknown_token, known_token}) {
      if (text.find(token) != text.npos) found_ += name + " has " + token + "\n";
    }
  }
  void look_in_folder(const fs::path& folder) {
    for (const auto& file : fs::recursive_directory_iterator(folder)) {
      if (!file.is_regular_file()) continue;
      const bool is_gateway = file.path().filename().string().starts_with("ledger.db");
      if (is_gateway) continue;
      std::ostringstream text;
      text << std::ifstream(file.path(), std::ios::binary).rdbuf();
      look(file.path(), text.str());
    }
  }
  const std::string& found() const { return found_; }
  std::size_t looked_at() const { return looked_at_; }

 private:
  std::string found_;
  std::size_t looked_at_ = 0;
};

/// Buys, declines, refunds and cancels with both tokens on both nodes.
void trade(cluster& nodes) {
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    visitor customer(nodes.ports()[i]);
    const auto root = customer.log_in("root");
    const auto product = customer.goods().front().id;
    const auto wait = header_list{{"Prefer", "wait=20"}};
    BOOST_TEST(
        customer.checkout(customer.cart_with(product, 1), {.token = unknown_token}, wait).status ==
        402);
    const auto kept = customer.bought(product, {}, {.token = known_token});
    const auto page = customer.client.get(kept.header("Location") + "/payments", root).json();
    const auto payment = "/admin/v1/payments/" + text_at(page, "/data/0/payment_id");
    BOOST_TEST(customer.client
                   .post(payment + "/refunds", R"({"reason":"damaged"})",
                         with(root, "Idempotency-Key", unique("refund")))
                   .status == 201);
    const auto cancelled = customer.bought(product, {}, {.token = known_token});
    BOOST_TEST(customer.client.post(cancelled.header("Location") + "/cancel", "{}", root).status ==
               200);
  }
}

/// All rows of all tables of the databases, as XML.
void look_in_databases(const postgres_server& postgres, token_search& search) {
  for (const char* service : {"user", "catalog", "order", "payment", "pricing", "notification"}) {
    const auto database = std::string("shop_") + service;
    const auto rows = postgres.run(database, "SELECT database_to_xml(true, false, '')::text");
    BOOST_TEST(rows.find("<outbox") != rows.npos, database << ": " << rows.size());
    search.look(database, rows);
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(no_record_of_a_cluster_holds_a_token) {
  const ground_options with{.redis = true, .nats = true};
  if (const auto missing = cluster_ground::missing(with); !missing.empty()) return skip(missing);
  const temp_dir dir;
  cluster_ground ground(with);
  cluster_options o;
  o.data = dir / "nodes" / "data";
  o.nodes = 2;
  o.settings = short_cluster_timeouts();
  o.settings.emplace_back("STOA_LOG_LEVEL", "debug");
  cluster nodes(ground, o);
  nodes.load(5, 1000);
  nodes.create_root();
  nodes.start();
  trade(nodes);

  token_search search;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    visitor reader(nodes.ports()[i]);
    const auto root = reader.log_in("root");
    search.look("metrics", reader.client.get("/metrics").body);
    search.look("dead letters", reader.client.get("/admin/v1/dead-letters", root).body);
    search.look("payments", reader.client.get("/admin/v1/payments?limit=100", root).body);
  }
  const auto backup = dir / "backup";
  const auto taken =
      run_program(stoa_binary(), {"backup", backup.string(), "--data", nodes.data().string()},
                  nodes.node_settings(0));
  BOOST_TEST(taken.exit_code == 0, taken.output);
  look_in_databases(ground.postgres(), search);
  for (std::size_t i = 0; i < nodes.size(); ++i) nodes.node(i).stop();
  search.look_in_folder(dir / "nodes");  // Data folders and logs of the nodes.
  search.look_in_folder(backup);
  search.look_in_folder(ground.postgres().data());  // With the write-ahead log.
  search.look_in_folder(ground.nats().store());
  search.look_in_folder(ground.redis().data());
  BOOST_TEST(search.found() == "");
  BOOST_TEST(search.looked_at() > 100U);

  // The search finds what the gateway stores.
  token_search gateway;
  std::ostringstream ledger;
  for (const auto& file : fs::directory_iterator(nodes.data() / "sandbox")) {
    ledger << std::ifstream(file.path(), std::ios::binary).rdbuf();
  }
  gateway.look("ledger", ledger.str());
  BOOST_TEST(gateway.found() == "ledger has " + known_token + "\n");
}
