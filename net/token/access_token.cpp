#include "net/token/access_token.hpp"

#include "net/token/jose.hpp"
#include "net/token/private_file.hpp"
#include "net/token/verified_cache.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"
#include "storage/base/text.hpp"

#include <sodium.h>

#include <algorithm>
#include <utility>

namespace stoa::token {
namespace {

constexpr std::size_t key_file_bytes_max = 4096;
constexpr std::int64_t second_us = 1'000'000;
constexpr std::string_view token_type = "at+jwt";

// The members of a JWK that the thumbprint is taken over, in the order of RFC 7638, section 3.2.
struct public_jwk {
  std::string crv, kty, x, y;
};
BOOST_DESCRIBE_STRUCT(public_jwk, (), (crv, kty, x, y))
struct private_jwk {
  std::string crv, kty, x, y, d;
};
BOOST_DESCRIBE_STRUCT(private_jwk, (), (crv, kty, x, y, d))
struct published_jwk {
  std::string kty, crv, x, y, kid, alg, use;
};
BOOST_DESCRIBE_STRUCT(published_jwk, (), (kty, crv, x, y, kid, alg, use))

problem crypto_failure(std::string_view what, const cjose_err& error) {
  return {
      500, "crypto", std::string(what) + ": " + (error.message ? error.message : "unknown"), {}};
}
// Three parts of base64url, the last of them a signature of 64 bytes. cjose's own decoder lets more
// pass.
bool well_formed(std::string_view token) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const auto first = token.find('.');
  const auto second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos) return false;
  const auto head = token.substr(0, first);
  const auto body = token.substr(first + 1, second - first - 1);
  const auto signature = text::from_base64url(token.substr(second + 1));
  return !head.empty() && !body.empty() &&
         head.find_first_not_of(alphabet) == std::string_view::npos &&
         body.find_first_not_of(alphabet) == std::string_view::npos && signature &&
         signature->size() == 64;
}

problem refused() {
  return {401, "invalid_token", "The access token is not valid.", {}};
}

std::string thumbprint(const public_jwk& key) {
  const auto canonical = json::write(key);
  unsigned char hash[crypto_hash_sha256_BYTES];
  crypto_hash_sha256(hash, reinterpret_cast<const unsigned char*>(canonical.data()),
                     canonical.size());
  return text::base64url({reinterpret_cast<const char*>(hash), sizeof hash});
}

result<std::string> make_key() {
  cjose_err error{};
  const jwk_handle key(cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, &error));
  if (!key) return crypto_failure("making a key", error);
  const jose_text json(cjose_jwk_to_json(key.get(), true, &error));
  if (!json) return crypto_failure("writing a key", error);
  return std::string(json.get()) + "\n";
}

}  // namespace

struct token_keys::impl {
  jwk_handle key;
  std::string key_id;
  std::string public_key;
  token_policy policy;
  mutable verified_cache verified{verified_tokens_max};

  bool pinned(cjose_header_t* header) const {
    cjose_err error{};
    const char* alg = cjose_header_get(header, CJOSE_HDR_ALG, &error);
    const char* kid = cjose_header_get(header, CJOSE_HDR_KID, &error);
    // What the key signs for another purpose is no access token (RFC 8725, section 3.11).
    const char* typ = cjose_header_get(header, "typ", &error);
    // An extension that must be understood (RFC 7515, 4.1.11) is never understood here.
    const jose_text critical(cjose_header_get_raw(header, "crit", &error));
    return alg && kid && typ && !critical && std::string_view(alg) == CJOSE_HDR_ALG_ES256 &&
           key_id == kid && typ == token_type;
  }

  result<claims> check_signature(std::string_view token) const {
    cjose_err error{};
    const jws_handle jws(cjose_jws_import(token.data(), token.size(), &error));
    if (!jws || !pinned(cjose_jws_get_protected(jws.get())) ||
        !cjose_jws_verify(jws.get(), key.get(), &error)) {
      return refused();
    }
    std::uint8_t* bytes = nullptr;
    std::size_t size = 0;
    if (!cjose_jws_get_plaintext(jws.get(), &bytes, &size, &error)) return refused();
    auto read = json::read_lenient<claims>({reinterpret_cast<const char*>(bytes), size});
    if (!read || read->iss != "stoa" || read->aud != policy.audience ||
        read->exp <= std::max(read->iat, read->nbf)) {
      return refused();
    }
    read->exp = std::min(read->exp, read->iat + policy.ttl_max_s);
    return read;
  }
};

