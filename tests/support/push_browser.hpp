#pragma once
// A browser's side of push messages: its keys, and decryption (RFC 8291), written from the RFC with
// libsodium and OpenSSL's old interfaces, apart from the program's.

#include "storage/base/text.hpp"

#include <openssl/ec.h>
#include <openssl/ecdh.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <sodium.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

// The interfaces are deprecated, but independent of those that the program uses.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace stoa::test {

class push_browser {
 public:
  push_browser() : push_browser("") {}
  /// With that private key and secret, in base64url.
  explicit push_browser(std::string_view private_key, std::string_view auth = {})
      : key_(EC_KEY_new_by_curve_name(NID_X9_62_prime256v1), &EC_KEY_free),
        auth_(auth.empty() ? text::random_bytes(16) : text::from_base64url(auth).value()) {
    if (private_key.empty()) {
      EC_KEY_generate_key(key_.get());
      return;
    }
    const auto bytes = text::from_base64url(private_key).value();
    EC_KEY_oct2priv(key_.get(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    const auto* group = EC_KEY_get0_group(key_.get());
    const std::unique_ptr<EC_POINT, void (*)(EC_POINT*)> point(EC_POINT_new(group), &EC_POINT_free);
    EC_POINT_mul(group, point.get(), EC_KEY_get0_private_key(key_.get()), nullptr, nullptr,
                 nullptr);
    EC_KEY_set_public_key(key_.get(), point.get());
  }

  std::string public_bytes() const {
    std::string out(65, '\0');
    EC_POINT_point2oct(EC_KEY_get0_group(key_.get()), EC_KEY_get0_public_key(key_.get()),
                       POINT_CONVERSION_UNCOMPRESSED, bytes(out), out.size(), nullptr);
    return out;
  }
  std::string private_bytes() const {
    std::string out(32, '\0');
    EC_KEY_priv2oct(key_.get(), bytes(out), out.size());
    return out;
  }
  const std::string& auth() const { return auth_; }
  std::string p256dh_text() const { return text::base64url(public_bytes()); }
  std::string auth_text() const { return text::base64url(auth_); }

  /// Throws std::runtime_error for a body that is not for this browser.
  std::string decrypt(std::string_view body) const {
    if (body.size() < 86 + 17 || body[20] != 65) throw std::runtime_error("not a push message");
    const std::string salt(body.substr(0, 16));
    const std::string sender(body.substr(21, 65));
    using namespace std::string_literals;
    const auto input =
        expand(hmac(auth_, shared_with(sender)), "WebPush: info\0"s + public_bytes() + sender, 32);
    const auto prk = hmac(salt, input);
    const auto key = expand(prk, "Content-Encoding: aes128gcm\0"s, 16);
    const auto nonce = expand(prk, "Content-Encoding: nonce\0"s, 12);
    auto plain = open(key, nonce, body.substr(86));
    while (!plain.empty() && plain.back() == 0) plain.pop_back();
    if (plain.empty() || plain.back() != 2) throw std::runtime_error("no last record");
    plain.pop_back();
    return plain;
  }

 private:
  static unsigned char* bytes(std::string& s) { return reinterpret_cast<unsigned char*>(s.data()); }
  static const unsigned char* bytes(std::string_view s) {
    return reinterpret_cast<const unsigned char*>(s.data());
  }
  static std::string hmac(const std::string& key, const std::string& text) {
    std::string out(crypto_auth_hmacsha256_BYTES, '\0');
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, bytes(std::string_view(key)), key.size());
    crypto_auth_hmacsha256_update(&state, bytes(std::string_view(text)), text.size());
    crypto_auth_hmacsha256_final(&state, bytes(out));
    return out;
  }
  /// The first block of HKDF-Expand.
  static std::string expand(const std::string& prk, const std::string& info, std::size_t size) {
    return hmac(prk, info + "\x01").substr(0, size);
  }
  std::string shared_with(const std::string& sender) const {
    const auto* group = EC_KEY_get0_group(key_.get());
    const std::unique_ptr<EC_POINT, void (*)(EC_POINT*)> point(EC_POINT_new(group), &EC_POINT_free);
    std::string secret(32, '\0');
    if (EC_POINT_oct2point(group, point.get(), bytes(std::string_view(sender)), sender.size(),
                           nullptr) != 1 ||
        ECDH_compute_key(secret.data(), secret.size(), point.get(), key_.get(), nullptr) != 32) {
      throw std::runtime_error("not a public key");
    }
    return secret;
  }
  static std::string open(const std::string& key, const std::string& nonce,
                          std::string_view sealed) {
    const std::unique_ptr<EVP_CIPHER_CTX, void (*)(EVP_CIPHER_CTX*)> c(EVP_CIPHER_CTX_new(),
                                                                       &EVP_CIPHER_CTX_free);
    std::string tag(sealed.substr(sealed.size() - 16));
    sealed.remove_suffix(16);
    std::string plain(sealed.size(), '\0');
    int size = 0;
    EVP_DecryptInit_ex(c.get(), EVP_aes_128_gcm(), nullptr, bytes(std::string_view(key)),
                       bytes(std::string_view(nonce)));
    EVP_DecryptUpdate(c.get(), bytes(plain), &size, bytes(sealed), static_cast<int>(sealed.size()));
    EVP_CIPHER_CTX_ctrl(c.get(), EVP_CTRL_GCM_SET_TAG, 16, tag.data());
    if (EVP_DecryptFinal_ex(c.get(), bytes(plain) + size, &size) != 1) {
      throw std::runtime_error("another key, or a changed message");
    }
    return plain;
  }

  std::unique_ptr<EC_KEY, void (*)(EC_KEY*)> key_;
  std::string auth_;
};

}  // namespace stoa::test

#pragma GCC diagnostic pop
