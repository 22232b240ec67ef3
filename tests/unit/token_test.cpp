// Access tokens and the files of their keys.

#include "net/front/failure.hpp"
#include "net/token/access_token.hpp"
#include "net/token/jose.hpp"
#include "net/token/private_file.hpp"
#include "net/token/verified_cache.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"
#include "storage/base/text.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <set>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace stoa;
using namespace stoa::token;
namespace fs = std::filesystem;

namespace {

const timestamp now = timestamp::parse("2026-11-22T20:00:00Z").value();
const std::int64_t now_s = now.us / 1'000'000;

claims sample() {
  return {.sub = user_id{system_ids().next_v7()},
          .role = "customer",
          .sid = session_id{system_ids().next_v4()},
          .epoch = 3,
          .iat = now_s,
          .nbf = now_s,
          .exp = now_s + 600,
          .jti = "one"};
}
/// The claims read from a token with these claims.
claims for_the_store(claims c) {
  c.aud = "stoa";
  c.client_id = "stoa";
  return c;
}

token_keys keys_in(const fs::path& directory, token_policy policy = {}) {
  auto keys = token_keys::load_or_create(directory, std::move(policy));
  BOOST_REQUIRE_MESSAGE(keys.has_value(), "no keys");
  return std::move(*keys);
}
std::string signed_token(const token_keys& keys, const claims& c) {
  auto token = keys.sign(c);
  BOOST_REQUIRE(token.has_value());
  return *token;
}
std::string refusal(const token_keys& keys, std::string_view token, timestamp at = now) {
  const auto read = keys.verify(token, at);
  return read ? "" : std::to_string(front::status_of(read.error().kind)) + " " + read.error().code;
}
const std::string bad_token = "401 invalid_token";

/// A token signed by another program with the key in the file.
std::string foreign_token(const fs::path& key_file, const std::string& kid, const std::string& typ,
                          const std::string& body) {
  std::ifstream in(key_file, std::ios::binary);
  const std::string key{std::istreambuf_iterator<char>(in), {}};
  cjose_err error{};
  const jwk_handle jwk(cjose_jwk_import(key.data(), key.size(), &error));
  const header_handle header(cjose_header_new(&error));
  cjose_header_set(header.get(), CJOSE_HDR_ALG, CJOSE_HDR_ALG_ES256, &error);
  cjose_header_set(header.get(), CJOSE_HDR_KID, kid.c_str(), &error);
  if (!typ.empty()) cjose_header_set(header.get(), "typ", typ.c_str(), &error);
  const jws_handle jws(cjose_jws_sign(jwk.get(), header.get(),
                                      reinterpret_cast<const std::uint8_t*>(body.data()),
                                      body.size(), &error));
  const char* compact = nullptr;
  BOOST_REQUIRE((jws && cjose_jws_export(jws.get(), &compact, &error)));
  return compact;
}

std::vector<std::string> parts_of(const std::string& token) {
  const auto first = token.find('.');
  const auto second = token.find('.', first + 1);
  return {token.substr(0, first), token.substr(first + 1, second - first - 1),
          token.substr(second + 1)};
}

std::string bytes_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
unsigned mode_of(const fs::path& path) {
  return static_cast<unsigned>(fs::status(path).permissions());
}

std::optional<std::string> run(const std::string& command) {
  FILE* pipe = ::popen((command + " 2>/dev/null").c_str(), "r");
  if (pipe == nullptr) return std::nullopt;
  std::string out;
  char part[4096];
  for (std::size_t got = 0; (got = std::fread(part, 1, sizeof part, pipe)) > 0;)
    out.append(part, got);
  return ::pclose(pipe) == 0 ? std::optional(out) : std::nullopt;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tokens)

BOOST_AUTO_TEST_CASE(what_is_signed_is_read_back_also_after_a_restart) {
  const test::temp_dir dir;
  const auto wanted = sample();
  std::string token;
  std::string id;
  {
    const auto keys = keys_in(dir / "keys");
    token = signed_token(keys, wanted);
    id = keys.key_ids().front();
    BOOST_TEST((keys.verify(token, now).value() == for_the_store(wanted)));
  }
  const auto keys = keys_in(dir / "keys");
  BOOST_TEST((keys.verify(token, now).value() == for_the_store(wanted)));
  BOOST_TEST(keys.key_ids().front() == id);
  BOOST_TEST(text::from_base64url(parts_of(token)[0]).value() ==
             R"({"alg":"ES256","kid":")" + id + R"(","typ":"at+jwt"})");
  BOOST_TEST(parts_of(token)[2].size() == 86u);  // 64 bytes
  BOOST_TEST(mode_of(dir / "keys/token-key.json") == 0600u);
  BOOST_TEST(mode_of(dir / "keys") == 0700u);
  BOOST_TEST(keys.key_set().find("\"d\"") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(any_change_is_noticed) {
  const test::temp_dir dir;
  const auto keys = keys_in(dir.path());
  const auto token = signed_token(keys, sample());
  BOOST_TEST(refusal(keys, token) == "");
  for (std::size_t i = 0; i < token.size(); ++i) {
    auto changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    BOOST_TEST(refusal(keys, changed) == bad_token, "changed at " << i);
  }
  for (const char* none :
       {"", ".", "..", "a.b.c", "...", "eyJhbGciOiJub25lIn0..", "\xff.\xff.\xff"}) {
    BOOST_TEST(refusal(keys, none) == bad_token);
  }
  for (const auto& tail :
       {std::string("A"), std::string("."), std::string(" "), std::string(1, '\0'), "." + token}) {
    BOOST_TEST(refusal(keys, token + tail) == bad_token);
  }
  BOOST_TEST(refusal(keys, std::string(8'000'000, 'a')) == bad_token);
  BOOST_TEST(refusal(keys, token.substr(0, token.size() - 1)) == bad_token);
}

BOOST_AUTO_TEST_CASE(the_algorithm_and_the_key_are_pinned) {
  const test::temp_dir dir;
  const auto keys = keys_in(dir / "ours");
  const auto token = signed_token(keys, sample());
  const auto parts = parts_of(token);
  const auto kid = R"(,"kid":")" + keys.key_ids().front() + "\"";
  for (const auto& header :
       {R"({"alg":"none")" + kid + "}", R"({"alg":"HS256")" + kid + "}",
        R"({"alg":"ES384")" + kid + "}", R"({"alg":"es256")" + kid + "}",
        std::string(R"({"alg":"ES256"})"), std::string(R"({"alg":"ES256","kid":"other"})"),
        R"({"alg":"ES256","alg":"none")" + kid + "}",
        R"({"alg":"ES256","crit":["exp"])" + kid + "}", "[]" + kid, std::string("{}")}) {
    const auto coded = text::base64url(header);
    BOOST_TEST(refusal(keys, coded + "." + parts[1] + "." + parts[2]) == bad_token, header);
    BOOST_TEST(refusal(keys, coded + "." + parts[1] + ".") == bad_token, header);
  }
  const auto others = keys_in(dir / "others");
  BOOST_TEST(refusal(keys, signed_token(others, sample())) == bad_token);
  BOOST_TEST(refusal(others, token) == bad_token);
}

BOOST_AUTO_TEST_CASE(times_are_checked_also_for_a_remembered_token) {
  const test::temp_dir dir;
  const auto keys = keys_in(dir.path());
  const auto token = signed_token(keys, sample());
  BOOST_TEST(refusal(keys, token, now + seconds(599)) == "");
  BOOST_TEST(refusal(keys, token, now + seconds(600)) == "401 token_expired");
  BOOST_TEST(refusal(keys, token, now + seconds(601)) == "401 token_expired");
  BOOST_TEST(refusal(keys, token, now) == "");

  auto early = sample();
  early.iat = now_s + 61;
  BOOST_TEST(refusal(keys, signed_token(keys, early)) == bad_token);
  early.iat = now_s + 60;
  BOOST_TEST(refusal(keys, signed_token(keys, early)) == "");
  early = sample();
  early.nbf = now_s + 61;
  BOOST_TEST(refusal(keys, signed_token(keys, early)) == bad_token);
  BOOST_TEST(refusal(keys, signed_token(keys, early), now + seconds(1)) == "");
  early.nbf = early.exp;
  BOOST_TEST(refusal(keys, signed_token(keys, early), now + seconds(590)) == bad_token);
  auto backwards = sample();
  backwards.iat = backwards.exp;
  BOOST_TEST(refusal(keys, signed_token(keys, backwards)) == bad_token);
  auto foreign = sample();
  foreign.iss = "other";
  BOOST_TEST(refusal(keys, signed_token(keys, foreign)) == bad_token);
}

// The key may later sign for other purposes and other stores; another program may use a copy of it.
BOOST_AUTO_TEST_CASE(a_token_for_another_purpose_or_store_is_refused) {
  const test::temp_dir dir;
  const auto keys = keys_in(dir.path());
  const auto other_store = keys_in(dir.path(), {.audience = "another store", .ttl_max_s = 600});
  BOOST_TEST(refusal(keys, signed_token(other_store, sample())) == bad_token);
  BOOST_TEST(refusal(other_store, signed_token(keys, sample())) == bad_token);
  BOOST_TEST(refusal(other_store, signed_token(other_store, sample())) == "");

  const auto sign = [&](const std::string& typ, const std::string& body) {
    return foreign_token(dir / "token-key.json", keys.key_ids().front(), typ, body);
  };
  const auto good = json::write(for_the_store(sample()));
  BOOST_TEST(refusal(keys, sign("at+jwt", good)) == "");
  for (const char* typ : {"", "JWT", "AT+JWT", "at+jwt ", "application/at+jwt", "dpop+jwt"}) {
    BOOST_TEST(refusal(keys, sign(typ, good)) == bad_token, typ);
  }
  for (const char* member : {"iss", "aud", "sub", "role", "sid", "epoch", "iat", "nbf", "exp"}) {
    auto without = good;
    without.replace(without.find("\"" + std::string(member) + "\""), std::strlen(member) + 2,
                    "\"x\"");
    BOOST_TEST(refusal(keys, sign("at+jwt", without)) == bad_token, member);
  }
}

BOOST_AUTO_TEST_CASE(a_lowered_lifetime_holds_for_tokens_issued_before) {
  const test::temp_dir dir;
  const auto token = signed_token(keys_in(dir.path()), sample());
  const auto keys = keys_in(dir.path(), {.audience = "stoa", .ttl_max_s = 60});
  BOOST_TEST(refusal(keys, token, now + seconds(59)) == "");
  BOOST_TEST(refusal(keys, token, now + seconds(60)) == "401 token_expired");
}

// Python's cryptography (OpenSSL) as an independent check, over many signatures: one with a short r
// or s must be padded.
BOOST_AUTO_TEST_CASE(another_program_verifies_the_signatures) {
  const char* python = nullptr;
  for (const char* candidate : {"python3", "/usr/bin/python3"}) {
    if (!python && run(std::string(candidate) + " -c 'import cryptography'")) python = candidate;
  }
  if (!python) {
    BOOST_TEST_MESSAGE(
        "python3 with cryptography is not installed: not checked by another program");
    return;
  }
  const test::temp_dir dir;
  const auto keys = keys_in(dir.path());
  std::ofstream(dir / "public.json") << keys.key_set();
  std::ofstream tokens(dir / "tokens");
  for (int i = 0; i < 1000; ++i) tokens << signed_token(keys, sample()) << "\n";
  tokens.close();
  std::ofstream(dir / "judge.py") << R"(
import base64, hashlib, json, sys
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives import hashes
raw = lambda s: base64.urlsafe_b64decode(s + '=' * (-len(s) % 4))
num = lambda b: int.from_bytes(b, 'big')
k, = json.load(open(sys.argv[1] + '/public.json'))['keys']
key = ec.EllipticCurvePublicNumbers(num(raw(k['x'])), num(raw(k['y'])), ec.SECP256R1()).public_key()
print_of = json.dumps({m: k[m] for m in ('crv', 'kty', 'x', 'y')}, separators=(',', ':'), sort_keys=True)
assert base64.urlsafe_b64encode(hashlib.sha256(print_of.encode()).digest()).decode().rstrip('=') == k['kid']
n = 0
for line in open(sys.argv[1] + '/tokens'):
    head, body, sig = line.strip().split('.')
    s = raw(sig)
    assert len(s) == 64
    key.verify(utils.encode_dss_signature(num(s[:32]), num(s[32:])), (head + '.' + body).encode(), ec.ECDSA(hashes.SHA256()))
    c = json.loads(raw(body))
    assert c['iss'] == 'stoa' and c['exp'] - c['iat'] == 600 and len(c['sub']) == 36
    n += 1
print(n)
)";
  const auto judged =
      run(std::string(python) + " " + (dir / "judge.py").string() + " " + dir.path().string());
  BOOST_TEST(judged.value_or("refused") == "1000\n");
}

// A common JWT library with only the published key set.
BOOST_AUTO_TEST_CASE(a_library_for_jwts_verifies_by_the_key_set) {
  const char* python = nullptr;
  for (const char* candidate : {"python3", "/usr/bin/python3"}) {
    if (!python && run(std::string(candidate) + " -c 'import jose'")) python = candidate;
  }
  if (!python) {
    BOOST_TEST_MESSAGE("skipped: no python3 with python-jose");
    return;
  }
  const test::temp_dir dir;
  const auto before = signed_token(keys_in(dir / "keys"), sample());
  BOOST_REQUIRE((change_token_key(dir / "keys").value() == key_change::prepared));
  BOOST_REQUIRE((change_token_key(dir / "keys").value() == key_change::changed));
  const auto keys = keys_in(dir / "keys");
  std::ofstream(dir / "jwks.json") << keys.key_set();
  std::ofstream(dir / "tokens") << before << "\n" << signed_token(keys, sample()) << "\n";
  std::ofstream(dir / "judge.py") << R"(
import json, sys
from jose import jwt
keys = json.load(open(sys.argv[1] + '/jwks.json'))
assert len(keys['keys']) == 2 and all('d' not in k and k['use'] == 'sig' for k in keys['keys'])
for line in open(sys.argv[1] + '/tokens'):
    token = line.strip()
    head = jwt.get_unverified_header(token)
    assert head['typ'] == 'at+jwt' and head['alg'] == 'ES256' and head['kid'] in [k['kid'] for k in keys['keys']]
    c = jwt.decode(token, keys, algorithms=['ES256'], audience='stoa', issuer='stoa', options={'verify_exp': False, 'verify_nbf': False, 'verify_iat': False})
    for name in ('iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'):  # RFC 9068, section 2.2
        assert name in c, name
    print(head['kid'])
)";
  const auto judged =
      run(std::string(python) + " " + (dir / "judge.py").string() + " " + dir.path().string());
  const auto ids = keys.key_ids();
  BOOST_TEST(judged.value_or("refused") == ids.at(1) + "\n" + ids.at(0) + "\n");
}

