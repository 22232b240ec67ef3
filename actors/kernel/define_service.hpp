#pragma once
// Makes a service's definition. Slow to compile: for <service>_definition.cpp only.
//
// Beside what service_writer.hpp asks of S:
//   using queries = boost::mp11::mp_list<...>;   each: name, reply
//   result<Q::reply> read(const Q&, const call_context&, db::connection&) const;
//   due_work due(db::connection&, timestamp now, bool starting) const;
//   static constexpr bool one_lane;   where several writers would only be in each other's way
//
// A query runs in a transaction that sees one state. Each call of a connection does anyway, so a
// query whose read() calls once, or whose calls need not agree, may do without and say so:
// `static constexpr bool no_transaction = true`.

#include "actors/kernel/service_definition.hpp"
#include "actors/kernel/service_writer.hpp"

namespace stoa::kernel {

/// Answers a service's queries on a read connection.
template <class S>
answer run_query(const S& service, const any_message& query, const call_context& context,
                 db::connection& c) {
  std::optional<answer> found;
  if (query.kind() == &kind_of<dead_letters>()) {
    auto list = read_dead_letters(S::name, query.as<dead_letters>(), c);
    return {std::make_shared<dead_letter_list>(std::move(list)), std::nullopt, false};
  }
  boost::mp11::mp_for_each<
      boost::mp11::mp_transform<boost::mp11::mp_identity, typename S::queries>>([&](auto type) {
    using Q = typename decltype(type)::type;
    if (found || query.kind() != &kind_of<Q>()) return;
    std::optional<db::read_scope> one_state;
    if constexpr (!requires { requires Q::no_transaction; }) one_state.emplace(c);
    result<typename Q::reply> r = service.read(query.as<Q>(), context, c);
    if (r) {
      found = answer{std::make_shared<typename Q::reply>(std::move(*r)), std::nullopt, false};
    } else {
      found = answer{nullptr, std::move(r.error()), false};
    }
  });
  if (found) return std::move(*found);
  return {nullptr, problem{500, "internal_error", "unknown query " + std::string(query.name()), {}},
          false};
}

/// The definition of a service object, which must live as long as the node.
template <class S>
service_definition define_service(const S& service) {
  service_definition d;
  d.name = std::string(S::name);
  if constexpr (requires { S::one_lane; }) d.one_lane = S::one_lane;
  boost::mp11::mp_for_each<
      boost::mp11::mp_transform<boost::mp11::mp_identity, typename S::subscriptions>>(
      [&](auto type) { d.subscriptions.emplace_back(decltype(type)::type::name); });
  d.make_writer = [&service](db::connection& c,
                             writer_environment e) -> std::unique_ptr<writer_core> {
    return std::make_unique<service_writer<S>>(service, c, std::move(e));
  };
  d.read = [&service](const any_message& q, const call_context& context, db::connection& c) {
    return run_query(service, q, context, c);
  };
  d.due = [&service](db::connection& c, timestamp now, bool starting) {
    return service.due(c, now, starting);
  };
  return d;
}

}  // namespace stoa::kernel
