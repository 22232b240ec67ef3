#pragma once
// A guest's purchase of one item, as the bytes of its three requests. `name` is part of their
// Idempotency-Keys. Built here and not in a coroutine: GCC 12 rejects braces in an expression with
// co_await.

#include "tests/support/http_answer.hpp"

namespace stoa::test {

/// The response contains the `cart_id`.
inline std::string cart_request(const std::string& name) {
  return request_text(
      "POST", "/store/v1/carts", {},
      {{"Idempotency-Key", name + "-cart"}, {"Client-Secret", name + "-0123456789abcdefghij"}});
}
/// `cart` is the cart's path: "/store/v1/carts/...".
inline std::string item_request(const std::string& cart, const std::string& product,
                                const std::string& name) {
  return request_text("POST", cart + "/items",
                      R"({"product_id":")" + product + R"(","quantity":1})",
                      {{"Idempotency-Key", name + "-item"}});
}
inline std::string checkout_request(const std::string& cart, const std::string& email,
                                    const std::string& name) {
  return request_text(
      "POST", cart + "/checkout",
      R"({"email":")" + email +
          R"(","shipping_address":{"address_line1":"1 Main Street","city":"Berlin",)"
          R"("postal_code":"10115","country":"DE"},)"
          R"("payment_method":{"type":"card","token":"tok_visa"}})",
      {{"Idempotency-Key", name}});
}

}  // namespace stoa::test
