#include "net/media/aws_signature.hpp"

#include "storage/base/text.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <map>

namespace stoa::media {

namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

const unsigned char* raw(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

std::string hmac(std::string_view key, std::string_view text) {
  crypto_auth_hmacsha256_state state;
  std::array<unsigned char, crypto_auth_hmacsha256_BYTES> sum{};
  crypto_auth_hmacsha256_init(&state, raw(key), key.size());
  crypto_auth_hmacsha256_update(&state, raw(text), text.size());
  crypto_auth_hmacsha256_final(&state, sum.data());
  return {reinterpret_cast<const char*>(sum.data()), sum.size()};
}

std::string time_text(timestamp now, const char* form) {
  const auto seconds = static_cast<std::time_t>(now.us / 1'000'000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), form, &parts)};
}

std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

/// Leading and trailing blanks are removed; a run of blanks is one.
std::string plain_value(std::string_view value) {
  std::string plain;
  for (const char c : text::trim_blanks(value)) {
    if (c != ' ' || !plain.ends_with(' ')) plain += c;
  }
  return plain;
}

}  // namespace

std::string aws_date(timestamp now) {
  return time_text(now, "%Y%m%dT%H%M%SZ");
}

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> sum{};
  crypto_hash_sha256(sum.data(), raw(bytes), bytes.size());
  return text::hex({reinterpret_cast<const char*>(sum.data()), sum.size()});
}

std::string aws_authorization(const aws_request& r, const aws_key& key, timestamp now) {
  std::map<std::string, std::string> fields{{"host", r.host}};
  for (const auto& [name, value] : r.headers) fields[lower_case(name)] = plain_value(value);
  std::string canonical_fields;
  std::string names;
  for (const auto& [name, value] : fields) {
    canonical_fields.append(name).append(":").append(value).append("\n");
    names.append(names.empty() ? "" : ";").append(name);
  }
  auto pairs = r.query;
  std::ranges::sort(pairs);
  std::string query;
  for (const auto& [name, value] : pairs) {
    query.append(query.empty() ? "" : "&").append(name).append("=").append(value);
  }
  const auto canonical = r.method + "\n" + r.path + "\n" + query + "\n" + canonical_fields + "\n" +
                         names + "\n" + r.payload_hash;
  const auto day = time_text(now, "%Y%m%d");
  const auto scope = day + "/" + r.region + "/" + r.service + "/aws4_request";
  const auto to_sign =
      std::string(algorithm) + "\n" + aws_date(now) + "\n" + scope + "\n" + sha256_hex(canonical);
  auto signing_key = hmac("AWS4" + key.secret, day);
  for (const std::string_view part : {std::string_view(r.region), std::string_view(r.service),
                                      std::string_view("aws4_request")}) {
    signing_key = hmac(signing_key, part);
  }
  return std::string(algorithm) + " Credential=" + key.id + "/" + scope +
         ", SignedHeaders=" + names + ", Signature=" + text::hex(hmac(signing_key, to_sign));
}

}  // namespace stoa::media
