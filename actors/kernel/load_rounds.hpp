#pragma once
// How often a batch loads records before its messages are decided.

#include "storage/db/connection.hpp"

#include <string>

namespace stoa::kernel {

/// What a message needs may depend on records that the round before has loaded. The longest chains
/// take three: the holds of a cart, their stock, the product of a variant that is being removed.
inline constexpr int load_rounds_max = 4;

/// A decision would take a record that was not loaded for one that does not exist.
[[noreturn]] inline void refuse_more_rounds(const std::string& service) {
  throw db::error(db::error_kind::programming, service,
                  service + ": needs() asks for more than " + std::to_string(load_rounds_max) +
                      " rounds of loading");
}

}  // namespace stoa::kernel
