#pragma once
// The published public keys (RFC 7517; members of EC keys: RFC 7518, section 6.2).

#include <boost/describe.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace stoa::token {

struct published_jwk {
  static constexpr std::string_view schema_name = "json_web_key";
  std::string kty, crv, x, y, kid, alg, use;
};
BOOST_DESCRIBE_STRUCT(published_jwk, (), (kty, crv, x, y, kid, alg, use))
struct jwk_set {
  static constexpr std::string_view schema_name = "json_web_key_set";
  std::vector<published_jwk> keys;
};
BOOST_DESCRIBE_STRUCT(jwk_set, (), (keys))

}  // namespace stoa::token