BOOST_AUTO_TEST_CASE(a_key_is_changed_without_refusing_what_the_one_before_signed) {
  const test::temp_dir dir;
  const auto first = keys_in(dir.path());
  const auto token = signed_token(first, sample());
  BOOST_TEST((change_token_key(dir.path()).value() == key_change::prepared));
  BOOST_TEST(mode_of(dir / "token-key-next.json") == 0600u);
  const auto prepared = keys_in(dir.path());
  BOOST_REQUIRE(prepared.key_ids().size() == 2u);
  BOOST_TEST(prepared.key_ids().front() == first.key_ids().front());
  BOOST_TEST((change_token_key(dir.path()).value() == key_change::changed));
  const auto second = keys_in(dir.path());
  BOOST_REQUIRE(second.key_ids().size() == 2u);
  BOOST_TEST(second.key_ids().front() == prepared.key_ids().at(1));
  BOOST_TEST(second.key_ids().at(1) == first.key_ids().front());
  BOOST_TEST(!fs::exists(dir / "token-key-next.json"));
  // Nodes before and after the restart accept each other's tokens.
  const auto later = signed_token(second, sample());
  BOOST_TEST(refusal(second, token) == "");
  BOOST_TEST(refusal(prepared, later) == "");
  BOOST_TEST(refusal(first, later) == bad_token);
  fs::remove(dir / "token-key-old.json");
  BOOST_TEST(refusal(keys_in(dir.path()), token) == bad_token);
  // Interrupted after the key was replaced: the next run completes the change.
  const auto key = bytes_of(dir / "token-key.json");
  std::ofstream(dir / "token-key-next.json") << key;
  ::chmod((dir / "token-key-next.json").c_str(), 0600);
  BOOST_TEST(keys_in(dir.path()).key_ids().size() == 1u);
  BOOST_TEST((change_token_key(dir.path()).value() == key_change::changed));
  BOOST_TEST(bytes_of(dir / "token-key.json") == key);
  std::ofstream(dir / "token-key-next.json") << "{}";
  BOOST_TEST(token_keys::load_or_create(dir.path()).error().code == "secret_file");
}

