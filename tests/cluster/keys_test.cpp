// Every key is rotated on three running nodes, one after the other, while customers buy: no request
// fails and no node is rejected. A node that uses the next secret too early is rejected.

#include "tests/support/cluster.hpp"
#include "tests/support/joined_nodes.hpp"

#include <boost/test/unit_test.hpp>

#include <set>
#include <thread>

using namespace stoa::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace fs = std::filesystem;

namespace {

const std::string me = "/store/v1/users/me";

/// Nodes with separate key folders, which are copies of one.
class nodes_with_keys {
 public:
  static constexpr std::size_t count = 3;

  explicit nodes_with_keys(cluster_ground& ground) : ground_(ground), plan_(ground, options()) {
    plan_.make_keys();
    settings_ = {{"STOA_AUTH_KEYS_DIR", original().string()},
                 {"STOA_CLUSTER_SECRET_FILE", (original() / "cluster.secret").string()},
                 {"STOA_NATS_SIGNING_KEY_FILE", (original() / "events.keys").string()}};
    rotate("events");
    run({"demo", "--products", "5", "--stock", "100000", "--data", plan_.all().data.string()},
        ground.settings("keys"));
    for (std::size_t i = 0; i <= count; ++i) add(i);
  }
  void start() {
    for (std::size_t i = 0; i < count; ++i) node(i).launch();
    for (std::size_t i = 0; i < count; ++i) node(i).await_ready();
    initial = read_stock(plan_.all().data);
  }
  server& node(std::size_t i) { return *nodes_[i]; }
  fs::path folder(std::size_t i) const { return dir_ / ("keys-" + std::to_string(i)); }
  fs::path original() const { return data() / "keys"; }
  const fs::path& data() const { return plan_.all().data; }

  /// Rotates the kind of key by one step in the original folder.
  void rotate(const std::string& kind) {
    run({"keys", "rotate", "--kind", kind, "--now"}, settings_);
  }
  /// Copies the original's files to the node, each atomically, in the order of docs/deployment.md.
  void hand_out(std::size_t i) {
    for (const char* name : {"token-key-old.json", "token-key.json", "token-key-next.json",
                             "cluster.secret", "events.keys", "server.secret"}) {
      const auto to = folder(i) / name;
      if (!fs::exists(original() / name)) {
        fs::remove(to);
        continue;
      }
      const auto part = to.string() + ".part";
      fs::copy_file(original() / name, part, fs::copy_options::overwrite_existing);
      fs::rename(part, to);
    }
  }
  /// The ids and kinds of the keys in use, from the node's metrics.
  std::set<std::string> keys_of(std::size_t i) {
    std::set<std::string> found;
    http_client client(node(i).port());
    std::istringstream lines(client.get("/metrics").body);
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("stoa_key_info{")) found.insert(line);
    }
    return found;
  }
  double metric(std::size_t i, const std::string& start) {
    http_client client(node(i).port());
    std::istringstream lines(client.get("/metrics").body);
    double sum = 0;
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with(start)) sum += std::stod(line.substr(line.rfind(' ')));
    }
    return sum;
  }
  stock_map initial;

 private:
  cluster_options options() const {
    cluster_options o;
    o.data = dir_ / "data";
    o.store = "keys";
    o.nodes = count + 1;
    o.settings = short_cluster_timeouts();
    // No request may fail, even on a busy machine.
    change(o.settings, "STOA_HTTP_REQUEST_TIMEOUT_MS", "20000");
    change(o.settings, "STOA_CLUSTER_DEAD_AFTER_MS", "6000");
    change(o.settings, "STOA_CLUSTER_LEASE_MS", "8000");
    // The last one takes no partitions: nodes that cannot connect would take them in turn.
    o.roles = {"all", "all", "all", "front"};
    return o;
  }
  void add(std::size_t i) {
    auto o = plan_.options(i);
    fs::create_directory(folder(i));
    fs::permissions(folder(i), fs::perms::owner_all);
    hand_out(i);
    change(o.settings, "STOA_AUTH_KEYS_DIR", folder(i).string());
    change(o.settings, "STOA_CLUSTER_SECRET_FILE", (folder(i) / "cluster.secret").string());
    change(o.settings, "STOA_NATS_SIGNING_KEY_FILE", (folder(i) / "events.keys").string());
    nodes_.push_back(std::make_unique<server>(std::move(o)));
  }
  static void run(const std::vector<std::string>& arguments, const environment& settings) {
    const auto done = run_program(stoa_binary(), arguments, settings);
    if (done.exit_code != 0) throw std::runtime_error("stoa: " + done.output);
  }

  temp_dir dir_;
  cluster_ground& ground_;
  cluster_plan plan_;
  environment settings_;
  std::vector<std::unique_ptr<server>> nodes_;
};

