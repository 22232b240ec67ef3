// `stoa gateway-simulator` as a command, and stores whose gateway answers with responses that
// cannot be read after it has executed the request.

#include "net/cli/gateway_simulator.hpp"

#include "tests/support/paypal_simulator.hpp"
#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa;
using namespace stoa::test;

namespace {

struct paypal_buyer : visitor {
  explicit paypal_buyer(storefront& where)
      : visitor(where.port()), me(log_in("root")), mine(goods().front()) {}
  header_list me;
  good mine;

  /// An order with PayPal, waiting for the approval: its id, its payment's id, and the page.
  struct waiting_order {
    std::string order;
    std::string payment;
    std::string url;
  };
  waiting_order waiting() {
    const auto answer = checkout(cart_with(mine.id, 1), {.method = "paypal"});
    BOOST_TEST_REQUIRE(answer.status == 202, answer.body);
    waiting_order w{text_at(answer.json(), "/order_id"), "", ""};
    BOOST_TEST_REQUIRE(eventually([&] {
      const auto page = client.get("/store/v1/orders/" + w.order + "/payments", me).json();
      if (size_at(page, "/data") == 0 || !has(page, "/data/0/next_action")) return false;
      w.payment = text_at(page, "/data/0/payment_id");
      w.url = text_at(page, "/data/0/next_action/url");
      return true;
    }));
    return w;
  }
  json::value payment(const std::string& id) {
    return client.get("/admin/v1/payments/" + id, me).json();
  }
  bool has_status(const std::string& id, std::string_view status) {
    return eventually([&] { return text_at(payment(id), "/status") == status; });
  }
  int staff_post(const std::string& id, const std::string& action, const std::string& body) {
    return client
        .post("/admin/v1/payments/" + id + action, body,
              with(me, "Idempotency-Key", unique("staff")))
        .status;
  }
  int refund(const std::string& id, int amount) {
    return staff_post(id, "/refunds",
                      R"({"reason":"damaged","amount":{"amount":)" + std::to_string(amount) +
                          R"(,"currency":"EUR"}})");
  }
};

finished_program simulator_at(std::uint16_t port, std::vector<std::string> more,
                              const environment& settings = {}) {
  more.insert(more.begin(), {"gateway-simulator", "--listen", "127.0.0.1:" + std::to_string(port)});
  return run_program(stoa_binary(), more, settings, seconds{20});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(gateway_simulator)

BOOST_AUTO_TEST_CASE(one_process_uses_a_directory) {
  const temp_dir dir;
  child_process first({stoa_binary(),
                       {"gateway-simulator", "--listen", "127.0.0.1:" + std::to_string(free_port()),
                        "--data", (dir / "bank").string()},
                       dir / "log"});
  first.start();
  BOOST_TEST_REQUIRE(
      eventually([&] { return first.log_end().find("listening") != std::string::npos; }));
  const auto second = simulator_at(free_port(), {"--data", (dir / "bank").string()});
  BOOST_TEST(second.exit_code == 1);
  const auto reason = "the data directory " + (dir / "bank").string() + " is in use by process " +
                      std::to_string(first.pid());
  BOOST_TEST(second.output.find(reason) != std::string::npos, second.output);
  BOOST_TEST(first.running());
}

BOOST_AUTO_TEST_CASE(a_stores_settings_are_not_those_of_the_simulator) {
  const temp_dir dir;
  // A store in the directory of its settings is in use.
  storefront store({.products = 1, .stock = 1});
  const auto program = stoa_binary().string();
  const auto in_dir = [&](const std::string& command, const environment& settings) {
    return run_program("/bin/sh", {"-c", "cd " + dir.path().string() + " && " + command}, settings,
                       seconds{20});
  };
  const auto done =
      in_dir("timeout 3 " + program +
                 " gateway-simulator --listen 127.0.0.1:" + std::to_string(free_port()),
             {{"STOA_DATA_DIR", store.data().string()}, {"STOA_HTTP_LISTEN", "127.0.0.1:1"}});
  BOOST_TEST(done.output.find("gateway simulator listening") != std::string::npos, done.output);
  BOOST_TEST(std::filesystem::exists(dir / "gateway-simulator-data" / "gateway-simulator.db"));
  BOOST_TEST(!std::filesystem::exists(store.data() / "gateway-simulator.db"));
  const auto values = cli::gateway_simulator_values();
  BOOST_TEST_REQUIRE(values.size() == 2u);
  const auto help = in_dir(program + " gateway-simulator --help", {});
  for (const auto& v : values) {
    BOOST_TEST(help.output.find(v.value) != std::string::npos, v.value);
  }
}

BOOST_AUTO_TEST_CASE(responses_that_cannot_be_read_lose_and_double_nothing) {
  for (const std::string fault : {"truncated", "unreadable", "500_after_charging"}) {
    BOOST_TEST_CONTEXT(fault) {
      paypal_simulator bank;
      bank.start(0, {"--fault", fault});
      storefront store({.products = 1, .settings = bank.store_settings()});
      paypal_buyer buyer(store);
      const auto w = buyer.waiting();
      bank.act(w.url, "approve");
      BOOST_TEST(buyer.has_status(w.payment, "Completed"));
      BOOST_TEST(buyer.becomes("/store/v1/orders/" + w.order, "Confirmed", buyer.me));
      BOOST_TEST(!has(buyer.payment(w.payment), "/failure_code"));
      BOOST_TEST(buyer.refund(w.payment, 7) == 201);
      BOOST_TEST(buyer.has_status(w.payment, "PartiallyRefunded"));
      const auto paid = bank.order(w.payment);
      BOOST_TEST(bank.ledger().size() == 1u);
      BOOST_TEST(paid.captures == 1);
      BOOST_TEST(paid.refunded == 7);
      BOOST_TEST(number_at(buyer.payment(w.payment), "/refunded_amount/amount") == 7);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_authorisation_with_an_unreadable_response_is_captured_once) {
  for (const std::string fault : {"truncated", "unreadable"}) {
    BOOST_TEST_CONTEXT(fault) {
      paypal_simulator bank;
      bank.start(0, {"--fault", fault});
      storefront store(
          {.products = 1, .settings = bank.store_settings({{"STOA_PAYMENT_CAPTURE", "manual"}})});
      paypal_buyer buyer(store);
      const auto w = buyer.waiting();
      bank.act(w.url, "approve");
      BOOST_TEST(buyer.has_status(w.payment, "Authorized"));
      BOOST_TEST(buyer.staff_post(w.payment, "/capture", "") == 200);
      BOOST_TEST(buyer.has_status(w.payment, "Completed"));
      BOOST_TEST(bank.order(w.payment).captures == 1);
      BOOST_TEST(buyer.becomes("/store/v1/orders/" + w.order, "Confirmed", buyer.me));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
