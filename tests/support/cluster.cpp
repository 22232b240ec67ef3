#include "tests/support/cluster.hpp"

#include "tests/support/storefront.hpp"

#include <fstream>
#include <stdexcept>

namespace stoa::test {
namespace {

std::string local(std::uint16_t port) {
  return "127.0.0.1:" + std::to_string(port);
}

}  // namespace

cluster_plan::cluster_plan(cluster_ground& ground, cluster_options options)
    : options_(std::move(options)), shared_(ground.settings(options_.store)) {
  if (options_.program.empty()) options_.program = stoa_binary();
  for (std::size_t i = 0; i < options_.nodes; ++i) {
    ports_.push_back(free_port());
    if (options_.links_gated) links_.push_back(std::make_unique<tcp_proxy>(ports_.back()));
  }
  ground.note_place(options_.data, options_.store);
}

std::string cluster_plan::peers() const {
  std::string all;
  for (std::size_t i = 0; i < options_.nodes; ++i) {
    all += (all.empty() ? "" : ",") + local(links_.empty() ? ports_[i] : links_[i]->port());
  }
  return all;
}

environment cluster_plan::settings(std::size_t node) const {
  environment all = shared_;
  all.emplace_back("STOA_NODE_NAME", "node-" + std::to_string(node + 1));
  all.emplace_back("STOA_CLUSTER_LISTEN", local(ports_[node]));
  all.emplace_back("STOA_CLUSTER_PEERS", peers());
  all.emplace_back("STOA_AUTH_KEYS_DIR", (options_.data / "keys").string());
  all.emplace_back("STOA_PAYMENT_SANDBOX_LEDGER",
                   (options_.data / "sandbox" / "ledger.db").string());
  all.emplace_back("STOA_NOTIFICATION_MAIL_DIR", (options_.data / "mail").string());
  all.emplace_back("STOA_MEDIA_DIR", (options_.data / "media").string());
  if (node < options_.roles.size()) all.emplace_back("STOA_NODE_SERVICES", options_.roles[node]);
  all.insert(all.end(), options_.settings.begin(), options_.settings.end());
  if (node < options_.own.size()) {
    all.insert(all.end(), options_.own[node].begin(), options_.own[node].end());
  }
  return all;
}

server_options cluster_plan::options(std::size_t node) const {
  server_options o;
  o.program = options_.program;
  o.data = options_.data;
  if (node > 0) o.data += "-" + std::to_string(node + 1);
  o.settings = settings(node);
  o.alone = true;
  return o;
}

void cluster_plan::make_keys() const {
  const auto keys = options_.data / "keys";
  if (std::filesystem::exists(keys)) return;
  const auto made =
      run_program(options_.program, {"keys", "create", "--auth-keys-dir", keys.string()});
  if (made.exit_code != 0) throw std::runtime_error("stoa keys create: " + made.output);
}

cluster::cluster(cluster_ground& ground, cluster_options options)
    : plan_(ground, std::move(options)), store_(ground.settings(plan_.all().store)) {
  for (std::size_t i = 0; i < plan_.all().nodes; ++i) {
    nodes_.push_back(std::make_unique<server>(plan_.options(i)));
  }
}

void cluster::load(int products, int stock, int seed) const {
  const auto done =
      run_program(plan_.all().program,
                  {"demo", "--data", data().string(), "--products", std::to_string(products),
                   "--stock", std::to_string(stock), "--seed", std::to_string(seed)},
                  store_);
  if (done.exit_code != 0) throw std::runtime_error("stoa demo: " + done.output);
}

void cluster::create_root() const {
  const temp_dir folder;
  const auto file = folder / "password";
  std::ofstream(file) << shared_password << "\n";
  const auto made =
      run_program(plan_.all().program,
                  {"user", "create", "--data", data().string(), "--role", "admin", "--username",
                   "root", "--email", "root@example.com", "--password-file", file.string()},
                  store_);
  if (made.exit_code != 0) throw std::runtime_error("stoa user create: " + made.output);
}

void cluster::start() {
  plan_.make_keys();
  for (auto& n : nodes_) n->launch();
  await_ready();
}

void cluster::await_ready() {
  for (auto& n : nodes_) n->await_ready();
}

std::vector<std::uint16_t> cluster::ports() const {
  std::vector<std::uint16_t> all;
  for (const auto& n : nodes_) all.push_back(n->port());
  return all;
}

std::string cluster::logs(std::size_t bytes) const {
  std::string all;
  for (const auto& n : nodes_) {
    all += n->log_file().filename().string() + ":\n" + n->log_end(bytes) + "\n";
  }
  return all;
}

}  // namespace stoa::test
