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

#include "actors/kernel/gathered.hpp"
#include "actors/kernel/service_definition.hpp"
#include "actors/kernel/service_writer.hpp"

namespace stoa::kernel {

template <class Q>
answer answer_of(result<Q>&& r) {
  if (!r) return {nullptr, std::move(r.error()), false};
  return {std::make_shared<Q>(std::move(*r)), std::nullopt, false};
}

template <class S>
struct query_entry {
  const message_kind* kind;
  answer (*read)(const S&, const any_message&, const call_context&, db::connection&);
  /// Null: not a gathered query.
  pending_answer (*gather)(const S&, const any_message&, const call_context&, db::gathering&);
};

template <class S, class Q>
constexpr query_entry<S> entry_of_query() {
  query_entry<S> entry{
      &kind_of<Q>(),
      [](const S& service, const any_message& query, const call_context& context,
         db::connection& c) {
        std::optional<db::read_scope> one_state;
        if constexpr (!gathers<S, Q> && !requires { requires Q::no_transaction; }) {
          one_state.emplace(c);
        }
        return answer_of(read_one(service, query.as<Q>(), context, c));
      },
      nullptr};
  if constexpr (gathers<S, Q>) {
    entry.gather = [](const S& service, const any_message& query, const call_context& context,
                      db::gathering& all) -> pending_answer {
      return [reply = service.gather(query.as<Q>(), context, all)](db::connection& c) {
        return answer_of(reply(c));
      };
    };
  }
  return entry;
}

template <class S, class Queries>
struct query_entries;
template <class S, template <class...> class List, class... Q>
struct query_entries<S, List<Q...>> {
  static constexpr std::array<query_entry<S>, sizeof...(Q)> list{entry_of_query<S, Q>()...};
};

template <class S>
const query_entry<S>* find_query(const any_message& query) {
  for (const auto& entry : query_entries<S, typename S::queries>::list) {
    if (entry.kind == query.kind()) return &entry;
  }
  return nullptr;
}

/// Answers a service's query on a read connection.
template <class S>
answer run_query(const S& service, const any_message& query, const call_context& context,
                 db::connection& c) {
  if (const auto* entry = find_query<S>(query)) return entry->read(service, query, context, c);
  return kernel_query(S::name, query, c);
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
  for (const auto& q : query_entries<S, typename S::queries>::list) {
    if (q.gather != nullptr) d.gathered.insert(q.kind);
  }
  boost::mp11::mp_for_each<
      boost::mp11::mp_transform<boost::mp11::mp_identity, typename S::commands>>([&](auto type) {
    using C = typename decltype(type)::type;
    if constexpr (requires { requires C::one_by_one; }) d.one_by_one.insert(&kind_of<C>());
  });
  d.gather = [&service](const any_message& q, const call_context& context, db::gathering& all) {
    const auto* entry = find_query<S>(q);
    return entry != nullptr && entry->gather != nullptr ? entry->gather(service, q, context, all)
                                                        : pending_answer{};
  };
  d.due = [&service](db::connection& c, timestamp now, bool starting) {
    return service.due(c, now, starting);
  };
  return d;
}

}  // namespace stoa::kernel
