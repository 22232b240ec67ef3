#pragma once
// Queries that are asked many at a time. A service reads such a query Q with
//   gathered<Q::reply> gather(const Q&, const call_context&, db::gathering&) const;
// which says what it must see, and returns what makes the reply of it. All other queries are read
// by
//   result<Q::reply> read(const Q&, const call_context&, db::connection&) const;

#include "actors/kernel/message.hpp"
#include "storage/db/gathering.hpp"

namespace stoa::kernel {

/// Called once, after the gathering has run; may ask the connection for more, where that is rare.
template <class Reply>
using gathered = std::function<result<Reply>(db::connection&)>;

template <class S, class Q>
concept gathers = requires(const S& service, const Q& q, const call_context& context,
                           db::gathering& g) {
  service.gather(q, context, g);
};

/// The query by itself.
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