BOOST_AUTO_TEST_CASE(keys_are_read_again_while_they_are_in_use) {
  const test::temp_dir dir;
  const auto keys = keys_in(dir.path());
  const auto other_node = keys_in(dir.path());
  const auto first = keys.key_ids().front();
  const auto token = signed_token(keys, sample());
  BOOST_TEST((keys.reload().value() == key_reading::same));
  BOOST_REQUIRE((change_token_key(dir.path()).value() == key_change::prepared));
  BOOST_TEST((keys.reload().value() == key_reading::changed));
  BOOST_TEST(keys.key_ids().front() == first);
  BOOST_TEST(keys.key_ids().size() == 2u);
  BOOST_TEST((other_node.reload().value() == key_reading::changed));
  BOOST_REQUIRE((change_token_key(dir.path()).value() == key_change::changed));
  BOOST_TEST((keys.reload().value() == key_reading::changed));
  BOOST_TEST(keys.key_ids().at(1) == first);
  // One node already signs with the next key, the other with the previous one.
  BOOST_TEST(refusal(other_node, signed_token(keys, sample())) == "");
  BOOST_TEST(refusal(keys, signed_token(other_node, sample())) == "");
  BOOST_TEST(refusal(keys, token) == "");
  // Unreadable keys change nothing.
  const auto before = keys.key_set();
  std::ofstream(dir / "token-key-old.json") << "{}";
  BOOST_TEST(keys.reload().error().code == "secret_file");
  BOOST_TEST(keys.key_set() == before);
  fs::remove(dir / "token-key-old.json");
  BOOST_TEST((keys.reload().value() == key_reading::changed));
  BOOST_TEST(refusal(keys, token) == bad_token);
  fs::remove(dir / "token-key.json");
  BOOST_TEST(keys.reload().error().code == "secret_file");
  BOOST_TEST(!fs::exists(dir / "token-key.json"));
}

