// Two nodes that connect over plain TCP, with a secret, over TLS, and with both: one calls the
// other's service. And nodes that must not connect.

#include "actors/kernel/cluster_secrets.hpp"
#include "actors/kernel/codec_service.hpp"
#include "actors/kernel/node.hpp"
#include "storage/db/sqlite.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/toy_service.hpp"

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <future>
#include <thread>

namespace {

using namespace stoa;
using namespace stoa::test;
using namespace stoa::kernel;

constexpr seconds patience{20};

bool eventually(const std::function<bool()>& yes) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!yes()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(milliseconds{10});
  }
  return true;
}

struct fixture {
  temp_dir folder;
  toy_service toy;
  std::unique_ptr<kernel::node> owner;  ///< runs the service
  std::unique_ptr<kernel::node> front;  ///< runs none

  fixture() {
    std::signal(SIGPIPE, SIG_IGN);
    std::filesystem::create_directory(folder / "owner");
    db::open_sqlite(database_path((folder / "owner").string(), "toy"), db::sqlite_mode::write)
        ->run_script(toy_tables);
  }
  ~fixture() {
    for (auto* n : {&front, &owner}) {
      if (*n) (*n)->stop(milliseconds{2000});
    }
  }
  fixture(const fixture&) = delete;
  fixture& operator=(const fixture&) = delete;

  node_options options(const std::string& name, const cluster_options& cluster) const {
    node_options o;
    o.name = name;
    o.data_dir = (folder / name).string();
    o.actor_threads = 2;
    o.codecs.add_service<toy_service>();
    o.cluster = cluster;
    o.cluster.listen = "127.0.0.1:0";
    o.cluster.heartbeat = milliseconds{100};
    o.cluster.resolve = milliseconds{100};
    o.cluster.handshake_timeout = milliseconds{2000};
    return o;
  }
  /// Starts both; the front connects to the owner.
  void start(const cluster_options& of_owner, const cluster_options& of_front) {
    owner = make_node(options("owner", of_owner), {define_service(toy)});
    owner->start();
    auto o = options("front", of_front);
    o.services.emplace();
    o.cluster.peers = {"127.0.0.1:" + std::to_string(owner->nodes().front().port)};
    front = make_node(std::move(o), {define_service(toy)});
    front->start();
  }
  bool know_each_other() const {
    return eventually([&] { return owner->nodes().size() == 2 && front->nodes().size() == 2; });
  }
  /// Sends a command from the front to the owner; the problem's code, "" on success.
  std::string asked() {
    const auto port = front->make_port();
    auto result = std::make_shared<std::promise<std::string>>();
    port->post([port, result] {
      call_context context;
      context.idempotency_scope = "anybody";
      port->command("toy", any_message::of(add_to{counter(1), "one", 1}), context,
                    [result](answer a) { result->set_value(a.error ? a.error->code : ""); });
    });
    auto answer = result->get_future();
    return answer.wait_for(patience) == std::future_status::ready ? answer.get() : "no answer";
  }

  std::string file(const std::string& name) const { return (folder / name).string(); }
  void openssl(const std::string& arguments) const {
    const auto command = "openssl " + arguments + " >/dev/null 2>&1";
    BOOST_REQUIRE(std::system(command.c_str()) == 0);
  }
  /// A certificate signed by an authority of that name.
  cluster_options tls_of(const std::string& authority, const std::string& node) const {
    const std::string key = " -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes ";
    if (!std::filesystem::exists(file(authority + ".crt"))) {
      openssl("req -x509 -days 2 -subj /CN=" + authority + key + "-keyout " +
              file(authority + ".key") + " -out " + file(authority + ".crt"));
    }
    openssl("req -subj /CN=" + node + key + "-keyout " + file(node + ".key") + " -out " +
            file(node + ".csr"));
    openssl("x509 -req -days 2 -set_serial 2 -in " + file(node + ".csr") + " -CA " +
            file(authority + ".crt") + " -CAkey " + file(authority + ".key") + " -out " +
            file(node + ".crt"));
    cluster_options o;
    o.tls_certificate = file(node + ".crt");
    o.tls_key = file(node + ".key");
    o.tls_ca = file(authority + ".crt");
    return o;
  }
  static cluster_options with_secret(cluster_options o, char c) {
    o.secrets = std::make_shared<cluster_secrets>(std::string(48, c));
    return o;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(cluster_joins, fixture)

BOOST_AUTO_TEST_CASE(in_plain_tcp) {
  start({}, {});
  BOOST_TEST(know_each_other());
  BOOST_TEST(asked() == "");
}

BOOST_AUTO_TEST_CASE(with_a_secret) {
  start(with_secret({}, 's'), with_secret({}, 's'));
  BOOST_TEST(know_each_other());
  BOOST_TEST(asked() == "");
}

BOOST_AUTO_TEST_CASE(over_tls) {
  start(tls_of("ours", "one"), tls_of("ours", "two"));
  BOOST_TEST(know_each_other());
  BOOST_TEST(asked() == "");
}

BOOST_AUTO_TEST_CASE(over_tls_with_a_secret) {
  start(with_secret(tls_of("ours", "one"), 's'), with_secret(tls_of("ours", "two"), 's'));
  BOOST_TEST(know_each_other());
  BOOST_TEST(asked() == "");
}

BOOST_AUTO_TEST_CASE(a_node_that_comes_back_is_known_again) {
  start(with_secret({}, 's'), with_secret({}, 's'));
  BOOST_TEST(know_each_other());
  front->stop(milliseconds{2000});
  BOOST_TEST(eventually([&] { return owner->nodes().size() == 1; }));
  owner->stop(milliseconds{2000});
  start(with_secret({}, 's'), with_secret({}, 's'));
  BOOST_TEST(know_each_other());
  BOOST_TEST(asked() == "");
}

BOOST_AUTO_TEST_CASE(without_the_same_credentials_they_do_not) {
  const auto tls = tls_of("ours", "one");
  const std::vector<std::pair<cluster_options, cluster_options>> strangers{
      {with_secret({}, 's'), with_secret({}, 'o')},
      {with_secret({}, 's'), {}},
      {{}, with_secret({}, 's')},
      {tls, tls_of("theirs", "two")},
      {tls, {}},
      {{}, tls},
      {with_secret(tls, 's'), tls},
      {tls, with_secret(tls, 's')},
  };
  for (const auto& [one, other] : strangers) {
    start(one, other);
    std::this_thread::sleep_for(milliseconds{300});
    BOOST_TEST(owner->nodes().size() == 1U);
    BOOST_TEST(front->nodes().size() == 1U);
    front->stop(milliseconds{2000});
    owner->stop(milliseconds{2000});
  }
}

BOOST_AUTO_TEST_CASE(a_renewed_certificate_is_used_without_a_restart) {
  const auto ours = tls_of("ours", "one");
  // The same files contain another authority's certificate at first.
  auto renewed = tls_of("theirs", "two");
  start(ours, renewed);
  std::this_thread::sleep_for(milliseconds{300});
  BOOST_TEST(owner->nodes().size() == 1U);
  tls_of("ours", "three");
  for (const auto* const end : {".key", ".crt"}) {
    std::filesystem::copy_file(file(std::string("three") + end), file(std::string("two") + end),
                               std::filesystem::copy_options::overwrite_existing);
  }
  std::filesystem::copy_file(file("ours.crt"), file("theirs.crt"),
                             std::filesystem::copy_options::overwrite_existing);
  BOOST_TEST(know_each_other());
}

BOOST_AUTO_TEST_SUITE_END()
