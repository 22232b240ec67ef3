// Stripe's own programs judge both sides: the official Node SDK drives the simulator and verifies
// its webhooks, and the official stripe-mock, which knows Stripe's OpenAPI description, accepts
// every request of the gateway. Skipped without npm or Go, or if the packages cannot be installed.

#include "net/gateway/stripe.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/fault_server.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <future>
#include <mutex>

using namespace stoa;
using namespace stoa::test;
using namespace stoa::payment;

namespace {

const std::string sdk = "stripe@17.7.0";
const std::string mock = "github.com/stripe/stripe-mock@v0.197.0";

finished_program shell(const std::string& line) {
  return run_program("/bin/sh", {"-c", line}, {}, seconds{300});
}

bool listens(std::uint16_t port) {
  try {
    return http_client(port).get("/v1/payment_intents").status != 0;
  } catch (const std::exception&) {
    return false;
  }
}

/// Receives webhooks: the signature, a tab, and the body of each.
class receiver {
 public:
  std::string url() const { return server_.url("/hooks"); }
  std::vector<std::string> lines() {
    const std::scoped_lock lock(mutex_);
    return lines_;
  }

 private:
  void serve(fault_connection& c) {
    for (auto text = c.read_request(); !text.empty(); text = c.read_request()) {
      const auto body = text.find("\r\n\r\n") + 4;
      {
        const std::scoped_lock lock(mutex_);
        lines_.push_back(
            std::string(field_of(std::string_view(text).substr(0, body - 2), "Stripe-Signature")) +
            "\t" + text.substr(body));
      }
      c.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    }
  }

  std::mutex mutex_;
  std::vector<std::string> lines_;
  fault_server server_{[this](fault_connection& c) { serve(c); }};
};

/// Forwards requests to stripe-mock and keeps those that it rejects.
class judge {
 public:
  explicit judge(std::uint16_t port) : port_(port) {}

  std::string url() const {
    auto all = server_.url();
    all.pop_back();
    return all;
  }
  int requests() const { return requests_; }
  std::vector<std::string> rejected() {
    const std::scoped_lock lock(mutex_);
    return rejected_;
  }
  /// Whether a request line has this part.
  bool served(const std::string& part) {
    const std::scoped_lock lock(mutex_);
    return lines_.find(part) != std::string::npos;
  }

 private:
  /// The mock's payment method has no customer: here it is that of the test.
  static std::string attached(std::string answer) {
    const auto body = answer.find("\r\n\r\n") + 4;
    const std::string member = "\"customer\":";
    const auto at = answer.find("null", answer.find(member, body));
    if (at == std::string::npos) return answer;
    answer.replace(at, 4, "\"cus_1\"");
    const std::string length = "Content-Length: ";
    const auto field = answer.find(length) + length.size();
    const auto end = answer.find("\r\n", field);
    return answer.replace(field, end - field, std::to_string(answer.size() - body));
  }
  void serve(fault_connection& c) {
    auto text = c.read_request();
    if (text.empty()) return;
    ++requests_;
    const auto sent = text;
    {
      const std::scoped_lock lock(mutex_);
      lines_ += text.substr(0, text.find("\r\n")) + "\n";
    }
    text.insert(text.find("\r\n\r\n"), "\r\nConnection: close");
    auto answer = exchange_raw(port_, text);
    if (sent.starts_with("GET /v1/payment_methods/")) answer = attached(std::move(answer));
    if (!answer.starts_with("HTTP/1.1 200")) {
      const std::scoped_lock lock(mutex_);
      rejected_.push_back(sent + "\n" + answer);
    }
    c.send(answer);
  }