BOOST_AUTO_TEST_CASE(a_token_of_an_earlier_version_is_good) {
  const test::temp_dir dir;
  const auto keys = keys_in(dir.path());
  const auto body = R"({"iss":"stoa","aud":"stoa","sub":"017f22e2-79b0-7cc3-98c4-dc0c0c07398f",)"
                    R"("role":"customer","sid":"017f22e2-79b0-7cc3-98c4-dc0c0c07398f","epoch":0,)"
                    R"("iat":)" +
                    std::to_string(now_s) + R"(,"nbf":)" + std::to_string(now_s) + R"(,"exp":)" +
                    std::to_string(now_s + 600) + "}";
  const auto token = foreign_token(dir / "token-key.json", keys.key_ids().front(), "at+jwt", body);
  BOOST_TEST(refusal(keys, token) == "");
}

BOOST_AUTO_TEST_CASE(a_key_file_that_is_none_is_refused) {
  const test::temp_dir dir;
  keys_in(dir / "good");
  keys_in(dir / "second");
  const auto good = bytes_of(dir / "good/token-key.json");
  const auto second = bytes_of(dir / "second/token-key.json");
  const auto member = [](const std::string& json, const std::string& name) {
    const auto at = json.find("\"" + name + "\"");
    return json.substr(at, json.find('"', json.find(':', at) + 2) + 1 - at);
  };
  auto mixed = good;
  mixed.replace(mixed.find(member(good, "d")), member(good, "d").size(), member(second, "d"));
  auto without = good;
  without.replace(without.find("\"d\""), 3, "\"e\"");
  for (const auto& text :
       {std::string(), std::string("{}"), good.substr(0, good.size() / 2), mixed, without,
        std::string(R"({"kty":"oct","k":"AAAA"})"), std::string(5000, ' ')}) {
    fs::create_directories(dir / "bad");
    std::ofstream(dir / "bad/token-key.json") << text;
    ::chmod((dir / "bad/token-key.json").c_str(), 0600);
    const auto keys = token_keys::load_or_create(dir / "bad");
    BOOST_REQUIRE_MESSAGE(keys.has_error(), text);
    BOOST_TEST(keys.error().code == "secret_file");
    BOOST_TEST(keys.error().detail.find("token-key.json") != std::string::npos);
    BOOST_TEST(bytes_of(dir / "bad/token-key.json") == text);
  }
}

