#include "actors/kernel/message.hpp"

namespace stoa::kernel {

std::string caller::str() const {
  return kind == caller_kind::user ? user.str() : std::string(enum_name(kind));
}

problem partition_moved(std::string_view service) {
  return {problem_kind::partition_moved,
          "partition_moved",
          "The " + std::string(service) + " service's partition has moved to another node.",
          {}};
}

bool is_partition_moved(const answer& a) {
  return a.error && a.error->kind == problem_kind::partition_moved;
}

}  // namespace stoa::kernel
