#include "net/gateway/paypal_signature.hpp"

#include <boost/crc.hpp>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <ctime>
#include <vector>

namespace stoa::gateways {

namespace {

constexpr int rsa_bits_min = 2048;
constexpr std::size_t base64_group = 4;

const unsigned char* octets(std::string_view s) {
  return reinterpret_cast<const unsigned char*>(s.data());
}

/// Empty if the text is not base64.
std::vector<unsigned char> decoded_signature(std::string_view text) {
  if (text.empty() || text.size() % base64_group != 0) return {};
  std::vector<unsigned char> bytes(text.size() / base64_group * 3);
  const int size = EVP_DecodeBlock(bytes.data(), octets(text), static_cast<int>(text.size()));
  if (size < 0) return {};
  // The function counts the zeros that stand for the padding.
  const auto padding = text.size() - std::min(text.find('='), text.size());
  if (padding > 2) return {};
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

bool is_valid_at(const X509& certificate, timestamp now) {
  auto seconds_now = static_cast<std::time_t>(now.us / 1000000);
  return X509_cmp_time(X509_get0_notBefore(&certificate), &seconds_now) < 0 &&
         X509_cmp_time(X509_get0_notAfter(&certificate), &seconds_now) > 0;
}

}  // namespace

std::string paypal_signed_text(std::string_view transmission_id, std::string_view transmission_time,
                               std::string_view webhook_id, std::string_view body) {
  boost::crc_32_type crc;
  crc.process_bytes(body.data(), body.size());
  std::string text;
  for (const auto part : {transmission_id, transmission_time, webhook_id}) {
    text.append(part).push_back('|');
  }
  return text + std::to_string(crc.checksum());
}

paypal_certificate read_paypal_certificate(std::string_view pem) {
  const std::unique_ptr<BIO, int (*)(BIO*)> source(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  const auto no_password = [](char*, int, int, void*) { return -1; };
  paypal_certificate found(PEM_read_bio_X509(source.get(), nullptr, no_password, nullptr),
                           [](const X509* x) { X509_free(const_cast<X509*>(x)); });
  ERR_clear_error();
  const auto* key = found ? X509_get0_pubkey(found.get()) : nullptr;
  const bool is_usable = key != nullptr && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA &&
                         EVP_PKEY_get_bits(key) >= rsa_bits_min;
  return is_usable ? found : nullptr;
}

bool is_signed_by(const paypal_certificate& certificate, std::string_view text,
                  std::string_view signature, timestamp now) {
  const auto bytes = decoded_signature(signature);
  if (bytes.empty() || !is_valid_at(*certificate, now)) return false;
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(),
                                                                   EVP_MD_CTX_free);
  auto* key = X509_get0_pubkey(certificate.get());
  const bool is_genuine =
      context && EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
      EVP_DigestVerify(context.get(), bytes.data(), bytes.size(), octets(text), text.size()) == 1;
  ERR_clear_error();
  return is_genuine;
}

}  // namespace stoa::gateways
