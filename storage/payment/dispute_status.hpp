#pragma once
// The status of a dispute, as the records and the gateways' interface name it.

#include <boost/describe.hpp>

namespace stoa::payment {

/// `Closed`: an inquiry that ended without a dispute.
enum class dispute_status { Open, Won, Lost, Closed };
BOOST_DESCRIBE_ENUM(dispute_status, Open, Won, Lost, Closed)

}  // namespace stoa::payment