BOOST_AUTO_TEST_CASE(the_memory_of_tokens_is_bounded_and_forgets_the_oldest) {
  verified_cache cache(3);
  const auto c = sample();
  for (const char* hash : {"a", "b", "c"}) cache.put(hash, c);
  BOOST_TEST(cache.find("a", now_s).has_value());
  cache.put("d", c);
  BOOST_TEST(cache.size() == 3u);
  BOOST_TEST(!cache.find("b", now_s).has_value());
  BOOST_TEST(cache.find("a", now_s).has_value());
  BOOST_TEST(!cache.find("a", c.exp).has_value());
  BOOST_TEST(cache.size() == 2u);
  for (int i = 0; i < 1000; ++i) cache.put(std::to_string(i), c);
  BOOST_TEST(cache.size() == 3u);
}

BOOST_AUTO_TEST_CASE(threads_share_the_keys) {
  const test::temp_dir dir;
  const auto keys = keys_in(dir.path());
  const auto shared = signed_token(keys, sample());
  std::vector<int> wrong(4, 0);
  std::vector<std::thread> threads;
  for (auto& count : wrong) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        const auto mine = sample();
        const auto token = keys.sign(mine);
        const auto read = token ? keys.verify(*token, now) : result<claims>(token.error());
        count += !read || !(*read == for_the_store(mine)) || !keys.verify(shared, now);
      }
    });
  }
  for (auto& t : threads) t.join();
  BOOST_TEST(wrong == std::vector<int>(4, 0), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(how_long_it_takes) {
  const test::temp_dir dir;
  const auto keys = keys_in(dir.path());
  constexpr int rounds = 1000;
  const auto each_us = [](auto&& f) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < rounds; ++i) f(i);
    return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start)
               .count() /
           rounds;
  };
  std::vector<std::string> made(rounds);
  const auto c = sample();
  const double sign_us =
      each_us([&](int i) { made[static_cast<std::size_t>(i)] = keys.sign(c).value(); });
  int good = 0;
  const double verify_us = each_us(
      [&](int i) { good += keys.verify(made[static_cast<std::size_t>(i)], now).has_value(); });
  const double known_us = each_us(
      [&](int i) { good += keys.verify(made[static_cast<std::size_t>(i)], now).has_value(); });
  BOOST_TEST(good == 2 * rounds);
  BOOST_TEST_MESSAGE("token: sign " << sign_us << " us, verify " << verify_us << " us, remembered "
                                    << known_us << " us");
  BOOST_TEST(known_us < verify_us);
}

BOOST_AUTO_TEST_SUITE_END()
