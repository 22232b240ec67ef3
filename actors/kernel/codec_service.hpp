#pragma once
// Creates the codecs of a service's messages. Slow to compile, for <service>_codec.cpp only:
//   template void codec_table::add_service<order::order_service>();

#include "actors/kernel/codec.hpp"
#include "actors/kernel/dead_letter_count.hpp"
#include "actors/kernel/service_definition.hpp"
#include "storage/base/json_read.hpp"
#include "storage/base/json_write.hpp"

#include <stdexcept>

namespace stoa::kernel {

namespace detail {

/// Reads leniently into `out`; returns the problem on failure. (Not result<T>, which cannot hold a
/// struct whose first member is a problem.) Compiled in codec.cpp.
std::optional<problem> read_wire(std::string_view what, std::string_view text,
                                 json::detail::reader read, void* out);
template <class T>
std::optional<problem> read_wire(std::string_view what, std::string_view text, T& out) {
  return read_wire(what, text, json::detail::reader_of<T>(), &out);
}

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

/// The JSON form of an answer.
template <class Reply>
struct wire_answer {
  std::optional<Reply> value;
  std::optional<stoa::problem> problem;
  bool replayed = false;
  BOOST_DESCRIBE_CLASS(wire_answer, (), (value, problem, replayed), (), ())
};

template <class M>
result<any_message> decode_message(std::string_view text) {
  M body{};
  if (auto refused = read_wire(M::name, text, body)) return std::move(*refused);
  return any_message::of(std::move(body));
}

template <class Reply>
std::string encode_answer(const answer& a) {
  if (a.error) return encode_refusal(*a.error, a.replayed);
  std::string out = R"({"value":)";
  json::write_to(out, *static_cast<const Reply*>(a.value.get()));
  out.append(a.replayed ? R"(,"replayed":true})" : R"(,"replayed":false})");
  return out;
}

template <class Reply>
result<answer> decode_answer(std::string_view text) {
  wire_answer<Reply> body;
  if (auto refused = read_wire("an answer", text, body)) return std::move(*refused);
  if (body.value.has_value() == body.problem.has_value()) {
    return malformed_message(
        "an answer",
        {problem_kind::malformed, {}, "Exactly one of value and problem is required.", {}});
  }
  if (body.problem) return answer{nullptr, std::move(body.problem), body.replayed};
  return answer{std::make_shared<Reply>(std::move(*body.value)), std::nullopt, body.replayed};
}

}  // namespace detail

template <class M>
void codec_table::add(bool query) {
  using reply_type = typename M::reply;
  message_codec c;
  c.kind = &kind_of<M>();
  c.query = query;
  c.encode = [](const any_message& m) { return json::write(m.as<M>()); };
  c.decode = detail::decode_message<M>;
  c.encode_answer = detail::encode_answer<reply_type>;
  c.decode_answer = detail::decode_answer<reply_type>;
  constexpr auto key = detail::routing_member<M>();
  if constexpr (!std::is_null_pointer_v<std::remove_const_t<decltype(key)>>) {
    c.route = [](const any_message& m) {
      return route_of((m.as<M>().*detail::routing_member<M>()).value);
    };
    c.routed = true;
  }
  const auto [place, added] = codecs_.try_emplace(M::name, c);
  if (!added && place->second.kind != c.kind) {
    throw std::logic_error("two messages have the name " + std::string(M::name));
  }
}

template <class S>
void codec_table::add_service() {
  using boost::mp11::mp_identity;
  using boost::mp11::mp_transform;
  boost::mp11::mp_for_each<mp_transform<mp_identity, typename S::commands>>(
      [this](auto type) { add<typename decltype(type)::type>(false); });
  boost::mp11::mp_for_each<mp_transform<mp_identity, typename S::queries>>(
      [this](auto type) { add<typename decltype(type)::type>(true); });
  add<dead_letters>(true);
  add<count_dead_letters>(true);
}

}  // namespace stoa::kernel
