// Signatures of events: what they cover, and the key file.

#include "net/nats/signing.hpp"

#include "storage/base/text.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>

using namespace stoa;
using namespace stoa::nats;

namespace {

signing_key key(const std::string& id) {
  return {id, text::hash("key " + id)};
}

struct signed_message {
  std::string kind = "event";
  std::string subject = "stoa.order.placed";
  header_list headers{{"ce-id", "1"}, {"stoa-seq", "23"}, {"ce-traceparent", ""}};
  std::string payload = "{}";
  std::string signature;
};

const std::vector<const char*> names{"ce-id", "stoa-seq", "ce-traceparent"};

message_signer signer(signing_keys keys, std::string cluster = "shop") {
  return {std::make_shared<signing_ring>(std::move(keys)), std::move(cluster)};
}

signed_message sign(const message_signer& by, signed_message m = {}) {
  m.signature = by.sign(m.kind, m.subject, m.headers, m.payload);
  return m;
}

signature_fault check(const message_signer& by, const signed_message& m) {
  const auto find = [&](const char* name) -> const char* {
    if (std::string(name) == header::signature) {
      return m.signature.empty() ? nullptr : m.signature.c_str();
    }
    for (const auto& [n, value] : m.headers) {
      if (std::string(n) == name) return value.c_str();
    }
    return nullptr;
  };
  return by.check(m.kind, m.subject, names, find, m.payload);
}

struct key_file {
  explicit key_file(const std::string& content, bool is_private = true) {
    std::ofstream(path, std::ios::binary) << content;
    namespace fs = std::filesystem;
    fs::permissions(path, is_private ? fs::perms::owner_read | fs::perms::owner_write
                                     : fs::perms::owner_read | fs::perms::others_read);
  }
  const test::temp_dir dir;
  const std::filesystem::path path = dir / "events.keys";
};

const std::string first_key = text::base64url(std::string(32, 'a'));
const std::string second_key = text::base64url(std::string(32, 'b'));

}  // namespace

BOOST_AUTO_TEST_SUITE(signing)

BOOST_AUTO_TEST_CASE(a_signature_covers_every_part) {
  const auto a = signer({key("a")});
  const auto good = sign(a);
  BOOST_TEST((check(a, good) == signature_fault::none));
  BOOST_TEST(good.signature.starts_with("kid=a,v1="));
  std::vector<signed_message> wrong(9, good);
  wrong[0].kind = "verdicts";
  wrong[1].subject = "stoa.order.confirmed";
  wrong[2].headers[0].second = "2";
  wrong[3].headers.erase(wrong[3].headers.begin() + 2);
  wrong[4].payload = "";
  wrong[5].signature.back() = wrong[5].signature.back() == 'A' ? 'B' : 'A';
  wrong[6].signature += "A";
  // The same byte sequence, split at other places.
  wrong[7].headers[0].second = "1stoa-seq23";
  wrong[7].headers.erase(wrong[7].headers.begin() + 1);
  wrong[8].headers[1].second = "2";
  wrong[8].payload = "3{}";
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    BOOST_TEST((check(a, wrong[i]) == signature_fault::wrong), i);
  }
  BOOST_TEST((check(signer({key("a")}, "another shop"), good) == signature_fault::wrong));
  BOOST_TEST((check(signer({{"a", key("b").bytes}}), good) == signature_fault::wrong));
  auto none = good;
  none.signature.clear();
  BOOST_TEST((check(a, none) == signature_fault::missing));
  for (const auto* text : {"x", "kid=a", "kid=b,v1=AAAA", "kid=,v1=AAAA", "v1=AAAA,kid=a"}) {
    none.signature = text;
    BOOST_TEST((check(a, none) == signature_fault::unknown_key), text);
  }
}

