#include "actors/kernel/define_service.hpp"
#include "config/settings.hpp"
#include "tests/new_service/actors/note/note_service.hpp"

namespace stoa::note {

note_options options_of(const settings& all) {
  return {"An order at " + all.store.name + "."};
}

kernel::service_definition definition_of(const note_service& service) {
  return kernel::define_service(service);
}

}  // namespace stoa::note
