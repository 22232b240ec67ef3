#pragma once
// Creates a service's definition. Slow to compile: include it in <service>_definition.cpp only.
//
// Requirements on S, besides those of service_writer.hpp:
//   using queries = boost::mp11::mp_list<...>;   each: name, reply
//   result<Q::reply> read(const Q&, const call_context&, db::connection&) const;   or gather()
//   due_work due(db::connection&, timestamp now, bool starting) const;
//   static constexpr bool one_partition;   optional: several writers would only conflict
//
// read() runs in a transaction with a consistent snapshot. A single call of a connection has one
// anyway, so a query whose read() makes one call, or whose calls need not be consistent, declares
// `static constexpr bool no_transaction = true`.
//
// A command of due() that removes expired data declares `static constexpr bool one_by_one = true`:
// such commands are sent one at a time, with pauses.
//
// A replica answers only the queries listed in set_may_lag.

#include "actors/kernel/dead_letter_count.hpp"
#include "actors/kernel/gathered.hpp"
#include "actors/kernel/service_definition.hpp"
#include "actors/kernel/service_writer.hpp"

namespace stoa::kernel {

template <class Q>
answer answer_of(result<Q>&& r) {
  if (!r) return {nullptr, std::move(r.error()), false};
  return {std::make_shared<Q>(std::move(*r)), std::nullopt, false};
}

/// Calls f(the query) if it is one of S's.
template <class S, class F>
void with_query(const any_message& query, F f) {
  boost::mp11::mp_for_each<
      boost::mp11::mp_transform<boost::mp11::mp_identity, typename S::queries>>([&](auto type) {
    using Q = typename decltype(type)::type;
    if (query.kind() == &kind_of<Q>()) f(query.as<Q>());
  });
}

/// Answers a service's query on a read connection.
template <class S>
answer run_query(const S& service, const any_message& query, const call_context& context,
                 db::connection& c) {
  if (query.kind() == &kind_of<dead_letters>()) {
    auto list = read_dead_letters(S::name, query.as<dead_letters>(), c);
    return {std::make_shared<dead_letter_list>(std::move(list)), std::nullopt, false};
  }
  if (query.kind() == &kind_of<count_dead_letters>()) {
    return {std::make_shared<dead_letter_count>(read_dead_letter_count(c)), std::nullopt, false};
  }
  answer found{nullptr,
               problem{problem_kind::internal,
                       "internal_error",
                       "unknown query " + std::string(query.name()),
                       {}},
               false};
  with_query<S>(query, [&]<class Q>(const Q& q) {
    std::optional<db::read_scope> one_state;
    if constexpr (!gathers<S, Q> && !requires { requires Q::no_transaction; }) one_state.emplace(c);
    found = answer_of(read_one(service, q, context, c));
  });
  return found;
}

template <class S, class Q>
pending_answer gather_one(const S& service, const Q& query, const call_context& context,
                          db::gathering& all) {
  if constexpr (gathers<S, Q>) {
    return [reply = service.gather(query, context, all)](db::connection& c) {
      return answer_of(reply(c));
    };
  } else {
    return {};
  }
}

/// Adds the query's needs, if it is a gathered query.
template <class S>
pending_answer gather_query(const S& service, const any_message& query, const call_context& context,
                            db::gathering& all) {
  pending_answer later;
  with_query<S>(query, [&](const auto& q) { later = gather_one(service, q, context, all); });
  return later;
}

/// The definition of a service object, which must outlive the node.
template <class S>
service_definition define_service(const S& service) {
  service_definition d;
  d.name = std::string(S::name);
  if constexpr (requires { S::one_partition; }) d.one_partition = S::one_partition;
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
  boost::mp11::mp_for_each<
      boost::mp11::mp_transform<boost::mp11::mp_identity, typename S::queries>>([&](auto type) {
    using Q = typename decltype(type)::type;
    if constexpr (gathers<S, Q>) d.gathered.insert(&kind_of<Q>());
  });
  boost::mp11::mp_for_each<
      boost::mp11::mp_transform<boost::mp11::mp_identity, typename S::commands>>([&](auto type) {
    using C = typename decltype(type)::type;
    if constexpr (requires { requires C::one_by_one; }) d.one_by_one.insert(&kind_of<C>());
  });
  d.gather = [&service](const any_message& q, const call_context& context, db::gathering& all) {
    return gather_query(service, q, context, all);
  };
  d.due = [&service](db::connection& c, timestamp now, bool starting) {
    return service.due(c, now, starting);
  };
  return d;
}

}  // namespace stoa::kernel
