#pragma once
// The Payment service with a database and without a gateway: tests answer its calls.

#include "actors/payment/payment_service.hpp"
#include "tests/support/service_fixture.hpp"

namespace stoa::payment {

using stoa::test::as_system;
using stoa::test::as_user;
using stoa::test::status_of;

inline const gateway_answer paid{gateway_status::approved, "ch_1", "", ""};
inline const gateway_answer refused{gateway_status::declined, "", "card_declined",
                                    "The card was declined."};
inline const gateway_answer canceled{gateway_status::declined, "", "canceled", "Canceled."};
inline const gateway_answer silence{gateway_status::unknown, "", "timeout", "No answer."};

using names = std::vector<std::string>;

}  // namespace stoa::payment