  const std::uint16_t port_;
  std::atomic<int> requests_{0};
  std::mutex mutex_;
  std::vector<std::string> rejected_;
  std::string lines_;
  fault_server server_{[this](fault_connection& c) { serve(c); }};
};

template <class Start>
void ask(Start start) {
  auto promise = std::make_shared<std::promise<void>>();
  auto future = promise->get_future();
  start([promise](const gateway_answer&) { promise->set_value(); });
  BOOST_REQUIRE(future.wait_for(seconds{60}) == std::future_status::ready);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(stripe_judges)

BOOST_AUTO_TEST_CASE(the_official_sdk_accepts_the_simulator) {
  const temp_dir dir;
  const auto installed =
      shell("cd " + dir.path().string() + " && npm install --no-audit --no-fund " + sdk);
  if (installed.exit_code != 0) return skip("npm cannot install " + sdk);
  const std::string secret = "whsec_judge";
  std::ofstream(dir / "secret") << secret << "\n";
  std::filesystem::permissions(dir / "secret", std::filesystem::perms{0600});
  receiver hooks;
  const auto port = free_port();
  child_process simulator({stoa_binary(),
                           {"gateway-simulator", "--listen", "127.0.0.1:" + std::to_string(port),
                            "--data", (dir / "bank").string(), "--webhook-url", hooks.url(),
                            "--webhook-secret-file", (dir / "secret").string()},
                           dir / "log"});
  simulator.start();
  BOOST_REQUIRE_MESSAGE(eventually([&] { return listens(port); }), simulator.log_end());
  http_client client(port);
  const auto made = client.post(
      "/v1/payment_intents",
      "amount=100&currency=eur&confirm=true&payment_method=pm_card_visa&metadata[payment_id]=p",
      bearer("sk_test_judge"));
  BOOST_TEST(made.status == 200, made.body);
  BOOST_REQUIRE(eventually([&] { return hooks.lines().size() >= 2; }));
  {
    std::ofstream events(dir / "events");
    for (const auto& line : hooks.lines()) events << line << "\n";
  }
  const auto judged =
      shell("node " STOA_SOURCE_DIR "/tests/functional/stripe_sdk.mjs " + dir.path().string() +
            " " + std::to_string(port) + " " + secret + " " + (dir / "events").string());
  BOOST_TEST(judged.exit_code == 0, judged.output);
}

BOOST_AUTO_TEST_CASE(the_official_mock_accepts_the_gateways_requests) {
  const temp_dir dir;
  const auto installed = shell("GOBIN=" + dir.path().string() + " GOPATH=" + (dir / "go").string() +
                               " go install -modcacherw " + mock);
  if (installed.exit_code != 0) return skip("go cannot install " + mock);
  const auto port = free_port();
  child_process server(
      {dir / "stripe-mock", {"-http-addr", "127.0.0.1:" + std::to_string(port)}, dir / "log"});
  server.start();
  BOOST_REQUIRE_MESSAGE(eventually([&] { return listens(port); }), server.log_end());
  judge between(port);
  gateways::stripe gateway({.base_url = between.url(),
                            .api_key = "sk_test_judge",
                            .return_url = "https://shop.example/paid",
                            .timeout = std::chrono::seconds{30}});
  const money price{1299, "EUR"};
  const authorization_reference known{"p", "pi_1"};
  for (const bool capture : {true, false}) {
    ask([&](auto done) { gateway.authorize({"p", "o", price, "pm_card_visa", capture}, done); });
  }
  ask([&](auto done) { gateway.void_authorization({{"p", ""}, "o", price, true}, done); });
  ask([&](auto done) { gateway.void_authorization({known, "o", price, true}, done); });
  ask([&](auto done) { gateway.capture({"c", known, price}, done); });
  ask([&](auto done) { gateway.refund({"r", known, price, "o"}, done); });
  ask([&](auto done) { gateway.look_up({"p", "pi_1"}, done); });
  ask([&](auto done) { gateway.look_up({"r", "re_1"}, done); });
  BOOST_TEST(between.requests() >= 11);
  // The mock has one intent, whose amount the gateway compares with the request's.
  const auto shown =
      http_client(port).get("/v1/payment_intents/pi_1", bearer("sk_test_judge")).json();
  auto currency = text_at(shown, "/currency");
  for (auto& c : currency) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  const money price_there{number_at(shown, "/amount"), currency};
  for (const bool saves : {true, false}) {
    for (const std::string& customer : {std::string(), std::string("cus_1")}) {
      ask([&](auto done) {
        gateway.authorize({"p", "o", price_there, "pm_card_visa", true, {{"u", customer}}, saves},
                          done);
      });
    }
  }
  ask([&](auto done) {
    gateway.look_up({"p", "pi_1", open_effect::Authorize, "p", price, "cus_1"}, done);
  });
  ask([&](auto done) { gateway.save_method({"s", {"u", ""}, "pm_1"}, done); });
  ask([&](auto done) { gateway.remove_method({"s", {"u", "cus_1"}, "pm_1"}, done); });
  ask([&](auto done) { gateway.remove_customer({"u", "cus_1"}, done); });
  BOOST_TEST(between.served("POST /v1/customers "));
  BOOST_TEST(between.served("/confirm "));
  BOOST_TEST(between.served("/attach "));
  BOOST_TEST(between.served("/detach "));
  BOOST_TEST(between.served("DELETE /v1/customers/"));
  for (const auto& r : between.rejected()) BOOST_ERROR(r);
}

BOOST_AUTO_TEST_SUITE_END()
