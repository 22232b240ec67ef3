#include "actors/kernel/codec_service.hpp"
#include "actors/order/order_service.hpp"

namespace stoa::kernel {

template void codec_table::add_service<order::order_service>();

}  // namespace stoa::kernel
