// Taxes by an external provider: a provider that is right, slow, wrong, huge, malformed or gone,
// and a server that is killed between its answer and the order.

#include "net/webhooks/webhook_secret.hpp"
#include "tests/support/answering_server.hpp"
#include "tests/support/store_checker.hpp"
#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <fstream>
#include <set>

using namespace stoa;
using namespace stoa::test;
using std::chrono::milliseconds;

namespace {

constexpr const char* secret = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

/// The taxes of a question: 20 % of each line and of shipping, rounded down.
std::string good_answer(const std::string& request, const std::string& reference) {
  const auto question = json::parse(body_in(request)).value();
  std::string lines;
  std::int64_t total = 0;
  for (std::size_t i = 0; i < size_at(question, "/lines"); ++i) {
    const auto tax = number_at(question, "/lines/" + std::to_string(i) + "/amount") / 5;
    total += tax;
    lines += (i > 0 ? "," : "") + std::string(R"({"position":)") + std::to_string(i) +
             R"(,"taxes":[{"name":"VAT 20 %","amount":)" + std::to_string(tax) +
             R"(,"parts_per_million":200000}]})";
  }
  std::string shipping;
  if (has(question, "/shipping")) {
    const auto tax = number_at(question, "/shipping/amount") / 5;
    total += tax;
    shipping =
        R"({"name":"VAT 20 %","amount":)" + std::to_string(tax) + R"(,"parts_per_million":200000})";
  }
  return http_reply(200, R"({"reference":")" + reference + R"(","currency":")" +
                             text_at(question, "/currency") + R"(","lines":[)" + lines +
                             R"(],"shipping":[)" + shipping + R"(],"total":)" +
                             std::to_string(total) + R"(,"more":"ignored"})");
}

/// A provider whose answers can be replaced.
class tax_provider {
 public:
  using answer = std::function<std::string(const std::string& request)>;
  void answers(answer how) {
    const std::scoped_lock lock(mutex_);
    how_ = std::move(how);
  }
  std::string url() const { return server_.url() + "/taxes"; }
  std::vector<std::string> requests() { return server_.requests(); }
  std::size_t count() { return requests().size(); }

 private:
  std::mutex mutex_;
  answer how_;
  answering_server server_{[this](const std::string& request, std::size_t number) {
    answer how;
    {
      const std::scoped_lock lock(mutex_);
      how = how_;
    }
    return how ? how(request) : good_answer(request, "txn_" + std::to_string(number));
  }};
};

/// A store that asks the provider. The secret's file is in its folder.
class taxed_store {
 public:
  explicit taxed_store(tax_provider& provider, const std::string& on_failure = "refuse")
      : server_([&] {
          load_demo(stoa_binary(), dir_ / "data", 10, 1000);
          create_root(stoa_binary(), dir_ / "data");
          std::ofstream(dir_ / "secret") << secret << "\n";
          std::filesystem::permissions(dir_ / "secret", std::filesystem::perms::owner_read);
          server_options o;
          o.data = dir_ / "data";
          o.settings = {{"STOA_TAX_PROVIDER", "http"},
                        {"STOA_TAX_URL", provider.url()},
                        {"STOA_TAX_SECRET_FILE", (dir_ / "secret").string()},
                        {"STOA_TAX_TIMEOUT_MS", "1000"},
                        {"STOA_TAX_ON_FAILURE", on_failure},
                        {"STOA_TAX_ALLOWED_NETWORKS", "127.0.0.1"}};
          return o;
        }()) {
    server_.start();
  }
  server& process() { return server_; }
  std::uint16_t port() const { return server_.port(); }

 private:
  temp_dir dir_;
  server server_;
};

const std::string berlin =
    R"("shipping_address":{"address_line1":"1 Main St","city":"Berlin","postal_code":"10115",)"
    R"("country":"DE"})";

