#include "actors/kernel/codec_service.hpp"
#include "actors/pricing/pricing_service.hpp"

namespace stoa::kernel {

template void codec_table::add_service<pricing::pricing_service>();

}  // namespace stoa::kernel