result<token_keys> token_keys::load_or_create(const std::filesystem::path& directory,
                                              token_policy policy) {
  const auto file = directory / "token-key.json";
  const auto bytes = load_or_create_private_file(file, key_file_bytes_max, make_key);
  if (!bytes) return bytes.error();
  const auto bad = [&] {
    return problem{500, "secret_file", file.string() + ": it holds no private P-256 key (JWK)", {}};
  };

  const auto stored = json::read_lenient<private_jwk>(*bytes);
  if (!stored || stored->kty != "EC" || stored->crv != "P-256") return bad();
  cjose_err error{};
  auto loaded = std::make_unique<impl>();
  loaded->policy = std::move(policy);
  loaded->key.reset(cjose_jwk_import(bytes->data(), bytes->size(), &error));
  if (!loaded->key) return bad();
  // cjose computes the public part from the private one and does not look at what the file says of
  // it; where the two differ, the file has been tampered with or mixed up.
  const jose_text computed(cjose_jwk_to_json(loaded->key.get(), false, &error));
  const auto key = json::read_lenient<public_jwk>(computed ? computed.get() : "");
  if (!key || key->x != stored->x || key->y != stored->y) return bad();
  loaded->key_id = thumbprint(*key);
  loaded->public_key = json::write(
      published_jwk{key->kty, key->crv, key->x, key->y, loaded->key_id, "ES256", "sig"});

  // A key that cannot sign is found out now and not at the first login.
  token_keys keys(std::move(loaded));
  const auto trial = keys.sign({.sub = {}, .role = "", .sid = {}, .exp = 1});
  if (!trial || !keys.impl_->check_signature(*trial)) return bad();
  return keys;
}

token_keys::token_keys(std::unique_ptr<impl> i) : impl_(std::move(i)) {}
token_keys::token_keys(token_keys&&) noexcept = default;
token_keys& token_keys::operator=(token_keys&&) noexcept = default;
token_keys::~token_keys() = default;

const std::string& token_keys::key_id() const {
  return impl_->key_id;
}
const std::string& token_keys::public_key() const {
  return impl_->public_key;
}

result<std::string> token_keys::sign(const claims& c) const {
  cjose_err error{};
  const header_handle header(cjose_header_new(&error));
  if (!header || !cjose_header_set(header.get(), CJOSE_HDR_ALG, CJOSE_HDR_ALG_ES256, &error) ||
      !cjose_header_set(header.get(), CJOSE_HDR_KID, impl_->key_id.c_str(), &error) ||
      !cjose_header_set(header.get(), "typ", token_type.data(), &error)) {
    return crypto_failure("signing a token", error);
  }
  auto content = c;
  content.aud = impl_->policy.audience;
  const auto body = json::write(content);
  const jws_handle jws(cjose_jws_sign(impl_->key.get(), header.get(),
                                      reinterpret_cast<const std::uint8_t*>(body.data()),
                                      body.size(), &error));
  const char* compact = nullptr;  // owned by jws
  if (!jws || !cjose_jws_export(jws.get(), &compact, &error)) {
    return crypto_failure("signing a token", error);
  }
  return std::string(compact);
}

result<claims> token_keys::verify(std::string_view token, timestamp now) const {
  if (token.empty() || token.size() > token_bytes_max) return refused();
  const auto now_s = now.us / second_us;
  auto hash = text::hash(token);
  if (auto known = impl_->verified.find(hash, now_s)) return *known;

  if (!well_formed(token)) return refused();
  auto read = impl_->check_signature(token);
  if (!read) return read.error();
  if (read->exp <= now_s) return problem{401, "token_expired", "The access token has expired.", {}};
  if (std::max(read->iat, read->nbf) > now_s + clock_skew_s) return refused();
  impl_->verified.put(std::move(hash), *read);
  return read;
}

}  // namespace stoa::token
