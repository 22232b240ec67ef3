#include "actors/kernel/codec_service.hpp"
#include "actors/user/user_service.hpp"

namespace stoa::kernel {

template void codec_table::add_service<user::user_service>();

}  // namespace stoa::kernel
