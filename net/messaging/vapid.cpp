#include "net/messaging/vapid.hpp"

#include "net/token/private_file.hpp"
#include "storage/base/json_write.hpp"
#include "storage/base/text.hpp"

namespace stoa::messaging {

namespace {

constexpr const char* vapid_file = "vapid-key.json";
/// At most a day (RFC 8292, section 2); shorter, as clocks differ.
constexpr std::int64_t vapid_ttl_s = 12 * 3600;

struct vapid_claims {
  std::string aud;
  std::int64_t exp = 0;
  std::string sub;
};
BOOST_DESCRIBE_STRUCT(vapid_claims, (), (aud, exp, sub))

}  // namespace

result<vapid_key> vapid_key::load_or_create(const std::filesystem::path& directory) {
  const auto file = directory / vapid_file;
  const auto bytes =
      token::load_or_create_private_file(file, token::key_file_bytes_max, token::make_signing_key);
  if (!bytes) return bytes.error();
  auto key = token::read_signing_key(file, *bytes);
  if (!key) return key.error();
  const auto x = text::from_base64url(key->published.x);
  const auto y = text::from_base64url(key->published.y);
  auto point = "\x04" + x.value_or("") + y.value_or("");
  return vapid_key(std::make_shared<const token::signing_key>(std::move(*key)),
                   text::base64url(point));
}

result<std::string> vapid_key::authorization(std::string_view endpoint, const std::string& contact,
                                             timestamp now) const {
  const vapid_claims claims{origin_of(endpoint), now.us / 1'000'000 + vapid_ttl_s, contact};
  const auto token = token::sign_compact(*key_, "JWT", nullptr, json::write(claims));
  if (!token) return token.error();
  return "vapid t=" + *token + ", k=" + public_key_;
}

std::string origin_of(std::string_view url) {
  const auto scheme = url.find("://");
  const auto host = scheme == std::string_view::npos ? 0 : scheme + 3;
  return std::string(url.substr(0, url.find_first_of("/?#", host)));
}

}  // namespace stoa::messaging
