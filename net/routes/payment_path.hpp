#pragma once
// The payment that a path names, for the routes of several files.

#include "actors/kernel/task.hpp"
#include "actors/payment/payment_messages.hpp"

namespace stoa::front {

class exchange;

/// The payment in the path; 404 when there is none.
kernel::task<payment::payment_detail_view> payment_of_path(exchange& x);

}  // namespace stoa::front
