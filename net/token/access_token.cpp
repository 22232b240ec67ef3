#include "net/token/access_token.hpp"

#include "net/token/private_file.hpp"
#include "net/token/signing_key.hpp"
#include "net/token/verified_cache.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"
#include "storage/base/text.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <optional>
#include <utility>

namespace stoa::token {
namespace {

constexpr std::int64_t second_us = 1'000'000;
constexpr std::string_view token_type = "at+jwt";
constexpr const char* key_file = "token-key.json";
constexpr const char* next_key_file = "token-key-next.json";
constexpr const char* old_key_file = "token-key-old.json";

// Three base64url parts, the last one a 64-byte signature. cjose's decoder is more lenient.
bool well_formed(std::string_view token) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const auto first = token.find('.');
  const auto second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos) return false;
  const auto head = token.substr(0, first);
  const auto body = token.substr(first + 1, second - first - 1);
  const auto signature = text::from_base64url(token.substr(second + 1));
  return !head.empty() && !body.empty() &&
         head.find_first_not_of(alphabet) == std::string_view::npos &&
         body.find_first_not_of(alphabet) == std::string_view::npos && signature &&
         signature->size() == 64;
}

problem invalid_token() {
  return {problem_kind::unauthenticated, "invalid_token", "The access token is invalid.", {}};
}

bool is_there(const std::filesystem::path& file) {
  std::error_code missing;
  return std::filesystem::exists(std::filesystem::symlink_status(file, missing));
}

/// Null if there is no such file, or no longer.
result<std::optional<std::string>> content_if_there(const std::filesystem::path& file) {
  if (!is_there(file)) return std::optional<std::string>();
  auto bytes = read_private_file(file, key_file_bytes_max);
  if (bytes) return std::optional(std::move(*bytes));
  if (!is_there(file)) return std::optional<std::string>();
  return bytes.error();
}

}  // namespace

/// The keys loaded together, and the tokens that they have verified.
struct token_keys::ring {
  std::vector<signing_key> keys;  ///< the first one signs
  std::string key_set;
  token_policy policy;
  mutable verified_cache verified{verified_tokens_max};

  /// The key that the header names; null if any other header field is unexpected.
  const signing_key* pinned(cjose_header_t* header) const {
    cjose_err error{};
    const char* alg = cjose_header_get(header, CJOSE_HDR_ALG, &error);
    const char* kid = cjose_header_get(header, CJOSE_HDR_KID, &error);
    // Reject signatures of other types by the same key (RFC 8725, section 3.11).
    const char* typ = cjose_header_get(header, "typ", &error);
    // No critical extension is supported (RFC 7515, 4.1.11).
    const jose_text critical(cjose_header_get_raw(header, "crit", &error));
    if (!alg || !kid || !typ || critical || std::string_view(alg) != CJOSE_HDR_ALG_ES256 ||
        typ != token_type) {
      return nullptr;
    }
    const auto found = std::find_if(keys.begin(), keys.end(),
                                    [&](const signing_key& k) { return k.published.kid == kid; });
    return found == keys.end() ? nullptr : &*found;
  }

  result<std::string> sign(const claims& c) const;

  result<claims> check_signature(std::string_view token) const {
    cjose_err error{};
    const jws_handle jws(cjose_jws_import(token.data(), token.size(), &error));
    const auto* pair = jws ? pinned(cjose_jws_get_protected(jws.get())) : nullptr;
    if (!pair || !cjose_jws_verify(jws.get(), pair->key.get(), &error)) return invalid_token();
    std::uint8_t* bytes = nullptr;
    std::size_t size = 0;
    if (!cjose_jws_get_plaintext(jws.get(), &bytes, &size, &error)) return invalid_token();
    auto read = json::read_lenient<claims>({reinterpret_cast<const char*>(bytes), size});
    if (!read || read->iss != "stoa" || read->aud != policy.audience ||
        read->exp <= std::max(read->iat, read->nbf)) {
      return invalid_token();
    }
    read->exp = std::min(read->exp, read->iat + policy.ttl_max_s);
    return read;
  }

  /// Adds the file's key, unless it is already present (after an interrupted rotation).
  result<void> add(const std::filesystem::path& file, const std::string& bytes) {
    auto pair = read_signing_key(file, bytes);
    if (!pair) return pair.error();
    const bool known = std::any_of(keys.begin(), keys.end(), [&](const signing_key& k) {
      return k.published.kid == pair->published.kid;
    });
    if (!known) keys.push_back(std::move(*pair));
    return {};
  }
};

struct token_keys::impl {
  std::filesystem::path directory;
  std::atomic<std::shared_ptr<const ring>> keys{};

  /// Reads the files; `signing` returns the content of the signing key's.
  static result<std::shared_ptr<const ring>> read(
      const std::filesystem::path& directory, token_policy policy,
      const std::function<result<std::string>()>& signing);
};

