#include "actors/kernel/message.hpp"

namespace stoa::kernel {

namespace {
constexpr std::string_view moved_code = "partition_moved";
}

std::string caller::str() const {
  return kind == caller_kind::user ? user.str() : std::string(enum_name(kind));
}

problem partition_moved(std::string_view service) {
  return {503, std::string(moved_code), "The " + std::string(service) + " service is moving.", {}};
}

bool is_partition_moved(const answer& a) {
  return a.error && a.error->code == moved_code;
}

}  // namespace stoa::kernel
