#pragma once
// Queries that are run in batches. A service reads such a query Q with
//   gathered<Q::reply> gather(const Q&, const call_context&, db::gathering&) const;
// which adds the rows it needs, and returns a function that creates the reply. All other queries
// are read with
//   result<Q::reply> read(const Q&, const call_context&, db::connection&) const;

#include "actors/kernel/message.hpp"
#include "storage/db/gathering.hpp"

namespace stoa::kernel {

/// Called once, after the gathering has run; may read more from the connection in rare cases.
template <class Reply>
using gathered = std::function<result<Reply>(db::connection&)>;

template <class S, class Q>
concept gathers = requires(const S& service, const Q& q, const call_context& context,
                           db::gathering& g) {
  service.gather(q, context, g);
};

/// Runs a single query.
template <class S, class Q>
result<typename Q::reply> read_one(const S& service, const Q& q, const call_context& context,
                                   db::connection& c) {
  if constexpr (gathers<S, Q>) {
    db::gathering all;
    auto reply = service.gather(q, context, all);
    all.run(c);
    return reply(c);
  } else {
    return service.read(q, context, c);
  }
}

}  // namespace stoa::kernel
