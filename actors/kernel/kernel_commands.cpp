#include "actors/kernel/kernel_commands.hpp"

#include "actors/kernel/codec_service.hpp"

namespace stoa::kernel {

namespace {

/// The commands of every service, in the form that codec_table expects.
struct every_service {
  using commands = boost::mp11::mp_list<discard_dead_letter, apply_event, note_operation>;
  using queries = boost::mp11::mp_list<>;
};

}  // namespace

void add_kernel_commands(codec_table& codecs) {
  codecs.add_service<every_service>();
}

}  // namespace stoa::kernel
