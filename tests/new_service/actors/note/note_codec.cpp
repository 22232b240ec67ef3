#include "actors/kernel/codec_service.hpp"
#include "tests/new_service/actors/note/note_service.hpp"

namespace stoa::kernel {

template void codec_table::add_service<note::note_service>();

}  // namespace stoa::kernel