std::string recorded(const json::value& order, const std::string& member) {
  return text_at(order, "/tax/" + member);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(external_tax)

BOOST_AUTO_TEST_CASE(taxes_of_the_provider_are_charged_recorded_and_refunded) {
  tax_provider provider;
  taxed_store shop(provider);
  visitor v(shop.port());
  const auto item = v.goods().at(0);
  const auto cart = v.cart_with(item.id, 3);
  v.client.get(cart);
  BOOST_TEST(provider.count() == 0U);  // A cart without an address has no taxes.

  const auto quote = v.client.post(cart + "/quote", "{" + berlin + "}");
  BOOST_REQUIRE_MESSAGE(quote.status == 200, quote.body);
  const auto tax = 3 * item.price / 5;
  BOOST_TEST(number_at(quote.json(), "/tax_total/amount") == tax);
  BOOST_TEST(recorded(quote.json(), "reference") == "txn_1");
  BOOST_TEST(v.client.post(cart + "/quote", "{}").status == 200);
  BOOST_TEST(provider.count() == 1U);

  const auto checkout_key = unique("taxed");
  const auto bought = v.checkout(cart, {}, {}, checkout_key);
  BOOST_REQUIRE_MESSAGE(bought.status == 201, bought.body);
  const auto order = bought.json();
  BOOST_TEST(number_at(order, "/total_amount/amount") == 3 * item.price + tax);
  BOOST_TEST(recorded(order, "provider") == "http");
  BOOST_TEST(recorded(order, "reference") == "txn_2");
  BOOST_TEST(text_at(order, "/price_parts/0/reason") == "VAT 20 %");
  BOOST_TEST(number_at(order, "/price_parts/0/lines/0/amount") == tax);
  BOOST_TEST(number_at(order, "/price_parts/0/parts_per_million") == 200'000);

  // Signed like a webhook, under an idempotency key.
  const auto requests = provider.requests();
  std::set<std::string> keys;
  for (const auto& r : requests) {
    const auto key = field_in(r, "idempotency-key");
    keys.insert(key);
    BOOST_TEST(field_in(r, "webhook-id") == key);
    const auto seconds = std::stoll(field_in(r, "webhook-timestamp"));
    BOOST_TEST(field_in(r, "webhook-signature") ==
               webhook::sign(*webhook::key_of(secret), key, seconds, body_in(r)));
  }
  BOOST_TEST(keys.size() == 2U);
  const auto asked = json::parse(body_in(requests.back())).value();
  BOOST_TEST(text_at(asked, "/purpose") == "checkout");
  BOOST_TEST(number_at(asked, "/lines/0/quantity") == 3);
  BOOST_TEST(requests.back().find("ada@example.com") == std::string::npos);
  // A cart is named, and its id, with which everyone could use it, is not told.
  const auto reference = text_at(asked, "/cart_reference");
  BOOST_TEST(reference.size() >= 22U);
  BOOST_TEST(text_at(json::parse(body_in(requests.front())).value(), "/cart_reference") ==
             reference);
  for (const auto& r : requests) {
    BOOST_TEST(r.find(cart.substr(cart.rfind('/') + 1)) == std::string::npos);
  }

  // A refund of one of three units refunds its tax.
  const auto root = v.log_in("root");
  const auto id = text_at(order, "/order_id");
  const auto shown = v.client.get("/admin/v1/orders/" + id + "?expand=payments", root).json();
  const auto line = text_at(order, "/items/0/order_item_id");
  const auto refund = v.client.post(
      "/admin/v1/payments/" + text_at(shown, "/payments/0/payment_id") + "/refunds",
      R"({"line_items":[{"order_item_id":")" + line + R"(","quantity":1}],"reason":"damaged"})",
      with(root, "Idempotency-Key", unique("refund")));
  BOOST_REQUIRE_MESSAGE(refund.status / 100 == 2, refund.body);
  BOOST_TEST(number_at(refund.json(), "/amount/amount") == (3 * item.price + tax) / 3);
  BOOST_TEST(eventually([&] {
    return number_at(v.client.get("/admin/v1/orders/" + id, root).json(),
                     "/items/0/refunded_quantity") == 1;
  }));
  BOOST_TEST(v.checkout(cart, {}, {}, checkout_key).body == bought.body);
  BOOST_TEST(provider.count() == requests.size());
}

BOOST_AUTO_TEST_CASE(a_checkout_without_a_usable_answer_is_refused) {
  tax_provider provider;
  taxed_store shop(provider);
  visitor v(shop.port());
  const auto item = v.goods().at(0);
  const auto cart = v.cart_with(item.id, 1);
  const auto key = unique("checkout");
  const std::vector<std::pair<std::string, tax_provider::answer>> faults{
      {"slow",
       [](const std::string& r) {
         std::this_thread::sleep_for(milliseconds{1500});
         return good_answer(r, "late");
       }},
      {"status", [](const auto&) { return http_reply(500, "{}"); }},
      {"malformed", [](const auto&) { return http_reply(200, "{\"lines\":["); }},
      {"cut", [](const std::string& r) { return good_answer(r, "x").substr(0, 60); }},
      {"no HTTP", [](const auto&) { return std::string("hello\r\n\r\n"); }},
      {"reset", [](const auto&) { return std::string(); }},
      {"huge", [](const auto&) { return http_reply(200, std::string(4 << 20, ' ')); }},
      {"wrong sum",
       [](const std::string& r) {
         auto a = good_answer(r, "x");
         const auto at = a.find("\"total\":") + 8;
         a[at] = a[at] == '9' ? '8' : static_cast<char>(a[at] + 1);
         return a;
       }},
      {"redirect",
       [](const auto&) { return http_reply(307, "", "Location: http://127.0.0.1:1/\r\n"); }}};
  for (const auto& [name, fault] : faults) {
    provider.answers(fault);
    const auto start = std::chrono::steady_clock::now();
    const auto refused = v.checkout(cart, {}, {}, key);
    BOOST_TEST(refused.status == 503, name << ": " << refused.body);
    BOOST_TEST(refused.code() == "tax_unavailable", name);
    BOOST_TEST((std::chrono::steady_clock::now() - start < std::chrono::seconds{20}), name);
    BOOST_TEST(v.client.post(cart + "/quote", "{" + berlin + "}").status == 503, name);
  }
  // Nothing was ordered or reserved, and the key can be used again.
  BOOST_TEST(v.product(item.id).stock == item.stock);
  provider.answers({});
  const auto bought = v.checkout(cart, {}, {}, key);
  BOOST_REQUIRE_MESSAGE(bought.status == 201, bought.body);
  BOOST_TEST(recorded(bought.json(), "provider") == "http");
  const auto before = provider.count();
  const auto again = v.checkout(cart, {}, {}, key);
  BOOST_TEST(again.body == bought.body);
  BOOST_TEST(provider.count() == before);
}

BOOST_AUTO_TEST_CASE(the_rates_of_the_store_replace_a_failed_answer_if_allowed) {
  tax_provider provider;
  provider.answers([](const auto&) { return http_reply(200, "{}"); });
  taxed_store shop(provider, "builtin");
  visitor v(shop.port());
  const auto root = v.log_in("root");
  BOOST_REQUIRE(v.client
                    .post("/admin/v1/tax-rates",
                          R"({"name":"VAT 10 %","area":{"country":"GB"},)"
                          R"("parts_per_million":100000})",
                          root)
                    .status == 201);
  const auto item = v.goods().at(0);
  const auto bought = v.checkout(v.cart_with(item.id, 1));
  BOOST_REQUIRE_MESSAGE(bought.status == 201, bought.body);
  BOOST_TEST(number_at(bought.json(), "/tax_total/amount") == (item.price + 5) / 10);
  BOOST_TEST(recorded(bought.json(), "provider") == "builtin");
  BOOST_TEST(recorded(bought.json(), "failure") == "malformed");
  BOOST_TEST(has(bought.json(), "/price_parts/0/tax_rate_id"));
}

BOOST_AUTO_TEST_CASE(a_crash_between_the_answer_and_the_order_leaves_no_unrecorded_tax) {
  tax_provider provider;
  taxed_store shop(provider);
  const auto stock = read_stock(shop.process().data());
  std::string item;
  {
    visitor v(shop.port());
    item = v.goods().at(0).id;
  }
  // Each round kills the server at another time after the provider was asked.
  for (int round = 0; round < 6; ++round) {
    visitor v(shop.port());
    const auto cart = v.cart_with(item, 1);
    const auto key = unique("crash");
    const auto email = "crash" + std::to_string(round) + "@example.com";
    const auto asked = provider.count();
    std::thread buyer([&, port = shop.port()] {
      try {
        visitor other(port);
        other.checkout(cart, {.email = email}, {}, key);
      } catch (const std::exception&) {
        // The server was killed.
      }
    });
    BOOST_TEST(eventually([&] { return provider.count() > asked; }));
    std::this_thread::sleep_for(milliseconds{round * 3});
    shop.process().kill();
    buyer.join();
    shop.process().start();
    visitor again(shop.port());
    const auto bought = again.checkout(cart, {.email = email}, {}, key);
    BOOST_REQUIRE_MESSAGE(bought.status == 201, bought.body);
    BOOST_TEST(recorded(bought.json(), "provider") == "http");
    // The repeat asked under the key of the first request.
    const auto requests = provider.requests();
    std::set<std::string> keys;
    for (auto i = asked; i < requests.size(); ++i) {
      keys.insert(field_in(requests[i], "idempotency-key"));
    }
    BOOST_TEST(keys.size() == 1U);
  }
  check_options check{shop.process().data(), true, true, stock, {}};
  BOOST_TEST(await_quiet(check.data, std::chrono::seconds{60}));
  BOOST_TEST(shop.process().stop().value_or(-1) == 0, shop.process().log_end());
  const auto report = check_store(check);
  BOOST_TEST(report.clean(), report.text());
}

BOOST_AUTO_TEST_SUITE_END()
