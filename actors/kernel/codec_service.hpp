#pragma once
// Creates the codecs of a service's messages. Slow to compile, for <service>_codec.cpp only:
//   template void codec_table::add_service<order::order_service>();

#include "actors/kernel/codec.hpp"
#include "actors/kernel/dead_letter_count.hpp"
#include "actors/kernel/service_definition.hpp"
#include "actors/kernel/value_type.hpp"

namespace stoa::kernel {

namespace detail {

template <class Pointer>
struct member_type;
template <class M, class T>
struct member_type<T M::*> {
  using type = T;
};
template <class Descriptor>
using names_id = boost::mp11::mp_bool<
    is_id<typename member_type<std::remove_cv_t<decltype(Descriptor::pointer)>>::type>>;

/// The routing key member of M, or null.
template <class M>
constexpr auto routing_member() {
  using members = members_of<M>;
  using first = boost::mp11::mp_find_if<members, names_id>;
  if constexpr (requires { M::route; }) {
    return M::route;
  } else if constexpr (first::value < boost::mp11::mp_size<members>::value) {
    return boost::mp11::mp_at<members, first>::pointer;
  } else {
    return nullptr;
  }
}

template <class M>
constexpr message_codec codec_of(bool query) {
  message_codec c;
  c.kind = &kind_of<M>();
  c.query = query;
  c.message = &value_type_of<M>;
  c.reply = &value_type_of<typename M::reply>;
  constexpr auto key = routing_member<M>();
  if constexpr (!std::is_null_pointer_v<std::remove_const_t<decltype(key)>>) {
    c.route = [](const any_message& m) { return route_of((m.as<M>().*routing_member<M>()).value); };
    c.routed = true;
  }
  return c;
}

template <class Commands, class Queries>
struct service_codecs;
template <template <class...> class List, class... C, class... Q>
struct service_codecs<List<C...>, List<Q...>> {
  static constexpr message_codec list[] = {codec_of<C>(false)..., codec_of<Q>(true)...,
                                           codec_of<dead_letters>(true),
                                           codec_of<count_dead_letters>(true)};
};

}  // namespace detail

template <class S>
void codec_table::add_service() {
  add(detail::service_codecs<typename S::commands, typename S::queries>::list);
}

}  // namespace stoa::kernel
