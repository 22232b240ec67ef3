#include "actors/cart/cart_service.hpp"
#include "actors/kernel/codec_service.hpp"

namespace stoa::kernel {

template void codec_table::add_service<cart::cart_service>();

}  // namespace stoa::kernel
