#include "bench/agents.hpp"

#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <fmt/format.h>
#include <openssl/crypto.h>

#include <fstream>
#include <memory>
#include <stdexcept>
#include <thread>

namespace stoa::bench {

namespace tcp = boost::asio::ip;

/// From the leader: first an order, then the start.
struct leader_message {
  std::int64_t format = 1;
  std::string token;
  std::optional<load_order> order;
  std::int64_t start_in_ms = 0;
};
BOOST_DESCRIBE_STRUCT(leader_message, (), (format, token, order, start_in_ms))

/// From the agent: first an empty one, which means ready, then the report.
struct agent_message {
  std::string error;
  std::optional<run_report> report;
};
BOOST_DESCRIBE_STRUCT(agent_message, (), (error, report))

namespace {

constexpr std::chrono::seconds connect_limit{5};
/// For the products and accounts.
constexpr std::chrono::seconds prepare_limit{120};
/// Operations in progress at the end of a run.
constexpr std::chrono::seconds finish_limit{90};
constexpr std::chrono::milliseconds start_delay{500};
constexpr std::size_t line_bytes_max = std::size_t{64} << 20;
constexpr std::size_t order_bytes_max = 64 * 1024;

struct address {
  std::string host;
  std::string port;
};

address address_in(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == text.size()) {
    throw std::runtime_error("'" + text + "' is not HOST:PORT");
  }
  return {text.substr(0, colon), text.substr(colon + 1)};
}

std::string token_in(const std::string& file) {
  if (file.empty()) return {};
  std::ifstream in(file);
  std::string token;
  std::getline(in, token);
  if (token.empty()) throw std::runtime_error("cannot read a token from " + file);
  return token;
}

/// Lines of JSON over a connection.
class talk {
 public:
  explicit talk(tcp::tcp::iostream& stream, std::size_t bytes_max)
      : stream_(stream), bytes_max_(bytes_max) {}

  template <class Message>
  void send(const Message& m) {
    stream_ << json::write(m) << "\n" << std::flush;
  }
  /// Throws when nothing valid arrives within the limit.
  template <class Message>
  Message receive(std::chrono::seconds limit) {
    stream_.expires_after(limit);
    std::string line;
    for (char c = 0; stream_.get(c) && c != '\n';) {
      line.push_back(c);
      if (line.size() > bytes_max_) throw std::runtime_error("a message is too long");
    }
    if (!stream_) throw std::runtime_error("no message: " + stream_.error().message());
    auto m = json::read_lenient<Message>(line);
    if (!m) throw std::runtime_error("a malformed message: " + m.error().detail);
    return std::move(*m);
  }

 private:
  tcp::tcp::iostream& stream_;
  const std::size_t bytes_max_;
};

bool is_token(const std::string& given, const std::string& expected) {
  return given.size() == expected.size() &&
         ::CRYPTO_memcmp(given.data(), expected.data(), expected.size()) == 0;
}

std::chrono::seconds length_of(const load_order& o) {
  return std::chrono::seconds{o.warmup_s + o.seconds} + finish_limit;
}

/// One run for a leader.
void serve(tcp::tcp::iostream& stream, const std::string& token, const target_options& local) {
  talk leader(stream, order_bytes_max);
  try {
    const auto first = leader.receive<leader_message>(connect_limit);
    if (!is_token(first.token, token)) throw std::runtime_error("the token is not this agent's");
    if (first.format != 1 || !first.order) throw std::runtime_error("an order of another version");
    ordered_load load(*first.order, local);
    leader.send(agent_message{});
    const auto start = leader.receive<leader_message>(prepare_limit);
    std::this_thread::sleep_for(std::chrono::milliseconds{std::clamp<std::int64_t>(
        start.start_in_ms, 0, std::chrono::milliseconds(connect_limit).count())});
    stream.expires_after(length_of(*first.order));
    auto report = load.run({});
    fmt::print(stderr, "{} at {}: {} operations, {} failed\n", report.scenario, report.url,
               report.all.count, report.all.failed);
    leader.send(agent_message{{}, std::move(report)});
  } catch (const std::exception& e) {
    fmt::print(stderr, "an order was not run: {}\n", e.what());
    leader.send(agent_message{e.what(), std::nullopt});
  }
}

/// An agent as its leader sees it.
struct member {
  std::string name;
  tcp::tcp::iostream stream{};

