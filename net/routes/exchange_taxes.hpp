#pragma once
// The external provider of taxes, for a request.

#include "actors/checkout/external_tax.hpp"
#include "net/front/exchange.hpp"

namespace stoa::front {

/// Of stores whose front_context has a tax_client.
class exchange_taxes final : public checkout::tax_source {
 public:
  explicit exchange_taxes(exchange& x) : x_(x) {}
  task<checkout::tax_reply> ask(std::string body) override;
  std::string reference_of(stoa::cart_id id) const override;
  bool falls_back() const override;

 private:
  exchange& x_;
};

}  // namespace stoa::front
