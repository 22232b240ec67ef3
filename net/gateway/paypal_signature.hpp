#pragma once
// Signatures of PayPal's webhooks: RSA with SHA-256 over the delivery's id and time, the webhook's
// id and the checksum of the body
// (https://developer.paypal.com/api/rest/webhooks/rest/#link-selfverification).

#include "storage/base/time.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct x509_st;

namespace stoa::gateways {

inline constexpr std::string_view paypal_signature_algorithm = "SHA256withRSA";

/// The path of certificates at PayPal, before the certificate's id.
inline constexpr std::string_view paypal_certificates_path = "/v1/notifications/certs/";

using paypal_certificate = std::shared_ptr<const x509_st>;

/// What is signed: id, time and webhook id as in the header fields, and the CRC-32 of the body.
std::string paypal_signed_text(std::string_view transmission_id, std::string_view transmission_time,
                               std::string_view webhook_id, std::string_view body);

/// The first certificate of the PEM text; null if there is none, or its key is not an RSA key of at
/// least 2048 bits.
paypal_certificate read_paypal_certificate(std::string_view pem);

/// `signature`: in base64. False also while the certificate is not valid at `now`.
bool is_signed_by(const paypal_certificate& certificate, std::string_view text,
                  std::string_view signature, timestamp now);

}  // namespace stoa::gateways
