// Signed cursors: accepted unchanged, rejected in any other form.
#include "net/front/list_cursor.hpp"

#include <boost/test/unit_test.hpp>

using namespace stoa::front;

namespace {

const std::string secret(32, 's');
const std::string list = "/store/v1/products\nq=cup";
const std::string position = "AZPpv0sAcAGAAAAAAAAAAGkxMjM";

}  // namespace

BOOST_AUTO_TEST_SUITE(list_cursor)

BOOST_AUTO_TEST_CASE(what_was_signed_comes_back) {
  const auto cursor = sign_cursor(secret, list, position);
  BOOST_TEST(verify_cursor(secret, list, cursor).value() == position);
  BOOST_TEST(sign_cursor(secret, list, position) == cursor);
}

BOOST_AUTO_TEST_CASE(no_character_may_change) {
  const auto cursor = sign_cursor(secret, list, position);
  for (std::size_t i = 0; i < cursor.size(); ++i) {
    for (const char c : {'A', 'B', '.', '-', '\0'}) {
      auto changed = cursor;
      changed[i] = c;
      if (changed != cursor) BOOST_TEST(!verify_cursor(secret, list, changed), changed);
    }
    BOOST_TEST(!verify_cursor(secret, list, cursor.substr(0, i)));
    BOOST_TEST(!verify_cursor(secret, list, cursor.substr(i + 1)));
  }
  BOOST_TEST(!verify_cursor(secret, list, cursor + "A"));
  BOOST_TEST(!verify_cursor(secret, list, cursor + "."));
}

BOOST_AUTO_TEST_CASE(another_secret_or_list_does_not_fit) {
  const auto cursor = sign_cursor(secret, list, position);
  BOOST_TEST(!verify_cursor(std::string(32, 't'), list, cursor));
  BOOST_TEST(!verify_cursor(secret, "/store/v1/products", cursor));
  // Bytes moved between the list and the position invalidate it, too.
  const auto moved = list + position.substr(0, 3);
  const auto signature = cursor.substr(cursor.rfind('.'));
  BOOST_TEST(!verify_cursor(secret, moved, position.substr(3) + signature));
}

BOOST_AUTO_TEST_CASE(nothing_and_too_much_are_refused) {
  BOOST_TEST(!verify_cursor(secret, list, ""));
  BOOST_TEST(!verify_cursor(secret, list, "."));
  const auto large = sign_cursor(secret, list, std::string(2000, 'A'));
  BOOST_TEST(!verify_cursor(secret, list, large));
  BOOST_TEST(invalid_cursor().status == 400);
  BOOST_TEST(invalid_cursor().code == "invalid_cursor");
}

BOOST_AUTO_TEST_SUITE_END()
