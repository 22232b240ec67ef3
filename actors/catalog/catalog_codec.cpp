#include "actors/catalog/catalog_service.hpp"
#include "actors/kernel/codec_service.hpp"

namespace stoa::kernel {

template void codec_table::add_service<catalog::catalog_service>();

}  // namespace stoa::kernel