result<std::shared_ptr<const token_keys::ring>> token_keys::impl::read(
    const std::filesystem::path& directory, token_policy policy,
    const std::function<result<std::string>()>& signing) {
  auto loaded = std::make_shared<ring>();
  loaded->policy = std::move(policy);
  const auto file = directory / key_file;
  // The reverse of the order in which a rotation writes, which moves keys from the next file to
  // the signing key's and from there to the old one: no key is missed during a rotation.
  auto next = content_if_there(directory / next_key_file);
  if (!next) return next.error();
  auto current = signing();
  if (!current) return current.error();
  auto old = content_if_there(directory / old_key_file);
  if (!old) return old.error();
  if (auto added = loaded->add(file, *current); !added) return added.error();
  for (const auto& [name, bytes] :
       {std::pair(next_key_file, *next), std::pair(old_key_file, *old)}) {
    if (!bytes) continue;
    if (auto added = loaded->add(directory / name, *bytes); !added) return added.error();
  }
  jwk_set published;
  for (const auto& k : loaded->keys) published.keys.push_back(k.published);
  loaded->key_set = json::write(published);
  // Detect a key that cannot sign now, not at the first login.
  const auto trial = loaded->sign({.sub = {}, .role = "", .sid = {}, .exp = 1});
  if (!trial || !loaded->check_signature(*trial)) {
    return problem{
        problem_kind::internal, "secret_file", file.string() + ": the key cannot sign", {}};
  }
  return std::shared_ptr<const ring>(std::move(loaded));
}

result<token_keys> token_keys::load_or_create(const std::filesystem::path& directory,
                                              token_policy policy) {
  auto keys = impl::read(directory, std::move(policy), [&] {
    return load_or_create_private_file(directory / key_file, key_file_bytes_max, make_signing_key);
  });
  if (!keys) return keys.error();
  auto made = std::make_unique<impl>();
  made->directory = directory;
  made->keys = std::move(*keys);
  return token_keys(std::move(made));
}

result<key_reading> token_keys::reload() const {
  const auto before = impl_->keys.load();
  auto now = impl::read(impl_->directory, before->policy, [&] {
    return read_private_file(impl_->directory / key_file, key_file_bytes_max);
  });
  if (!now) return now.error();
  if ((*now)->key_set == before->key_set) return key_reading::same;
  impl_->keys = std::move(*now);
  return key_reading::changed;
}

token_keys::token_keys(std::unique_ptr<impl> i) : impl_(std::move(i)) {}
token_keys::token_keys(token_keys&&) noexcept = default;
token_keys& token_keys::operator=(token_keys&&) noexcept = default;
token_keys::~token_keys() = default;

std::vector<std::string> token_keys::key_ids() const {
  std::vector<std::string> ids;
  const auto all = impl_->keys.load();
  for (const auto& k : all->keys) ids.push_back(k.published.kid);
  return ids;
}
std::string token_keys::key_set() const {
  return impl_->keys.load()->key_set;
}

result<std::string> token_keys::sign(const claims& c) const {
  return impl_->keys.load()->sign(c);
}

result<std::string> token_keys::ring::sign(const claims& c) const {
  const auto& signing = keys.front();
  auto content = c;
  content.aud = policy.audience;
  content.client_id = policy.audience;
  return sign_compact(signing, token_type.data(), signing.published.kid.c_str(),
                      json::write(content));
}

result<claims> token_keys::verify(std::string_view token, timestamp now) const {
  if (token.empty() || token.size() > token_bytes_max) return invalid_token();
  const auto now_s = now.us / second_us;
  auto hash = text::hash(token);
  const auto keys = impl_->keys.load();
  if (auto known = keys->verified.find(hash, now_s)) return *known;

  if (!well_formed(token)) return invalid_token();
  auto read = keys->check_signature(token);
  if (!read) return read.error();
  if (read->exp <= now_s)
    return problem{
        problem_kind::unauthenticated, "token_expired", "The access token has expired.", {}};
  if (std::max(read->iat, read->nbf) > now_s + clock_skew_s) return invalid_token();
  keys->verified.put(std::move(hash), *read);
  return read;
}

result<key_change> change_token_key(const std::filesystem::path& directory) {
  const auto next = directory / next_key_file;
  if (!is_there(next)) {
    const auto made = load_or_create_private_file(next, key_file_bytes_max, make_signing_key);
    if (!made) return made.error();
    return key_change::prepared;
  }
  // This order ensures that each key is in one of the files at any time.
  const auto current = read_private_file(directory / key_file, key_file_bytes_max);
  const auto coming = read_private_file(next, key_file_bytes_max);
  if (!current) return current.error();
  if (!coming) return coming.error();
  if (auto key = read_signing_key(next, *coming); !key) return key.error();
  if (*current != *coming) {
    if (auto kept = replace_private_file(directory / old_key_file, *current); !kept) {
      return kept.error();
    }
    if (auto put = replace_private_file(directory / key_file, *coming); !put) return put.error();
  }
  std::error_code missing;
  std::filesystem::remove(next, missing);
  return key_change::changed;
}

}  // namespace stoa::token
