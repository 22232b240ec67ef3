#pragma once
// Staff of a store whose gateway is Stripe.

#include "tests/support/storefront.hpp"

#include <boost/test/unit_test.hpp>

#include <utility>

namespace stoa::test {

/// Settings for short waits, and a log that can be searched.
inline environment quick_payments(environment more = {}) {
  more.emplace_back("STOA_PAYMENT_RETRY_MS_MAX", "1000");
  more.emplace_back("STOA_LOG_LEVEL", "debug");
  more.emplace_back("STOA_LOG_FORMAT", "json");
  return more;
}

struct merchant : visitor {
  explicit merchant(storefront& where) : merchant(where.port()) {}
  explicit merchant(std::uint16_t port)
      : visitor(port), me(log_in("root")), mine(goods().front()) {}
  header_list me;
  good mine;

  std::string payment_id(const http_answer& order) {
    const auto path = "/store/v1/orders/" + text_at(order.json(), "/order_id") + "/payments";
    std::string id;
    BOOST_REQUIRE(eventually([&] {
      const auto page = client.get(path, me).json();
      if (size_at(page, "/data") == 0) return false;
      id = text_at(page, "/data/0/payment_id");
      return true;
    }));
    return id;
  }
  json::value payment(const std::string& id) {
    return client.get("/admin/v1/payments/" + id, me).json();
  }
  bool has_status(const std::string& id, std::string_view status) {
    return eventually([&] { return text_at(payment(id), "/status") == status; });
  }
  http_answer refund(const std::string& id, std::int64_t amount) {
    return client.post("/admin/v1/payments/" + id + "/refunds",
                       R"({"reason":"damaged","amount":{"amount":)" + std::to_string(amount) +
                           R"(,"currency":"EUR"}})",
                       with(me, "Idempotency-Key", unique("refund")));
  }
  /// An order that waits for the customer: its payment's id and the URL of the page.
  std::pair<std::string, std::string> waiting(const http_answer& order) {
    const auto id = payment_id(order);
    BOOST_TEST(has_status(id, "RequiresAction"));
    return {id, text_at(payment(id), "/next_action/url")};
  }
  http_answer ordered(const std::string& token) {
    return checkout(cart_with(mine.id, 1), {.token = token}, {{"Prefer", "respond-async"}});
  }
};

}  // namespace stoa::test
