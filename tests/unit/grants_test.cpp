// Answers from which tokens are generated must not take part in idempotent replay, which would
// grant access again after a logout, a new password or the end of the account.

#include "actors/cart/cart_service.hpp"
#include "actors/catalog/catalog_service.hpp"
#include "actors/kernel/service_writer.hpp"
#include "actors/notification/notification_service.hpp"
#include "actors/order/order_service.hpp"
#include "actors/payment/payment_service.hpp"
#include "actors/pricing/pricing_service.hpp"
#include "actors/user/user_service.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

using namespace stoa;

namespace {

namespace mp = boost::mp11;

using services = mp::mp_list<user::user_service, catalog::catalog_service, cart::cart_service,
                             order::order_service, payment::payment_service,
                             notification::notification_service, pricing::pricing_service>;

/// Whether a T contains a session id at any depth, from which tokens can be generated. `Outer` are
/// the enclosing types: a category contains categories.
template <class T, class... Outer>
constexpr bool names_session() {
  if constexpr (std::is_same_v<T, session_id>) {
    return true;
  } else if constexpr ((std::is_same_v<T, Outer> || ...)) {
    return false;
  } else if constexpr (db::is_optional<T>) {
    return names_session<typename db::optional_content<T>::type, T, Outer...>();
  } else if constexpr (described_struct<T>) {
    bool found = false;
    mp::mp_for_each<members_of<T>>([&](auto d) {
      found =
          found ||
          names_session<std::remove_cvref_t<decltype(std::declval<T>().*d.pointer)>, T, Outer...>();
    });
    return found;
  } else if constexpr (requires { typename T::value_type; }) {
    return names_session<typename T::value_type, T, Outer...>();
  } else {
    return false;
  }
}

template <class F>
void for_each_command(F f) {
  mp::mp_for_each<mp::mp_transform<mp::mp_identity, services>>([&](auto s) {
    using commands = typename decltype(s)::type::commands;
    mp::mp_for_each<mp::mp_transform<mp::mp_identity, commands>>(f);
  });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(grants)

BOOST_AUTO_TEST_CASE(every_command_whose_answer_names_a_session_grants_access) {
  std::set<std::string> naming;
  for_each_command([&](auto m) {
    using command = typename decltype(m)::type;
    if (names_session<typename command::reply>()) naming.emplace(command::name);
    BOOST_TEST(kernel::has_granting_reply<command> == names_session<typename command::reply>(),
               command::name);
  });
  BOOST_TEST((naming == std::set<std::string>{"user.rotate_session", "user.start_session"}));
}

BOOST_AUTO_TEST_CASE(what_grants_access_is_not_stored_sealed_either) {
  for_each_command([](auto m) {
    using command = typename decltype(m)::type;
    BOOST_TEST(!(kernel::has_granting_reply<command> && kernel::has_secret_reply<command>),
               command::name);
  });
}

BOOST_AUTO_TEST_SUITE_END()
