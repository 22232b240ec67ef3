#include "actors/kernel/codec_service.hpp"
#include "actors/notification/notification_service.hpp"

namespace stoa::kernel {

template void codec_table::add_service<notification::notification_service>();

}  // namespace stoa::kernel
