#include "net/nats/event_types.hpp"

#include "actors/services.hpp"

namespace stoa::nats {

namespace {

/// The events that the service S declares.
template <class S>
void add_events(std::vector<event_type>& all) {
  boost::mp11::mp_for_each<
      boost::mp11::mp_transform<boost::mp11::mp_identity, typename S::events>>([&](auto type) {
    using E = typename decltype(type)::type;
    all.push_back({S::name, E::name, E::summary, [](json::schema_set& s) { return s.ref<E>(); }});
  });
}

}  // namespace

const std::vector<event_type>& event_types() {
  static const std::vector<event_type> all = [] {
    std::vector<event_type> types;
#define STOA_SERVICE(service, capability) add_events<service::service##_service>(types);
#include STOA_SERVICES_DEF
#undef STOA_SERVICE
    return types;
  }();
  return all;
}

}  // namespace stoa::nats
