#pragma once
// Limits the rounds in which a batch loads records before its messages are decided.

#include "storage/db/connection.hpp"

#include <string>

namespace stoa::kernel {

/// A message's needs may depend on records loaded in the previous round. The longest chains take
/// three: the holds of a cart, their stock, the product of a variant that is being removed.
inline constexpr int load_rounds_max = 4;

/// Throws: a decision would treat a record that was not loaded as one that does not exist.
[[noreturn]] inline void refuse_more_rounds(const std::string& service) {
  throw db::error(db::error_kind::programming, service,
                  service + ": needs() requires more than " + std::to_string(load_rounds_max) +
                      " rounds of loading");
}

}  // namespace stoa::kernel
