#include "actors/kernel/codec_service.hpp"
#include "actors/payment/payment_service.hpp"

namespace stoa::kernel {

template void codec_table::add_service<payment::payment_service>();

}  // namespace stoa::kernel
