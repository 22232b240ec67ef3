#include "net/front/replay_owner.hpp"

#include "net/front/route.hpp"

#include <algorithm>

namespace stoa::front {

namespace {

/// 22 characters of base64 hold 128 bits.
constexpr std::size_t secret_bytes_min = 22;
constexpr std::size_t secret_bytes_max = 255;

bool has_parameter(const route& r, std::string_view name) {
  return std::ranges::find(r.parameters, name) != r.parameters.end();
}

std::optional<std::string> client_secret(const http::request& r) {
  auto field = r.header("Client-Secret");
  if (!field) return std::nullopt;
  const bool visible = std::ranges::all_of(*field, [](char c) { return c > 0x20 && c < 0x7F; });
  if (!visible || field->size() < secret_bytes_min || field->size() > secret_bytes_max) {
    fail({400,
          "invalid_request",
          "Invalid Client-Secret.",
          {{"#Client-Secret", "format",
            "22 to 255 visible ASCII characters with at least 128 random bits"}}});
  }
  return std::string(*field);
}

}  // namespace

std::optional<std::string> replay_owner(const exchange& x) {
  if (x.context.who.is_user()) return "user " + x.context.who.user.str();
  std::string secrets;
  // The scope contains the path, and the path contains the id.
  if (has_parameter(*x.matched, "cart_id")) secrets += "\ncart";
  if (x.matched->info.order_token && has_parameter(*x.matched, "order_id") &&
      x.shows_token_of(x.path_id<stoa::order_id>("order_id", "order"))) {
    secrets += "\norder " + *x.order_token;
  }
  if (auto secret = client_secret(*x.request)) secrets += "\nclient " + *secret;
  if (secrets.empty()) return std::nullopt;
  return "guest" + secrets;
}

bool takes_client_secret(const route& r) {
  return r.takes_key() && r.info.who == access::anyone && r.parameters.empty();
}

}  // namespace stoa::front
