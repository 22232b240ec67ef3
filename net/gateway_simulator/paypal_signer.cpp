#include "net/gateway_simulator/paypal_signer.hpp"

#include "net/gateway/paypal_signature.hpp"
#include "net/gateway_simulator/paypal_parts.hpp"
#include "net/mail/coding.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <stdexcept>

namespace stoa::simulator {

namespace {

constexpr std::size_t signer_key_bits = 2048;
/// The clocks of the machines may differ.
constexpr std::time_t valid_before_s = 24 * 3600;
constexpr std::time_t valid_after_s = 365 * 24 * 3600;
constexpr long version_3 = 2;

void require(bool done) {
  if (!done) throw std::runtime_error("OpenSSL cannot make the key of PayPal's webhooks");
}

std::string self_signed(EVP_PKEY* key, timestamp now) {
  const std::unique_ptr<X509, void (*)(X509*)> made(X509_new(), X509_free);
  const std::unique_ptr<BIO, int (*)(BIO*)> text(BIO_new(BIO_s_mem()), BIO_free);
  const auto seconds_now = static_cast<std::time_t>(now.us / 1'000'000);
  require(made && text);
  auto* name = X509_get_subject_name(made.get());
  const auto* issuer = reinterpret_cast<const unsigned char*>("messageverificationcerts.simulator");
  require(X509_set_version(made.get(), version_3) == 1 &&
          ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1) == 1 &&
          ASN1_TIME_set(X509_getm_notBefore(made.get()), seconds_now - valid_before_s) != nullptr &&
          ASN1_TIME_set(X509_getm_notAfter(made.get()), seconds_now + valid_after_s) != nullptr &&
          X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, issuer, -1, -1, 0) == 1 &&
          X509_set_issuer_name(made.get(), name) == 1 && X509_set_pubkey(made.get(), key) == 1 &&
          X509_sign(made.get(), key, EVP_sha256()) > 0 &&
          PEM_write_bio_X509(text.get(), made.get()) == 1);
  char* data = nullptr;
  const auto size = BIO_get_mem_data(text.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace

paypal_signer::paypal_signer(timestamp now)
    : key_(EVP_RSA_gen(signer_key_bits), EVP_PKEY_free),
      certificate_id_("CERT-" + new_paypal_id()) {
  require(key_ != nullptr);
  certificate_ = self_signed(key_.get(), now);
}

paypal_signature paypal_signer::sign(std::string_view webhook_id, std::string_view body,
                                     timestamp now) const {
  paypal_signature made{new_paypal_id(), now.str(), ""};
  const auto text =
      gateways::paypal_signed_text(made.transmission_id, made.transmission_time, webhook_id, body);
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(),
                                                                   EVP_MD_CTX_free);
  std::string bytes(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())), '\0');
  auto size = bytes.size();
  require(context &&
          EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1 &&
          EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(bytes.data()), &size,
                         reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1);
  bytes.resize(size);
  made.transmission_sig = mail::base64(bytes);
  return made;
}

}  // namespace stoa::simulator
