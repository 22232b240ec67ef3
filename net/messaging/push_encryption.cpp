#include "net/messaging/push_encryption.hpp"

#include "storage/base/text.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/param_build.h>

#include <array>
#include <memory>

namespace stoa::messaging {

namespace {

constexpr const char* curve = "P-256";
constexpr std::size_t point_bytes = 65;
constexpr std::size_t scalar_bytes = 32;
constexpr std::size_t salt_bytes = 16;
constexpr std::size_t secret_bytes = 32;
constexpr std::size_t key_bytes = 16;
constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t tag_bytes = 16;
constexpr std::array<char, 4> record_size{0, 0, 0x10, 0};  // 4096
constexpr char last_record = 2;

struct openssl_free {
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(EVP_PKEY_CTX* p) const { EVP_PKEY_CTX_free(p); }
  void operator()(EVP_KDF* p) const { EVP_KDF_free(p); }
  void operator()(EVP_KDF_CTX* p) const { EVP_KDF_CTX_free(p); }
  void operator()(EVP_CIPHER_CTX* p) const { EVP_CIPHER_CTX_free(p); }
  void operator()(OSSL_PARAM_BLD* p) const { OSSL_PARAM_BLD_free(p); }
  void operator()(OSSL_PARAM* p) const { OSSL_PARAM_free(p); }
  void operator()(BIGNUM* p) const { BN_clear_free(p); }
};
template <class T>
using owned = std::unique_ptr<T, openssl_free>;

problem encryption_failed() {
  return {problem_kind::internal, "crypto", "The push message cannot be encrypted.", {}};
}

unsigned char* bytes_of(std::string& s) {
  return reinterpret_cast<unsigned char*>(s.data());
}
const unsigned char* bytes_of(std::string_view s) {
  return reinterpret_cast<const unsigned char*>(s.data());
}

/// The key with that public point and, if it is not empty, that private scalar; null if invalid.
owned<EVP_PKEY> key_from(std::string_view point, std::string_view scalar) {
  const owned<OSSL_PARAM_BLD> build(OSSL_PARAM_BLD_new());
  const owned<BIGNUM> number(
      scalar.empty() ? nullptr
                     : BN_bin2bn(bytes_of(scalar), static_cast<int>(scalar.size()), nullptr));
  if (!build ||
      !OSSL_PARAM_BLD_push_utf8_string(build.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve, 0) ||
      !OSSL_PARAM_BLD_push_octet_string(build.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                        point.size()) ||
      (number && !OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_PRIV_KEY, number.get()))) {
    return nullptr;
  }
  const owned<OSSL_PARAM> params(OSSL_PARAM_BLD_to_param(build.get()));
  const owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) <= 0 ||
      EVP_PKEY_fromdata(context.get(), &key,
                        scalar.empty() ? EVP_PKEY_PUBLIC_KEY : EVP_PKEY_KEYPAIR,
                        params.get()) <= 0) {
    return nullptr;
  }
  return owned<EVP_PKEY>(key);
}

/// ECDH; empty on failure.
std::string shared_secret(EVP_PKEY* mine, EVP_PKEY* theirs) {
  const owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new(mine, nullptr));
  std::string secret(secret_bytes, '\0');
  std::size_t size = secret.size();
  if (!context || EVP_PKEY_derive_init(context.get()) <= 0 ||
      EVP_PKEY_derive_set_peer(context.get(), theirs) <= 0 ||
      EVP_PKEY_derive(context.get(), bytes_of(secret), &size) <= 0 || size != secret_bytes) {
    return {};
  }
  return secret;
}

