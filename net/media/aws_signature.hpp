#pragma once
// AWS Signature Version 4 in the Authorization field, for S3 and compatible servers.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html

#include "storage/base/time.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stoa::media {

struct aws_key {
  std::string id;
  std::string secret;
};

/// What is signed. Paths and values of the query must already be percent-encoded as S3 requires:
/// all but A-Z a-z 0-9 - . _ ~ and, in the path, the slash.
struct aws_request {
  std::string method;
  std::string host;  ///< as in the Host field
  std::string path;
  std::vector<std::pair<std::string, std::string>> query{};
  /// Further fields to sign, in addition to Host.
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string payload_hash;  ///< SHA-256 of the body in hexadecimal
  std::string region;
  std::string service = "s3";
};

/// YYYYMMDDTHHMMSSZ, the value of x-amz-date.
std::string aws_date(timestamp now);
/// The value of the Authorization field. `headers` must contain x-amz-date.
std::string aws_authorization(const aws_request& r, const aws_key& key, timestamp now);
/// SHA-256 in hexadecimal.
std::string sha256_hex(std::string_view bytes);

}  // namespace stoa::media
