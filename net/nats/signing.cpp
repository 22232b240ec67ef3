#include "net/nats/signing.hpp"

#include "net/token/private_file.hpp"
#include "storage/base/text.hpp"

#include <algorithm>
#include <cstdint>
#include <stdexcept>

namespace stoa::nats {

namespace {

constexpr std::size_t key_bytes = 32;
constexpr std::size_t key_id_max = 64;
constexpr std::size_t keys_max = 16;
constexpr std::size_t file_bytes_max = 16'384;
constexpr std::string_view form = "stoa event signature 1";
constexpr std::string_view before_key_id = "kid=";
constexpr std::string_view before_signature = ",v1=";

bool is_key_id(std::string_view text) {
  constexpr std::string_view allowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  return !text.empty() && text.size() <= key_id_max &&
         text.find_first_not_of(allowed) == std::string_view::npos;
}

/// Concatenates length-prefixed parts, so that different lists never have the same encoding.
class canonical_bytes {
 public:
  void add(std::string_view part) {
    auto size = static_cast<std::uint64_t>(part.size());
    for (int i = 0; i < 8; ++i, size >>= 8) bytes_.push_back(static_cast<char>(size & 0xFF));
    bytes_.append(part);
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

canonical_bytes begin(std::string_view kind, std::string_view cluster, std::string_view subject) {
  canonical_bytes all;
  for (auto part : {form, kind, cluster, subject}) all.add(part);
  return all;
}

/// Parses one line of the key file.
result<signing_key> key_of(std::string_view line) {
  const auto space = line.find(' ');
  const auto id = line.substr(0, space);
  if (!is_key_id(id)) {
    return problem{problem_kind::internal,
                   "signing_keys",
                   "a key id must be 1 to 64 of a-z, A-Z, 0-9, . _ -",
                   {}};
  }
  const auto bytes = text::from_base64url(
      space == std::string_view::npos ? std::string() : text::trim(line.substr(space + 1)));
  if (!bytes || bytes->size() != key_bytes) {
    return problem{problem_kind::internal,
                   "signing_keys",
                   "a key must be 32 bytes in base64url without padding",
                   {}};
  }
  return signing_key{std::string(id), std::string(*bytes)};
}

}  // namespace

signing_key derived_signing_key(std::string_view server_secret) {
  auto bytes = text::keyed_hash(server_secret, "event signatures");
  return {"secret-" + text::hex(text::hash(bytes).substr(0, 4)), std::move(bytes)};
}

result<signing_keys> read_signing_keys(const std::filesystem::path& file) {
  auto content = token::read_private_file(file, file_bytes_max);
  if (!content) return content.error();
  const auto bad = [&](const std::string& why) {
    return problem{problem_kind::internal, "signing_keys", file.string() + ": " + why, {}};
  };
  signing_keys keys;
  std::string_view rest = *content;
  for (int number = 1; !rest.empty(); ++number) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const auto line = text::trim(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.empty() || line.starts_with('#')) continue;
    auto key = key_of(line);
    const auto where = "line " + std::to_string(number) + ": ";
    if (!key) return bad(where + key.error().detail);
    const bool known =
        std::ranges::any_of(keys, [&](const signing_key& k) { return k.id == key->id; });
    if (known) return bad(where + "two keys have the id " + key->id);
    if (keys.size() == keys_max) return bad("it contains more than 16 keys");
    keys.push_back(std::move(*key));
  }
  if (keys.empty()) return bad("it contains no key");
  return keys;
}

void signing_ring::replace(signing_keys keys) {
  if (keys.empty()) throw std::invalid_argument("no key to sign events with");
  keys_ = std::make_shared<const signing_keys>(std::move(keys));
}

message_signer::message_signer(std::shared_ptr<const signing_ring> ring, std::string cluster)
    : ring_(std::move(ring)), cluster_(std::move(cluster)) {}

std::string message_signer::sign(std::string_view kind, std::string_view subject,
                                 const header_list& headers, std::string_view payload) const {
  auto all = begin(kind, cluster_, subject);
  for (const auto& [name, value] : headers) {
    all.add(name);
    all.add(value);
  }
  all.add(payload);
  const auto keys = ring_->keys();
  const auto& key = keys->front();
  return std::string(before_key_id) + key.id + std::string(before_signature) +
         text::base64url(text::keyed_hash(key.bytes, all.bytes()));
}

signature_fault message_signer::check(std::string_view kind, std::string_view subject,
                                      const std::vector<const char*>& names,
                                      const header_lookup& find, std::string_view payload) const {
  const char* value = find(header::signature);
  if (value == nullptr) return signature_fault::missing;
  std::string_view shown = value;
  const auto middle = shown.find(before_signature);
  if (!shown.starts_with(before_key_id) || middle == std::string_view::npos) {
    return signature_fault::unknown_key;
  }
  const auto id = shown.substr(before_key_id.size(), middle - before_key_id.size());
  const auto keys = ring_->keys();
  const auto key = std::ranges::find(*keys, id, &signing_key::id);
  if (key == keys->end()) return signature_fault::unknown_key;
  auto all = begin(kind, cluster_, subject);
  for (const char* name : names) {
    const char* there = find(name);
    if (there == nullptr) continue;  // Absent headers are not signed.
    all.add(name);
    all.add(there);
  }
  all.add(payload);
  const auto right = text::base64url(text::keyed_hash(key->bytes, all.bytes()));
  return text::equal_secret(shown.substr(middle + before_signature.size()), right)
             ? signature_fault::none
             : signature_fault::wrong;
}

bool seen_signatures::is_first(const std::string& signature, timestamp now) {
  std::lock_guard lock(mutex_);
  while (!order_.empty() && now - order_.front().first > retention_) {
    seen_.erase(order_.front().second);
    order_.pop_front();
  }
  if (seen_.size() >= size_max_ || !seen_.insert(signature).second) return false;
  order_.emplace_back(now, signature);
  return true;
}

}  // namespace stoa::nats
