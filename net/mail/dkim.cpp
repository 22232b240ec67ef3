#include "net/mail/dkim.hpp"

#include "net/mail/coding.hpp"
#include "net/token/private_file.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>

#include <array>
#include <stdexcept>

namespace stoa::mail {

namespace {

constexpr std::size_t key_bytes_max = 64 * std::size_t{1024};
constexpr int rsa_bits_min = 1024;
constexpr std::size_t signature_line = 70;
constexpr std::size_t names_line = 70;
/// "from" is listed twice: a second From, which some programs display, makes the signature invalid.
/// RFC 8058, section 4, requires the last two.
constexpr std::array<std::string_view, 10> signed_headers{
    "from",       "from",         "to",           "subject",          "date",
    "message-id", "mime-version", "content-type", "list-unsubscribe", "list-unsubscribe-post"};

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

/// Runs of blanks become one space; blanks at the end are removed (RFC 6376, 3.4.2 and 3.4.4).
std::string with_single_spaces(std::string_view line) {
  std::string out;
  for (const char c : line) {
    if (!is_blank(c)) {
      out += c;
    } else if (!out.ends_with(' ')) {
      out += ' ';
    }
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

/// RFC 6376, section 3.4.4.
std::string relaxed_body(std::string_view body) {
  std::string out;
  std::size_t content = 0;  // without empty lines at the end
  while (!body.empty()) {
    const auto end = body.find("\r\n");
    out += with_single_spaces(body.substr(0, end));
    const bool is_empty_line = out.empty() || out.ends_with('\n');
    out += "\r\n";
    if (!is_empty_line) content = out.size();
    body.remove_prefix(end == std::string_view::npos ? body.size() : end + 2);
  }
  out.resize(content);
  return out;
}

/// "name:value" without a line ending (RFC 6376, section 3.4.2). The field may be folded.
std::string relaxed_field(std::string_view field) {
  const auto colon = field.find(':');
  std::string name = with_single_spaces(field.substr(0, colon));
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  std::string unfolded;
  for (const char c : field.substr(colon + 1)) {
    if (c != '\r' && c != '\n') unfolded += c;
  }
  const auto value = with_single_spaces(unfolded);
  return name + ":" + (value.starts_with(' ') ? value.substr(1) : value);
}

/// The canonical fields of the list, each with CRLF. A name that is listed again finds no field:
/// compose() writes each field once.
std::string relaxed_headers(std::string_view head) {
  std::array<std::string, signed_headers.size()> found;
  while (!head.empty()) {
    auto end = head.find("\r\n");
    while (end < head.size() - 2 && is_blank(head[end + 2])) end = head.find("\r\n", end + 2);
    const auto field = relaxed_field(head.substr(0, end));
    head.remove_prefix(end + 2);
    for (std::size_t i = 0; i < signed_headers.size(); ++i) {
      const auto name = signed_headers.at(i);
      if (!field.starts_with(name) || field[name.size()] != ':') continue;
      found.at(i) = field + "\r\n";
      break;
    }
  }
  std::string all;
  for (const auto& field : found) all += field;
  return all;
}

std::string sha256(std::string_view data) {
  std::string out(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(data.data()), data.size(),
         reinterpret_cast<unsigned char*>(out.data()));
  return out;
}

problem unusable_key(const std::filesystem::path& file) {
  return {
      problem_kind::internal,
      "dkim_key",
      file.string() + ": it contains no RSA key of at least 1024 bits and no Ed25519 key in PEM",
      {}};
}

}  // namespace

result<std::shared_ptr<const dkim_signer>> dkim_signer::load(const dkim_options& options) {
  const auto pem = token::read_private_file(options.key_file, key_bytes_max);
  if (!pem) return pem.error();
  const std::unique_ptr<BIO, decltype(&BIO_free)> in(
      BIO_new_mem_buf(pem->data(), static_cast<int>(pem->size())), &BIO_free);
  // With a passphrase, so that OpenSSL does not ask for one on the terminal.
  std::string passphrase;
  key_ptr key(PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, passphrase.data()),
              &EVP_PKEY_free);
  if (!key) return unusable_key(options.key_file);
  const bool is_rsa = EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_RSA;
  const bool is_strong = is_rsa && EVP_PKEY_get_bits(key.get()) >= rsa_bits_min;
  if (!is_strong && EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_ED25519) {
    return unusable_key(options.key_file);
  }
  return std::shared_ptr<const dkim_signer>(new dkim_signer(options, std::move(key)));
}

std::string dkim_signer::header_of(std::string_view message, timestamp signed_at) const {
  const auto head_end = message.find("\r\n\r\n");
  const auto body = relaxed_body(message.substr(head_end + 4));
  std::string names;
  std::size_t line = 0;
  for (const auto name : signed_headers) {
    if (!names.empty()) names += ':';
    // The list may be folded after a colon (RFC 6376, section 3.5).
    if (line + name.size() > names_line) {
      names += "\r\n  ";
      line = 0;
    }
    line += name.size() + 1;
    names += name;
  }
  const bool is_rsa = EVP_PKEY_get_base_id(key_.get()) == EVP_PKEY_RSA;
  auto header = fmt::format(
      "DKIM-Signature: v=1; a={}-sha256; c=relaxed/relaxed;\r\n d={}; s={};\r\n t={};"
      "\r\n h={};\r\n bh={};\r\n b=",
      is_rsa ? "rsa" : "ed25519", options_.domain, options_.selector, signed_at.us / 1'000'000,
      names, base64(sha256(body)));
  const auto signature = base64(
      signature_of(relaxed_headers(message.substr(0, head_end + 2)) + relaxed_field(header)));
  for (std::size_t i = 0; i < signature.size(); i += signature_line) {
    if (i > 0) header += "\r\n ";
    header += signature.substr(i, signature_line);
  }
  return header + "\r\n";
}

std::string dkim_signer::signature_of(std::string_view data) const {
  const bool is_rsa = EVP_PKEY_get_base_id(key_.get()) == EVP_PKEY_RSA;
  // Ed25519 signs the hash (RFC 8463, section 3).
  const auto input = is_rsa ? std::string(data) : sha256(data);
  const auto* const bytes = reinterpret_cast<const unsigned char*>(input.data());
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  std::size_t size = 0;
  if (!context ||
      EVP_DigestSignInit(context.get(), nullptr, is_rsa ? EVP_sha256() : nullptr, nullptr,
                         key_.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, bytes, input.size()) != 1) {
    throw std::runtime_error("the mail cannot be signed");
  }
  std::string signature(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     bytes, input.size()) != 1) {
    throw std::runtime_error("the mail cannot be signed");
  }
  signature.resize(size);
  return signature;
}

}  // namespace stoa::mail
