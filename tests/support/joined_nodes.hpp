#pragma once
// Nodes of one store whose settings a test changes individually, and certificates for them.

#include "tests/support/cluster.hpp"
#include "tests/support/cluster_settings.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <set>

namespace stoa::test {

/// Replaces the setting: the program uses the first of two with the same name.
inline void change(environment& settings, const std::string& name, const std::string& value) {
  std::erase_if(settings, [&](const auto& s) { return s.first == name; });
  settings.emplace_back(name, value);
}

/// One PostgreSQL for the whole program; each case has a separate store in it.
inline cluster_ground& ground() {
  static cluster_ground one({});
  return one;
}

inline bool can_run() {
  const auto missing = cluster_ground::missing({});
  if (!missing.empty()) skip(missing);
  return missing.empty();
}

/// Nodes that share a store, each with settings that can be changed before it is started.
class joined_nodes {
 public:
  joined_nodes(const std::string& store, std::size_t nodes, std::vector<std::string> roles = {})
      : plan_(ground(), options(store, nodes, std::move(roles))) {
    for (std::size_t i = 0; i < nodes; ++i) options_.push_back(plan_.options(i));
  }

  server_options& options(std::size_t i) { return options_[i]; }
  const std::filesystem::path& data() const { return plan_.all().data; }
  std::filesystem::path file(const std::string& name) const { return dir_ / name; }

  /// Fills the store; the administrator is `root`.
  void load(int products, int stock) {
    plan_.make_keys();
    std::ofstream(file("password")) << shared_password << "\n";
    run({"demo", "--products", std::to_string(products), "--stock", std::to_string(stock)});
    run({"user", "create", "--role", "admin", "--username", "root", "--email", "root@example.com",
         "--password-file", file("password").string()});
  }
  /// Starts the first `count` and waits until each is ready.
  void start(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) add().launch();
    for (auto& n : nodes_) n->await_ready();
    note_stock();
  }
  /// Records the initial stock. Requires a ready node: the nodes create the databases.
  void note_stock() { initial_ = read_stock(data()); }
  /// Adds the next one without starting it.
  server& add() {
    const auto i = nodes_.size();
    return *nodes_.emplace_back(std::make_unique<server>(options_[i]));
  }
  server& node(std::size_t i) { return *nodes_[i]; }
  std::string cluster_address(std::size_t i) const {
    for (const auto& [name, value] : options_[i].settings) {
      if (name == "STOA_CLUSTER_LISTEN") return value;
    }
    return {};
  }
  std::uint16_t cluster_port(std::size_t i) const {
    const auto address = cluster_address(i);
    return static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
  }

  /// The members that this node lists, itself included; empty while it does not answer.
  std::set<std::string> known_to(std::size_t i) {
    std::set<std::string> names;
    try {
      visitor v(node(i).port());
      const auto all = v.client.get("/admin/v1/nodes", v.log_in("root")).json();
      for (const auto& n : *at(all, "/data").if_array()) names.insert(text_at(n, "/node"));
    } catch (const std::runtime_error& e) {
      BOOST_TEST_MESSAGE("node " << i + 1 << ": " << e.what());
    }
    return names;
  }
  /// Buys one of the product through that node; throws unless the order is confirmed.
  void buy_at(std::size_t i) {
    visitor v(node(i).port());
    v.bought(uuid_text(initial_.begin()->first));
  }
  /// The same after the loss of a node, when the first answers may still be 503.
  bool can_buy_at(std::size_t i) {
    return eventually([&] {
      try {
        buy_at(i);
        return true;
      } catch (const std::runtime_error& e) {
        BOOST_TEST_MESSAGE("node " << i + 1 << ": " << e.what());
        return false;
      }
    });
  }
  shopper_options customers(std::size_t fronts) {
    shopper_options o;
    for (const auto& [hex, units] : initial_) o.products.push_back(uuid_text(hex));
    o.port = node(0).port();
    for (std::size_t i = 1; i < fronts; ++i) o.other_ports.push_back(node(i).port());
    o.shoppers = 6;
    o.request_limit = std::chrono::milliseconds{8000};
    o.pause = std::chrono::milliseconds{20};
    return o;
  }
  /// Checks the books after all work has settled.
  void judge(shopping_result shopping = {}) {
    BOOST_TEST(await_quiet(data(), std::chrono::seconds{60}), "work is still open after a minute");
    check_options check{data(), true, true, initial_, std::move(shopping.reported)};
    const auto report = check_store(check);
    for (const auto& c : shopping.complaints) BOOST_ERROR("invalid answer to a customer: " + c);
    for (const auto& v : report.violations) BOOST_ERROR(v);
    BOOST_TEST_MESSAGE(report.text());
    BOOST_TEST(report.facts.at("orders bought") > 0);
  }

 private:
  cluster_options options(const std::string& store, std::size_t nodes,
                          std::vector<std::string> roles) const {
    cluster_options o;
    o.data = dir_ / "data";
    o.store = store;
    o.nodes = nodes;
    o.settings = short_cluster_timeouts();
    o.roles = std::move(roles);
    return o;
  }
  void run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--data", data().string()});
    const auto done = run_program(stoa_binary(), arguments, ground().settings(plan_.all().store));
    if (done.exit_code != 0) throw std::runtime_error("stoa: " + done.output);
  }

  temp_dir dir_;
  cluster_plan plan_;
  std::vector<server_options> options_;
  std::vector<std::unique_ptr<server>> nodes_;
  stock_map initial_;
};

/// A certificate authority for nodes.
class authority {
 public:
  authority(const joined_nodes& nodes, const std::string& name)
      : certificate_(nodes.file(name + ".crt")), key_(nodes.file(name + ".key")) {
    run_to_end({"/usr/bin/openssl",
                {"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                 "-nodes", "-days", "2", "-subj", "/CN=" + name, "-keyout", key_.string(), "-out",
                 certificate_.string()},
                nodes.file(name + ".log"),
                ""});
  }

  /// Gives the node a certificate and makes it trust this authority.
  void admit(server_options& node, const std::filesystem::path& folder,
             const std::string& name) const {
    const auto to = (folder / name).string();
    run_to_end({"/usr/bin/openssl",
                {"req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                 "-subj", "/CN=" + name, "-keyout", to + ".key", "-out", to + ".csr"},
                to + ".log",
                ""});
    run_to_end({"/usr/bin/openssl",
                {"x509", "-req", "-in", to + ".csr", "-CA", certificate_.string(), "-CAkey",
                 key_.string(), "-set_serial", "2", "-days", "2", "-out", to + ".crt"},
                to + ".log",
                ""});
    change(node.settings, "STOA_CLUSTER_TLS_CERTIFICATE", to + ".crt");
    change(node.settings, "STOA_CLUSTER_TLS_KEY", to + ".key");
    change(node.settings, "STOA_CLUSTER_TLS_CA", certificate_.string());
  }

 private:
  std::filesystem::path certificate_;
  std::filesystem::path key_;
};

}  // namespace stoa::test
