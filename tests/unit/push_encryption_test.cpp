// Push messages: encryption against the example of RFC 8291, and the identification of RFC 8292.

#include "net/messaging/push_encryption.hpp"

#include "net/messaging/vapid.hpp"
#include "storage/base/json_read.hpp"
#include "tests/support/push_browser.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>

using namespace stoa;
using namespace stoa::messaging;
using stoa::test::push_browser;

namespace {

std::string decoded(std::string_view base64url) {
  return text::from_base64url(base64url).value();
}

// RFC 8291, section 5 and appendix A.
const std::string plain = "When I grow up, I want to be a watermelon";
const char* const browser_private = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94";
const char* const browser_public =
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const char* const auth = "BTBZMqHH6r4Tts7J_aSIgg";
const char* const sender_private = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";
const char* const sender_public =
    "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8";
const char* const salt = "DGv6ra1nlYgDCS1FRnbzlw";
const char* const encrypted =
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS"
    "6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qu"
    "lcy4a-fN";

struct claims_of_vapid {
  std::string aud;
  std::int64_t exp = 0;
  std::string sub;
};
BOOST_DESCRIBE_STRUCT(claims_of_vapid, (), (aud, exp, sub))

}  // namespace

BOOST_AUTO_TEST_SUITE(push_encryption)

BOOST_AUTO_TEST_CASE(the_example_of_the_rfc) {
  const push_recipient to{decoded(browser_public), decoded(auth)};
  const push_secrets with{decoded(sender_private), decoded(sender_public), decoded(salt)};
  BOOST_TEST(text::base64url(encrypt_push(to, plain, with).value()) == encrypted);
  // The test's decryption as well.
  const push_browser browser(browser_private, auth);
  BOOST_TEST(browser.p256dh_text() == browser_public);
  BOOST_TEST(browser.decrypt(decoded(encrypted)) == plain);
}

BOOST_AUTO_TEST_CASE(only_the_browser_decrypts) {
  const push_browser browser;
  const push_browser other;
  const push_recipient to{browser.public_bytes(), browser.auth()};
  const auto first = encrypt_push(to, plain, make_push_secrets().value()).value();
  const auto second = encrypt_push(to, plain, make_push_secrets().value()).value();
  BOOST_TEST(first != second);
  BOOST_TEST(browser.decrypt(first) == plain);
  BOOST_TEST(browser.decrypt(second) == plain);
  BOOST_CHECK_THROW(other.decrypt(first), std::runtime_error);
  const std::string longest(push_plain_bytes_max, 'x');
  const auto full = encrypt_push(to, longest, make_push_secrets().value()).value();
  BOOST_TEST(full.size() == 4096u);
  BOOST_TEST(browser.decrypt(full) == longest);
  BOOST_TEST(browser.decrypt(encrypt_push(to, "", make_push_secrets().value()).value()).empty());
  BOOST_TEST(!encrypt_push(to, longest + "x", make_push_secrets().value()));
}

BOOST_AUTO_TEST_CASE(keys_that_are_not_on_the_curve_are_rejected) {
  BOOST_TEST(is_p256_point(decoded(browser_public)));
  auto moved = decoded(browser_public);
  moved.back() = static_cast<char>(moved.back() ^ 1);
  BOOST_TEST(!is_p256_point(moved));
  BOOST_TEST(!is_p256_point(""));
  BOOST_TEST(!is_p256_point(std::string(1, '\0')));  // the point at infinity
  BOOST_TEST(!is_p256_point(std::string(65, '\0')));
  BOOST_TEST(!is_p256_point("\x04" + std::string(64, '\xFF')));
  BOOST_TEST(!is_p256_point(decoded(browser_public).substr(0, 64)));
  const push_secrets with{decoded(sender_private), decoded(sender_public), decoded(salt)};
  BOOST_TEST(!encrypt_push({moved, decoded(auth)}, plain, with));
  BOOST_TEST(!encrypt_push({decoded(browser_public), "short"}, plain, with));
}

BOOST_AUTO_TEST_CASE(the_store_identifies_itself_to_the_push_service) {
  const test::temp_dir dir;
  const auto key = vapid_key::load_or_create(dir.path()).value();
  BOOST_TEST(is_p256_point(decoded(key.public_key())));
  const auto field = key.authorization("https://push.example.org:8443/send/1?x",
                                       "mailto:shop@example.org", {1'700'000'000'000'000})
                         .value();
  BOOST_TEST(field.starts_with("vapid t="));
  BOOST_TEST(field.ends_with(", k=" + key.public_key()));
  const auto token = field.substr(8, field.find(", k=") - 8);
  const auto first = token.find('.');
  const auto second = token.find('.', first + 1);
  const auto claims =
      json::read<claims_of_vapid>(decoded(token.substr(first + 1, second - first - 1))).value();
  BOOST_TEST(claims.aud == "https://push.example.org:8443");
  BOOST_TEST(claims.sub == "mailto:shop@example.org");
  BOOST_TEST(claims.exp > 1'700'000'000);
  BOOST_TEST(claims.exp <= 1'700'086'400);
  BOOST_TEST(decoded(token.substr(second + 1)).size() == 64u);
  BOOST_TEST(decoded(token.substr(0, first)).find(R"("alg":"ES256")") != std::string::npos);
  // The key stays.
  BOOST_TEST(vapid_key::load_or_create(dir.path()).value().public_key() == key.public_key());
  std::ofstream(dir / "vapid-key.json") << "{}";
  BOOST_TEST(!vapid_key::load_or_create(dir.path()));
}

BOOST_AUTO_TEST_CASE(the_origin_has_no_path) {
  BOOST_TEST(origin_of("https://push.example.org/a/b?c#d") == "https://push.example.org");
  BOOST_TEST(origin_of("https://push.example.org") == "https://push.example.org");
  BOOST_TEST(origin_of("https://push.example.org?x") == "https://push.example.org");
}

BOOST_AUTO_TEST_SUITE_END()
