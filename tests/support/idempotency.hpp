#pragma once

#include "storage/kernel/kernel_store.hpp"

namespace stoa::test {

/// The first answer under the scope, if any.
inline std::optional<kernel::idempotency_row> read_idempotency(db::connection& c,
                                                               const std::string& scope) {
  db::gathering all;
  const auto rows = kernel::ask_idempotency(all, scope);
  all.run(c);
  return rows->empty() ? std::nullopt : std::optional(rows->front());
}

}  // namespace stoa::test
