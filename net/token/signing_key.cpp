#include "net/token/signing_key.hpp"

#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"
#include "storage/base/text.hpp"

#include <sodium.h>

namespace stoa::token {

namespace {

// The JWK members that the thumbprint covers, in the order of RFC 7638, section 3.2.
struct public_jwk {
  std::string crv, kty, x, y;
};
BOOST_DESCRIBE_STRUCT(public_jwk, (), (crv, kty, x, y))
struct private_jwk {
  std::string crv, kty, x, y, d;
};
BOOST_DESCRIBE_STRUCT(private_jwk, (), (crv, kty, x, y, d))

std::string thumbprint(const public_jwk& key) {
  const auto canonical = json::write(key);
  unsigned char hash[crypto_hash_sha256_BYTES];
  crypto_hash_sha256(hash, reinterpret_cast<const unsigned char*>(canonical.data()),
                     canonical.size());
  return text::base64url({reinterpret_cast<const char*>(hash), sizeof hash});
}

}  // namespace

problem crypto_failure(std::string_view what, const cjose_err& error) {
  return {problem_kind::internal,
          "crypto",
          std::string(what) + ": " + (error.message ? error.message : "unknown"),
          {}};
}

result<std::string> make_signing_key() {
  cjose_err error{};
  const jwk_handle key(cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, &error));
  if (!key) return crypto_failure("creating a key", error);
  const jose_text json(cjose_jwk_to_json(key.get(), true, &error));
  if (!json) return crypto_failure("serializing a key", error);
  return std::string(json.get()) + "\n";
}

result<signing_key> read_signing_key(const std::filesystem::path& file, const std::string& bytes) {
  const auto bad = [&] {
    return problem{problem_kind::internal,
                   "secret_file",
                   file.string() + ": it does not contain a private P-256 key (JWK)",
                   {}};
  };
  const auto stored = json::read_lenient<private_jwk>(bytes);
  if (!stored || stored->kty != "EC" || stored->crv != "P-256") return bad();
  cjose_err error{};
  signing_key pair;
  pair.key.reset(cjose_jwk_import(bytes.data(), bytes.size(), &error));
  if (!pair.key) return bad();
  // cjose computes the public key from the private one and ignores the public key in the file. If
  // they differ, the file was modified or mixed up.
  const jose_text computed(cjose_jwk_to_json(pair.key.get(), false, &error));
  const auto key = json::read_lenient<public_jwk>(computed ? computed.get() : "");
  if (!key || key->x != stored->x || key->y != stored->y) return bad();
  pair.published = {key->kty, key->crv, key->x, key->y, thumbprint(*key), "ES256", "sig"};
  return pair;
}

result<std::string> sign_compact(const signing_key& key, const char* type, const char* key_id,
                                 const std::string& payload) {
  cjose_err error{};
  const header_handle header(cjose_header_new(&error));
  if (!header || !cjose_header_set(header.get(), CJOSE_HDR_ALG, CJOSE_HDR_ALG_ES256, &error) ||
      (key_id != nullptr && !cjose_header_set(header.get(), CJOSE_HDR_KID, key_id, &error)) ||
      !cjose_header_set(header.get(), "typ", type, &error)) {
    return crypto_failure("signing a token", error);
  }
  const jws_handle jws(cjose_jws_sign(key.key.get(), header.get(),
                                      reinterpret_cast<const std::uint8_t*>(payload.data()),
                                      payload.size(), &error));
  const char* compact = nullptr;  // owned by jws
  if (!jws || !cjose_jws_export(jws.get(), &compact, &error)) {
    return crypto_failure("signing a token", error);
  }
  return std::string(compact);
}

}  // namespace stoa::token