/// HKDF-SHA-256 (RFC 5869); empty on failure.
std::string derive(std::string_view salt, std::string_view secret, std::string_view info,
                   std::size_t size) {
  const owned<EVP_KDF> hkdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  const owned<EVP_KDF_CTX> context(hkdf ? EVP_KDF_CTX_new(hkdf.get()) : nullptr);
  std::string digest = "SHA256";
  std::string salt_copy(salt);
  std::string secret_copy(secret);
  std::string info_copy(info);
  const std::array<OSSL_PARAM, 5> params{
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, secret_copy.data(), secret_copy.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, salt_copy.data(), salt_copy.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info_copy.data(), info_copy.size()),
      OSSL_PARAM_construct_end()};
  std::string out(size, '\0');
  if (!context || EVP_KDF_derive(context.get(), bytes_of(out), out.size(), params.data()) <= 0) {
    return {};
  }
  return out;
}

/// AES-128-GCM with the tag at the end; empty on failure.
std::string seal(const std::string& key, const std::string& nonce, std::string_view plain) {
  const owned<EVP_CIPHER_CTX> context(EVP_CIPHER_CTX_new());
  std::string out(plain.size() + tag_bytes, '\0');
  int size = 0;
  int rest = 0;
  if (!context ||
      EVP_EncryptInit_ex(context.get(), EVP_aes_128_gcm(), nullptr, bytes_of(std::string_view(key)),
                         bytes_of(std::string_view(nonce))) <= 0 ||
      EVP_EncryptUpdate(context.get(), bytes_of(out), &size, bytes_of(plain),
                        static_cast<int>(plain.size())) <= 0 ||
      EVP_EncryptFinal_ex(context.get(), bytes_of(out) + size, &rest) <= 0 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, tag_bytes,
                          bytes_of(out) + plain.size()) <= 0) {
    return {};
  }
  return out;
}

}  // namespace

bool is_p256_point(std::string_view bytes) {
  return bytes.size() == point_bytes && bytes.front() == 4 && key_from(bytes, {}) != nullptr;
}

result<push_secrets> make_push_secrets() {
  const owned<EVP_PKEY> key(EVP_EC_gen(curve));
  push_secrets made{std::string(scalar_bytes, '\0'), std::string(point_bytes, '\0'),
                    text::random_bytes(salt_bytes)};
  BIGNUM* number = nullptr;
  std::size_t size = 0;
  if (!key ||
      EVP_PKEY_get_octet_string_param(key.get(), OSSL_PKEY_PARAM_PUB_KEY, bytes_of(made.public_key),
                                      made.public_key.size(), &size) <= 0 ||
      size != point_bytes ||
      EVP_PKEY_get_bn_param(key.get(), OSSL_PKEY_PARAM_PRIV_KEY, &number) <= 0) {
    return encryption_failed();
  }
  const owned<BIGNUM> scalar(number);
  if (BN_bn2binpad(scalar.get(), bytes_of(made.private_key), scalar_bytes) < 0) {
    return encryption_failed();
  }
  return made;
}

result<std::string> encrypt_push(const push_recipient& to, std::string_view plain,
                                 const push_secrets& with) {
  using namespace std::string_literals;
  if (plain.size() > push_plain_bytes_max || to.auth.size() != push_auth_bytes ||
      !is_p256_point(to.public_key)) {
    return encryption_failed();
  }
  const auto mine = key_from(with.public_key, with.private_key);
  const auto theirs = key_from(to.public_key, {});
  const auto secret = mine ? shared_secret(mine.get(), theirs.get()) : std::string();
  if (secret.empty()) return encryption_failed();
  const auto input =
      derive(to.auth, secret, "WebPush: info\0"s + to.public_key + with.public_key, secret_bytes);
  const auto key = derive(with.salt, input, "Content-Encoding: aes128gcm\0"s, key_bytes);
  const auto nonce = derive(with.salt, input, "Content-Encoding: nonce\0"s, nonce_bytes);
  if (input.empty() || key.empty() || nonce.empty()) return encryption_failed();
  const auto record = seal(key, nonce, std::string(plain) + last_record);
  if (record.empty()) return encryption_failed();
  std::string body = with.salt;
  body.append(record_size.data(), record_size.size());
  body += static_cast<char>(point_bytes);
  return body.append(with.public_key).append(record);
}

}  // namespace stoa::messaging