  agent_message receive(std::chrono::seconds limit) {
    agent_message m;
    try {
      m = talk(stream, line_bytes_max).receive<agent_message>(limit);
    } catch (const std::exception& e) {
      m.error = e.what();
    }
    if (!m.error.empty()) throw std::runtime_error("agent " + name + ": " + m.error);
    return m;
  }
};

std::vector<std::unique_ptr<member>> ready_agents(const team_options& team,
                                                  const load_order& order) {
  const auto token = token_in(team.token_file);
  std::vector<std::unique_ptr<member>> all;
  for (const auto& name : team.agents) {
    const auto at = address_in(name);
    auto m = std::make_unique<member>(member{.name = name});
    m->stream.expires_after(connect_limit);
    m->stream.connect(at.host, at.port);
    if (!m->stream) {
      throw std::runtime_error("agent " + name + ": " + m->stream.error().message());
    }
    leader_message first;
    first.token = token;
    first.order = part_of(order, all.size(), team.agents.size());
    talk(m->stream, line_bytes_max).send(first);
    all.push_back(std::move(m));
  }
  for (auto& m : all) m->receive(prepare_limit);
  return all;
}

/// The server's figures of each second, while the agents run.
class server_log {
 public:
  explicit server_log(const load_watch& watch) : watch_(watch) {
    if (watch_.server) thread_ = std::thread([this] { run(); });
  }
  ~server_log() { stop(); }
  server_log(const server_log&) = delete;
  server_log& operator=(const server_log&) = delete;

  void add_to(run_report& r) {
    stop();
    for (std::size_t i = 0; i < r.series.size() && i + 1 < uses_.size(); ++i) {
      r.series[i].server_cores = uses_[i + 1].cpu_s - uses_[i].cpu_s;
      r.series[i].server_memory_mb = uses_[i + 1].memory_mb;
    }
  }

 private:
  void run() {
    for (auto next = load_clock::now(); !stop_; next += std::chrono::seconds{1}) {
      uses_.push_back(watch_.server());
      while (!stop_ && load_clock::now() < next + std::chrono::seconds{1}) {
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
      }
    }
  }
  void stop() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
  }

  const load_watch& watch_;
  std::vector<server_use> uses_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace

int run_agent(const agent_options& options) {
  const auto at = address_in(options.listen);
  const auto token = token_in(options.token_file);
  boost::asio::io_context context;
  tcp::tcp::resolver resolver(context);
  const tcp::tcp::endpoint endpoint = *resolver.resolve(at.host, at.port).begin();
  if (token.empty() && !endpoint.address().is_loopback()) {
    throw std::runtime_error(options.listen +
                             " is not a loopback address: an agent that others can reach needs "
                             "--token-file");
  }
  tcp::tcp::acceptor acceptor(context, endpoint);
  fmt::print(stderr, "waiting for orders at {}:{}\n", endpoint.address().to_string(),
             acceptor.local_endpoint().port());
  for (std::int64_t run = 0; options.runs == 0 || run < options.runs; ++run) {
    tcp::tcp::iostream stream;
    acceptor.accept(stream.socket());
    serve(stream, token, options.target);
  }
  return 0;
}

run_report run_on_agents(const team_options& team, const load_order& order,
                         const load_watch& watch) {
  auto whole_order = order;
  if (order.scenario == sale_name && order.connections == 0) whole_order.connections = sale_buyers;
  const auto least = static_cast<std::int64_t>(team.agents.size());
  if (whole_order.connections > 0 && whole_order.connections < least) {
    throw std::runtime_error("--connections is less than the number of agents");
  }
  auto agents = ready_agents(team, whole_order);
  const auto began = load_clock::now();
  for (auto& a : agents) {
    // Later agents wait less.
    const auto left = start_delay - (load_clock::now() - began);
    leader_message start;
    start.start_in_ms = std::chrono::duration_cast<std::chrono::milliseconds>(left).count();
    talk(a->stream, line_bytes_max).send(start);
  }
  std::this_thread::sleep_until(began + start_delay);
  server_log log(watch);
  std::vector<run_report> parts;
  for (auto& a : agents) {
    auto m = a->receive(length_of(order));
    if (!m.report) throw std::runtime_error("agent " + a->name + ": no report");
    parts.push_back(std::move(*m.report));
  }
  auto whole = merged(parts);
  log.add_to(whole);
  return whole;
}

}  // namespace stoa::bench