BOOST_AUTO_TEST_CASE(the_first_key_signs_and_all_are_accepted) {
  const auto before = signer({key("a")});
  const auto both = signer({key("b"), key("a")});
  const auto after = signer({key("b")});
  BOOST_TEST((check(both, sign(before)) == signature_fault::none));
  BOOST_TEST((check(after, sign(both)) == signature_fault::none));
  BOOST_TEST((check(before, sign(both)) == signature_fault::unknown_key));
  BOOST_CHECK_THROW(signing_ring({}), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(keys_are_replaced_while_they_are_in_use) {
  const auto ring = std::make_shared<signing_ring>(signing_keys{key("a")});
  const message_signer changing(ring, "shop");
  const auto before = sign(changing);
  ring->replace({key("a"), key("b")});
  BOOST_TEST(sign(changing).signature == before.signature);
  BOOST_TEST((check(changing, sign(signer({key("b")}))) == signature_fault::none));
  ring->replace({key("b"), key("a")});
  BOOST_TEST((check(signer({key("b")}), sign(changing)) == signature_fault::none));
  BOOST_TEST((check(changing, before) == signature_fault::none));
  ring->replace({key("b")});
  BOOST_TEST((check(changing, before) == signature_fault::unknown_key));
  BOOST_CHECK_THROW(ring->replace({}), std::invalid_argument);
  BOOST_TEST((check(signer({key("b")}), sign(changing)) == signature_fault::none));
}

BOOST_AUTO_TEST_CASE(the_servers_secret_gives_one_key) {
  const std::string secret(32, 's');
  const auto k = derived_signing_key(secret);
  BOOST_TEST(k.bytes.size() == 32u);
  BOOST_TEST(k.id == derived_signing_key(secret).id);
  BOOST_TEST(k.bytes != secret);
  BOOST_TEST(k.id != derived_signing_key(std::string(32, 't')).id);
}

BOOST_AUTO_TEST_CASE(a_key_file_lists_keys_the_signing_one_first) {
  const key_file file("# of November\n2026-11 " + first_key + "\n\n  \n2026-10.old_ " + second_key);
  const auto keys = read_signing_keys(file.path).value();
  BOOST_REQUIRE(keys.size() == 2u);
  BOOST_TEST(keys[0].id == "2026-11");
  BOOST_TEST(keys[0].bytes == std::string(32, 'a'));
  BOOST_TEST(keys[1].id == "2026-10.old_");
  BOOST_TEST(keys[1].bytes == std::string(32, 'b'));
}

BOOST_AUTO_TEST_CASE(a_bad_key_file_is_refused_with_its_line) {
  const std::pair<std::string, std::string> bad[] = {
      {"", "no key"},
      {"# nothing\n", "no key"},
      {first_key + "\n", "line 1"},
      {"\na " + first_key + "\nb short\n", "line 3"},
      {"a " + first_key + "A\n", "line 1"},
      {"a " + first_key + " x\n", "line 1"},
      {"a,b " + first_key + "\n", "line 1"},
      {std::string(65, 'x') + " " + first_key + "\n", "line 1"},
      {"a " + first_key + "\na " + second_key + "\n", "line 2: two keys"}};
  for (const auto& [content, where] : bad) {
    const key_file file(content);
    const auto read = read_signing_keys(file.path);
    BOOST_REQUIRE_MESSAGE(!read, content);
    BOOST_TEST(read.error().code == "signing_keys");
    BOOST_TEST(read.error().detail.find(where) != std::string::npos, read.error().detail);
    BOOST_TEST(read.error().detail.find(file.path.string()) == 0u);
    BOOST_TEST(read.error().detail.find(first_key) == std::string::npos);
  }
  std::string many;
  for (int i = 0; i < 17; ++i) many += "k" + std::to_string(i) + " " + first_key + "\n";
  BOOST_TEST(!read_signing_keys(key_file(many).path));
  BOOST_TEST(read_signing_keys(key_file("a " + first_key, false).path).error().code ==
             "secret_file");
  BOOST_TEST(read_signing_keys("/nowhere/at/all").error().code == "secret_file");
}

BOOST_AUTO_TEST_CASE(a_signature_is_new_once_and_forgotten_in_time) {
  seen_signatures seen(3, seconds{10});
  BOOST_TEST(seen.is_first("a", {0}));
  BOOST_TEST(!seen.is_first("a", {1}));
  BOOST_TEST(seen.is_first("b", {2}));
  BOOST_TEST(seen.is_first("c", {3}));
  BOOST_TEST(!seen.is_first("d", {4}));  // The table is full: unknown runs are rejected.
  BOOST_TEST(!seen.is_first("a", {10'000'000}));
  BOOST_TEST(seen.is_first("a", {10'000'001}));
  BOOST_TEST(!seen.is_first("c", {10'000'001}));
}

BOOST_AUTO_TEST_SUITE_END()
