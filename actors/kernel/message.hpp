#pragma once
// Messages between the edge and the services: commands, queries, their answers, and events.

#include "storage/base/describe.hpp"
#include "storage/base/result.hpp"
#include "storage/base/time.hpp"
#include "storage/base/uuid.hpp"

#include <functional>
#include <memory>
#include <string>

namespace stoa::kernel {

struct value_type;

enum class role { customer, staff, admin };
BOOST_DESCRIBE_ENUM(role, customer, staff, admin)

enum class caller_kind { guest, user, system };
BOOST_DESCRIBE_ENUM(caller_kind, guest, user, system)

/// On whose behalf a message is sent. `user` and `user_role` are valid for kind `user` only.
struct caller {
  caller_kind kind = caller_kind::guest;
  stoa::user_id user;
  role user_role = role::customer;

  bool is_user() const { return kind == caller_kind::user; }
  bool is_staff() const { return is_user() && user_role != role::customer; }
  /// "guest", "system" or the user's id: for histories and audit trails.
  std::string str() const;
};
BOOST_DESCRIBE_STRUCT(caller, (), (kind, user, user_role))

/// Metadata of a command or query.
struct call_context {
  std::string request_id;
  std::string traceparent;  ///< W3C Trace Context
  caller who;
  timestamp deadline;             ///< the caller stops waiting then; 0: none
  std::string idempotency_scope;  ///< caller, route and key; empty: none
  std::string fingerprint;        ///< keyed hash of the request, to detect a reused key
  /// A replica may answer: the answer is only displayed, and the client does not expect to see its
  /// own latest changes.
  bool may_lag = false;
  /// Not sent by nodes of earlier versions.
  static constexpr std::string_view defaults[] = {"may_lag"};
};
BOOST_DESCRIBE_STRUCT(call_context, (),
                      (request_id, traceparent, who, deadline, idempotency_scope, fingerprint,
                       may_lag))

/// Identifies a type of message; its address is its identity.
struct message_kind {
  std::string_view name;
};
template <class M>
inline constexpr message_kind message_kind_of{M::name};
template <class M>
constexpr const message_kind& kind_of() {
  return message_kind_of<M>;
}

/// A command, query or effect of any service.
class any_message {
 public:
  any_message() = default;
  template <class M>
  static any_message of(M body) {
    return of(kind_of<M>(), std::make_shared<M>(std::move(body)));
  }
  /// `body` is of that kind.
  static any_message of(const message_kind& kind, std::shared_ptr<const void> body) {
    any_message m;
    m.kind_ = &kind;
    m.body_ = std::move(body);
    return m;
  }
  const message_kind* kind() const { return kind_; }
  std::string_view name() const { return kind_ ? kind_->name : std::string_view("nothing"); }
  template <class M>
  const M& as() const {
    return *static_cast<const M*>(body_.get());
  }
  const void* body() const { return body_.get(); }

 private:
  const message_kind* kind_ = nullptr;
  std::shared_ptr<const void> body_;
};

/// The untyped answer to a command or query: a value or a problem.
struct answer {
  std::shared_ptr<void> value;
  std::optional<problem> error;
  bool replayed = false;  ///< the stored first answer of this idempotency key
};

/// The receiver does not own the partition. The request was not executed, so the port sends it to
/// the current owner. Internal: not returned to clients or to other nodes.
problem partition_moved(std::string_view service);
bool is_partition_moved(const answer& a);

/// The typed answer.
template <class T>
struct reply {
  result<T> value;
  bool replayed = false;
};

template <class T>
reply<T> typed(answer a) {
  if (a.error) return {std::move(*a.error), a.replayed};
  return {std::move(*static_cast<T*>(a.value.get())), a.replayed};
}

/// The reply of a command without a result.
struct nothing {
  bool operator==(const nothing&) const = default;
};
BOOST_DESCRIBE_STRUCT(nothing, (), ())

/// An event from its producer's outbox.
struct event {
  std::int64_t seq = 0;  ///< the position in the outbox of its partition
  stoa::event_id event_id;
  std::string source;  ///< the producing service
  std::string type;    ///< "order.placed"
  uuid aggregate_id;   ///< events of one aggregate are applied in order
  std::string payload;
  std::string traceparent;
  timestamp created_at;
  std::int64_t partition = 0;  ///< of the producing service; each has one outbox
  /// The payload's value, while the event stays in the process that has emitted it: subscribers do
  /// not parse the payload. Not transmitted or stored; null after a restart.
  std::shared_ptr<const void> body{};
  const value_type* body_type = nullptr;  ///< of `body`
};
BOOST_DESCRIBE_STRUCT(event, (),
                      (seq, event_id, source, type, aggregate_id, payload, traceparent, created_at,
                       partition))
using event_ptr = std::shared_ptr<const event>;

}  // namespace stoa::kernel
