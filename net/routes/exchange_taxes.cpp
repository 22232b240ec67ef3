#include "net/routes/exchange_taxes.hpp"

#include "net/tax/tax_client.hpp"
#include "storage/base/text.hpp"

namespace stoa::front {

task<checkout::tax_reply> exchange_taxes::ask(std::string body) {
  // A repeat of the request asks under the same key; another cart or address under another one.
  const auto key =
      "tax_" + text::base64url(text::keyed_hash(
                   x_.shared->secret->bytes, "tax\n" + x_.context.idempotency_scope + "\n" + body));
  const auto left = std::chrono::ceil<milliseconds>(x_.context.deadline - process_time().now());
  auto* client = x_.shared->taxes;
  std::function<bool(std::function<void(checkout::tax_reply)>)> start =
      [client, left, &key, &body](std::function<void(checkout::tax_reply)> then) {
        client->post(std::move(body), key, left, std::move(then));
        return true;
      };
  auto reply = co_await x_.run_elsewhere<checkout::tax_reply>(std::move(start));
  co_return reply;
}

std::string exchange_taxes::reference_of(stoa::cart_id id) const {
  return text::base64url(text::keyed_hash(x_.shared->secret->bytes, "tax cart\n" + id.str()));
}

bool exchange_taxes::falls_back() const {
  return x_.shared->taxes->falls_back();
}

}  // namespace stoa::front
