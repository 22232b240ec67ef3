#include "actors/kernel/message.hpp"

namespace stoa::kernel {

std::string caller::str() const {
  return kind == caller_kind::user ? user.str() : std::string(enum_name(kind));
}

}  // namespace stoa::kernel