/// Every node accepts the tokens of every other.
void tokens_are_good(nodes_with_keys& nodes) {
  for (std::size_t i = 0; i < nodes_with_keys::count; ++i) {
    visitor issuer(nodes.node(i).port());
    const auto token = issuer.log_in("ann");
    for (std::size_t other = 0; other < nodes_with_keys::count; ++other) {
      visitor v(nodes.node(other).port());
      auto answer = v.client.get(me, token);
      // 503: a busy node does not know the ended sessions at the moment.
      for (int tries = 0; answer.status == 503 && tries < 20; ++tries) {
        std::this_thread::sleep_for(milliseconds{250});
        answer = v.client.get(me, token);
      }
      BOOST_TEST(answer.status == 200,
                 "issued by " << i << ", shown to " << other << ": " << answer.body);
    }
  }
}

/// A front that authenticates with the next secret before the others accept it.
constexpr std::size_t early = nodes_with_keys::count;
void start_too_early(nodes_with_keys& nodes) {
  nodes.hand_out(early);
  const auto file = nodes.folder(early) / "cluster.secret";
  std::ifstream in(file);
  std::string secret;
  for (std::string line; std::getline(in, line);) secret = line;
  std::ofstream(file) << secret << "\n";
  nodes.node(early).launch();
  BOOST_TEST(eventually([&] {
    return nodes.node(early).log_end(1 << 20).find("its secret may differ") != std::string::npos;
  }));
  BOOST_TEST(nodes.metric(0, "stoa_cluster_connections_total{result=\"rejected\"}") > 0);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(keys)

BOOST_AUTO_TEST_CASE(all_are_changed_on_running_nodes_without_a_failed_request) {
  const ground_options wanted{.nats = true};
  if (const auto missing = cluster_ground::missing(wanted); !missing.empty()) return skip(missing);
  cluster_ground ground(wanted);
  nodes_with_keys nodes(ground);
  nodes.start();
  visitor(nodes.node(0).port()).sign_up("ann");
  tokens_are_good(nodes);
  shopper_options who;
  for (const auto& [hex, units] : nodes.initial) who.products.push_back(uuid_text(hex));
  who.port = nodes.node(0).port();
  for (std::size_t i = 1; i < nodes_with_keys::count; ++i) {
    who.other_ports.push_back(nodes.node(i).port());
  }
  who.shoppers = 4;
  who.pause = milliseconds{20};
  shoppers crowd(who);
  crowd.start();

  BOOST_TEST(nodes.keys_of(0).size() == 3u);
  // Add a key, use the new key, remove the old one.
  for (int step = 1; step <= 3; ++step) {
    nodes.rotate("tokens");
    nodes.rotate("cluster");
    nodes.rotate("events");
    if (step == 1) start_too_early(nodes);
    for (std::size_t i = 0; i < nodes_with_keys::count; ++i) {
      const auto before = nodes.keys_of(i);
      nodes.hand_out(i);
      BOOST_REQUIRE(eventually([&] { return nodes.keys_of(i) != before; }));
      if (i == 1) tokens_are_good(nodes);
    }
    BOOST_REQUIRE(eventually([&] {
      return nodes.keys_of(0) == nodes.keys_of(1) && nodes.keys_of(1) == nodes.keys_of(2);
    }));
    BOOST_TEST(nodes.keys_of(0).size() == (step == 3 ? 3u : 6u));
    tokens_are_good(nodes);
    if (step == 1) {
      // The others accept its secret now.
      nodes.node(early).await_ready();
      visitor(nodes.node(early).port()).bought(who.products.front());
    }
  }
  crowd.finish();
  auto shopping = crowd.take();
  // Wrong keys would make every request fail; a busy machine delays a few.
  std::int64_t repeated = 0;
  for (const auto& [what, many] : shopping.counts) {
    if (!what.starts_with("retried: ")) continue;
    repeated += many;
    BOOST_TEST_MESSAGE(what << ": " << many);
  }
  BOOST_TEST(repeated * 20 <= static_cast<std::int64_t>(shopping.reported.size()));
  for (std::size_t i = 0; i < nodes_with_keys::count; ++i) {
    BOOST_TEST(nodes.metric(i, "stoa_bus_events_rejected_total") == 0);
    BOOST_TEST(nodes.metric(i, "stoa_bus_verdicts_rejected_total") == 0);
  }
  for (const auto& c : shopping.complaints) BOOST_ERROR("invalid answer to a customer: " + c);
  // A node that started with the first keys restarts with the new ones.
  nodes.node(0).stop();
  nodes.node(0).launch();
  nodes.node(0).await_ready();
  BOOST_TEST(await_quiet(nodes.data(), seconds{60}), "work is still open after a minute");
  const auto report =
      check_store({nodes.data(), true, true, nodes.initial, std::move(shopping.reported)});
  for (const auto& v : report.violations) BOOST_ERROR(v);
  BOOST_TEST(report.facts.at("orders bought") > 0);
}

BOOST_AUTO_TEST_SUITE_END()
